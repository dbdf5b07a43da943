"""deepglass runs: the list of runs; some of them side by side, or deleted."""

import re
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, print_json
from deepglass.errors import RunError, SettingError
from deepglass.plurals import counted

NEXT = "Next: `deepglass show RUN` shows one of them."
WIDEST = 220  # characters of a line that goes into a file or another program
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def command(
    where: Annotated[
        list[str] | None,
        typer.Argument(metavar="DIR | RUN...", help="Where the runs are (default: runs); or which runs."),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="COLUMN", help="date, name, status, size, ... or a metric; -date turns it round.")
    ] = "date",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="PATTERN", help="Only names like digits-*, or status=done; may be repeated."),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Show two or more runs side by side: settings that differ, and metrics.")
    ] = False,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="What --compare judges by (default: the first one recorded).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="With --compare: a picture of all curves, .png or .svg."),
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the runs that are named, for good.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    json: Json = False,
) -> None:
    """List the runs in a folder: state, data, network, epochs done and asked for, the metric of the best epoch, size.

    \b
      deepglass runs
      deepglass runs elsewhere/runs --json
      deepglass runs --sort accuracy --filter status=done --filter 'data=digits'
      deepglass runs --compare digits-mlp-20260102-1 digits-lenet5-20260102-1 -o compare.png
      deepglass runs --compare runs/small runs/large         folders of several seeds, compared in pairs
      deepglass runs --delete 'digits-mlp-20260102-1'
    """
    if compare and delete:
        raise SettingError("--compare and --delete do not go together. Leave one of them out.")
    if out is not None and not compare:
        raise SettingError("-o draws the runs that --compare shows. Name them: deepglass runs --compare A B -o FILE.")
    if metric is not None and not compare:
        raise SettingError("--metric is what --compare judges by. To put a list in its order: --sort NAME.")
    if yes and not delete:
        raise SettingError("--yes goes with --delete. Leave it out.")
    if compare:
        _compare(where or [], metric, out, json)
    elif delete:
        _delete(where or [], yes, json)
    else:
        if len(where or []) > 1:
            raise SettingError(
                "Several runs can be compared (--compare) or deleted (--delete); a list is of one folder."
            )
        _list(Path(where[0]) if where else Path("runs"), sort, filters or [], json)


def _list(folder: Path, sort: str, filters: list[str], json: bool) -> None:
    from deepglass.runs import is_run, list_runs

    if folder.is_dir() and is_run(folder):
        raise RunError(f"{folder} is itself a run: deepglass show {shlex.quote(str(folder))}")
    if not folder.is_dir() and folder != Path("runs"):
        raise RunError(f"There is no folder {folder}. Name the one that holds the runs.")
    rows = list_runs(folder, sort=sort, where=filters)
    if json:
        print_json({"runs": rows})
        return
    if not rows:
        fitting = f" that fit {' and '.join(filters)}" if filters else ""
        print(f"There are no runs in {folder}{fitting}. Start with: deepglass train digits")
        return
    columns = ("run", "status", "data", "network", "epochs", "best epoch", "begun", "size")
    _print_table(columns, [_cells(row) for row in rows], right=("epochs", "size"))
    for row in rows:
        if row["reason"]:
            print(f"{row['path']}: {row['reason']}")


def _cells(row: dict[str, Any]) -> list[str]:
    from deepglass.runs import metrics_of

    numbers = {name: value for name, value in metrics_of(row).items() if isinstance(value, float)}
    name = next((n for n in numbers if n != "loss"), "loss")
    place = "" if row["best_epoch"] is None else f"{row['best_epoch']}: "
    best = f"{place}{name} {numbers[name]:.4g}" if name in numbers else ""
    done, asked = row["epochs"], row["epochs_asked"]
    epochs = f"{done or 0}/{asked}" if asked is not None else "" if done is None else str(done)
    made = [str(row["path"]), row["status"], str(row["data"] or ""), str(row["network"] or "")]
    when = str(row["started"] or "")[:16].replace("T", " ")
    return [*made, epochs, best, when, size_in_words(row["bytes"])]


