"""Fine-tuning: a trained network learns something else, from the weights that it has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from deepglass.data import Dataset, load
from deepglass.data.alike import encoded_alike
from deepglass.data.imagenet import MEAN
from deepglass.errors import SettingError
from deepglass.job import train
from deepglass.networks import NETWORKS
from deepglass.networks.new_head import with_new_head
from deepglass.networks.published_names import section_for
from deepglass.settings import checked
from deepglass.training.given_weights import Weights, read_weights
from deepglass.training.recipe import Recipe

EPOCHS = 30
# What suits a network that begins from random weights, such as momentum at 0.1 for a residual one, would wipe out what it knows.
BATCH, RATE = 32, 1e-3
HEAD_SHARE = 3  # a third of the epochs belongs to the head alone: a fresh one would first spoil what lies below it
DECAY = 1 / 2.6  # from a group of layers to the one below: Howard and Ruder, arXiv:1801.06146, section 3.2


def fine_tune(source: Any, data: Any, *, network: Any = None, recipe: Any = None, **options: Any) -> Any:
    """Train a network on other data from the weights that it has, and keep the run.

    It gets a new head, unless the classes are the same. In a third of the epochs the head learns alone, at Adam's rate 0.001; then
    all layers do, each group of them at 1/2.6 of the rate of the one above. Inputs are encoded as the network knows them; for
    weights from ImageNet that is data.scaling=imagenet. Every setting can be given otherwise, such as rate_decay_by_depth=1.

    Args:
        source: a Run or its folder, an nn.Module, a .safetensors file, or "hub:timm/resnet18.a1_in1k".
        data: a Dataset, or whatever `load` takes.
        network: the network that a file belongs to, such as "resnet18" (default: by the file's name).
        recipe, options: as in `train`, such as epochs=40, learning_rate=1e-4, seeds=5, out="runs/tuned".
    Returns: a Run, or Runs when `seeds` are given.
    Raises: as `train`; ShapeError, when the weights do not fit.

    >>> fine_tune("runs/digits-lenet5-20260102-1", "letters/", epochs=20)
    """
    if "weights" in options:
        raise SettingError("fine_tune takes its weights from the first argument. Leave weights= out.")
    data = data if isinstance(data, Dataset) else load(data)
    own = callable(options.get("optimizer"))
    named = [n for n in options if n in Recipe.model_fields and not (own and n == "optimizer")]
    given = {**_values(recipe), **{n: options.pop(n) for n in named}}
    weights = read_weights(source)
    data, notes = _encoded(data, weights)
    if network is None:
        network = _network_of(source, weights, data, checked(Recipe, {"seed": given.get("seed", 0)}, "recipe").seed)
    start = replace(weights, new_head=not _same_answers(weights, data), notes=notes)
    settings = usual({**given, "optimizer": None} if own else given)
    return train(network, data, recipe={**settings, **given}, weights=start, **options)


def usual(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a fine-tuning, as far as they are not given."""
    epochs = checked(Recipe, {"epochs": given.get("epochs", EPOCHS)}, "recipe").epochs
    settings: dict[str, Any] = {"epochs": epochs, "batch_size": BATCH, "rate_decay_by_depth": DECAY}
    if "optimizer" not in given:
        settings |= {"optimizer": "adam", "learning_rate": RATE}
    if not any(name in given for name in ("unfreeze_depth", "unfreeze_after", "unfreeze_every", "freeze")):
        settings["unfreeze_after"] = max(1, epochs // HEAD_SHARE)
    return settings


def _values(recipe: Any) -> dict[str, Any]:
    if isinstance(recipe, Recipe):
        return recipe.model_dump(exclude_unset=True)
    if not isinstance(recipe, Mapping | None):
        raise SettingError(f"recipe={recipe!r}: fine_tune takes one recipe. Give a dg.Recipe, or its settings by name.")
    return dict(recipe or {})


def _encoded(data: Dataset, weights: Weights) -> tuple[Dataset, list[str]]:
    """The data as the network knows its inputs, and what is to be said of it."""
    if weights.fields:
        return encoded_alike(data, weights.fields)
    pictures = [f.name for f in data.inputs.values() if f.kind == "image" and f.shape[0] == len(MEAN)]
    if weights.of_imagenet and pictures and data.settings.scaling == "standard":
        return data.with_(scaling=weights.scaling), [
            f"{', '.join(pictures)}: scaled as networks trained on ImageNet expect."
        ]
    return data, []


def _network_of(source: Any, weights: Weights, data: Dataset, seed: int) -> Any:
    """What `train` builds or takes: the network that the weights belong to, sized for the data."""
    section = {n: v for n, v in weights.network.items() if n not in ("seed", "outputs")}
    if str(section.get("name", "")).rpartition(":")[0].endswith(".py"):
        raise SettingError(
            f"The network of {weights.origin} is code of its author's, {section['name']}, and is not run from there. "
            f"Name it if you trust it: network={section['name']!r}."
        )
    if "module" in section or (isinstance(source, nn.Module) and not section):
        own = source if isinstance(source, nn.Module) else getattr(source, "own_network", None)
        if own is None:
            raise SettingError(
                f"{weights.origin} trained a network of your own, {section['module']}, which a folder cannot hold. "
                "Pass it again, with a head for this data: network=..."
            )
        return with_new_head(own, data.outputs, seed=seed)
    if section:
        return section
    found = section_for(weights.origin.rpartition("/")[2], NETWORKS)
    if found is None:
        raise SettingError(f"{weights.origin} does not say of which network it is. Name it: network='resnet18'.")
    return found


def _same_answers(weights: Weights, data: Dataset) -> bool:
    """Whether what is learned is what the network has learned already, so that its head is worth keeping."""
    theirs = [(f.kind, f.classes, f.shape) for f in weights.fields.values() if f.role == "target"]
    return theirs == [(f.kind, f.classes, f.shape) for f in data.targets.values()]
