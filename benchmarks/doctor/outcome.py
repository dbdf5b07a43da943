"""Outcome: a case carried out, and the scores of its validation examples."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from case import Loop, Training, Watch

import deepglass as dg
from deepglass.errors import TrainingError

SMALL_IS_GOOD = ("loss", "mae", "rmse")


@dataclass
class Outcome:
    """What became of a training. `scores` are the validation scores that count; none after a loss that was not finite."""

    scores: dict[str, float] = field(default_factory=dict)
    run: Any = None  # a dg.Run, of a Training
    evidence: Any = None  # of a Loop
    seconds: float = 0.0
    error: str = ""

    def goodness(self, metric: str) -> float:
        """The score, turned so that more is better; the worst there is where there is none."""
        score = self.scores.get(metric)
        if score is None or score != score:
            return float("-inf")
        return -score if metric in SMALL_IS_GOOD else score


class Log:
    """What stands in for evidence where nothing is watched: it keeps what the loop says itself."""

    def __init__(self) -> None:
        self.lines: list[dict[str, float]] = []

    def log(self, **values: float) -> None:
        self.lines.append(values)


@contextmanager
def only_log(network: torch.nn.Module, *, optimizer: Any = None) -> Iterator[Log]:
    """Stand in for `dg.watch`, and watch nothing."""
    yield Log()


def carry_out(make: Any, seed: int, folder: Path, watch: Watch = only_log) -> Outcome:
    """Make a training (`make(seed)`) and carry it out on one thread; its run goes into `folder`.

    The doctor is to see nothing but the run: no name of a case stands in it.
    Raises: SystemExit, when a signal stopped it.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    made: Training | Loop = make(seed)
    started = perf_counter()
    if isinstance(made, Loop):
        evidence = made.run(watch)
        return Outcome(_logged(evidence), evidence=evidence, seconds=perf_counter() - started)
    settings = {"seed": seed, "threads": 1, "device": "cpu", **made.settings}
    try:
        run = dg.train(made.network, made.data, out=folder, progress=False, **settings)
    except TrainingError as error:
        own = made.network if isinstance(made.network, torch.nn.Module) else None
        stopped = dg.Run(folder, data=made.data, network=own)
        return Outcome(run=stopped, seconds=perf_counter() - started, error=str(error))
    seconds = perf_counter() - started
    if (
        run.status == "paused"
    ):  # by a signal that meant all of this: a training cut short is no case, and may have no epoch
        raise SystemExit(f"Stopped by {run.facts.get('stopped_by')} in the middle of a training. Nothing is counted.")
    stands = run.best_epoch if run.spec.recipe.early_stopping else run.history[-1]
    return Outcome(dict(stands.validation), run=run, seconds=seconds)


def _logged(evidence: Any) -> dict[str, float]:
    """The last validation scores that a loop has said; other evidence than `Log` keeps them for itself."""
    if not isinstance(evidence, Log):
        return {}
    return {name.removeprefix("validation_"): value for name, value in evidence.lines[-1].items()}
