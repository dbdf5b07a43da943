"""Rehearsal: everything that a training will do, done once on a few batches in a temporary folder, before the hours begin."""

import copy
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.card import card
from deepglass.data import Dataset, load
from deepglass.data.split import Splits
from deepglass.errors import DataError, RunError
from deepglass.job import plan, train
from deepglass.plurals import counted
from deepglass.report.words import duration
from deepglass.run import Run
from deepglass.training.alarms import alarms
from deepglass.training.estimate import estimate
from deepglass.training.reopen import built
from deepglass.training.training import Training

BATCHES = 3  # of the training split: a first, a second with the optimizer's state, and a last one
MEASURED = 64  # validation examples


@dataclass(frozen=True)
class QuickCheck:
    """What a rehearsal has shown.

    Args: epoch_seconds: an estimate, as `bytes` of memory besides torch itself is. card: what the training is made of, a line each.
    """

    steps: int
    examples: int
    validation_examples: int
    epoch_examples: int
    epochs: int
    epoch_seconds: float
    bytes: int
    alarms: tuple[str, ...]
    card: tuple[str, ...] = ()

    def __repr__(self) -> str:
        measured = f"{counted(self.validation_examples, 'validation example')} measured and predicted, " * bool(
            self.validation_examples
        )
        return "\n".join(
            [
                f"Everything works: {counted(self.steps, 'step')} with {counted(self.examples, 'example')}, {measured}"
                "a checkpoint saved and read back the same, the report drawn. Nothing is left of it.",
                f"An epoch of {counted(self.epoch_examples, 'example')} will take about {duration(self.epoch_seconds)}, "
                f"{counted(self.epochs, 'epoch')} at most {duration(self.epochs * self.epoch_seconds)}; "
                f"{self.bytes / 2**20:,.0f} MiB besides torch itself.",
                *self.card,
                *(f"alarm: {sentence}" for sentence in self.alarms),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass train --quick`."""
        return {
            "works": True,
            **{n: getattr(self, n) for n in self.__dataclass_fields__},
            "alarms": list(self.alarms),
            "card": list(self.card),
        }


def quick_check(
    network: Any = None, data: Any = None, *, strict: bool = False, weights: Any = None, **options: Any
) -> QuickCheck:
    """Try out all that `train` would do with the same arguments, on a few batches, and leave nothing behind.

    A few steps are trained and a few validation examples measured; a checkpoint is saved, read back and compared; the
    predictions of the run that was read back are made, and its report is drawn. A network of yours is not changed.
    Raises: what `train` would raise.

    >>> quick_check("mlp", "iris")
    """
    if data is None:
        raise DataError("Name the data to train on, such as dg.quick_check('mlp', 'digits').")
    data = data if isinstance(data, Dataset) else load(data)
    spec, task = plan(network, data, **options)
    own = network if isinstance(network, nn.Module) else None
    optimizer = options.get("optimizer")
    copies = [copy.deepcopy(own) if own is not None else built(spec, data) for _ in range(3)]
    full = Training(copies[0], data, spec.recipe, task=task, optimizer=optimizer if callable(optimizer) else None)
    expected = estimate(full)
    found = alarms(copies[0], data, full.task, spec.recipe)
    few = _few(data, BATCHES * full.batch_size * spec.recipe.accumulate)
    with tempfile.TemporaryDirectory(prefix="deepglass-", ignore_cleanup_errors=True) as place:
        short = {**options, "epochs": 1, "max_time": None}
        run = train(copies[1], few, out=Path(place) / "run", strict=strict, weights=weights, progress=False, **short)
        later = Run(run.path, network=copies[2], data=few, task=run.own_task)
        _compare(run.network, later.network)
        later.report()
        steps = int(run.facts["steps"])
    epochs = max(1, spec.recipe.epochs)
    return QuickCheck(
        steps=steps,
        examples=len(few.splits.train),
        validation_examples=len(few.splits.validation),
        epoch_examples=len(full.train_ids),
        epochs=epochs,
        epoch_seconds=expected.seconds / epochs,
        bytes=expected.bytes,
        alarms=tuple(found),
        card=card(copies[0], data, full.task, full.recipe),
    )


def _few(data: Dataset, examples: int) -> Dataset:
    """The same data with few examples, spread evenly over each split, and none of the test split."""
    train, validation = (
        _spread(ids, n) for ids, n in ((data.splits.train, examples), (data.splits.validation, MEASURED))
    )
    return replace(data, splits=Splits(train, validation, np.zeros(0, dtype=np.int64)))


def _spread(ids: np.ndarray, most: int) -> np.ndarray:
    return ids if len(ids) <= most else ids[np.linspace(0, len(ids) - 1, most).round().astype(np.int64)]


def _compare(here: nn.Module, there: nn.Module) -> None:
    """Raise RunError when weights came back otherwise than they were saved."""
    saved, read = here.state_dict(), there.state_dict()
    for name, value in saved.items():
        if not torch.equal(value.cpu(), read[name].cpu()):
            raise RunError(f"{name} was saved and read back otherwise. Check the disk, and report it if it is sound.")