def _compare(names: list[str], metric: str | None, out: Path | None, json: bool) -> None:
    from deepglass.run import Run
    from deepglass.runs import find_runs
    from deepglass.together import Runs

    if not 2 <= len(names) <= len(LETTERS):
        raise SettingError(
            f"--compare takes 2 to {len(LETTERS)} runs, or folders of several seeds; {len(names)} named."
        )
    sides = [Runs([Run(path) for path in find_runs(name)]) for name in names]
    everything = Runs([run for side in sides for run in side])
    letters = [letter for letter, side in zip(LETTERS, sides) for _ in side]
    table = everything.compare()
    found = [_judged(sides[0], side, letter, metric) for letter, side in zip(LETTERS[1:], sides[1:])]
    if out is not None:
        from deepglass.report.pictures import save

        titles = [f"{letter}: {Path(name).name}" for letter, name, side in zip(LETTERS, names, sides) for _ in side]
        save(everything.curves(titles), out, f"Curves of {', '.join(names)}")
    if json:
        rows = [{"side": letter, **row} for letter, row in zip(letters, table.to_dict("records"))]
        print_json({"runs": rows, "comparisons": found, "picture": None if out is None else str(out)})
        return
    columns = [
        "",
        *(
            f"{letter}{'' if len(everything) == len(sides) else ' ' + run.path.name}"
            for letter, run in zip(letters, everything)
        ),
    ]
    cells = [[str(name), *map(_shown, table[name])] for name in table.columns]
    _print_table(columns, cells, right=columns[1:])
    for about in found:
        print(about["sentence"])
    if out is not None:
        print(f"picture: {out}")


def _judged(first: Any, other: Any, letter: str, metric: str | None) -> dict[str, Any]:
    """What can be said of A and another: the comparison, or why there is none."""
    from deepglass.comparison import compare
    from deepglass.errors import DeepglassError

    try:
        found = compare(first, other, metric=metric).to_dict()
    except DeepglassError as error:
        return {"of": ["A", letter], "sentence": f"A and {letter} cannot be judged: {error}"}
    said = re.sub(r"\bB\b", letter, found["sentence"])
    return {"of": ["A", letter], **found, "sentence": said}


def _delete(names: list[str], yes: bool, json: bool) -> None:
    from deepglass.runs import check_deletable, delete_run, find_runs

    if not names:
        raise SettingError("Name the runs to delete: deepglass runs --delete RUN...")
    paths = list(dict.fromkeys(path for name in names for path in _deletable(name, find_runs)))
    for path in paths:  # all of them first, so that nothing is gone when one of them is refused
        check_deletable(path)
    count = counted(len(paths), "run")
    if not yes:
        if json or not sys.stdin.isatty():
            raise SettingError(f"This deletes {count} for good. Say yes to it with --yes.")
        print("\n".join(f"  {path}" for path in paths), file=sys.stderr)
        if not typer.confirm(f"Delete {count} for good?", err=True):
            print("Nothing was deleted.")
            return
    for path in paths:
        delete_run(path)
        if not json:
            print(f"deleted: {path}")
    if json:
        print_json({"deleted": [str(path) for path in paths]})


def _deletable(name: str, find_runs: Any) -> list[Path]:
    """The runs that a name means; a folder that is there and is no run is refused by its own name."""
    path = Path(name)
    return [path] if path.exists() and not path.is_dir() else list(find_runs(name))


def _print_table(columns: Any, rows: list[list[str]], right: Any) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*map(Text, row))  # names are text, whatever is in brackets
    Console(width=None if sys.stdout.isatty() else WIDEST).print(table)


def _shown(value: Any) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def size_in_words(count: int) -> str:
    """Say a size as people read it.

    >>> size_in_words(900), size_in_words(1_500_000)
    ('900 B', '1.5 MB')
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError(count)
