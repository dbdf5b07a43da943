"""Of data: what a layer gives for many examples of the training or validation split, batch by batch."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset, load
from deepglass.errors import SettingError
from deepglass.inside.activations import Activation, activations
from deepglass.inside.undisturbed import at_a_time, device_of
from deepglass.layers.masks import mask_of

READ, READ_NUMBERS = 256, 1 << 22  # examples read at a time, and numbers of theirs, at most: of 3x224x224 images 27
INPUT = "input"  # in place of a layer: what the network is given


def opened(data: Any, split: str) -> tuple[Dataset, Tensor]:
    """Return data as a Dataset, and the indices of a split that may be looked at.

    Raises: DataError, for the test split, which is behind glass; SettingError, for a split without examples.
    """
    made = data if isinstance(data, Dataset) else load(data)
    ids = made.members(split)
    if not len(ids):
        other = "train" if split == "validation" else "validation"
        raise SettingError(
            f"{made.name} has no {split} split to look at. Use split={other!r}, or load it with validation=0.2."
        )
    return made, ids


def evenly(ids: Tensor, most: int) -> Tensor:
    """At most so many of the examples, evenly spread."""
    return ids if len(ids) <= most else ids[torch.linspace(0, len(ids) - 1, most, dtype=torch.float64).round().long()]


def of_layer(network: nn.Module, data: Dataset, ids: Tensor, layer: str) -> Iterator[Activation]:
    """Yield what the layer gives for some examples after the other, in the order of `ids`; nan where a sequence is over.

    Raises: SettingError, for the input of a text, whose codes are no quantities.
    """
    names = list(data.inputs)
    size = at_a_time(data.read(ids[:1]).pick(names), READ, READ_NUMBERS)
    for batch in data.reader(device_of(network)).read(ids, size):
        inputs = batch.pick(names)
        if layer == INPUT and any(data.fields[name].kind == "text" for name in names):
            raise SettingError(
                "What the network is given is text: codes of words, which are not near or far from each other. Name a layer, such "
                "as the embedding."
            )
        if layer == INPUT:
            rows = torch.cat([inputs[name].flatten(1).float() for name in names], dim=1).cpu()
            yield Activation(INPUT, "input", rows, 1)
        else:
            yield _without_padding(activations(network, inputs, [layer])[layer], inputs, data)


def _without_padding(heard: Activation, inputs: dict[str, Tensor], data: Dataset) -> Activation:
    """Put nan at the steps of a sequence that hold padding, where a layer gives something for each step."""
    for name, values in inputs.items():
        if data.fields[name].is_sequence and data.fields[name].kind != "strokes":
            over = ~mask_of(values).cpu()
            if heard.values.ndim == 3 and heard.axis == 2 and heard.values.shape[:2] == over.shape:
                return replace(heard, values=heard.values.float().masked_fill(over[:, :, None], torch.nan))
    return heard
