"""deepglass experiment: a claim of a course, run again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepglass.cli.common import Json, print_json

if TYPE_CHECKING:
    from deepglass.experiments import Experiment, Form, Outcome

NEXT = "Next: open the picture, or change what is trained: `deepglass train digits --help`."

VERDICTS = {
    "yes": "Yes.",
    "part": "In part, on a condition that the course does not state.",
    "no": "No, not here.",
    "open": "Open: its full form has not been run.",
}


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one; left out, all are listed with their claims.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="On MNIST and for longer, as a course would (minutes).")] = False,
    seeds: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many seeds (default: 3).")] = None,
    epochs: Annotated[int | None, typer.Option(metavar="E", min=1, help="Epochs (default: its own).")] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The picture: .png, .svg, .pdf or .html (default: NAME.png)."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Run a claim of a course again: what is said, what was measured, and whether it is borne out.

    \b
      deepglass experiment
      deepglass experiment learning-rates
      deepglass experiment dropout --seeds 5 -o dropout.svg
      deepglass experiment augmentation --full
    """
    from deepglass.experiments import EXPERIMENTS
    from deepglass.names import find
    from deepglass.plurals import counted
    from deepglass.report.pictures.figure import check_picture

    if name is None:
        _list(EXPERIMENTS, json)
        return
    experiment = find("experiment", name, EXPERIMENTS)
    form = _form(experiment, full, seeds, epochs)
    path = check_picture(out or f"{name}.png")  # before the time is spent
    outcome = _run(experiment, form)
    _draw(outcome, path, experiment.claim)
    if json:
        print_json(_facts(name, experiment, outcome, path))
        return
    print(f"The course: {experiment.claim}")
    _print_table(outcome)
    for expected in outcome.expectations:
        print(f"{'yes' if expected.held else 'NO '}  {expected.text}: {expected.measured}")
    print(f"Does the claim hold? {VERDICTS[experiment.verdict]}")
    if experiment.note:
        print(experiment.note)
    missed = sum(not expected.held for expected in outcome.expectations)
    if missed:
        why = "" if (epochs, seeds) == (None, None) else "; it had other epochs or seeds than the claim is judged by"
        print(f"This run misses {missed} of {counted(len(outcome.expectations), 'expectation')}{why}.")
    print(f"picture: {path}")


def _list(experiments: dict[str, "Experiment"], json: bool) -> None:
    if json:
        print_json({"experiments": {n: {"row": e.row, "claim": e.claim} for n, e in experiments.items()}})
        return
    widest = max(map(len, experiments))
    for name, experiment in experiments.items():
        print(f"  {name:<{widest}}  {experiment.row}  {experiment.claim}")


def _form(experiment: "Experiment", full: bool, seeds: int | None, epochs: int | None) -> "Form":
    from dataclasses import replace

    form = experiment.full if full else experiment.small
    form = form if epochs is None else replace(form, epochs=epochs)
    return form if seeds is None else replace(form, seeds=tuple(range(seeds)))


def _run(experiment: "Experiment", form: "Form") -> "Outcome":
    """Show what is trained at the moment, where somebody watches."""
    import sys
    from dataclasses import replace

    if not sys.stderr.isatty():
        return experiment.run(form)
    import rich.console

    with rich.console.Console(stderr=True).status("reading the data") as status:
        return experiment.run(replace(form, tell=lambda what: status.update(f"training: {what}")))


def _draw(outcome: "Outcome", path: Path, claim: str) -> None:
    from deepglass.report.pictures import save

    save(outcome.picture, path, claim)


def _facts(name: str, experiment: "Experiment", outcome: "Outcome", path: Path) -> dict[str, Any]:
    expectations = [{"text": e.text, "held": e.held, "measured": e.measured} for e in outcome.expectations]
    return {
        "experiment": name,
        "row": experiment.row,
        "claim": experiment.claim,
        "verdict": experiment.verdict,
        "held": outcome.held,
        "expectations": expectations,
        "rows": list(outcome.rows),
        "picture": str(path),
    }


def _print_table(outcome: "Outcome") -> None:
    names = list(outcome.rows[0])
    table = [names, *[[str(row.get(name, "")) for name in names] for row in outcome.rows]]
    widths = [max(len(line[i]) for line in table) for i in range(len(names))]
    for line in table:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
