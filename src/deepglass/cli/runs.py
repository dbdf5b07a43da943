"""deepglass runs: the list of runs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, print_json

NEXT = "Next: `deepglass show RUN` shows one of them."


def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the runs are.")] = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs in a folder: status, epochs, the metrics of the best epoch.

    \b
      deepglass runs
      deepglass runs elsewhere/runs --json
    """
    from deepglass.runs import list_runs

    rows = list_runs(folder)
    if json:
        print_json({"runs": rows})
        return
    if not rows:
        print(f"There are no runs in {folder}. Start with: deepglass train digits")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("run", "status", "epochs", "best", "validation of the best epoch", "time"):
        table.add_column(column, overflow="fold", justify="right" if column in ("epochs", "best", "time") else "left")
    for row in rows:
        table.add_row(*_cells(row))
    Console().print(table)
    for row in rows:
        if row["reason"]:
            print(f"{row['path']}: {row['reason']}")


def _cells(row: dict[str, Any]) -> list[str]:
    metrics = row["validation"] or row["train"] or {}
    shown = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items() if isinstance(value, float))
    seconds = row["seconds"]
    numbers = [str(row[name]) if row[name] is not None else "" for name in ("epochs", "best_epoch")]
    return [str(row["path"]), row["status"], *numbers, shown, f"{seconds:.1f} s" if seconds is not None else ""]
