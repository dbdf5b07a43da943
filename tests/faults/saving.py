"""Saving: a small training that saves often, for processes that are killed or find the disk full on the way."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from operations import Operations, fill, kill, refuse

import deepglass as dg
from deepglass.errors import TrainingError
from deepglass.runs import RunFolder, is_run
from deepglass.training import keep

EPOCHS = 2
WANTED: dict[str, Any] = {"epochs": EPOCHS, "batch_size": "all", "keep_every": 2, "threads": 1, "progress": False}


def start(folder: Path, **changes: Any) -> None:
    network = {"name": "mlp", "hidden": [4], "dropout": 0.3}
    dg.train(network, dg.load("iris"), out=folder, **{**WANTED, **changes})


def start_or_go_on(folder: Path) -> None:
    """What a person does after a crash: the same command once more."""
    if is_run(folder) and RunFolder(folder).begun:
        dg.resume(folder, progress=False)
    else:
        start(folder)


def start_saving(folder: Path, at: int = 0) -> int:
    """Train, save after every epoch, and be killed at operation `at`. Returns: how many operations there were."""
    keep.SAVING_SHARE = 1e9
    operations = Operations(folder, kill, at)
    start(folder)
    return operations.count


OWN_NETWORK = """from torch import nn


def build():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Dropout(0.2), nn.Linear(6, 3))
"""


def start_own(folder: Path, epochs: int, killed_in: int | None = None) -> None:
    """Train a network of a file of one's own on arrays, saved after every epoch; be killed at the end of one of them."""
    keep.SAVING_SHARE = 1e9
    append = RunFolder.append_history

    def append_or_die(run: RunFolder, record: Any) -> None:
        if record["epoch"] == killed_in:
            kill()
        append(run, record)

    RunFolder.append_history = append_or_die  # type: ignore[method-assign]
    code = folder.parent / "own_net.py"
    code.write_text(OWN_NETWORK)
    inputs = np.random.default_rng(0).normal(5, 1, (150, 4)).astype("float32")
    data = dg.load((inputs, inputs[:, 0].argsort().argsort() // 50))
    dg.train(f"{code}:build", data, out=folder, epochs=epochs, batch_size=32, threads=1, progress=False)


def start_in_full_disk(folder: Path, at: int, forever: bool) -> tuple[str, int]:
    """Train with the disk full at operation `at`, or from there on. Returns: what was said, and how many there were."""
    keep.SAVING_SHARE = 1e9
    operations = Operations(folder, fill, at, forever=forever)
    return _said(start, folder), operations.count


def start_with_file_limit(folder: Path) -> str:
    """Train with a limit on the size of a file from the second epoch on. Returns: what was said."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))

    return _said(_start_with, folder, limit)


def start_until_full(folder: Path, filling: Path) -> str:
    """Train on a small disk that somebody else fills up in the second epoch. Returns: what was said."""

    def fill_up() -> None:
        with filling.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 1000)

    return _said(_start_with, folder, fill_up)


def go_on_in_read_only(folder: Path) -> str:
    """Go on where nothing can be written, as on a disk that the system has made read-only. Returns: what was said."""
    Operations(folder, refuse, 1, forever=True)
    return _said(dg.resume, folder)


def _start_with(folder: Path, event: Callable[[], None]) -> None:
    """Train, save after every epoch, and let something happen before the second is saved."""
    keep.SAVING_SHARE = 1e9
    append = RunFolder.append_history

    def append_with_event(run: RunFolder, record: Any) -> None:
        append(run, record)
        if record["epoch"] == 2:
            event()

    RunFolder.append_history = append_with_event  # type: ignore[method-assign]
    start(folder)


def _said(work: Callable[..., Any], *arguments: Any) -> str:
    try:
        work(*arguments)
    except TrainingError as error:
        return str(error)
    return ""
