"""Folder: one run on disk, with all that is needed to predict, evaluate and repeat it in a later process."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from deepglass.errors import RunError
from deepglass.runs import files, lock
from deepglass.runs.checkpoints import refuse_newer_format
from deepglass.runs.journal import Journal
from deepglass.runs.naming import shown_name, slug
from deepglass.runs.plain_yaml import plain_yaml, read_plain_yaml
from deepglass.runs.weights import load_weights, save_weights

if TYPE_CHECKING:
    from torch import Tensor

FORMAT_VERSION = "1.0"  # a newer major version is refused, a newer minor one is read
ENDED = ("done", "stopped early", "converged", "budget ended", "time ended")  # what goes no further by itself
STATUSES = ("running", *ENDED, "paused", "failed")
MARKS = (
    "run.json",
    "spec.yaml",
    "history.jsonl",
    "checkpoints",
)  # one of these makes a folder a run, even a damaged one
SMALL_DATA_BYTES = 64_000_000  # arrays up to here are copied into the run
SPEC_MARK = "# deepglass spec, checksum "


class RunFolder:
    """The folder of one run, opened. `notes` say in sentences what was found damaged and left out.

    Raises: RunError, when the folder is no run, holds links, or was written by a newer Deepglass.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not is_run(self.path):
            raise RunError(f"{self.path} holds no run. `deepglass runs` lists those that there are.")
        _refuse_links(self.path)
        self.notes: list[str] = []
        self._history = Journal(self.path / "history.jsonl")
        self._looks = Journal(self.path / "looks.jsonl")
        self._is_held = False
        try:
            version = str(self.facts.get("format_version"))
        except RunError as error:  # what is left, such as the weights, may still be wanted
            self.notes.append(str(error))
        else:
            refuse_newer_format(self.path / "run.json", version, FORMAT_VERSION)

    @classmethod
    def create(cls, path: Path | str | None = None, *, root: Path | str = "runs", name: str = "run") -> "RunFolder":
        """Make the folder of a new run: `path`, or a generated name such as `runs/digits-lenet5-20261120-1`.

        Args:
            path: a new or empty folder, or one whose run was killed before its first step.
            name: any text; it is kept to be shown, and only its letters and digits go into a generated name.
        Raises: RunError, when `path` holds a run or other files; TrainingError, when it cannot be made.
        """
        started = datetime.now(UTC)
        if path is None:
            path = _make_numbered(Path(root), f"{slug(name)}-{datetime.now():%Y%m%d}")
        else:
            path = Path(path)
            if is_run(path) and not _can_start_again(path):
                raise RunError(f"{path} holds a run already. Go on with it (--resume), or choose another folder.")
            if path.exists() and not is_run(path) and not _is_empty(path):
                raise RunError(f"{path} holds other things already. Choose a new or an empty folder.")
            with files.writing(path, 0):
                path.mkdir(parents=True, exist_ok=True)
        facts = {
            "format": "deepglass run",
            "format_version": FORMAT_VERSION,
            "name": shown_name(name),
            "status": "running",
            "begun": False,
            "started": started.isoformat("T", "seconds"),
        }
        files.write_record(path / "run.json", facts)
        return cls(path)

    @contextmanager
    def lock(self, *, take_over: bool = False) -> Iterator[None]:
        """Be the only process that writes into this run, for a block; blocks of the same object may lie in each other.

        Args: take_over: yes, the process of another host that holds it has ended.
        Raises: RunError, with the process id and the host that hold it.
        """
        if self._is_held:
            yield
            return
        with lock.hold(self.path / "lock", take_over=take_over):
            for folder in (self.path, *(self.path / name for name in ("checkpoints", "epochs", "code", "probes"))):
                files.sweep(folder)
            self._is_held = True
            try:
                yield
            finally:
                self._is_held = False

    @property
    def begun(self) -> bool:
        """Whether all that a training starts from was written; before that there is nothing to go on from."""
        return self.facts.get("begun", True) is True

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the run: versions, machine, seeds, status and the like, from `run.json`."""
        return files.read_record(self.path / "run.json")

    def update_facts(self, **facts: Any) -> None:
        """Add facts to `run.json`, or replace those of the same name; `status` is one of `STATUSES`."""
        if facts.get("status", "done") not in STATUSES:
            raise RunError(f"A run's status is one of {', '.join(STATUSES)}, not {facts['status']!r}.")
        files.write_record(self.path / "run.json", {**self.facts, **facts})

    def forget_facts(self, *names: str) -> None:
        """Take facts out of `run.json`; those that are not there do no harm."""
        facts = self.facts
        if facts.keys() & set(names):
            files.write_record(self.path / "run.json", {n: v for n, v in facts.items() if n not in names})

    @property
    def status(self) -> str:
        """One of `STATUSES`, or "interrupted" when it says "running" but the process that ran it is gone."""
        return status_of(self.path, self.facts)

    def write_spec(self, spec: Mapping[str, Any]) -> None:
        """Keep the spec as `spec.yaml`."""
        text = plain_yaml(spec)
        files.write_text(self.path / "spec.yaml", f"{SPEC_MARK}{_checksum(text)}\n{text}")

    def read_spec(self) -> dict[str, Any]:
        """Return the spec. Raises: RunError, when `spec.yaml` is damaged, or edited without removing its first line."""
        path = self.path / "spec.yaml"
        text = files.read_text(path)
        first, _, rest = text.partition("\n")
        if first.startswith(SPEC_MARK) and first != f"{SPEC_MARK}{_checksum(rest)}":
            raise RunError(
                f"{path} is not what was written: it is damaged, or was edited. "
                "To repeat the run with changes, copy it elsewhere; to accept it as it is, remove its first line."
            )
        return read_plain_yaml(text, path)

    def write_fields(self, fields: Mapping[str, Any]) -> None:
        """Keep the encodings as `fields.json`."""
        files.write_record(self.path / "fields.json", {"fields": fields})

    def read_fields(self) -> dict[str, Any]:
        """Return the encodings. Raises: RunError, when `fields.json` is damaged."""
        return files.read_record(self.path / "fields.json")["fields"]

    def write_splits(self, splits: Mapping[str, Any]) -> None:
        """Keep which examples are in which split: indices by split name, as arrays or tensors of whole numbers."""
        import torch

        indices = {name: torch.as_tensor(members, dtype=torch.int64) for name, members in splits.items()}
        save_weights(self.path / "splits.safetensors", indices)

    def read_splits(self) -> dict[str, "Tensor"]:
        """Return the indices of the examples of each split, int64. Raises: RunError, when they are damaged."""
        return load_weights(self.path / "splits.safetensors")

    def append_history(self, record: Mapping[str, Any]) -> None:
        """Add the record of an epoch; it has `epoch`, counted from 1. The next checkpoint brings it to the disk."""
        self._history.append(record)

    def history(self) -> list[dict[str, Any]]:
        """Return the records of all epochs. A torn last line is ignored, other damage goes to `notes`."""
        return self._read(self._history)

    def truncate_history(self, epochs: int) -> None:
        """Keep the first `epochs` epochs, to go on from there."""
        self._history.cut(lambda record: record.get("epoch", 0) > epochs)

    def append_look(self, look: Mapping[str, Any]) -> None:
        """Write down that someone looked at the test split, so that it reaches the disk before the answer is shown."""
        self._looks.append(look)
        with files.writing(self._looks.path, 0):
            files.sync_file(self._looks.path)

    def looks(self) -> list[dict[str, Any]]:
        """Return every look at the test split."""
        return self._read(self._looks)

    def save_tensors(self, tensors: Mapping[str, "Tensor"], facts: Mapping[str, Any] | None = None) -> bool:
        """Copy the data into the run when it is small. Returns: False when it is larger than `SMALL_DATA_BYTES`."""
        if sum(tensor.nbytes for tensor in tensors.values()) > SMALL_DATA_BYTES:
            return False
        save_weights(self.path / "data.safetensors", tensors)
        files.write_record(self.path / "data.json", {"data": facts or {}})
        return True

    def load_tensors(self) -> tuple[dict[str, "Tensor"], dict[str, Any]]:
        """Return the data copied into the run, with its facts. Raises: RunError, when it is damaged or not there."""
        facts = files.read_record(self.path / "data.json")["data"]
        return load_weights(self.path / "data.safetensors"), facts

    def write_code(self, name: str, source: str) -> Path:
        """Keep a user's source as text in `code/`, for people to read; nothing here ever runs it.

        Its checksum goes into `run.json`.
        """
        stem, dot, ending = name.rpartition(".")
        path = self.path / "code" / f"{slug(stem or name)}{dot}{slug(ending) if dot else ''}"
        with files.writing(path, len(source)):
            path.parent.mkdir(exist_ok=True)
        files.write_text(path, source)
        sums = self.facts.get("code", {})
        self.update_facts(code={**sums, path.name: _checksum(files.read_text(path))})
        return path

    def read_code(self) -> dict[str, str]:
        """Return the kept sources by file name. Raises: RunError, when one is missing or not what was written."""
        kept = sorted((self.path / "code").glob("*"))
        sources = {path.name: files.read_text(path) for path in kept if not path.name.startswith(files.TEMPORARY)}
        for name, checksum in self.facts.get("code", {}).items():
            path = self.path / "code" / name
            if name not in sources:
                raise RunError(f"{path} is missing.{files.ADVICE}")
            if _checksum(sources[name]) != checksum:
                raise files.damaged(path, "it is not what was written, or was edited")
        return sources

    def _read(self, journal: Journal) -> list[dict[str, Any]]:
        records = journal.records()
        self.notes += [note for note in journal.notes if note not in self.notes]
        return records


def is_run(path: Path) -> bool:
    """Say whether a folder holds a run, be it a damaged one."""
    return any((path / mark).exists() for mark in MARKS)


def _can_start_again(path: Path) -> bool:
    """Whether a run was killed before its first step, and nobody is starting it now."""
    try:
        run = RunFolder(path)
        return not run.begun and not run.history() and lock.holder(path / "lock") is None
    except RunError:
        return False


def _is_empty(path: Path) -> bool:
    """Whether a folder holds nothing, or only what a killed start of ours left."""
    return path.is_dir() and all(entry.name.startswith(files.TEMPORARY) for entry in path.iterdir())


def status_of(path: Path, facts: Mapping[str, Any]) -> str:
    """Say how a run stands, from its facts and from whether anyone is writing into it."""
    status = str(facts.get("status"))
    if status == "running" and lock.holder(path / "lock") is None:
        return "interrupted"
    return status


def _checksum(text: str) -> str:
    return f"{crc32(text.encode('utf-8', 'backslashreplace')):08x}"


def _make_numbered(root: Path, stem: str) -> Path:
    """Make the first of stem-1, stem-2, ... that nobody else has made."""
    number = 1
    with files.writing(root / stem, 0):
        root.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                (root / f"{stem}-{number}").mkdir()
                return root / f"{stem}-{number}"
            except FileExistsError:
                number += 1


def _refuse_links(path: Path) -> None:
    """Raise when a run holds links or special files, through which a stranger's run could reach outside itself."""
    for folder, folders, names in os.walk(path):
        for entry in (Path(folder, name) for name in folders + names):
            if entry.is_symlink() or (entry.exists() and not entry.is_file() and not entry.is_dir()):
                raise RunError(
                    f"{entry} is a link or a special file, and a run holds neither. Put the file itself there."
                )
