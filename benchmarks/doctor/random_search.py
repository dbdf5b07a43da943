"""Random search: what the doctor's remedies are compared with: changes drawn from all settings that any remedy touches."""

import random
from collections.abc import Iterator
from typing import Any

from deepglass.errors import DeepglassError
from deepglass.training.spec import Spec

MOST_CHANGES = 3  # settings that one trial changes: a fault is mended by one or two, and each other one may do harm
TIMES = "times"  # a factor on what the setting is

# Every setting that a remedy of `doctor/symptoms` changes, with the values that people try for it.
SPACE: dict[str, list[Any]] = {
    "data.scaling": ["standard", "unit"],
    "data.target_scaling": ["standard"],
    "data.label_encoding": ["index"],
    "task.loss": ["auto"],
    "task.class_weight": [None, "balanced"],
    "network.activation": ["relu", "leaky_relu", "tanh"],
    "network.hidden": [[32], [64], [64, 64], [128, 64]],
    "network.filters": [[8, 16], [16, 32]],
    "network.dropout": [0.0, 0.2],
    "network.norm": ["none", "batch", "layer"],
    "network.initialization": ["auto"],
    "network.output_activation": ["none", "softmax", "sigmoid"],
    "recipe.learning_rate": [(TIMES, factor) for factor in (0.001, 0.01, 0.1, 0.3, 3, 10, 100)],
    "recipe.optimizer": ["adam", "sgd", "momentum"],
    "recipe.momentum": [None, 0.9],
    "recipe.batch_size": [16, 32, 128],
    "recipe.epochs": [(TIMES, factor) for factor in (2, 4)],
    "recipe.weight_decay": [0.0, 0.01],
    "recipe.l1": [0.0],
    "recipe.l2": [0.0],
    "recipe.clip_norm": [None, 1.0],
    "recipe.clip_value": [None],
    "recipe.schedule": ["constant", "cosine"],
    "recipe.warmup_steps": [0, 100],
    "recipe.rates": [{}],
    "recipe.shuffle": [True],
    "recipe.sampling": ["balanced"],
    "recipe.early_stopping": [True],
    "recipe.monitor": ["loss"],
}


def drawn(spec: Spec, seed: int) -> Iterator[Spec]:
    """Draw specs with one to three changes, without end; what changes nothing, or is no spec, is drawn again at no cost."""
    random_state = random.Random(seed)
    while True:
        names = random_state.sample(sorted(SPACE), random_state.randint(1, MOST_CHANGES))
        changes = {name: _value(spec, name, random_state.choice(SPACE[name])) for name in names if _has(spec, name)}
        if "recipe.optimizer" in changes:
            changes |= {f"recipe.{own}": None for own in ("momentum", "rho", "beta1", "beta2", "epsilon")}
            changes.setdefault("recipe.learning_rate", None)
        if "recipe.schedule" in changes:
            changes |= {"recipe.schedule_factor": None, "recipe.schedule_epochs": None}
        try:
            found = spec.with_(changes)
        except DeepglassError:
            continue
        if found.changes_from(spec):
            yield found


def _has(spec: Spec, name: str) -> bool:
    """Whether the setting is there; of a network only those that it has."""
    section, _, option = name.partition(".")
    return option in spec.network if section == "network" else hasattr(getattr(spec, section), option)


def _value(spec: Spec, name: str, value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    section, _, option = name.partition(".")
    before = getattr(getattr(spec, section), option)
    return type(before)(before * value[1])
