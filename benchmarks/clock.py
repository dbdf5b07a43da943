"""Clock: what a contestant measures of itself while it trains."""

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Size:
    """How much a contestant has to do. Args: rows: examples to train on. tests: examples measured after every epoch."""

    rows: int = 60_000
    tests: int = 10_000
    epochs: int = 5
    batch: int = 128
    seed: int = 0
    candidates: int = 1  # networks, where there are several


@dataclass
class Clock:
    """Started when the data lies in memory as arrays; an epoch is training and then, where a contestant has it, measuring."""

    epochs: list[dict[str, float | None]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    training: float | None = None  # seconds, once the training part of this epoch is over

    def start(self) -> None:
        self.begun = self.last = perf_counter()

    def trained(self) -> None:
        """The training part of this epoch is over."""
        self.training = perf_counter() - self.last

    def epoch(self, accuracy: float | None = None, *, training: float | None = None) -> None:
        """This epoch is over. Args: training: seconds of its training part, for those who know it themselves."""
        now = perf_counter()
        part = training if training is not None else self.training
        record = {"training": part, "whole": now - self.last, "accuracy": accuracy, "at": now - self.begun}
        self.epochs.append(record)
        self.last, self.training = now, None

    def end(self, **facts: Any) -> None:
        """All is over. Args: facts: whatever else is worth keeping."""
        self.facts = {"seconds": perf_counter() - self.begun, **facts}


def peak_memory() -> float | None:
    """The most memory that this process has held, in MiB; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # more exact than getrusage, which begins at the peak of the parent process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS


def own_memory() -> float | None:
    """What this process holds now in MiB, without files that are mapped; None where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return int(next(line for line in status.read_text().splitlines() if line.startswith("RssAnon")).split()[1]) / 1024
