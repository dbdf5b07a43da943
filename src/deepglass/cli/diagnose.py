"""deepglass diagnose: what is wrong with a training."""

from textwrap import fill
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, RunArgument, Trust, find_run, print_json
from deepglass.report.doctor_says import sets

NEXT = "Next: `deepglass prove RUN` tries the remedies beside the run as it is, and says whether they help."
WIDTH = 120


def command(
    run: RunArgument,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure", help="First learn one small batch by heart, and probe learning rates; half a minute at most."
        ),
    ] = False,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Diagnose a run: what is wrong, the cause first, the numbers that say so, and remedies in the order to try.

    \b
      deepglass diagnose digits-mlp-20260102-1
      deepglass diagnose digits-mlp-20260102-1 --measure

    alarm, warning: something is wrong. remark: worth knowing; a healthy run has nothing above it.
    A finding is a hypothesis until its remedy is proved.
    """
    from deepglass.run import Run

    opened = Run(find_run(run), trust=trust)
    measured = opened.measure() if measure else {}
    found = opened.findings
    if json:
        print_json(
            {"run": str(opened.path), "measured": measured, "findings": [finding.to_dict() for finding in found]}
        )
        return
    for name, values in measured.items():
        print(f"measured {name}: " + ", ".join(f"{n} {_short(v)}" for n, v in values.items()))
    if not any(finding.is_serious for finding in found):
        print(f"{opened.path}: nothing wrong was found.")
    for number, finding in enumerate(found, 1):
        _print(number, finding)


def _print(number: int, finding: Any) -> None:
    where = [w for w in (finding.layer, finding.column and f"column {finding.column}") if w]
    place = f" in {', '.join(where)}" if where else ""
    at = f" at epoch {finding.epoch}" if finding.epoch else ""
    print(f"{number}. {finding.severity}: {finding.symptom}{place}{at}")
    for text in (finding.what, finding.why):
        print(fill(text, WIDTH, initial_indent="   ", subsequent_indent="   "))
    print("   numbers: " + ", ".join(f"{name} {_short(value)}" for name, value in finding.evidence.items()))
    for remedy in finding.remedies:
        change = sets(remedy.change) if all("." in name for name in remedy.change) else ""
        print(fill(f"try: {remedy.why}", WIDTH, initial_indent="   ", subsequent_indent="        "))
        if change:  # not broken over lines, so that it can be copied
            print(f"        {change}")
    if finding.folded:
        print("   explains: " + ", ".join(dict.fromkeys(f.symptom for f in finding.folded)))


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
