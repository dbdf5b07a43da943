"""Case: a training with a planted fault, or a healthy one, and what is known of it."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from kinds import KINDS
from torch import Tensor

Watch = Callable[..., AbstractContextManager[Any]]
BY = ("settings", "data", "code")  # what a repair changes: the Spec, the data that are given, or the user's own code


@dataclass(frozen=True)
class Training:
    """What somebody gives to `dg.train`."""

    network: Any
    data: Any
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Loop:
    """A loop of somebody's own, which trains inside `with watch(network, optimizer=optimizer) as evidence` and returns that.

    `examples` are inputs and targets of training and validation, where a baseline is wanted.
    """

    run: Callable[[Watch], Any]
    examples: tuple[Tensor, Tensor, Tensor, Tensor] | None = None


@dataclass(frozen=True)
class Fault:
    """A planted fault. `make(seed, mended)` gives the training, or its healthy twin, which differs by the repair alone.

    Args:
        kind: what is wrong, a word of KINDS; also: other words that say the same of this case.
        where: the layer, column or setting, as far as there is one.
        repair: what would put it right; by: what that changes, one of BY.
        metric: the validation score that counts for a repair (loss: small is good); level: what the twin reaches on its worst seed.
        hidden: why no score shows the fault; empty where the twin is measurably better.
    """

    name: str
    make: Callable[[int, bool], Training | Loop]
    kind: str
    repair: str
    metric: str
    level: float
    also: tuple[str, ...] = ()
    where: str = ""
    by: str = "settings"
    hidden: str = ""

    @property
    def causes(self) -> frozenset[str]:
        """The kinds that count as right."""
        return frozenset((self.kind, *self.also))

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.causes if kind not in KINDS]
        if unknown or self.by not in BY:
            raise ValueError(
                f"{self.name}: {unknown or self.by} is none of the words there are. Add it, or use another."
            )


@dataclass(frozen=True)
class Healthy:
    """A training that nothing is wrong with: `make(seed)`.

    Args:
        metric: the validation score that is compared with baselines.
        ceiling: why a linear model does as well; empty where the network is clearly better.
    """

    name: str
    make: Callable[[int], Training | Loop]
    metric: str
    ceiling: str = ""


def fault(**known: Any) -> Callable[[Callable[[int, bool], Training | Loop]], Fault]:
    """Turn a function (seed, mended) into a Fault of its name."""
    return lambda make: Fault(make.__name__, make, **known)


def healthy(**known: Any) -> Callable[[Callable[[int], Training | Loop]], Healthy]:
    """Turn a function (seed) into a Healthy of its name."""
    return lambda make: Healthy(make.__name__, make, **known)


def train(network: Any, data: Any, **settings: Any) -> Training:
    """Say it as `dg.train` is called."""
    return Training(network, data, settings)


def half(name: str) -> str:
    """Which half of the bench a case is in: "open", or "set aside" to be looked at once, by the hash of its name."""
    return "set aside" if hashlib.sha256(name.encode()).digest()[0] % 2 else "open"
