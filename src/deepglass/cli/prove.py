"""deepglass prove: whether a remedy helps."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import SIGNAL_CODES, Json, RunArgument, Sets, Trust, find_run, print_json

NEXT = "Next: `deepglass train SPEC` trains with the settings that helped; `deepglass show RUN` puts the proof into the report."


def command(
    run: RunArgument,
    finding: Annotated[
        str | None,
        typer.Argument(metavar="FINDING", help="The finding whose remedies are tried (default: all, the cause first)."),
    ] = None,
    sets: Sets = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Pairs of trainings (default: 5, then 10; 10, then 30 where they go in one step)."
        ),
    ] = None,
    max_time: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Such as 90s or 10m (default: 12 times what the run took, at least a minute)."
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What is judged (default: what the run watches, or accuracy, R2)."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="A picture of the pairs: .png, .svg, .pdf or .html."),
    ] = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Prove a remedy: train with it and without it from the same seeds, and say whether it helps, on validation data alone.

    \b
      deepglass prove digits-mlp-20260102-1
      deepglass prove digits-mlp-20260102-1 rate_too_high
      deepglass prove digits-mlp-20260102-1 --set recipe.learning_rate=0.001
      deepglass prove digits-mlp-20260102-1 --set data.scaling=standard --seeds 10 --max-time 5m

    helped, hurt: the 95 % interval of the difference leaves out 0. no difference: all of it is too small to matter.
    undecided: it holds both. The trainings are kept in RUN/proofs; the same command goes on where it was stopped.
    """
    from deepglass.errors import SettingError
    from deepglass.run import Run
    from deepglass.training.spec import parse_changes

    changes = parse_changes(sets or [])
    if changes and finding is not None:
        raise SettingError("FINDING does not go with --set, which names a remedy of its own. Leave one of them out.")
    if out is not None:
        from deepglass.report.pictures.figure import check_picture

        check_picture(out)  # before the time is spent
    opened = Run(find_run(run), trust=trust)
    proof = opened.prove(finding, change=changes or None, seeds=seeds, max_time=max_time, metric=metric)
    if proof is None:
        _say_nothing(opened, json)
        return
    if out is not None:
        from deepglass.report.pictures import save

        save(proof.picture(), Path(out), proof.text().partition("\n")[0])
    print_json(proof.to_dict()) if json else print(proof.text())
    if proof.status == "paused":
        raise typer.Exit(SIGNAL_CODES.get(proof.stopped_by, 130))


def _say_nothing(run: Any, json: bool) -> None:
    """Say that there is nothing to prove, and what can be done by hand."""
    serious = [f for f in run.findings if f.is_serious]
    if json:
        print_json({"finding": None, "verdict": None, "effect": None, "interval": None})
        return
    if not serious:
        print(f"Nothing is wrong with {run.path}, as far as can be told, so there is no remedy to prove.")
    for finding in serious:
        print(f"{finding.symptom}: no setting mends it. " + " ".join(remedy.why for remedy in finding.remedies))
    print(f"A remedy of your own: deepglass prove {shlex.quote(str(run.path))} --set recipe.learning_rate=0.001")
