"""Listing: the runs in a folder, as rows of a table. No network is opened and torch is not needed."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from deepglass.errors import DeepglassError, RunError, SettingError
from deepglass.names import suggestion
from deepglass.runs import files
from deepglass.runs.folder import RunFolder, is_run, status_of

KEPT_FACTS = ("name", "started", "seconds", "epochs", "epochs_asked", "best_epoch", "monitor", "train", "validation")
PLAIN = (
    "name",
    "status",
    "data",
    "network",
    "started",
    "epochs",
    "seconds",
    "bytes",
)  # by which rows are sorted and chosen
WORDS = {"date": "started", "size": "bytes", "time": "seconds", "state": "status"}  # what people call them
LESS_IS_BETTER = ("loss", "error", "mae", "mse", "rmse", "hamming")  # parts of the names of metrics


def list_runs(
    root: Path | str = "runs", *, sort: str = "date", where: str | Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return one row a run in `root` and in its subfolders; `pandas.DataFrame(list_runs())` makes a table of them.

    Args:
        sort: "date" (oldest first), "name", "status", "data", "network", "epochs", "time", "size", or a metric of the best
            epoch, the best first; a "-" before it turns the order round. Rows without a value come last.
        where: patterns of names such as "digits-*", or of a column such as "status=done" or "network=le*"; all have to fit.
    Returns: `path`, `name`, `status`, `data`, `network`, `started`, `seconds`, `epochs`, `epochs_asked`, `best_epoch`,
        `monitor` (the metric that decided which one is the best), `train` and `validation` (its metrics), `bytes` on disk,
        `parent` (the run and epoch that it was forked from), and `reason`: why it cannot be read, when the status is
        "damaged". The unknown is None.
    Raises: SettingError, for a column that does not exist.
    """
    rows = [_row(path) for path in _folders(Path(root))]
    for text in [where] if isinstance(where, str) else where:
        rows = [row for row in rows if _fits(row, text)]
    return _sorted(rows, sort)


def find_runs(name: str, root: Path | str = "runs") -> list[Path]:
    """Return the folder of a run by path or by its name under `root`, or those of all runs inside a folder.

    Raises: RunError, with the name that is near.
    """
    for path in (Path(name), Path(root) / name):
        if path.is_dir() and is_run(path):
            return [path]
        if name and path.is_dir() and (inside := sorted(_runs_in(path))):
            return inside
    known = [str(path.relative_to(root)) for path in _folders(Path(root))]
    raise RunError(f"There is no run {name!r}.{suggestion(name, known)} `deepglass runs` lists those that there are.")


def _folders(root: Path) -> list[Path]:
    """The runs in a folder, and in the folders there that hold runs, such as those of several seeds."""
    found = []
    for path in _subfolders(root):
        found += [path] if is_run(path) else list(_runs_in(path))
    return found


def _runs_in(folder: Path) -> Iterator[Path]:
    return (path for path in _subfolders(folder) if is_run(path))


def _subfolders(folder: Path) -> list[Path]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")]
    return []


def _row(path: Path) -> dict[str, Any]:
    empty = dict.fromkeys((*KEPT_FACTS, "data", "network", "parent", "reason"))
    row: dict[str, Any] = {"path": path, **empty, "status": "damaged", "bytes": bytes_of(path)}
    row["name"] = path.name
    try:
        facts = files.read_record(path / "run.json")
        row |= {name: value for name, value in facts.items() if name in (*KEPT_FACTS, "parent")}
        row["status"] = status_of(path, facts)
        row |= _made_of(path, facts)
    except (DeepglassError, OSError) as error:
        row["reason"] = str(error)
    if row["epochs"] is None or row["status"] in ("running", "interrupted"):  # no closing facts, or old ones
        with suppress(DeepglassError, OSError):
            history = RunFolder(path).history()
            row["epochs"] = history[-1].get("epoch") if history else row["epochs"]
    return row


def _made_of(path: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a run learned from and with; older runs say so in their spec alone."""
    if "made_of" in facts:
        return {name: facts["made_of"].get(name) for name in ("data", "network", "epochs_asked")}
    spec = RunFolder(path).read_spec() if (path / "spec.yaml").exists() else {}
    parts = {name: spec.get(name) or {} for name in ("data", "network", "recipe")}
    network = parts["network"].get("name") or parts["network"].get("module")
    return {"data": parts["data"].get("source"), "network": network, "epochs_asked": parts["recipe"].get("epochs")}


def bytes_of(path: Path) -> int:
    """The bytes of all files in a folder; links are not followed."""
    total = 0
    with suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            with suppress(OSError):  # it may go while we look
                inside = entry.is_dir(follow_symlinks=False)
                total += bytes_of(Path(entry.path)) if inside else entry.stat(follow_symlinks=False).st_size
    return total


def _fits(row: Mapping[str, Any], text: str) -> bool:
    column, equals, pattern = text.partition("=")
    if not equals:
        return fnmatchcase(row["path"].name.lower(), text.lower()) or fnmatchcase(row["path"].as_posix(), text)
    value = row[_column(column.strip())]
    return value is not None and fnmatchcase(str(value).lower(), pattern.strip().lower())


def _column(name: str, metrics: Sequence[str] = ()) -> str:
    """The column that people mean. Raises: SettingError, with those that there are."""
    column = WORDS.get(name, name)
    if column in PLAIN:
        return column
    known = ["date", *(n for n in PLAIN if n not in WORDS.values()), *WORDS, *metrics]
    raise SettingError(
        f"The runs have no {name!r}.{suggestion(name, known)} There are: {', '.join(dict.fromkeys(known))}."
    )


def _sorted(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Sort rows; among equals the older run comes first."""
    rows = sorted(rows, key=lambda row: (str(row["started"] or ""), str(row["path"])))
    name, turned = sort.removeprefix("-"), sort.startswith("-")
    metrics = list(dict.fromkeys(metric for row in rows for metric in metrics_of(row)))
    values: list[Any]
    if name in metrics:
        turned ^= not any(part in name for part in LESS_IS_BETTER)
        values = [metrics_of(row).get(name) for row in rows]
    else:
        values = [row[_column(name, metrics)] for row in rows]
    known = sorted((pair for pair in zip(values, rows) if pair[0] is not None), key=_first, reverse=turned)
    return [row for _, row in known] + [row for value, row in zip(values, rows) if value is None]


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def metrics_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of the best epoch, on the validation split where there is one."""
    return dict(row["validation"] or row["train"] or {})
