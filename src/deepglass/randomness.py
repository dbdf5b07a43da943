"""Randomness: every random number is derived from a seed and from what it is for.

Nothing here has a state that would have to be saved: the order of an epoch is a function of (seed, epoch),
the noise of an example one of (seed, epoch, sample), dropout one of (seed, step, player). So a training that
stops anywhere goes on with the same numbers.
"""

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from zlib import crc32

import torch
from torch import Tensor

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15  # the increment and the two multipliers below are those of SplitMix64
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # (Steele, Lea and Flood, OOPSLA 2014)


def derive(seed: int, purpose: str, *parts: int) -> int:
    """Return the seed for one purpose, such as `derive(7, "order", epoch)`: 63 bits, the same everywhere.

    >>> derive(0, "order", 1) == derive(0, "order", 1) != derive(0, "order", 2)
    True
    """
    state = _purpose_key(seed, purpose)
    for part in parts:
        state = _mix(state + GOLDEN * (int(part) + 1))
    return state >> 1


def generator(seed: int, purpose: str, *parts: int) -> torch.Generator:
    """Return a generator of its own for one purpose, so that nobody else's random state is touched."""
    return torch.Generator().manual_seed(derive(seed, purpose, *parts))


def seed_dropout(seed: int, step: int, player: int, rank: int = 0) -> None:
    """Set the default generators, from which torch's dropout draws, for one step of one player."""
    value = derive(seed, "dropout", step, player, rank)
    torch.default_generator.manual_seed(value)  # 1 microsecond; torch.manual_seed takes 77
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(value)


@contextmanager
def seeded(seed: int, purpose: str, *parts: int) -> Iterator[None]:
    """Run a block with torch's default generator seeded, then give the caller's random state back."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derive(seed, purpose, *parts))
        yield


class Noise:
    """Random numbers for the examples of a batch: they depend on (seed, epoch, sample), never on who else is in it.

    Args:
        ids: sample ids, shape (examples,), int64.
        purpose: keeps streams apart, such as the players of a step.
    """

    def __init__(self, seed: int, epoch: int, ids: Tensor, purpose: str = "noise") -> None:
        self.seed, self.epoch, self.ids, self.purpose = seed, epoch, ids, purpose

    def uniform(self, name: str, *shape: int) -> Tensor:
        """Draw from [0, 1): shape (examples, *shape), float32. Another `name` gives other numbers."""
        count = math.prod(shape)
        base = derive(self.seed, self.purpose, self.epoch, crc32(name.encode()))
        sample = _mix_tensor(self.ids * _signed(GOLDEN) + _signed(base))  # (examples,)
        place = torch.arange(1, count + 1, device=self.ids.device) * _signed(GOLDEN)
        bits = _mix_tensor(sample[:, None] + place)  # (examples, count)
        return ((bits >> 40) & 0xFFFFFF).float().mul_(2.0**-24).reshape(-1, *shape)

    def normal(self, name: str, *shape: int) -> Tensor:
        """Draw from the standard normal distribution: shape (examples, *shape), float32 (Box and Muller, 1958)."""
        radius = (-2 * torch.log1p(-self.uniform(name + "/radius", *shape))).sqrt_()
        return radius * torch.cos(2 * math.pi * self.uniform(name + "/angle", *shape))

    def integers(self, name: str, low: int, high: int, *shape: int) -> Tensor:
        """Draw whole numbers from low to high - 1: shape (examples, *shape), int64."""
        return low + (self.uniform(name, *shape) * (high - low)).long()


@cache
def _purpose_key(seed: int, purpose: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest(), "little")


def _mix(z: int) -> int:
    z &= MASK
    z = ((z ^ (z >> 30)) * FIRST) & MASK
    z = ((z ^ (z >> 27)) * SECOND) & MASK
    return z ^ (z >> 31)


def _mix_tensor(z: Tensor) -> Tensor:
    """The same mixing on int64 tensors, whose products wrap around as unsigned ones do."""
    z = (z ^ ((z >> 30) & (1 << 34) - 1)) * _signed(FIRST)
    z = (z ^ ((z >> 27) & (1 << 37) - 1)) * _signed(SECOND)
    return z ^ ((z >> 31) & (1 << 33) - 1)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
