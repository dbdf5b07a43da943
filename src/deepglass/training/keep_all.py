"""Keep all: carry a stack of trainings through, each with a run folder of its own."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import numpy as np

from deepglass.errors import DataError, TrainingError
from deepglass.runs import RunFolder
from deepglass.training.environment import environment
from deepglass.training.interrupts import Interrupts
from deepglass.training.keep import Saver, Watcher, begin_again, closing_facts, ended_as, note_failure
from deepglass.training.probing import stacked_steps_looked_into
from deepglass.training.records import Epoch, Step
from deepglass.training.replicas import Replicas
from deepglass.training.shortage import or_say
from deepglass.training.training import Training


def keep_all(replicas: Replicas, folders: Sequence[RunFolder], watcher: Watcher) -> list[str]:
    """Train until all have ended or a signal pauses them; as `keep`, for each. The watcher is shown means over the stack.

    Between epochs each is saved, so that each can be gone on with alone. A signal waits for the end of an epoch.
    Returns: the status of each.
    Raises: TrainingError, the first one, when the others have ended and been kept; TrainingError or DataError that concerns
        all, after each is written down as ended or failed.
    """
    savers = [Saver(t, f) for t, f in zip(replicas.trainings, folders)]
    with ExitStack() as held, Interrupts() as interrupts:
        for folder in folders:
            held.enter_context(folder.lock())
        try:
            for training, folder in zip(replicas.trainings, folders):
                begin_again(training, folder)
                if replicas.precision != training.execution.precision:
                    folder.update_facts(environment={**environment(training), "precision": replicas.precision})
            _carry_all(replicas, folders, savers, watcher, interrupts)
            statuses = _close_all(replicas, folders, savers, interrupts)
        except (TrainingError, DataError) as error:
            for place, training in enumerate(replicas.trainings):
                if training.finished and place not in replicas.failures:
                    with suppress(TrainingError):  # the first error says more
                        _close(training, folders[place], savers[place], ended_as(training))
                else:
                    note_failure(training, folders[place], replicas.failures.get(place, error))
                training.frozen.release()
            raise
    for training in replicas.trainings:
        training.finish()
    for failure in replicas.failures.values():
        raise TrainingError(str(failure))
    return statuses


def _carry_all(
    replicas: Replicas, folders: Sequence[RunFolder], savers: Sequence[Saver], watcher: Watcher, interrupts: Interrupts
) -> None:
    while replicas.active and not interrupts.asked:
        took_part = list(replicas.active)
        lead, count = took_part[0], len(took_part)
        or_say(partial(_take_steps, replicas, lead, watcher), lead, replicas=count)
        records = or_say(replicas.close_epoch, lead, measuring=True, replicas=count)
        closed = [t for t in took_part if t.history and t.history[-1] in records]
        for training in closed:
            place = replicas.trainings.index(training)
            folders[place].append_history(training.history[-1].to_dict())
            savers[place].save_if_due()
        if records:
            watcher.epoch(_mean(records), best=False)


def _take_steps(replicas: Replicas, lead: Training, watcher: Watcher) -> None:
    """Take the steps of an epoch and show each."""
    examples = 0
    for losses in stacked_steps_looked_into(replicas):
        examples, seen = lead.position - examples, lead.position
        watcher.step(Step(lead.step_number, len(lead.history) + 1, examples, {"loss": losses.nanmean()}))
        examples = seen


def _close_all(
    replicas: Replicas, folders: Sequence[RunFolder], savers: Sequence[Saver], interrupts: Interrupts
) -> list[str]:
    """Save each, write down how it ended, and return that."""
    statuses = []
    for place, (training, folder, saver) in enumerate(zip(replicas.trainings, folders, savers)):
        failure = replicas.failures.get(place)
        status = "failed" if failure else ended_as(training) if training.finished else "paused"
        if training.prober is not None and training.finished and not failure:
            training.prober.end(training.step_number, len(training.history))
        facts: dict[str, Any] = {"stopped_by": interrupts.asked if status == "paused" else None}
        _close(training, folder, saver, status, **facts, **({"reason": str(failure)} if failure else {}))
        statuses.append(status)
    return statuses


def _close(training: Training, folder: RunFolder, saver: Saver, status: str, **facts: Any) -> None:
    saver.save()
    folder.update_facts(**closing_facts(training), **facts, status=status)


def _mean(records: Sequence[Epoch]) -> Epoch:
    """The record of an epoch with the mean of every number over the stack."""

    def mean(part: str) -> dict[str, float]:
        names = getattr(records[0], part)
        return {name: float(np.mean([getattr(r, part).get(name, np.nan) for r in records])) for name in names}

    first = records[0]
    seconds = sum(r.seconds for r in records)
    return Epoch(first.number, seconds, first.learning_rate, mean("train"), mean("validation"), mean("running"))
