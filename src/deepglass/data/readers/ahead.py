"""Ahead: files decoded before they are asked for, by processes that share memory with this one, or by a thread."""

import gc
import multiprocessing
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

import numpy as np

from deepglass.data.readers.pictures import in_threads
from deepglass.errors import DataError, TrainingError
from deepglass.threads import cores

WORTH_PROCESSES = 1000  # files in one pass; fewer are decoded before processes have begun
MOST_PROCESSES = 8  # started by rule
AT_ONCE = 32  # files that a process decodes at a time
AT_ONCE_BYTES = 4 << 20  # and bytes of what comes of them
SLOTS = 4  # parts that a process may be ahead: with the above, at most 16 MiB a process

# What came of some files, by field: pictures (n, channels, height, width), recordings uneven.
Parts = dict[str, np.ndarray]


class InFiles(Protocol):
    """Examples that stay in their files, one a file: `Pictures` or `StreamedRecordings`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """How many there are, and the shape of the largest."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def one(self, index: int) -> np.ndarray:
        """Read one, of that shape, or shorter along the first axis. Raises: DataError, naming file and sample."""
        ...


def decoded(files: Mapping[str, InFiles], batches: Sequence[np.ndarray], workers: int | None) -> Iterator[Parts]:
    """Decode batches of files ahead of their use. The same numbers in the same order, however many work at it.

    A batch is overwritten once the next one is asked for. What is shorter than the longest stands first in its place, and behind
    it is whatever was there.
    Args: workers: processes; 0 for a thread of this one, None for what suits the machine and the amount.
    Raises: DataError, naming file and sample; TrainingError, when a process was killed.
    """
    count = processes_for(sum(map(len, batches))) if workers is None else min(workers, len(batches))
    if not count or multiprocessing.current_process().daemon:  # such a process may have none of its own
        yield from _in_a_thread(files, batches)
        return
    with _started(files, count) as crew:
        parts = crew.read(np.concatenate(batches))
        spare: Parts = {name: _memory(f, 0) for name, f in files.items()}
        longest = max(map(len, batches))
        memory = {name: _memory(f, longest) for name, f in files.items()}
        for ids in batches:
            batch = {name: m[: len(ids)] for name, m in memory.items()}
            filled = 0
            while filled < len(ids):
                if not _length(spare):
                    spare = next(parts)
                taken = min(_length(spare), len(ids) - filled)
                for name, part in spare.items():
                    batch[name][filled : filled + taken] = part[:taken]
                spare = {name: part[taken:] for name, part in spare.items()}
                filled += taken
            yield batch


def processes_for(files: int) -> int:
    """How many processes suit so many files.

    None where starting one means to run the user's script again, as it does outside Linux.
    """
    able = sys.platform == "linux" and cores() > 1
    return min(cores(), MOST_PROCESSES) if able and files >= WORTH_PROCESSES else 0


def _in_a_thread(files: Mapping[str, InFiles], batches: Sequence[np.ndarray]) -> Iterator[Parts]:
    """Decode the next batch while this one is used; decoding a batch uses threads of its own."""
    with ThreadPoolExecutor(1) as pool:
        ahead = [pool.submit(_one_batch, files, ids) for ids in batches[:1]]
        for i in range(len(batches)):
            found = ahead.pop().result()
            ahead += [pool.submit(_one_batch, files, ids) for ids in batches[i + 1 : i + 2]]
            yield found


def _one_batch(files: Mapping[str, InFiles], ids: np.ndarray) -> Parts:
    batch = {name: _memory(f, len(ids)) for name, f in files.items()}
    for name, f in files.items():
        for place, one in enumerate(in_threads(f.one, ids.tolist(), _at_once(f))):
            batch[name][place, : len(one)] = one
    return batch


def _memory(files: InFiles, count: int) -> np.ndarray:
    return np.empty((count, *files.shape[1:]), dtype=files.dtype)


