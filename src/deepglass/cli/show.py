"""deepglass show: one run."""

from typing import Any

from deepglass.cli.common import Json, RunArgument, Trust, find_run, print_json

NEXT = "Next: `deepglass evaluate RUN` measures the test split, `deepglass predict RUN FILE` predicts new examples."
BARS = "▁▂▃▄▅▆▇█"
ROWS = 20  # epochs that are printed at most; the report has all of them


def command(run: RunArgument, trust: Trust = False, json: Json = False) -> None:
    """Show a run: how it went epoch by epoch, its alarms, and where its report is.

    \b
      deepglass show runs/digits-lenet5-20260102-1
      deepglass show digits-lenet5-20260102-1 --json
    """
    from deepglass.run import Run

    opened = Run(find_run(run), trust=trust)
    history = opened.history
    if json:
        print_json(
            {
                "run": str(opened.path),
                **opened.facts,
                "status": opened.status,
                "history": [e.to_dict() for e in history],
            }
        )
        return
    print(opened)
    for sentence in opened.alarms:
        print(f"  alarm: {sentence}")
    for sentence in opened.facts.get("remarks", []):
        print(f"  note: {sentence}")
    if opened.facts.get("reason"):
        print(f"  {opened.facts['reason']}")
    _print_curves(history, opened.facts.get("best_epoch"))
    for note in opened.folder.notes:
        print(f"  note: {note}")
    if history:
        print(f"report: {opened.report()}")


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
