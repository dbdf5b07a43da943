"""Deleting: a run folder goes as a whole, and nothing else ever does."""

import os
import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from deepglass.errors import RunError
from deepglass.runs import files, lock
from deepglass.runs.folder import is_run

# What Deepglass writes at the top of a run. A file of the user's own that has been put there is not among them.
OURS = ("run.json", "spec.yaml", "lock", "*.json", "*.jsonl", "*.safetensors", "*.html", f"{files.TEMPORARY}*")
MARK = b'"deepglass run"'  # in a run.json, be it a damaged one
OUR_FOLDERS = ("checkpoints", "epochs", "code", "probes", "proofs", f"{files.TEMPORARY}*")


def delete_run(path: Path | str) -> None:
    """Delete a run for good. It is renamed first, so that half of a run never bears its name.

    Raises: RunError, when it is no run, is being written into, or holds what Deepglass has not put there.
    """
    path = Path(path)
    _check(path)
    files.sweep(path.parent)  # what a deletion that was cut short has left
    doomed = files.temporary_beside(path)
    try:
        path.rename(doomed)
    except OSError as error:
        raise RunError(
            f"{path} cannot be deleted ({error.strerror or error}). Close what has it open, or make its folder writable."
        ) from error
    shutil.rmtree(doomed, ignore_errors=True)
    if doomed.exists():
        raise RunError(f"{path} is now {doomed}, of which something could not be removed. Remove it by hand.")


def check_deletable(path: Path | str) -> None:
    """Raise RunError where `delete_run` would."""
    _check(Path(path))


def _check(path: Path) -> None:
    if path.is_symlink():
        raise RunError(f"{path} is a link, and is not deleted. Name the run itself.")
    if not path.is_dir() or not is_run(path) or not (path / "run.json").is_file():
        raise RunError(f"{path} is not deleted: it holds no run.json, so it is no run of Deepglass.")
    if MARK not in files.read_bytes(path / "run.json"):
        raise RunError(
            f"{path} is not deleted: its run.json is not one of Deepglass. Remove it by hand if you mean it."
        )
    here = Path.cwd().resolve()
    if here.is_relative_to(path.resolve()):
        raise RunError(f"{path} is not deleted: it is the folder that you are in. Go elsewhere first.")
    holder = lock.holder(path / "lock")
    if holder is not None:
        raise RunError(
            f"{path} is not deleted: process {holder['process']} on host {holder['host']!r} is writing into it. "
            "Stop it first, or wait for its end."
        )
    strange = [entry.name for entry in sorted(os.scandir(path), key=lambda e: e.name) if not _is_ours(entry)]
    if strange:
        raise RunError(
            f"{path} is not deleted: {', '.join(strange[:5])} in it is not of Deepglass. Move it elsewhere first."
        )


def _is_ours(entry: "os.DirEntry[str]") -> bool:
    patterns = OUR_FOLDERS if entry.is_dir(follow_symlinks=False) else OURS
    return not entry.is_symlink() and any(fnmatchcase(entry.name, pattern) for pattern in patterns)
