"""Drawn: what a network draws or says of images, beside what is real, for the pictures of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.tasks import Handwriting, Translation
from deepglass.tasks.handwriting import draw, drawn_as
from deepglass.training.measuring import evaluating

DRAWINGS = 16  # real ones, and as many that were drawn
TEMPERATURE = 0.7  # between what is likeliest and all that is possible
CAPTIONED = 9  # images with what is said of them


@dataclass(frozen=True)
class Drawn:
    """Drawings, each (points, 3) in raw units, real ones of the validation split and those of the network."""

    real: list[np.ndarray]
    real_words: list[str]
    drawn: list[np.ndarray]
    drawn_words: list[str]
    temperature: float


@dataclass(frozen=True)
class Captioned:
    """Images (channels, height, width) of the validation split in raw units up to `top`, what is true as it was written, what was
    said, and whether that is word for word the same."""

    images: list[np.ndarray]
    true: list[str]
    said: list[str]
    right: list[bool]
    top: float


def drawn_of(
    network: nn.Module,
    task: Any,
    data: Dataset,
    count: int = DRAWINGS,
    *,
    temperature: float = TEMPERATURE,
    told: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Drawn | None:
    """Let a network draw beside some real drawings; None for other tasks. Args: as of `tasks.handwriting.draw`."""
    if not isinstance(task, Handwriting):
        return None
    drawn = list(draw(network, task, count, temperature=temperature, told=told, **settings))
    ids = _some(data, DRAWINGS)
    batch = data.read(ids)
    words = [""] * len(ids)
    for name, field in data.inputs.items():
        if field.kind == "category":
            words = [str(field.classes[int(code)]) for code in batch[name].argmax(dim=1)]
    return Drawn(
        real=list(task.field.decode(batch[task.strokes])),
        real_words=words,
        drawn=drawn,
        drawn_words=drawn_as(task, count, told),
        temperature=temperature,
    )


def captioned_of(network: nn.Module, task: Any, data: Dataset) -> Captioned | None:
    """Let a network say what some images show; None for other tasks."""
    first = next(iter(data.inputs.values()), None)
    if not isinstance(task, Translation) or first is None or first.kind != "image":
        return None
    ids = _some(data, CAPTIONED)
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    batch = data.read(ids, device)
    with evaluating(network):
        said = task.decode(task.predict(network, batch.pick(list(data.inputs))))[task.field.name]
    raw = data.store.take(ids, 0)
    known = task.field.decode(batch[task.field.name])  # as far as its words are known
    return Captioned(
        images=[np.asarray(image) for image in raw[first.name]],
        true=[str(text) for text in raw[task.field.name]],
        said=[str(text) for text in said],
        right=[str(a) == str(b) for a, b in zip(said, known, strict=True)],
        top=float(first.encoding.get("top") or 255.0),
    )


def _some(data: Dataset, most: int) -> Tensor:
    """Some examples of the validation split, evenly spread; of the training split where there is none."""
    ids = data.members("validation")
    ids = ids if len(ids) else data.members("train")
    return ids[torch.linspace(0, len(ids) - 1, min(most, len(ids))).round().long()]
