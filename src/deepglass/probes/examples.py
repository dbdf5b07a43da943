"""Examples: a sample of what somebody's loop feeds its network, and against what it compares the answers.

Every step's batch is kept at first; whenever that becomes too much, every second one is dropped and half as many are kept from
then on, so that the sample is spread evenly over the training, however long it is.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.probes.activations import first_tensor
from deepglass.probes.aside import aside
from deepglass.probes.graph import rows_of
from deepglass.probes.told import Told

ROWS_EACH = 64  # of a batch
MOST_ROWS = 1_536  # of all batches
MOST_NUMBERS = 4_000_000  # in all inputs that are kept: 16 MB in float32


@dataclass(eq=False)
class Kept:
    """One batch. `told` has tensors of the rows that are kept alone; mixture: see `_mixture`, nan where unknown."""

    step: int
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    rows: int  # that are kept
    size: int  # of the whole batch
    called: nn.Module | None = None  # with these arguments; None is the network itself
    told: Told | None = None
    targets: Tensor | None = None
    answers: Tensor | None = None
    output: Tensor | None = None  # of the network in the end, in evaluation mode
    heard: tuple[float, ...] = ()  # of each step of a series, in the end; see `through_time`
    spread: tuple[float, float] = (0.0, 0.0)  # of the whole batch's targets: mean and variance, or nothing
    counts: dict[int, int] = field(default_factory=dict)  # of the whole batch's classes


class Sample:
    """Keeps batches at even distances."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.stride = 1

    def wants(self, step: int) -> bool:
        return step % self.stride == 0 and not (self.kept and self.kept[-1].step == step)

    def take(self, step: int, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Kept | None:
        """Copy the first rows of a call's arguments; None where there is no tensor of rows."""
        given, named, rows, size = cut(arguments, keywords, ROWS_EACH)
        if not rows:
            return None
        kept = Kept(step, given, named, rows, size)
        self.kept.append(kept)
        while len(self.kept) > 1 and (
            sum(k.rows for k in self.kept) > MOST_ROWS or sum(map(_numbers, self.kept)) > MOST_NUMBERS
        ):
            self.stride *= 2
            self.kept = [k for k in self.kept if k.step % self.stride == 0 or k is kept]
            if len(self.kept) == 2 and self.stride > step:
                self.kept = [kept]
        return kept

    def conclude(self, kept: Kept, found: Told | None) -> None:
        """Add what the graph has told of the loss of that batch."""
        if found is None:
            return
        has_spread = math.prod(found.compared) > math.prod(found.shape)  # every answer stands beside every target then
        if found.targets is not None and found.answers is not None and not has_spread:
            targets, answers = rows_of(found.targets, kept.size), rows_of(found.answers, kept.size)
            if targets is not None and answers is not None:
                kept.targets, kept.answers = targets[: kept.rows].clone(), answers[: kept.rows].clone()
                if not torch.is_floating_point(targets):
                    codes, counts = targets.reshape(-1).unique(return_counts=True)
                    kept.counts = dict(zip(codes.tolist(), counts.tolist()))
                elif len(targets) > 1:
                    flat = targets.reshape(len(targets), -1).double()[:, 0]
                    kept.spread = (float(flat.mean()), float(flat.var(correction=0)))
        kept.told = _without_tensors(found)

    def answer(self, network: nn.Module) -> None:
        """Ask the network, as it is now and in evaluation mode, for its output for all rows that are kept."""
        with torch.no_grad(), aside(network):
            network.eval()
            for kept in self.kept:
                output = (kept.called or network)(*kept.arguments, **kept.keywords)
                tensors = tensors_of(output)
                place = kept.told.output if kept.told is not None else 0
                kept.output = tensors[place].detach() if place < len(tensors) else None


def cut(
    arguments: tuple[Any, ...], keywords: Mapping[str, Any], most: int
) -> tuple[tuple[Any, ...], dict[str, Any], int, int]:
    """Return copies of the first rows of a call's arguments, how many rows these are (0 where tensors disagree), and the whole
    batch's."""
    tensors = [v for v in [*arguments, *keywords.values()] if isinstance(v, Tensor) and v.ndim]
    sizes = {len(t) for t in tensors}
    if len(sizes) != 1:
        return arguments, dict(keywords), 0, 0
    size = sizes.pop()
    rows = min(most, size)

    def copied(value: Any) -> Any:
        return value.detach()[:rows].clone() if isinstance(value, Tensor) and value.ndim else value

    return tuple(map(copied, arguments)), {n: copied(v) for n, v in keywords.items()}, rows, size


def tensors_of(output: Any) -> list[Tensor]:
    """All tensors of floating numbers in what a module returned, the first first."""
    first = first_tensor(output)
    if first is None:
        return []
    if isinstance(output, dict):
        output = list(output.values())
    if not isinstance(output, tuple | list):
        return [first]
    return [t for part in output for t in tensors_of(part)]


def _numbers(kept: Kept) -> int:
    return sum(t.numel() for t in [*kept.arguments, *kept.keywords.values()] if isinstance(t, Tensor))


def _without_tensors(found: Told) -> Told:
    return replace(found, answers=None, targets=None)
