"""deepglass evaluate: the test split."""

from typing import Annotated

import typer

from deepglass.cli.common import Json, Trust, find_run, print_json

NEXT = "Every look at the test split is written into the run: choices made after a look make the next one less honest."


def command(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="The folders of runs, or their names under runs/.")
    ],
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Measure the test split, beside what simple models reach; several runs give an interval over their seeds.

    \b
      deepglass evaluate runs/digits-lenet5-20260102-1
      deepglass evaluate runs/mine/seed-*
    """
    from deepglass.run import Run
    from deepglass.together import Runs

    opened = Runs([Run(find_run(run), trust=trust) for run in runs])
    evaluations = opened.evaluate()
    for run in opened:
        run.report()
    if json:
        print_json(evaluations[0].to_dict() if len(opened) == 1 else evaluations.to_dict())
    else:
        print(evaluations)
