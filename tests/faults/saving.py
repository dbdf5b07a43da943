"""Saving: a small training that saves often, for processes that are killed or find the disk full on the way."""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from operations import Operations, kill

import deepglass as dg
from deepglass import carrying
from deepglass.errors import TrainingError
from deepglass.runs import RunFolder, is_run
from deepglass.training import keep
from deepglass.training.estimate import Estimate

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


def start_with_file_limit(folder: Path) -> str:
    """Train with a limit on the size of a file from the second epoch on. Returns: what was said."""
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))

    return said(_start_with, folder, limit)


def start_until_full(folder: Path, filling: Path) -> str:
    """Train on a small disk that somebody else fills up in the second epoch. Returns: what was said."""

    def fill_up() -> None:
        with filling.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 1000)

    return said(_start_with, folder, fill_up)


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


def said(work: Callable[..., Any], *arguments: Any) -> str:
    """Return the words of a training that fails, nothing for one that does not."""
    try:
        work(*arguments)
    except TrainingError as error:
        return str(error)
    return ""


def start_with_little_memory(folder: Path) -> str:
    """Train on large batches with room for 50 MB beyond what is in use. Returns: what was said."""
    import resource

    inputs = np.random.default_rng(0).normal(size=(12_000, 8)).astype("float32")
    data = dg.load((inputs, (inputs[:, 0] > 0).astype(int)))
    begin, warm = keep.begin_again, folder.with_name("warm")
    start(warm)  # all libraries are there

    def begin_with_limit(*arguments: Any) -> None:
        begin(*arguments)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 50_000_000, resource.getrlimit(resource.RLIMIT_AS)[1]))

    keep.begin_again = begin_with_limit
    carrying.estimate = lambda training: Estimate(0.0, 0)  # which would leave memory enough behind
    wide = {"name": "mlp", "hidden": [4000]}
    return said(lambda: dg.train(wide, data, out=folder, batch_size=4000, epochs=1, threads=1, progress=False))


def start_with_few_handles(photos: Path, folder: Path, workers: int) -> str:
    """Train on a streamed folder of pictures with 64 file handles. Returns: what was said."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    data = dg.load(photos, streaming=True, workers=workers)
    return said(lambda: dg.train("linear", data, out=folder, epochs=2, batch_size=2, threads=1, progress=False))


class Deadly(torch.utils.data.Dataset):
    """A dataset whose example 55 kills the process that reads for the training, once a file is there."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __len__(self) -> int:
        return 60

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        if index == 55 and self.file.exists() and torch.utils.data.get_worker_info() is not None:
            kill()
        return torch.full((3,), index / 60), index % 2


def start_with_deadly_data(folder: Path) -> tuple[str, float, int]:
    """Train on what kills its reader. Returns: what was said, after how many seconds, and how many processes were left."""
    begin, started = keep.begin_again, 0.0

    def begin_deadly(*arguments: Any) -> None:
        nonlocal started
        begin(*arguments)
        (folder / "now").touch()
        started = perf_counter()

    keep.begin_again = begin_deadly
    data = dg.load(Deadly(folder / "now"), workers=2, validation=0, test=0)
    how = {"epochs": 2, "batch_size": 4, "threads": 1, "progress": False}
    words = said(lambda: dg.train("linear", data, out=folder / "run", **how))
    return words, perf_counter() - started, len(multiprocessing.active_children())
