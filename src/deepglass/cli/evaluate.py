"""deepglass evaluate: the test split."""

import sys
from typing import Annotated

import typer

from deepglass.cli.common import Json, Threshold, Trust, find_run, print_json

NEXT = "Every look at the test split is written into the run: choices made after a look make the next one less honest."


def command(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="The folders of runs, or their names under runs/.")
    ],
    threshold: Threshold = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="First fit a temperature on the validation split, so that probabilities say how often they are right; kept in "
            "the run.",
        ),
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Also measure each group of a column for itself: does it fail some?"),
    ] = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Measure the test split, beside what simple models reach; several runs give an interval over their seeds.

    \b
      deepglass evaluate runs/digits-lenet5-20260102-1
      deepglass evaluate runs/mine/seed-*
      deepglass evaluate runs/spam-mlp-20260102-1 --calibrate --threshold f1
      deepglass evaluate runs/people-mlp-20260102-1 --by sex
    """
    from deepglass.run import Run
    from deepglass.tasks.threshold import Rule
    from deepglass.together import Runs

    opened = Runs([Run(find_run(run), trust=trust) for run in runs])
    for run in opened if calibrate else []:
        print(f"{run.path}: {run.calibrate()}", file=sys.stderr)
    if threshold is not None and Rule.from_text(threshold).name != "fixed":
        for run in opened:
            print(f"{run.path}: {run.choose_threshold(threshold)}", file=sys.stderr)
    evaluations = opened.evaluate(threshold=threshold, by=by)
    for run in opened:
        run.report()
    if json:
        print_json(evaluations[0].to_dict() if len(opened) == 1 else evaluations.to_dict())
    else:
        print(evaluations)
