"""Keep: carry a training through, and keep what happens in its run folder."""

from time import perf_counter
from typing import Any, Protocol

from deepglass.errors import DataError, TrainingError
from deepglass.runs import RunFolder, save_checkpoint
from deepglass.training.interrupts import Interrupts
from deepglass.training.records import Epoch, Step
from deepglass.training.training import Training

SAVING_SHARE = 0.03  # of the time at most goes into checkpoints, so that safety stays switched on
LONGEST_UNSAVED = 60.0  # seconds after which a checkpoint is due inside an epoch, if its share allows


class Watcher(Protocol):
    """Whoever wants to see a training while it goes on, such as a progress bar."""

    def step(self, step: Step) -> None: ...

    def epoch(self, epoch: Epoch, best: bool) -> None: ...


class Saver:
    """Saves checkpoints, seldom enough to cost little. When it saves changes nothing in what is computed."""

    def __init__(self, training: Training, folder: RunFolder) -> None:
        self.training, self.folder = training, folder
        self.saved_at, self.cost = perf_counter(), 0.0

    def save(self) -> None:
        started = perf_counter()
        state = self.training.state_dict()
        save_checkpoint(self.folder.path, self.training.step_number, state["tensors"], state["values"])
        self.saved_at = perf_counter()
        self.cost = self.saved_at - started

    def save_if_due(self, *, after: float = 0.0) -> None:
        """Save when at least `after` seconds and the share of time allow it."""
        if perf_counter() - self.saved_at > max(after, self.cost / SAVING_SHARE):
            self.save()


def keep(training: Training, folder: RunFolder, watcher: Watcher) -> str:
    """Train until it ends, is paused by a signal, or fails; every epoch goes into the history, checkpoints follow.

    Returns: the status, also written into the run: "done", "stopped early" or "paused".
    Raises: TrainingError or DataError, after the status "failed" has been written with the reason.
    """
    saver = Saver(training, folder)
    with folder.lock(), Interrupts() as interrupts:
        folder.update_facts(status="running")
        try:
            status = _unless_a_reader_died(training, folder, watcher, saver, interrupts)
        except (TrainingError, DataError) as error:  # a file may be damaged or gone since the training began
            folder.update_facts(**closing_facts(training), status="failed", reason=str(error))
            raise
        saver.save()
        folder.update_facts(**closing_facts(training), status=status, stopped_by=interrupts.asked)
    training.restore_best()
    return status


def _unless_a_reader_died(
    training: Training, folder: RunFolder, watcher: Watcher, saver: Saver, interrupts: Interrupts
) -> str:
    """Carry through. torch says that a reading process was killed by a signal, in whatever line that arrives."""
    try:
        return _carry_through(training, folder, watcher, saver, interrupts)
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise TrainingError(
            f"A process that reads the data ended at step {training.step_number + 1}: {str(error).split('. ')[0]}. "
            f"Was it killed for memory? Lower data.workers or recipe.batch_size, then go on with the run."
        ) from None


def _carry_through(
    training: Training, folder: RunFolder, watcher: Watcher, saver: Saver, interrupts: Interrupts
) -> str:
    while not training.finished:
        for step in training.steps():
            watcher.step(step)
            saver.save_if_due(after=LONGEST_UNSAVED)
            if interrupts.asked:
                return "paused"
        epoch = training.close_epoch()
        folder.append_history(epoch.to_dict())
        watcher.epoch(epoch, training.stopping.best_epoch == epoch.number)
        saver.save_if_due()
        if interrupts.asked and not training.finished:
            return "paused"
    return "stopped early" if training.stopping.enough else "done"


def closing_facts(training: Training) -> dict[str, Any]:
    """What the list of runs shows: how far it came, and the metrics of the best epoch."""
    history = training.history
    best = best_epoch(training)
    return {
        "epochs": len(history),
        "steps": training.step_number,
        "seconds": sum(e.seconds for e in history),
        "best_epoch": best.number if best else None,
        "train": dict(best.train) if best else {},
        "validation": dict(best.validation) if best else {},
    }


def best_epoch(training: Training) -> Epoch | None:
    """The best epoch so far by the watched metric; the last one when none could be compared."""
    if not training.history:
        return None
    return training.history[(training.stopping.best_epoch or len(training.history)) - 1]
