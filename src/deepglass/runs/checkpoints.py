"""Checkpoints: all of a training's state at one step, on disk, so that a crash never leaves the run without one.

    checkpoints/step-00000123/tensors.safetensors   weights, optimizer state, the best weights so far
                              values.json           counters and all else that is plain
                              manifest.json         written last: size and SHA-256 of the other two

A checkpoint is good when its manifest verifies. The last two good ones are kept.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepglass.errors import RunError, TrainingError
from deepglass.runs import files
from deepglass.runs.weights import weights_from_bytes, weights_to_bytes

if TYPE_CHECKING:
    from torch import Tensor

FORMAT_VERSION = "1.0"  # a newer major version is refused, a newer minor one is read
KEPT = 2
TENSORS, VALUES, MANIFEST = "tensors.safetensors", "values.json", "manifest.json"
NAME = re.compile(r"step-(\d{8,})(?:-(\d+))?")  # a second number when a step is saved again


@dataclass(frozen=True)
class Checkpoint:
    """The state of a training at one step. `notes` say which newer checkpoints were damaged, and how."""

    step: int
    tensors: dict[str, "Tensor"]
    values: dict[str, Any]
    notes: tuple[str, ...] = ()


def save_checkpoint(folder: Path, step: int, tensors: Mapping[str, "Tensor"], values: Mapping[str, Any]) -> Path:
    """Keep the state of a training in the run folder, and return where.

    Whatever happens on the way, the checkpoint before stays; older ones go only once the new one reads back right.

    Args:
        step: steps done so far.
        values: plain values, as for JSON; nan and the infinities come back as they are, tuples as lists.
    Raises: TrainingError, with the path and the bytes needed and free, when the disk is full or read-only.
    """
    target = write_state(folder, "checkpoints", lambda parent: _unused_name(parent, step), step, tensors, values)
    _rotate(folder, target)
    return target


def write_state(
    folder: Path,
    place: str,
    name: Callable[[Path], Path],
    step: int,
    tensors: Mapping[str, "Tensor"],
    values: Mapping[str, Any],
) -> Path:
    """Write a state into the subfolder `place` of a run, as the folder that `name` gives there, and read it back.

    Raises: TrainingError, when the disk is full or read-only, or gives back something else.
    """
    parent = folder / place
    exact = json.dumps(files.plain(values, not_finite=lambda number: {"not finite": repr(number)}), ensure_ascii=False)
    contents = {TENSORS: weights_to_bytes(tensors), VALUES: exact.encode("utf-8", "backslashreplace")}
    manifest = files.with_checksum(
        {
            "format": "deepglass checkpoint",
            "format_version": FORMAT_VERSION,
            "step": step,
            "files": {
                name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in contents.items()
            },
        }
    )
    contents[MANIFEST] = json.dumps(manifest, indent=2).encode()
    with files.writing(parent, sum(map(len, contents.values()))):
        parent.mkdir(exist_ok=True)
        files.sweep(parent)
        for log in folder.glob("*.jsonl"):  # what was logged before this step must not be lost after it
            files.sync_file(log)
        files.sync_folder(folder)  # nor its name, when this is the first one
        unfinished = files.temporary_beside(parent / "new")
        try:
            unfinished.mkdir()
            for file_name, content in contents.items():
                files.write_new(unfinished / file_name, content)
            files.sync_folder(unfinished)
            target = name(parent)
            unfinished.rename(target)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        files.sync_folder(parent)
    if damage := _damage(target):
        raise TrainingError(
            f"{target} was written but reads back wrong: {damage}. Older checkpoints are kept; check the disk."
        )
    return target


def load_checkpoint(folder: Path, wrong: Callable[[Checkpoint], str] = lambda checkpoint: "") -> Checkpoint:
    """Return the newest good checkpoint of a run folder.

    Args: wrong: says in a sentence why one that reads well cannot be gone on from, or nothing.
    Raises: RunError, naming what is damaged when no checkpoint is good, or the version when a newer Deepglass wrote it.
    """
    damages: list[str] = []
    for path in checkpoint_folders(folder):
        _refuse_newer(path)
        try:
            state = read_state(path)
        except RunError as error:
            damages.append(str(error).removesuffix(files.ADVICE))
            continue
        if fault := wrong(state):
            damages.append(f"{path.name}: {fault}")
            continue
        notes = tuple(f"{damage} Going on from {path.name} instead." for damage in damages)
        return replace(state, notes=notes)
    if damages:
        raise RunError(f"No checkpoint of {folder} is good. " + " ".join(damages) + files.ADVICE)
    raise RunError(f"{folder} holds no checkpoint to go on from. Train it again.")


def checkpoint_folders(folder: Path) -> list[Path]:
    """Return the folders of all checkpoints of a run, good or damaged, newest first."""
    found = []
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in (folder / "checkpoints").iterdir():
            if match := NAME.fullmatch(path.name):
                found.append((int(match[1]), int(match[2] or 1), path))
    return [path for _, _, path in sorted(found, reverse=True)]


def read_state(path: Path) -> Checkpoint:
    """Return the state in one folder. Raises: RunError, naming what of it is damaged."""
    step, expected = _manifest(path)
    contents = {}
    for name in (TENSORS, VALUES):
        content = files.read_bytes(path / name)
        if len(content) != expected[name]["size"]:
            raise files.damaged(path / name, f"{len(content)} bytes where {expected[name]['size']} were written")
        if hashlib.sha256(content).hexdigest() != expected[name]["sha256"]:
            raise files.damaged(path / name, "its SHA-256 is not that of what was written")
        contents[name] = content
    values = _values(contents[VALUES], path)
    return Checkpoint(step, weights_from_bytes(contents[TENSORS], path / TENSORS), values)


def read_values(path: Path) -> dict[str, Any]:
    """Return the plain values of a state alone. Raises: RunError, when they are damaged."""
    return _values(files.read_bytes(path / VALUES), path)


def _values(content: bytes, path: Path) -> dict[str, Any]:
    try:
        return dict(_with_not_finite(files.parse_json(content.decode("utf-8"))))
    except (ValueError, TypeError) as error:
        raise files.damaged(path / VALUES, str(error)) from None


def _manifest(path: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the step and the files of a checkpoint, each with its size and SHA-256."""
    if path.is_symlink() or path.parent.is_symlink():
        raise RunError(f"{path} is a link, and Deepglass follows none inside a run. Put the folder itself there.")
    manifest = files.read_record(path / MANIFEST)
    try:
        expected = {name: dict(manifest["files"][name]) for name in (TENSORS, VALUES)}
        if all({"size", "sha256"} <= set(facts) for facts in expected.values()):
            return int(manifest["step"]), expected
    except (KeyError, TypeError, ValueError):
        pass
    raise files.damaged(path / MANIFEST, "it does not say which files belong to the checkpoint")


