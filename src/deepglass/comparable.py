"""Comparable: whether runs were judged alike, so that their figures can be compared at all."""

from collections.abc import Sequence

from deepglass.errors import RunError, SettingError
from deepglass.names import suggestion
from deepglass.run import Run
from deepglass.training.records import Epoch


def kept_epoch(run: Run) -> Epoch:
    """The record of the epoch whose weights a run has kept. Raises: RunError, when no epoch was trained."""
    best = run.best_epoch
    if best is None:
        raise RunError(
            f"{run.path} has no epoch that was trained to its end, so there is nothing to compare. "
            "Go on with it: --resume."
        )
    return best if run.spec.recipe.early_stopping else run.history[-1]


def check_side(name: str, runs: Sequence[Run]) -> None:
    if not runs:
        raise RunError(f"{name} holds no run. Name at least one.")
    for run in runs:
        if not kept_epoch(run).validation:
            raise RunError(
                f"{run.path} has no validation split, so it cannot be compared there. Load its data with validation=0.2."
            )


def common_metric(sides: dict[str, list[Run]], wanted: str | None) -> str:
    """The metric that is compared: the first that all runs have recorded, unless one is named."""
    runs = [*sides["A"], *sides["B"]]
    recorded = [set(kept_epoch(run).validation) for run in runs]
    known = [name for name in kept_epoch(runs[0]).validation if all(name in names for names in recorded)]
    if wanted is not None and wanted not in known:
        raise SettingError(
            f"The metric {wanted!r} was not recorded in all of these runs.{suggestion(wanted, known)} "
            f"Recorded: {', '.join(known)}."
        )
    metric = wanted or next((name for name in known if name != "loss"), "loss")
    _check_alike(runs, metric, known)
    return metric


def seed_and_split(run: Run, split: str) -> tuple[int, bytes]:
    return run.spec.recipe.seed, examples_of(run, split)


def examples_of(run: Run, split: str) -> bytes:
    """Which examples a run was judged on; of the test split only that it is the same, not what is in it."""
    return run.folder.read_splits()[split].numpy().tobytes()


def overlap(run: Run, split: str) -> float:
    counts = {name: len(ids) for name, ids in run.folder.read_splits().items()}
    return counts[split] / max(1, counts["train"])


def _target(run: Run) -> str:
    targets = [f for f in run.fields.values() if f.role == "target"]
    return ", ".join(f"{f.name} ({', '.join(map(str, f.classes[:10])) or f.kind})" for f in targets)


def _check_alike(runs: Sequence[Run], metric: str, known: Sequence[str]) -> None:
    about = runs[0]
    for run in runs[1:]:
        if run.facts.get("data_fingerprint") != about.facts.get("data_fingerprint"):
            raise RunError(
                f"{about.path} and {run.path} were trained on different data: their figures cannot be compared."
            )
        if _target(run) != _target(about):
            raise RunError(
                f"{about.path} and {run.path} learn different targets: {_target(about)}, and {_target(run)}."
            )
        losses = [r.facts.get("task", {}).get("loss") for r in (about, run)]
        if metric == "loss" and losses[0] != losses[1]:
            others = ", ".join(name for name in known if name != "loss") or "none"
            raise SettingError(
                f"metric='loss': the losses are different functions ({losses[0]}, {losses[1]}). "
                f"Compare another metric; recorded: {others}."
            )
