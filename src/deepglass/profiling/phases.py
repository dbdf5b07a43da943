"""Phases: which part of a step is under way, told from outside by wrapping the methods of one training for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import perf_counter
from typing import Any, Protocol

import torch

from deepglass.data import Batch
from deepglass.training.optimizers import LBFGS
from deepglass.training.training import Training

REST = "guard and records"  # of a step: what is in no other part


class Listener(Protocol):
    """Whoever is told where a step is. What begins inside something else interrupts it."""

    def begin(self, name: str) -> None: ...

    def end(self) -> None: ...


class Clock:
    """Seconds by part, each without what ran inside it.

    Args: device: which is waited for at each change, so that its work counts where it was asked for.
    """

    def __init__(self, device: torch.device) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[str] = []
        self._since = 0.0
        self._wait = torch.cuda.synchronize if device.type == "cuda" else None

    def begin(self, name: str) -> None:
        self._change()
        self._open.append(name)

    def end(self) -> None:
        self._change()
        self._open.pop()

    def _change(self) -> None:
        if self._wait is not None:
            self._wait()
        now = perf_counter()
        if self._open:
            part = self._open[-1]
            self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now


@contextmanager
def phases_of(training: Training, listener: Listener) -> Iterator[None]:
    """Tell a listener of data, forward, backward, update and the rest of each step. Afterwards nothing is wrapped.

    The loss belongs to the way forward; where derivatives are written out, so does its own derivative.
    """
    with wrapped() as wrap:
        wrap(training, "_batches", lambda read: _told_of_each(read, listener))
        wrap(training, "_step", lambda step: _told(step, REST, listener))
        wrap(training.execution, "losses", lambda losses: _told(losses, "forward", listener))
        wrap(training.stepper, "_differentiate", lambda work: _told(work, "backward", listener))
        wrap(training.stepper, "_search", lambda search: _told(search, "update", listener))
        wrap(training.stepper.guard, "inspect", lambda inspect: _told(inspect, REST, listener))
        if training.execution.chain is not None:
            wrap(training.execution.chain, "differentiate", lambda work: _told(work, "forward", listener))
            wrap(training.execution.chain, "_loss", lambda loss: _turning(loss, "backward", listener))
        for player in training.players:
            for name in ("use_share", "clip", "step"):
                if name != "step" or not isinstance(player.optimizer, LBFGS):
                    wrap(player, name, lambda method: _told(method, "update", listener))
            wrap(player.penalty, "add_l1_gradient", lambda method: _told(method, "update", listener))
        if training.average is not None:
            wrap(training.average, "follow", lambda follow: _told(follow, "update", listener))
        yield


Wrap = Callable[[Any, str, Callable[[Any], Any]], None]


@contextmanager
def wrapped() -> Iterator[Wrap]:
    """Give a function that exchanges a method of one object; afterwards each object has its class's again."""
    changed: list[tuple[Any, str, Any]] = []

    def wrap(owner: Any, name: str, change: Callable[[Any], Any]) -> None:
        own = vars(owner)  # also of a frozen dataclass, whose methods may not be set otherwise
        changed.append((own, name, own.get(name)))
        own[name] = change(getattr(owner, name))

    try:
        yield wrap
    finally:
        for own, name, before in reversed(changed):
            if before is None:
                del own[name]
            else:
                own[name] = before


def _told(method: Callable[..., Any], name: str, listener: Listener) -> Callable[..., Any]:
    @wraps(method)
    def told(*args: Any, **kwargs: Any) -> Any:
        listener.begin(name)
        try:
            return method(*args, **kwargs)
        finally:
            listener.end()

    return told


def _turning(method: Callable[..., Any], after: str, listener: Listener) -> Callable[..., Any]:
    """What surrounds the method counts as `after` from its end on."""

    @wraps(method)
    def turning(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        listener.end()
        listener.begin(after)
        return result

    return turning


def _told_of_each(read: Callable[[], Iterator[Batch]], listener: Listener) -> Callable[[], Iterator[Batch]]:
    @wraps(read)
    def each() -> Iterator[Batch]:
        batches = iter(_told(read, "data", listener)())
        following = _told(lambda: next(batches, None), "data", listener)
        while (batch := following()) is not None:
            yield batch

    return each