def _damage(path: Path) -> str:
    """Say what is wrong with a checkpoint on disk, or nothing when it is good; its tensors are not loaded."""
    try:
        for name, facts in _manifest(path)[1].items():
            if (path / name).is_symlink() or files.sha256(path / name) != facts["sha256"]:
                return f"{name} is not what was written"
    except (OSError, RunError) as error:
        return str(error)
    return ""


def _refuse_newer(path: Path) -> None:
    """Raise when a newer Deepglass wrote a checkpoint: it is to be read by that one, not stepped over as damaged."""
    try:
        version = str(files.read_record(path / MANIFEST).get("format_version", FORMAT_VERSION))
    except RunError:
        return
    refuse_newer_format(path / MANIFEST, version, FORMAT_VERSION)


def refuse_newer_format(path: Path, version: str, known: str) -> None:
    """Raise RunError when the major part of a format version is newer than the one that this Deepglass knows."""
    major = version.partition(".")[0]
    if not major.isdecimal():
        raise files.damaged(path, f"{version!r} is no format version")
    if int(major) > int(known.partition(".")[0]):
        raise RunError(f"{path} has format version {version}; this Deepglass reads up to {known}. Update Deepglass.")


def _unused_name(parent: Path, step: int) -> Path:
    """Name the folder of a step; one that is there already, good or damaged, is never written over."""
    matches = [NAME.fullmatch(path.name) for path in parent.iterdir()]
    taken = [int(match[2] or 1) for match in matches if match and int(match[1]) == step]
    return parent / (f"step-{step:08d}-{max(taken) + 1}" if taken else f"step-{step:08d}")


def _rotate(folder: Path, newest: Path) -> None:
    """Keep the newest checkpoint and the best of those before it; remove the others.

    Those of later steps belong to a course that the training has left, or it would not have saved an earlier one.
    """
    everything = checkpoint_folders(folder)
    older = everything[everything.index(newest) + 1 :]
    kept = {newest}
    for path in older:
        if len(kept) < KEPT and not _damage(path):
            kept.add(path)
    for path in everything:
        if path not in kept:
            remove_state(path)


def remove_state(path: Path) -> None:
    """Remove the folder of a state, so that half of one never bears its name."""
    with suppress(OSError):  # a checkpoint too many does no harm; the next save tries again
        if path.is_symlink() or path.is_file():
            path.unlink()
            return
        doomed = files.temporary_beside(path)
        path.rename(doomed)
        shutil.rmtree(doomed)


def _with_not_finite(value: Any) -> Any:
    """Put nan and the infinities back where `save_checkpoint` had to write them as objects."""
    if isinstance(value, list):
        return [_with_not_finite(entry) for entry in value]
    if isinstance(value, dict):
        if set(value) == {"not finite"}:
            return float(value["not finite"])
        return {key: _with_not_finite(entry) for key, entry in value.items()}
    return value
