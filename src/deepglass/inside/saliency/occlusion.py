"""Occlusion: how much the answer falls when a part of the input is covered."""

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.inside.saliency.question import Question
from deepglass.inside.words import is_text, without

PATCHES = 8  # patches that stand side by side, unless another size is asked for
SMALLEST = 2  # pixels of a side of a patch
MOST = 1024  # parts of an input that is no image; of more numbers, neighbours are covered together


@torch.no_grad()
def occlusion(question: Question, *, patch: int | None = None, stride: int | None = None) -> dict[str, Tensor]:
    """The answer minus the answer with a part at its baseline; a pixel gets the mean over the patches that cover it.

    Images are covered by square patches in all channels, tables column by column, anything else number by number; words are left
    out one by one.
    Args: patch, stride: pixels of a side of a patch, and between two of them (default: an eighth of the image, half a patch).
    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901, section 4.2; words: Li,
        Monroe and Jurafsky, "Understanding Neural Networks through Representation Erasure", arXiv:1612.08220.
    """
    whole = question.score(question.inputs)
    count = len(question)
    found = {}
    for name, values in question.inputs.items():
        if is_text(values):
            found[name] = _left_out(question, name, whole)
            continue
        total, covered = (
            torch.zeros(values.shape, device=values.device),
            torch.zeros(values.shape[1:], device=values.device),
        )
        parts = list(_parts(tuple(values.shape[1:]), question.groups.get(name), patch, stride))
        for some in (parts[i : i + question.copies] for i in range(0, len(parts), question.copies)):
            masks = torch.stack([_mask(part, values) for part in some])  # (parts, ...)
            hidden = torch.where(masks[:, None], question.baseline[name], values).flatten(0, 1)
            copies = {n: hidden if n == name else torch.cat([v] * len(some)) for n, v in question.inputs.items()}
            falls = whole - question.score(copies).reshape(len(some), count)  # (parts, examples)
            for mask, fall in zip(masks, falls):
                total[:, mask] += fall[:, None]
                covered[mask] += 1
        found[name] = total / covered.clamp_min(1)
    return found


def _left_out(question: Question, name: str, whole: Tensor) -> Tensor:
    """The answer minus the answer without a word, for each word of a text: (examples, time), 0 on padding."""
    tokens = question.inputs[name]
    found = torch.zeros(tokens.shape, dtype=whole.dtype, device=tokens.device)
    for i in range(len(tokens)):
        one, places = question.part(slice(i, i + 1)), tokens[i].nonzero()[:, 0]
        for some in places.split(one.copies) if len(places) else ():
            copies = {n: v.expand(len(some), *v.shape[1:]) for n, v in one.inputs.items()}
            copies[name] = torch.stack([without(tokens[i], int(place)) for place in some])
            found[i, some] = whole[i] - one.score(copies)
    return found


def _parts(
    shape: tuple[int, ...], groups: object, patch: int | None, stride: int | None
) -> Iterator[tuple[slice, ...]]:
    """The parts that are covered one after the other, as slices of an example."""
    if len(shape) >= 3:
        sides = shape[1:]
        size = patch or max(SMALLEST, round(min(sides) / PATCHES))
        step = stride or max(1, size // 2)
        if size < 1 or step < 1 or size > min(sides):
            raise SettingError(
                f"{patch=} and {stride=} do not fit an image of {'x'.join(map(str, sides))} pixels. "
                "Give numbers from 1 to its smaller side."
            )
        for starts in product(*[_starts(side, size, step) for side in sides]):
            yield (slice(None), *[slice(s, s + size) for s in starts])
    elif isinstance(groups, list | tuple) and len(shape) == 1:
        for start, end in groups:
            yield (slice(start, end),)
    else:
        width = (
            -(-shape[-1] // max(1, MOST // max(1, shape[0])))
            if len(shape) == 2
            else -(-shape[-1] // MOST)
            if shape
            else 1
        )
        rows = range(shape[0]) if len(shape) == 2 else [None]
        for row in rows:
            for start in range(0, shape[-1] if shape else 1, width):
                yield (
                    (slice(start, start + width),)
                    if row is None
                    else (slice(row, row + 1), slice(start, start + width))
                )


def _starts(side: int, size: int, step: int) -> list[int]:
    """Where patches begin; the last one ends at the edge."""
    return sorted({*range(0, side - size + 1, step), side - size})


def _mask(part: tuple[slice, ...], values: Tensor) -> Tensor:
    mask = torch.zeros(values.shape[1:], dtype=torch.bool, device=values.device)
    if mask.ndim:
        mask[part] = True
    else:
        mask.fill_(True)
    return mask
