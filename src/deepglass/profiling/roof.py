"""Roof: the most that this machine computes and moves, measured in a second or two with the threads that are set.

Source: Williams, Waterman and Patterson, "Roofline: An Insightful Visual Performance Model for Multicore Architectures",
Communications of the ACM 52(4), 2009.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch

SIDES = (512, 1024, 2048)  # of square matrices: large ones come nearest to the peak, small ones are seldom disturbed
MOVED = 1 << 27  # bytes of a block that is copied: beyond the caches of most processors
TRIES, SECONDS = 8, 0.2  # a best of so many, of fewer where they take longer, and of two at least


@dataclass(frozen=True)
class Roof:
    """Floating point operations a second by precision, and bytes a second, read and written."""

    peaks: dict[str, float]
    bandwidth: float

    def limit(self, intensity: float, precision: str) -> float:
        """The most operations a second at so many operations a byte."""
        return min(self.peaks[precision], intensity * self.bandwidth)

    def least_seconds(self, flops: float, moved: float, precision: str) -> float:
        """The time that so many operations and bytes take at the roof."""
        return max(flops / self.peaks[precision], moved / self.bandwidth)

    def ridge(self, precision: str) -> float:
        """Operations a byte below which memory is the bound."""
        return self.peaks[precision] / self.bandwidth


def measure_roof(device: torch.device) -> Roof:
    """Multiply large matrices and copy a large block, and take the best of some tries each."""
    peaks = {str(dtype).removeprefix("torch."): _peak(dtype, device) for dtype in (torch.float32, torch.bfloat16)}
    return Roof(peaks, _copy(device))


def _peak(dtype: torch.dtype, device: torch.device) -> float:
    return max(_product(side, dtype, device) for side in SIDES)


def _product(side: int, dtype: torch.dtype, device: torch.device) -> float:
    a, b = (torch.ones(side, side, dtype=dtype, device=device) for _ in range(2))
    c = torch.empty_like(a)
    return 2 * side**3 / _best(lambda: torch.mm(a, b, out=c), device)


def _copy(device: torch.device) -> float:
    source = torch.ones(MOVED, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * MOVED / _best(lambda: target.copy_(source), device)


def _best(work: Callable[[], object], device: torch.device) -> float:
    """Seconds of the quickest try, of which the first does not count."""
    seconds: list[float] = []
    while len(seconds) < 3 or (len(seconds) <= TRIES and sum(seconds) < SECONDS):
        started = perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(perf_counter() - started)
    return min(seconds[1:])
