"""Outcome: what `deepglass train` says of what came out, in words or as one JSON object."""

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from deepglass.cli.common import SIGNAL_CODES, print_json
from deepglass.errors import DeepglassError, TrainingError


def validate_across(network: Any, data: Any, folds: str, given: dict[str, Any], json: bool) -> None:
    """Train once for each part that is left out, and say what the left-out ones gave."""
    from deepglass.cross_validation import cross_validate

    found = cross_validate(network, data, folds=int(folds) if folds.isdigit() else folds, **given)
    print_json(found.to_dict()) if json else print(found)
    if stopped := found.runs[-1].facts.get("stopped_by"):
        raise typer.Exit(SIGNAL_CODES[stopped])


def finish(runs: list[Any], json: bool, together: Any = None) -> None:
    """Say what came out, and where the report is."""
    for run in runs:
        if run.status == "paused":  # whoever stopped it wants to be gone
            if not json:
                print(f"{run}\n  go on with: deepglass train --resume --out {shlex.quote(str(run.path))}")
            continue
        report = run.report()
        if not json:
            print(run)
            for sentence in run.verdict():
                print(f"  {sentence}")
            print(f"report: {report}")
    if together is not None and not json:
        for line in together.intervals():
            print(line)
    if json:
        rows = [_row(run) for run in runs]
        print_json(rows[0] if together is None else {"runs": rows, "status": rows[-1]["status"]})
    stopped = runs[-1].facts.get("stopped_by") if runs[-1].status == "paused" else None
    if stopped:
        raise typer.Exit(SIGNAL_CODES[stopped])


def profile_run(profile: Callable[[], Any], picture: Path | None, json: bool) -> None:
    """Profile, draw it where a picture is asked for, and say what was found."""
    from deepglass.report.pictures.figure import check_picture

    if picture is not None:
        check_picture(picture)  # before the time is spent
    found = profile()
    if picture is not None:
        found.picture(picture)
    print_json(found.to_dict()) if json else print(found)


def heal_run(train: Callable[[], Any], max_time: str | None, json: bool) -> None:
    """Train, prove a remedy where something is wrong, and say what came of it; also of a training that failed."""
    from deepglass.healing import heal
    from deepglass.run import Run

    failure = None
    try:
        run = train()
    except TrainingError as error:
        if error.run is None:
            raise
        run, failure = Run(error.run), error
        print(f"error: {error}", file=sys.stderr)
    if failure is None and (run.status == "paused" or not json):
        finish([run], json)
    healing = heal(run, max_time=max_time)
    print_json({**_row(healing.healed or run), "healing": healing.to_dict()}) if json else print(healing)
    if healing.healed and not json:
        finish([healing.healed], json)
    if healing.stopped_by or (failure and not healing.healed):
        raise typer.Exit(SIGNAL_CODES.get(healing.stopped_by, 1))


@contextmanager
def failure_told(json: bool) -> Iterator[None]:
    """Print the JSON object of a run that failed too, with the reason, before the error is said."""
    try:
        yield
    except DeepglassError as error:
        if json and error.run is not None:
            print_json({"run": str(error.run), "status": "failed", "reason": str(error)})
        raise


def _row(run: Any) -> dict[str, Any]:
    facts = run.facts
    names = ("epochs", "seconds", "best_epoch", "train", "validation")
    return {"run": str(run.path), "status": run.status, **{name: facts.get(name) for name in names}}
