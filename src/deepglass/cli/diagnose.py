"""deepglass diagnose: what is wrong with a training."""

from functools import cache
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepglass.cli.common import Json, Trust, find_run, print_json
from deepglass.report.doctor_says import sets

if TYPE_CHECKING:
    from deepglass.doctor.finding import Finding

NEXT = "Next: `deepglass prove RUN` tries the remedies beside the run as it is, and says whether they help."
WIDTH = 120
TABLES = (".csv", ".tsv")


def command(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="The folder of a run, its name under runs/, or a .csv of curves of any training."
        ),
    ],
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
      deepglass diagnose lightning_logs/version_0/metrics.csv

    alarm, warning: something is wrong. remark: worth knowing; a healthy run has nothing above it.
    A finding is a hypothesis until its remedy is proved.
    """
    measured: dict[str, Any] = {}
    if Path(run).suffix.lower() in TABLES and not Path(run).is_dir():
        place, found, looked = run, _of_curves(run, measure), ", as far as curves alone can tell"
    else:
        from deepglass.doctor import could_tell
        from deepglass.doctor.examine import findings_of
        from deepglass.probes import Evidence
        from deepglass.runs import RunFolder

        folder = RunFolder(find_run(run))
        measured = _opened(folder, trust).measure() if measure else {}
        # `Run.findings`, but the run itself, with torch, is opened only where its data are still to be measured.
        found = findings_of(folder, lambda: _opened(folder, trust).data, lambda: _opened(folder, trust).task)
        place = str(folder.path)
        looked = f"; {sum(could_tell(Evidence.from_run(folder.path)).values())} kinds of fault were looked for"
    if json:
        print_json({"run": place, "measured": measured, "findings": [finding.to_dict() for finding in found]})
        return
    for name, values in measured.items():
        print(f"measured {name}: " + ", ".join(f"{n} {_short(v)}" for n, v in values.items()))
    if not any(finding.is_serious for finding in found):
        print(f"{place}: nothing wrong was found{looked}.")
    for number, finding in enumerate(found, 1):
        _print(number, finding)


@cache
def _opened(folder: Any, trust: bool) -> Any:
    from deepglass import Run

    return Run(folder.path, trust=trust)


def _of_curves(path: str, measure: bool) -> "list[Finding]":
    """What a table of losses and scores by epoch says, whoever wrote it."""
    from deepglass.errors import DataError, SettingError
    from deepglass.probes import Evidence

    if measure:
        raise SettingError(f"--measure trains a little, and {path} holds curves alone. Leave it out, or name a run.")
    evidence = Evidence.from_csv(path)
    known = {name for epoch in evidence.epochs for name in (*epoch["train"], *epoch["validation"])}
    if "loss" not in known:
        raise DataError(
            f"{path} has no column of a loss, but {', '.join(sorted(known))}. Call it loss, or validation_loss."
        )
    return evidence.diagnose()


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
    others = dict.fromkeys(f.symptom for f in finding.folded if f.symptom != finding.symptom)
    if others:
        print("   explains: " + ", ".join(others))


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