def _at_once(*files: InFiles) -> int:
    """How many to decode at a time, so that large ones do not fill the memory."""
    bytes_each = sum(int(np.prod(f.shape[1:])) * f.dtype.itemsize for f in files)
    return max(1, min(AT_ONCE, AT_ONCE_BYTES // max(1, bytes_each)))


class _Crew:
    """Processes, each with a line to it and slots of shared memory to decode into."""

    def __init__(self, files: Mapping[str, InFiles], count: int) -> None:
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self.at_once = _at_once(*files.values())
        shapes = {name: (self.at_once, *f.shape[1:]) for name, f in files.items()}
        self.processes: list[Any] = []
        self.lines: list[Connection] = []
        self.slots: list[list[Parts]] = []
        try:
            for _ in range(count):
                self._start_one(context, files, shapes)
        except BaseException:
            self.stop()  # those that the system did start
            raise

    def _start_one(self, context: Any, files: Mapping[str, InFiles], shapes: Mapping[str, tuple[int, ...]]) -> None:
        sizes = {n: int(np.prod(s)) * files[n].dtype.itemsize for n, s in shapes.items()}
        memory = [{n: context.RawArray("B", size) for n, size in sizes.items()} for _ in range(SLOTS)]
        ours, theirs = context.Pipe()
        process = context.Process(target=_decode, args=(files, shapes, memory, theirs), daemon=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child runs none and waits for none
            process.start()
        theirs.close()
        self.processes.append(process)
        self.lines.append(ours)
        self.slots.append([_arrays(m, files, shapes) for m in memory])

    def read(self, order: np.ndarray) -> Iterator[Parts]:
        """Yield what is in the files along `order` part by part; a part is overwritten once the next one is asked for."""
        parts = [order[i : i + self.at_once] for i in range(0, len(order), self.at_once)]
        crew, asked = len(self.lines), 0
        for number, ids in enumerate(parts):
            while asked < len(parts) and asked < number + SLOTS * crew:
                self._ask(asked % crew, asked // crew % SLOTS, parts[asked])
                asked += 1
            problem = self._answer(number % crew, number, len(parts))
            if problem:
                raise DataError(problem)
            yield {n: memory[: len(ids)] for n, memory in self.slots[number % crew][number // crew % SLOTS].items()}

    def _ask(self, worker: int, slot: int, ids: np.ndarray) -> None:
        with suppress(OSError):  # it is dead, which is noticed when its answer is awaited
            self.lines[worker].send((slot, ids.tolist()))

    def _answer(self, worker: int, part: int, parts: int) -> str:
        line, process = self.lines[worker], self.processes[worker]
        try:
            wait([line, process.sentinel])
            if line.poll():
                return str(line.recv())
        except (EOFError, OSError):
            pass
        process.join(1.0)
        raise TrainingError(
            f"A process that reads files ended (exit code {process.exitcode}) in part {part + 1} of {parts} of this "
            f"pass. Was it killed for memory? Lower data.workers, or set it to 0."
        )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process, line in zip(self.processes, self.lines):
            process.join()
            line.close()


@contextmanager
def _started(files: Mapping[str, InFiles], count: int) -> Iterator[_Crew]:
    crew = _Crew(files, count)
    try:
        yield crew
    finally:
        crew.stop()


def _decode(
    files: Mapping[str, InFiles], shapes: Mapping[str, tuple[int, ...]], memory: list[Any], line: Connection
) -> None:
    """Work in a process of its own, until it is stopped or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent is not None
    gc.freeze()  # what came from the parent is not looked through again, and so not copied
    slots = [_arrays(m, files, shapes) for m in memory]
    while line in wait([line, parent.sentinel]):
        try:
            slot, ids = line.recv()
        except EOFError:
            return
        problem = ""
        try:
            for place, index in enumerate(ids):
                for name, f in files.items():
                    one = f.one(index)
                    slots[slot][name][place, : len(one)] = one
        except DataError as error:
            problem = str(error)
        line.send(problem)


def _arrays(memory: Mapping[str, Any], files: Mapping[str, InFiles], shapes: Mapping[str, tuple[int, ...]]) -> Parts:
    return {name: np.frombuffer(m, dtype=files[name].dtype).reshape(shapes[name]) for name, m in memory.items()}


def _length(parts: Parts) -> int:
    return len(next(iter(parts.values())))
