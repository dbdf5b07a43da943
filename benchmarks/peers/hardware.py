"""Hardware: the most that this machine computes and moves, to hold all figures against."""

from collections.abc import Callable
from time import perf_counter

import torch
from clock import Clock, Size
from machine import machine

SIDE, TRIES = 2048, 8
MOVED = 1 << 28  # bytes


def peak(size: Size, clock: Clock) -> None:
    clock.start()
    clock.end(machine=machine(), float32=matmul(torch.float32), bfloat16=matmul(torch.bfloat16), bandwidth=bandwidth())


def matmul(dtype: torch.dtype) -> float:
    """The best of some products of large square matrices, in GFLOP/s."""
    a, b = (torch.randn(SIDE, SIDE).to(dtype) for _ in range(2))
    a @ b
    return 2 * SIDE**3 / best(lambda: a @ b) / 1e9


def bandwidth() -> float:
    """The best of some copies of a block much larger than any cache, in GB/s, read and written."""
    source = torch.ones(MOVED, dtype=torch.uint8)
    target = torch.empty_like(source)
    target.copy_(source)
    return 2 * MOVED / best(lambda: target.copy_(source)) / 1e9


def best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(TRIES):
        started = perf_counter()
        work()
        seconds.append(perf_counter() - started)
    return min(seconds)
