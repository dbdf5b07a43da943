"""Usual: what suits where nothing is said: the network for some data, and the recipe for a network."""

from typing import Any

from torch import nn

from deepglass.data import Dataset, Field
from deepglass.networks import SUITS, made_from
from deepglass.networks.front import WAVE
from deepglass.training.recipe import Recipe, suited
from deepglass.training.spec import section_of

SMALL = 32  # pixels: lenet5 sees a grey image of up to so many whole
LEAST = 8  # pixels: in smaller images convolutions have nothing to find


def recipe_for(network: nn.Module, recipe: Recipe | None) -> Recipe:
    """A recipe with what suits the network where it says nothing."""
    suits = SUITS.get(str((made_from(network) or {}).get("name")), {})
    given = recipe.model_dump(exclude_unset=True) if recipe else {}
    return Recipe(**suited(section_of(suits, "recipe"), given))


def default_section(data: Dataset, front: Any = WAVE) -> dict[str, Any]:
    """The network section of a spec when no network is named.

    A linear forecast starts from weights of 0: where inputs vary little, as neighbouring times do together, training does not
    move random ones, and on ETTh1 it stayed behind a ridge regression in all runs that began at random.
    """
    name = default_network(data, front)
    return {"name": name, **({"initialization": "zeros"} if name == "linear" else {})}


def default_network(data: Dataset, front: Any = WAVE) -> str:
    """Name the network that suits the data, by the kinds of what goes in and of what is to be learned.

    lenet5 for small grey images, convnet for others; conv1d for signals, or convnet behind a front that makes images of them;
    bag for texts of words and text_cnn for letters, reader for a story with a question, lstm and gru along time; seq2seq and
    captioner where a text is to be written; linear for a forecast; mlp for numbers.

    Args: front: what is put before it; another than "wave" makes an image of a signal.
    """
    inputs = list(data.inputs.values())
    target = next(iter(data.targets.values()), None)
    if target is not None and target.kind == "text" and not target.aligned:
        return "captioner" if inputs[0].kind == "image" else "seq2seq"
    if len(inputs) == 2 and all(f.kind == "text" for f in inputs):
        return "reader"
    if inputs[0].kind == "strokes" and target is None:
        return "handwriting"
    return _of_one(inputs[0], target, front) if len(inputs) == 1 else "mlp"


def _of_one(field: Field, target: Field | None, front: Any) -> str:
    kind, shape = field.kind, field.shape
    if kind == "text":
        if target is not None and target.aligned:
            return "lstm"
        return "text_cnn" if field.encoding["level"] == "characters" else "bag"
    if kind == "strokes":
        return "lstm"
    if kind == "series":
        return "gru" if target is None or target.kind != "series" or target.aligned else "linear"
    if kind == "signal":
        return "conv1d" if front in (WAVE, {WAVE: None}, {WAVE: {}}) else "convnet"
    if len(shape) == 3 and min(shape[1:]) >= LEAST:
        return "lenet5" if shape[0] == 1 and max(shape[1:]) <= SMALL else "convnet"
    return "mlp"
