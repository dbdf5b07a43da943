"""Listing: the runs in a folder, as rows of a table."""

from pathlib import Path
from typing import Any

from deepglass.errors import DeepglassError
from deepglass.runs.folder import RunFolder, is_run

KEPT_FACTS = ("name", "started", "seconds", "epochs", "best_epoch", "train", "validation")


def list_runs(root: Path | str = "runs") -> list[dict[str, Any]]:
    """Return one row a run in `root`, oldest first.

    Returns: `path`, `name`, `status`, `started`, `seconds`, `epochs`, `best_epoch`, `train` and `validation` (the
    metrics of the best epoch), and `reason`: why it cannot be read, when the status is "damaged". The unknown is None.
    """
    root = Path(root)
    if not root.is_dir():
        return []
    rows = [_row(path) for path in root.iterdir() if not path.is_symlink() and path.is_dir() and is_run(path)]
    return sorted(rows, key=lambda row: (str(row["started"] or ""), str(row["path"])))


def _row(path: Path) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, **dict.fromkeys(KEPT_FACTS), "status": "damaged", "reason": None}
    row["name"] = path.name
    try:
        folder = RunFolder(path)
        history = folder.history()
        if history:  # a run that was killed has no closing facts
            row["epochs"] = history[-1].get("epoch")
        row |= {name: value for name, value in folder.facts.items() if name in KEPT_FACTS}
        row["status"] = folder.status
    except (DeepglassError, OSError) as error:
        row["reason"] = str(error)
    return row
