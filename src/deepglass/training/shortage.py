"""Shortage: a training to which the system refuses memory, open files or reading processes ends with a word about it."""

import errno
import re
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, TypeVar

import torch

from deepglass.errors import TrainingError
from deepglass.memory import ran_out
from deepglass.runs.files import open_files_limit
from deepglass.training.measuring import examples_at_once

if TYPE_CHECKING:
    from deepglass.training.training import Training

T = TypeVar("T")
ASKED = re.compile(r"allocate ([\d.]+) ?(bytes|[KMGT]i?B)", re.I)
OF_SHARED_MEMORY = re.compile(r"shared memory|</torch_\w+>|Bus error")
DEAD_READER = (
    "DataLoader worker (pid"  # how torch begins to say so; an error inside one is "in DataLoader worker process"
)
UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def or_say(work: Callable[[], T], training: "Training", *, measuring: bool = False, replicas: int = 1) -> T:
    """Do some work of a training and return what it gives.

    Args:
        measuring: the work measures the network after an epoch.
        replicas: how many trainings take their steps in one.
    Raises: TrainingError, for what the system could not give. All else that goes wrong passes as it is.
    """
    try:
        return work()
    except (RuntimeError, MemoryError, OSError, EOFError) as error:
        said = _said(error, training, measuring, replicas)
        if not said:
            raise
        if _of_a_dead_reader(error):
            _hear_no_more_of_it()
    raise TrainingError(said)  # not above: the frames of the first error hold the tensors that memory is short of


def _of_a_dead_reader(error: Exception) -> bool:
    """Whether it says that a process of torch's loader is gone: by a signal in any line, or where its pipe breaks off."""
    if DEAD_READER in str(error):
        return True
    frames = [frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__)]
    broken = isinstance(error, ConnectionError | EOFError | FileNotFoundError)
    return broken and any(Path(name).name == "dataloader.py" for name in frames)


def _hear_no_more_of_it() -> None:
    """Stop torch from telling of a dead reader again whenever any child ends, in whatever line that arrives."""
    with suppress(ValueError, AttributeError):  # not the main thread, or Windows
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _said(error: Exception, training: "Training", measuring: bool, replicas: int) -> str:
    text = str(error)
    number = getattr(error, "errno", None)
    step = training.step_number + 1
    if number in (errno.EMFILE, errno.ENFILE):
        return (
            f"Too many files are open at step {step}: this process may hold {open_files_limit()} at a time. Raise the limit "
            f"(ulimit -n 1024), or lower data.workers, then go on with the run."
        )
    if (DEAD_READER in text or "</torch_" in text) and OF_SHARED_MEMORY.search(text):
        return (
            f"The processes that read the data ran out of shared memory (/dev/shm) at step {step}. Give it more room, lower "
            f"recipe.batch_size, or set data.workers=0, then go on with the run."
        )
    if _of_a_dead_reader(error):
        return (
            f"A process that reads the data ended at step {step}: {(text or type(error).__name__).split('. ')[0]}. "
            f"Was it killed for memory? Lower data.workers or recipe.batch_size, then go on with the run."
        )
    if ran_out(error):
        return _of_memory(text, training, measuring, replicas)
    return ""


def _of_memory(text: str, training: "Training", measuring: bool, replicas: int) -> str:
    found = ASKED.search(text)
    asked = [f"{_in_words(_bytes(*found.groups()))} more were asked for"] if found else []
    peak = _peak(training.device)
    used = [f"{_in_words(peak)} were in use at most"] if peak else []
    count = sum(p.numel() for p in training.network.parameters())
    model = f"{count:,} parameters" + (f" in each of {replicas} networks" if replicas > 1 else "")
    if measuring:
        at_once = examples_at_once(training.task, training.data.input_shapes.values(), replicas)
        size = training.batch_size if training.task.order == "lanes" else at_once
        where, batch = f"while epoch {len(training.history) + 1} was measured", f"up to {size:,} examples at a time"
    else:
        where, batch = f"at step {training.step_number + 1}", f"recipe.batch_size={training.recipe.batch_size}"
    return (
        f"Memory ran out {where} ({'; '.join([batch, model, *asked, *used])}). "
        f"{_cure(training, measuring, replicas)} What was saved before is untouched; go on with the run after that."
    )


def _cure(training: "Training", measuring: bool, replicas: int) -> str:
    size, recipe = training.batch_size, training.recipe
    if replicas > 1:
        return "Train the seeds one after the other (stacked=False)."
    if measuring or size < 2 or recipe.optimizer == "lbfgs":
        return "Give it more memory, or use a smaller network or smaller inputs."
    half = -(-size // 2)
    return (
        f"Set recipe.batch_size={half} with recipe.accumulate={2 * recipe.accumulate}, which keeps the examples a step, "
        f"or use a smaller network."
    )


def _peak(device: torch.device) -> int | None:
    """The most bytes that this process has used of the device's memory, where the system says so."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":
        return None
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024  # macOS counts bytes, Linux kibibytes


def _bytes(number: str, unit: str) -> int:
    return int(float(number) * (1 if unit == "bytes" else UNITS[unit[0].lower()]))


def _in_words(count: int) -> str:
    """
    >>> _in_words(64_000_000), _in_words(3 * 10**9)
    ('64 MB', '3.0 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"
