"""Plan: from an estimator's parameters to the sections of a Spec."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from deepglass.errors import SettingError
from deepglass.training.spec import SECTIONS, merged, network_section

# Parameter -> setting of the Spec. One that is None is left to what suits the network.
SETTINGS = {
    "hidden": "network.hidden",
    "activation": "network.activation",
    "dropout": "network.dropout",
    "epochs": "recipe.epochs",
    "batch_size": "recipe.batch_size",
    "optimizer": "recipe.optimizer",
    "learning_rate": "recipe.learning_rate",
    "weight_decay": "recipe.weight_decay",
    "early_stopping": "recipe.early_stopping",
    "patience": "recipe.patience",
    "device": "recipe.device",
}


# What follows from X, y and the estimator itself.
GIVEN = (
    "data.source",
    "data.target",
    "data.classes",
    "data.positive",
    "data.label_encoding",
    "task.name",
    "task.class_weight",
)


def sections_of(parameters: Mapping[str, Any], seed: int, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sections of a Spec, unchecked.

    Args: changes: settings that have the last word, even over the `settings` of the parameters.
    Raises: SettingError, when `settings` names no section, or something that is not open.
    """
    settings = parameters["settings"] or {}
    if not isinstance(settings, Mapping):
        raise SettingError(f'settings={settings!r} is no dictionary. Give one, such as {{"recipe.clip_norm": 1}}.')
    for name in GIVEN:
        if name in settings:
            raise SettingError(f"settings: {name} follows from the estimator, X and y. Leave it out.")
    said = {place: parameters[name] for name, place in SETTINGS.items() if parameters[name] is not None}
    fraction = parameters["validation_fraction"]
    if parameters["early_stopping"] and not 0 < fraction < 1:
        raise SettingError(f"validation_fraction={fraction!r} is no share. Give a number between 0 and 1, such as 0.1.")
    held_out = fraction if parameters["early_stopping"] else 0
    start = {"data.test": 0, "data.validation": held_out, "data.split_seed": seed, "recipe.seed": seed}
    network = parameters["network"]
    named = {} if is_own(network) else network_section(network)
    every = {**start, **said, **settings, **changes}
    return merged({**dict.fromkeys(SECTIONS), "network": named}, {name: _plain(v) for name, v in every.items()})


def is_own(network: Any) -> bool:
    """Whether this is a module of the user's, or a function or class that makes one."""
    return callable(network)


def seed_of(random_state: Any) -> int:
    """Return the seed of a training: a whole number is the seed itself, anything else is drawn from."""
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool):
        return int(random_state)
    try:
        return int(check_random_state(random_state).randint(2**31 - 1))
    except ValueError:
        raise SettingError(
            f"random_state={random_state!r} is no seed. Give a whole number, a RandomState or None."
        ) from None


def _plain(value: Any) -> Any:
    """Numbers of NumPy, as grids are made of, become plain ones, which a spec can be written with."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value
