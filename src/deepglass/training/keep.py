"""Keep: carry a training through, and keep what happens in its run folder."""

from contextlib import suppress
from time import perf_counter
from typing import Any, Protocol

from deepglass.errors import DataError, TrainingError
from deepglass.runs import RunFolder, forget_epochs_after, is_due, keep_epoch, save_checkpoint
from deepglass.training.guard import check_weights
from deepglass.training.interrupts import Interrupts
from deepglass.training.probing import steps_looked_into
from deepglass.training.records import Epoch, Step
from deepglass.training.shortage import or_say
from deepglass.training.training import Training

SAVING_SHARE = 0.01  # of the time at most goes into checkpoints, so that safety stays switched on
LEAST_COST = (
    0.03  # seconds that a checkpoint is taken to cost at least: what is over in 3 seconds is saved at its end alone
)
OF_THE_PAST = ("test", "test_baselines", "standing", "decisions", "reason")  # facts that other weights make untrue
LONGEST_UNSAVED = 60.0  # seconds after which a checkpoint is due inside an epoch, if its share allows


class Watcher(Protocol):
    """Whoever wants to see a training while it goes on, such as a progress bar."""

    def step(self, step: Step) -> None: ...

    def epoch(self, epoch: Epoch, best: bool) -> None: ...


class Saver:
    """Saves checkpoints, seldom enough to cost little. When it saves changes nothing in what is computed.

    Args: every: keep the state after every so many epochs as well.
    """

    def __init__(self, training: Training, folder: RunFolder, every: int | None = None) -> None:
        self.training, self.folder, self.every = training, folder, every
        forget_epochs_after(folder.path, len(training.history))
        self.saved_at, self.cost = perf_counter(), LEAST_COST

    def save(self) -> None:
        """Raises: TrainingError, when the weights are not finite, or the disk is full or read-only."""
        started = perf_counter()
        for player in self.training.players:
            check_weights(player, self.training.step_number)
        state = self.training.state_dict()
        save_checkpoint(self.folder.path, self.training.step_number, state["tensors"], state["values"])
        self.saved_at = perf_counter()
        self.cost = max(LEAST_COST, self.saved_at - started)

    def save_if_due(self, *, after: float = 0.0) -> None:
        """Save when at least `after` seconds and the share of time allow it."""
        if perf_counter() - self.saved_at > max(after, self.cost / SAVING_SHARE):
            self.save()

    def keep_epoch(self) -> None:
        """Keep the state after the epoch that is just over, when it is one of those that are wanted."""
        epoch = len(self.training.history)
        if self.every and is_due(epoch, self.every):
            state, step = self.training.state_dict(), self.training.step_number
            keep_epoch(self.folder.path, epoch, self.every, step, state["tensors"], state["values"])


class Clock:
    """The time of a training, with that of the sessions before. It decides when to stop, and nothing that is computed."""

    def __init__(self, limit: float | None, before: float = 0.0) -> None:
        self.limit, self.before, self.started = limit, before, perf_counter()

    @property
    def spent(self) -> float:
        return self.before + perf_counter() - self.started

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.spent >= self.limit


def keep(training: Training, folder: RunFolder, watcher: Watcher) -> str:
    """Train until it ends, is paused by a signal, or fails; every epoch goes into the history, checkpoints follow.

    Returns: the status, also written into the run: "done", "stopped early", "time ended" or "paused"; with a tolerance,
        "converged", or "budget ended" where the loss still changed at the last epoch.
    Raises: TrainingError or DataError, after the status "failed" has been written with the reason.
    """
    facts = folder.facts
    saver = Saver(training, folder, facts.get("keep_every"))
    clock = Clock(training.recipe.max_time, facts.get("time_spent", 0.0))
    with folder.lock(), Interrupts() as interrupts:
        try:
            begin_again(training, folder)
            status = or_say(lambda: _carry_through(training, folder, watcher, saver, interrupts, clock), training)
            if training.prober is not None and training.finished:
                training.prober.end(training.step_number, len(training.history))
            or_say(saver.save, training)
            closing = {**closing_facts(training), "stopped_by": interrupts.asked, "time_spent": clock.spent}
            folder.update_facts(**closing, status=status)
        except (TrainingError, DataError) as error:  # a file may be damaged or gone since the training began
            note_failure(training, folder, error, time_spent=clock.spent)
            training.frozen.release()
            raise
    training.finish()
    return status


def begin_again(training: Training, folder: RunFolder) -> None:
    """Write down that the run goes on, and drop what was found of the weights that change from here on."""
    if not training.finished:
        folder.forget_facts(*OF_THE_PAST)
    if training.prober is not None and not training.step_number:
        training.prober.resume({}, 0)  # what a start that was killed has left
    folder.update_facts(status="running", begun=True)


def note_failure(training: Training, folder: RunFolder, error: Exception, **facts: Any) -> None:
    """Write down that the run failed, and why."""
    with suppress(TrainingError):  # a full disk has no room for this either; the first error says more
        folder.update_facts(**closing_facts(training), **facts, reason=str(error), status="failed")


def _carry_through(
    training: Training, folder: RunFolder, watcher: Watcher, saver: Saver, interrupts: Interrupts, clock: Clock
) -> str:
    while not training.finished:
        for step in steps_looked_into(training):
            watcher.step(step)
            saver.save_if_due(after=LONGEST_UNSAVED)
            if interrupts.asked:
                return "paused"
            if clock.is_over:
                return "time ended"
        epoch = or_say(training.close_epoch, training, measuring=True)
        folder.append_history(epoch.to_dict())
        watcher.epoch(epoch, training.stopping.best_epoch == epoch.number)
        saver.keep_epoch()
        saver.save_if_due()
        if interrupts.asked and not training.finished:
            return "paused"
    return ended_as(training)


def ended_as(training: Training) -> str:
    """The status of a training that has come to its end."""
    if training.converged:
        return "converged"
    if training.stopping.enough:
        return "stopped early"
    return "done" if training.recipe.tolerance is None else "budget ended"


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
        **probes_cost(training),
    }


def probes_cost(training: Training) -> dict[str, Any]:
    """What it has cost to look into a training: looks, seconds, and their share of the time of steps and looks."""
    prober = training.prober
    if prober is None:
        return {}
    trained = sum(e.seconds for e in training.history)
    share = prober.seconds / max(1e-9, trained + prober.seconds)
    return {"probes": {"looks": len(prober.evidence.probes), "seconds": prober.seconds, "share": share}}


def best_epoch(training: Training) -> Epoch | None:
    """The best epoch so far by the watched metric; the last one when none could be compared."""
    if not training.history:
        return None
    return training.history[(training.stopping.best_epoch or len(training.history)) - 1]
