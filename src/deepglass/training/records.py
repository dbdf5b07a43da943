"""Records: what a training hands out, step by step and epoch by epoch."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor


class Step(NamedTuple):
    """One step. `losses` are still on the device; `loss` waits for them."""

    number: int  # from 1, over the whole training
    epoch: int
    examples: int
    losses: Mapping[str, Tensor]

    @property
    def loss(self) -> float:
        return float(self.losses["loss"])


@dataclass(frozen=True)
class Epoch:
    """One pass over the training split.

    `train` and `validation` are measured alike, in evaluation mode after the pass, `train` on a fixed subset;
    `running` is the loss as it went by during the pass, with dropout and moving weights.
    `seconds` is the training part alone.
    """

    number: int  # from 1
    seconds: float
    learning_rate: float
    train: Mapping[str, float]
    validation: Mapping[str, float]
    running: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The line of history.jsonl."""
        return {
            "epoch": self.number,
            "seconds": self.seconds,
            "learning_rate": self.learning_rate,
            "train": dict(self.train),
            "validation": dict(self.validation),
            "running": dict(self.running),
        }

    @classmethod
    def from_dict(cls, line: Mapping[str, Any]) -> "Epoch":
        return cls(
            line["epoch"],
            line["seconds"],
            line["learning_rate"],
            _numbers(line["train"]),
            _numbers(line["validation"]),
            _numbers(line.get("running", {})),
        )


def history_hash(history: Sequence[Epoch]) -> str:
    """SHA-256 of all that was measured; the seconds are left out, for they differ between equal runs."""
    lines = [{k: v for k, v in epoch.to_dict().items() if k != "seconds"} for epoch in history]
    return hashlib.sha256(json.dumps(lines, sort_keys=True).encode()).hexdigest()


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """JSON has no NaN: what was not a number was written as null."""
    return {name: float("nan") if value is None else float(value) for name, value in metrics.items()}
