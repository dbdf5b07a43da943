"""Keep all: carry a stack of trainings through, each with a run folder of its own."""

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from deepglass.errors import TrainingError
from deepglass.runs import RunFolder
from deepglass.training.interrupts import Interrupts
from deepglass.training.keep import Saver, Watcher, closing_facts, ended_as
from deepglass.training.records import Epoch, Step
from deepglass.training.replicas import Replicas


def keep_all(replicas: Replicas, folders: Sequence[RunFolder], watcher: Watcher) -> list[str]:
    """Train until all have ended or a signal pauses them; as `keep`, for each. The watcher is shown means over the stack.

    Between epochs each is saved, so that each can be gone on with alone. A signal waits for the end of an epoch.
    Returns: the status of each.
    Raises: TrainingError, the first one, when the others have ended and been kept.
    """
    savers = [Saver(t, f) for t, f in zip(replicas.trainings, folders)]
    with ExitStack() as held, Interrupts() as interrupts:
        for folder in folders:
            held.enter_context(folder.lock())
            folder.update_facts(status="running", begun=True)
        while replicas.active and not interrupts.asked:
            took_part = list(replicas.active)
            examples = 0
            for losses in replicas.steps():
                lead = took_part[0]
                examples, seen = lead.position - examples, lead.position
                watcher.step(Step(lead.step_number, len(lead.history) + 1, examples, {"loss": losses.nanmean()}))
                examples = seen
            records = replicas.close_epoch()
            closed = [t for t in took_part if t.history and t.history[-1] in records]
            for training in closed:
                place = replicas.trainings.index(training)
                folders[place].append_history(training.history[-1].to_dict())
                savers[place].save_if_due()
            if records:
                watcher.epoch(_mean(records), best=False)
        statuses = []
        for place, (training, folder, saver) in enumerate(zip(replicas.trainings, folders, savers)):
            failure = replicas.failures.get(place)
            status = "failed" if failure else ended_as(training) if training.finished else "paused"
            saver.save()
            facts = {**closing_facts(training), "stopped_by": interrupts.asked if status == "paused" else None}
            folder.update_facts(**facts, status=status, **({"reason": str(failure)} if failure else {}))
            statuses.append(status)
    for training in replicas.trainings:
        training.finish()
    for failure in replicas.failures.values():
        raise TrainingError(str(failure))
    return statuses


def _mean(records: Sequence[Epoch]) -> Epoch:
    """The record of an epoch with the mean of every number over the stack."""

    def mean(part: str) -> dict[str, float]:
        names = getattr(records[0], part)
        return {name: float(np.mean([getattr(r, part).get(name, np.nan) for r in records])) for name in names}

    first = records[0]
    seconds = sum(r.seconds for r in records)
    return Epoch(first.number, seconds, first.learning_rate, mean("train"), mean("validation"), mean("running"))
