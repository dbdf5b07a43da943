"""deepglass show: one run."""

import shlex
from typing import Any

from deepglass.cli.common import Json, RunArgument, Trust, find_run, print_json
from deepglass.plurals import counted
from deepglass.report.words import cost_words, duration

NEXT = "Next: `deepglass evaluate RUN` measures the test split, `deepglass predict RUN FILE` predicts new examples."
BARS = "▁▂▃▄▅▆▇█"
ROWS = 20  # epochs that are printed at most; the report has all of them


def command(run: RunArgument, trust: Trust = False, json: Json = False) -> None:
    """Show a run: how it went epoch by epoch, its alarms, and where its report is.

    \b
      deepglass show runs/digits-lenet5-20260102-1
      deepglass show digits-lenet5-20260102-1 --json
    """
    from deepglass.doctor.proof import proofs_of
    from deepglass.run import Run
    from deepglass.training.branch import openable

    opened = Run(find_run(run), trust=trust)
    history = opened.history
    if json:
        print_json(
            {
                "run": str(opened.path),
                **opened.facts,
                "status": opened.status,
                "settings_changed": {n: list(pair) for n, pair in opened.settings_changed.items()},
                "kept_epochs": {str(n): what for n, what in openable(opened.folder).items()},
                "findings": [finding.to_dict() for finding in opened.findings],
                "proofs": [proof.to_dict() for proof in proofs_of(opened.path)],
                "history": [e.to_dict() for e in history],
            }
        )
        return
    print(opened)
    _print_origin(opened)
    for sentence in opened.alarms:
        print(f"  alarm: {sentence}")
    for sentence in opened.facts.get("remarks", []):
        print(f"  note: {sentence}")
    if opened.facts.get("reason"):
        print(f"  {opened.facts['reason']}")
    _print_curves(history, opened.facts.get("best_epoch"))
    _print_doctor(opened)
    kept = ", ".join(str(n) if what == "whole" else f"{n} ({what})" for n, what in openable(opened.folder).items())
    if kept:
        print(f"  epochs that --fork can go on from: {kept}")
    for note in opened.folder.notes:
        print(f"  note: {note}")
    if history:
        print(f"report: {opened.report()}")


def _print_origin(run: Any) -> None:
    """Say what the run was made of: its data and network, what it came from, and the settings that are not the usual ones."""
    facts = run.facts
    made = facts.get("made_of", {})
    if made:
        spent = f", {duration(facts['time_spent'])} in all" if facts.get("time_spent") else ""
        print(f"  {made['network']} on {made['data']}, begun {facts['started'][:16].replace('T', ' ')}{spent}")
    if parent := facts.get("parent"):
        changes = "; ".join(f"{n}: {was} -> {now}" for n, (was, now) in parent["changes"].items()) or "nothing changed"
        print(f"  fork of {parent['run']} after epoch {parent['epoch']}: {changes}")
    if healed := facts.get("healed_from"):
        print(f"  healed from {healed['run']}: {healed['change']}")
    if weights := facts.get("weights"):
        print(f"  started from the weights of {weights['from']}")
    if probes := facts.get("probes"):
        cost = cost_words(probes["seconds"], probes["share"])
        print(f"  looked inside {counted(probes['looks'], 'time')}: {cost}")
    for name, (usual, here) in run.settings_changed.items():
        print(f"  {name}: {here} (usually {usual})")


def _print_doctor(run: Any) -> None:
    """Say in short what was found and what proofs and healing said; `deepglass diagnose` and the report say all of it."""
    from deepglass.doctor.proof import proofs_of
    from deepglass.report.doctor_says import in_short

    findings = run.findings if run.history else []
    for finding in findings:
        if finding.is_serious:
            print(f"  {in_short(finding.to_dict())}")
    if findings and not any(finding.is_serious for finding in findings):
        many = counted(len(findings), "remark")
        print(f"  the doctor found nothing wrong, and has {many}: deepglass diagnose {shlex.quote(str(run.path))}")
    for proof in proofs_of(run.path):
        print(f"  proof: {proof.best.sentences()[0]}")
    for step in run.facts.get("healing", {}).get("rounds", []):
        if step["healed"]:
            print(f"  healed, after {', '.join(step['found'])}: {step['healed']}")


def _print_curves(history: list[Any], best: int | None) -> None:
    if not history:
        return
    names = list(history[-1].validation or history[-1].train)
    print(
        f"  {'epoch':>6}  {'train loss':>10}  "
        + "  ".join(f"{('validation ' if n == 'loss' else '') + n:>15}" for n in names)
    )
    every = -(-len(history) // ROWS)
    for epoch in history:
        if (epoch.number - 1) % every == 0 or epoch.number in (best, len(history)):
            measured = epoch.validation or epoch.train
            cells = "  ".join(f"{measured.get(n, float('nan')):>15.4g}" for n in names)
            mark = "  best" if epoch.number == best else ""
            print(f"  {epoch.number:>6}  {epoch.train.get('loss', float('nan')):>10.4g}  {cells}{mark}")
    for name in names:
        print(f"  {name:<18} {sparkline([(e.validation or e.train).get(name) for e in history])}")


def sparkline(values: list[float | None], width: int = 60) -> str:
    """Draw numbers as bars of eight heights; a gap where there is no number."""
    picked = [values[int(i * len(values) / min(width, len(values)))] for i in range(min(width, len(values)))]
    known = [v for v in picked if v is not None and v == v]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    spread = (high - low) or 1.0
    return "".join(" " if v is None or v != v else BARS[int((v - low) / spread * (len(BARS) - 1))] for v in picked)
