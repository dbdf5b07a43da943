"""Carrying: a training is begun in a run folder of its own, with all that is said before it, and carried through."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.data import Dataset
from deepglass.data.copy import source_to_tensors
from deepglass.data.stores import ArrayStore
from deepglass.doctor.before import of_start
from deepglass.errors import DeepglassError, SettingError
from deepglass.probes.stored import write_before
from deepglass.report.progress import Progress, progress_for
from deepglass.runs import RunFolder, keep_epoch, save_checkpoint
from deepglass.training.alarms import alarms, remarks
from deepglass.training.environment import environment, own_sources
from deepglass.training.estimate import estimate
from deepglass.training.keep import keep
from deepglass.training.keep_all import keep_all
from deepglass.training.probing import look_into, look_into_all
from deepglass.training.replicas import Replicas
from deepglass.training.shortage import or_say
from deepglass.training.spec import Spec
from deepglass.training.training import Training

LONG = 20.0  # seconds from which an estimate is worth a line


def begin(
    training: Training, spec: Spec, *, out: str | Path | None, strict: bool, shown: Progress, **facts: Any
) -> RunFolder:
    """Make the run folder of a training, write all that is known before the first step, and say what is worth knowing.

    Args: facts: of this run alone, for run.json.
    Raises: SettingError, when `strict` is set and something raises an alarm; nothing has been written then. TrainingError,
        when the system has too little memory for a look at the first examples.
    """
    network, data = training.network, training.data
    found = or_say(lambda: alarms(network, data, training.task, spec.recipe), training)
    if strict and found:
        raise SettingError("Refused, because strict is set: " + " ".join(found))
    worth_knowing = or_say(lambda: remarks(network, data, training.task), training)
    folder = RunFolder.create(out, name=f"{data.name}-{network_word(spec)}")
    with folder.lock():
        known = {n: v for n, v in facts.items() if v is not None}
        _write_start(folder, spec, data, training, network, alarms=found, remarks=worth_knowing, **known)
        before = or_say(lambda: of_start(network, data, training.task, spec.recipe), training)
        write_before(folder.path, before)
    for sentence in found:
        shown.say(f"alarm: {sentence}")
    for sentence in worth_knowing:
        shown.say(f"note: {sentence}")
    expected = or_say(lambda: estimate(training), training)
    if expected.seconds > LONG:
        shown.say(f"expected: {expected}")
    return folder


def save_start(training: Training, folder: RunFolder, *, for_good: bool = False) -> None:
    """Keep the state before the first step, where the seed alone does not say what it is.

    Args: for_good: as epoch 0 too, so that others can start from the same weights once this training has moved on.
    """
    state = training.state_dict()
    with folder.lock():
        save_checkpoint(folder.path, training.step_number, state["tensors"], state["values"])
        if for_good:
            keep_epoch(folder.path, 0, 1, training.step_number, state["tensors"], state["values"])


def carry(training: Training, folder: RunFolder, shown: Progress, title: str) -> None:
    """Carry a training through to its end, or to a pause, and say how to go on from there."""
    with shown, _named(folder):
        if training.prober is None:
            look_into(training, folder.path)
        shown.start(training.recipe.epochs, training.steps_an_epoch, title)
        for epoch in training.history:
            shown.epoch(epoch, epoch.number == training.stopping.best_epoch)
        status = keep(training, folder, shown)
        again = f"deepglass train --resume --out {shlex.quote(str(folder.path))}"
        if status == "paused":
            shown.say(f"Paused and saved. Go on with: {again}  (or dg.resume({str(folder.path)!r}))")
        if status == "time ended":
            shown.say(f"The time ended at step {training.step_number}. Saved; go on with: {again} --max-time TIME")


def carry_all(replicas: Replicas, folders: Sequence[RunFolder], shown: Progress, title: str) -> None:
    """Carry a stack of trainings through to their ends, or to a pause, and say how to go on from there."""
    lead = replicas.trainings[0]
    with shown, _named(folders[0]):
        seen = look_into_all(replicas.trainings, [folder.path for folder in folders])
        if 0 < seen < len(folders):
            shown.say(f"note: the first {seen} of the {len(folders)} are looked into")
            for folder in folders[seen:]:
                folder.update_facts(not_looked_into={"trained_together": len(folders), "looked_into": seen})
        shown.start(lead.recipe.epochs, lead.steps_an_epoch, title)
        statuses = keep_all(replicas, folders, shown)
        for folder, status in zip(folders, statuses):
            if status == "paused":
                shown.say(
                    f"Paused and saved. Go on with: deepglass train --resume --out {shlex.quote(str(folder.path))}"
                )


@contextmanager
def _named(folder: RunFolder) -> Iterator[None]:
    """Let an error know the run in which it happens."""
    try:
        yield
    except DeepglassError as error:
        error.run = folder.path
        raise


def shown_by(mode: str | bool) -> Progress:
    """What shows a training: "auto", "terminal", "plain", "notebook", or nothing for False."""
    return progress_for("none" if mode is False else "auto" if mode is True else mode)


def network_word(spec: Spec) -> str:
    """What a network is called in a title."""
    return str(spec.network.get("name") or spec.network.get("module") or "layers")


def made_of(spec: Spec, data: Dataset) -> dict[str, Any]:
    """What the list of runs says of a run, so that it need not read the spec."""
    source = spec.data.source
    name = source if source and source not in ("arrays", "DataFrame") else data.name
    return {"data": name, "network": network_word(spec), "epochs_asked": spec.recipe.epochs, "seed": spec.recipe.seed}


def _write_start(
    folder: RunFolder, spec: Spec, data: Dataset, training: Training, network: nn.Module, **facts: Any
) -> None:
    folder.write_spec(spec.to_dict())
    folder.write_fields({name: field.to_dict() for name, field in data.fields.items()})
    folder.write_splits({"train": data.splits.train, "validation": data.splits.validation, "test": data.splits.test})
    in_memory = spec.data.source in ("arrays", "DataFrame")
    is_kept = False
    if isinstance(data.store, ArrayStore) and (in_memory or Path(spec.data.source).suffix):
        is_kept = folder.save_tensors(*source_to_tensors(data.source))
    is_object = data.source.count is not None or (in_memory and not is_kept)  # a torch Dataset, or large, or streamed
    for name, text in own_sources(spec, network).items():
        folder.write_code(name, text)
    folder.update_facts(
        made_of=made_of(spec, data),
        environment=environment(training),
        players={player.name: player.kind for player in training.players},
        data_fingerprint=data.fingerprint,
        data_is_object=is_object,
        data_notes=list(data.source.notes),
        data_facts=dict(data.source.facts),
        task=training.task.facts(),
        monitor=training.stopping.metric,
        rewrites=training.execution.rewrites,
        precision=training.execution.precision,
        **facts,
    )
