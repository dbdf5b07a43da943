"""Forking: a training that goes on from an epoch of another one, with changes, as a run of its own."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.carrying import begin, carry, save_start, shown_by
from deepglass.data import Dataset
from deepglass.data.augment import check_augment
from deepglass.errors import RunError, SettingError
from deepglass.job import checked_every
from deepglass.names import find
from deepglass.run import Run
from deepglass.runs import RunFolder, is_run
from deepglass.tasks import Task, task_for
from deepglass.training.branch import CHANGEABLE, go_on_from, read_branch
from deepglass.training.environment import differences_from
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.players import OWN
from deepglass.training.probing import look_into
from deepglass.training.reopen import built, is_own_code
from deepglass.training.spec import Spec
from deepglass.training.training import Training


def fork(
    run: Run | str | Path,
    epoch: int | str | None = None,
    *,
    changes: Mapping[str, Any] | None = None,
    network: nn.Module | None = None,
    data: Dataset | None = None,
    task: Task | None = None,
    optimizer: Callable[..., Any] | None = None,
    trust: bool = False,
    out: str | Path | None = None,
    strict: bool = False,
    keep_every: int | None = None,
    progress: str | bool = "auto",
    **settings: Any,
) -> Run:
    """Go on with a training from one of its epochs, with changes, as a new run; the old one stays as it is.

    The new run holds all it needs: the history up to that epoch and the looks at the test split are copied. On the same
    machine a fork without changes ends with the same bits as the run itself.

    Args:
        run: a Run, its folder, or both at once as "runs/x@12".
        epoch: after which one: a number, "best" or "last" (the default). Of the best epoch the weights alone may be kept,
            and the optimizer then starts afresh.
        changes: settings of any section, such as {"data.augment.shift": 1, "network.dropout": 0.5}.
        network, data, task, optimizer: given again when they were objects of yours that a folder cannot hold.
        trust: run the code of the user's that the run was made with.
        out, strict, keep_every, progress: as in `train`.
        settings: changes of the recipe, such as learning_rate=1e-4.
    Raises: RunError, with the epochs that are kept, when this one is not; SettingError, for what a fork cannot change.

    >>> fork("runs/digits-lenet5-20260102-1", 12, learning_rate=1e-4, epochs=40)
    """
    if not isinstance(run, Run):
        path, named = split_name(str(run))
        epoch = named if epoch is None else epoch
        run = Run(path, network=network, data=data, task=task, trust=trust)
    spec = _changed(run.spec, {**{f"recipe.{n}": v for n, v in settings.items()}, **(changes or {})})
    differing = {n: list(pair) for n, pair in spec.changes_from(run.spec).items()}
    branch = read_branch(run.folder, epoch)
    if OWN in branch.optimizers.values() and optimizer is None and "recipe.optimizer" not in differing:
        raise RunError(
            f"{run.path} was trained with an optimizer of yours. Pass it again: optimizer=..., or name another."
        )
    check_augment(spec.data.augment, run.fields)
    dataset = replace(data or run.data, settings=spec.data)
    learned = _task(run, spec, task, dataset)
    made = network if network is not None else _network(run, spec, dataset)
    training = Training(made, dataset, spec.recipe, task=learned, optimizer=optimizer)
    notes = go_on_from(branch, training, differing)
    if training.finished:
        raise SettingError(
            f"After epoch {branch.epoch} of {run.path} nothing is left to train: recipe.epochs is {spec.recipe.epochs}"
            f"{' and it had stopped early' if training.stopping.enough else ''}. "
            f"Set more, such as --epochs {2 * branch.epoch}, or take an earlier epoch."
        )
    shown = shown_by(progress)
    parent = {"run": run.path.as_posix(), "epoch": branch.epoch, "changes": differing, "notes": notes}
    every = checked_every(keep_every)
    folder = begin(training, spec, out=out, strict=strict, shown=shown, parent=parent, keep_every=every)
    _copy(run.folder, folder, branch.epoch)
    look_into(training, folder.path)
    if training.prober is not None and not differing:  # the losses that wait for the next look belong to it as well
        waiting = {n.removeprefix("probes."): v for n, v in branch.tensors.items() if n.startswith("probes.")}
        training.prober.resume(waiting, training.step_number)
    save_start(training, folder)
    differences = differences_from(run.facts.get("environment", {}), training)
    if differences:
        notes = [*notes, "Not bit-exact from here, because " + "; ".join(differences) + "."]
    for sentence in notes:
        shown.say(f"note: {sentence}")
    carry(training, folder, shown, f"{dataset.name}, forked from {run.path.name} after epoch {branch.epoch}")
    return Run(folder.path, network=training.network, data=dataset, task=training.task)


def split_name(text: str) -> tuple[str, str | None]:
    """Divide "runs/x@12" into the run and the epoch; a folder may have an @ in its own name.

    >>> split_name("runs/x@best"), split_name("runs/x")
    (('runs/x', 'best'), ('runs/x', None))
    """
    name, at, epoch = text.rpartition("@")
    return (text, None) if not at or is_run(Path(text)) else (name, epoch)


def _changed(spec: Spec, changes: Mapping[str, Any]) -> Spec:
    """The spec of the fork. Raises: SettingError, for changes after which it would be another training."""
    for name in changes:
        if name.startswith("data.") and not any(name == n or name.startswith(f"{n}.") for n in CHANGEABLE):
            raise SettingError(
                f"{name} cannot change in a fork, which goes on with the same examples and encodings; "
                f"{', '.join(CHANGEABLE)} can. Start a new training with --weights to take the weights to other data."
            )
        if name.startswith("network.") and "module" in spec.network:
            raise SettingError(
                f"{name} cannot change: the network is an object of yours. Pass the changed one: network=..."
            )
    changed = spec.with_(changes)
    if changed.recipe.optimizer != spec.recipe.optimizer and "recipe.learning_rate" not in changes:
        usual = find("optimizer", changed.recipe.optimizer, OPTIMIZERS).learning_rate
        changed = changed.with_({"recipe.learning_rate": usual})
    return changed


def _network(run: Run, spec: Spec, data: Dataset) -> nn.Module:
    """A network of the fork's own, so that that of the run stays as it is."""
    if spec.network == run.spec.network:
        return copy.deepcopy(run.build_network())
    if is_own_code(spec):
        run.build_network()  # which refuses to run it unless the user says so
        return built(spec, data, run.folder.read_code())
    return built(spec, data)


def _task(run: Run, spec: Spec, given: Task | None, data: Dataset) -> Task:
    if given is not None:
        return given
    same = spec.task == run.spec.task
    return copy.copy(run.own_task) if same and run.own_task is not None else task_for(data, spec.task)


def _copy(parent: RunFolder, folder: RunFolder, epochs: int) -> None:
    """Copy what a fork keeps of the run that it came from."""
    with folder.lock():
        for line in parent.history()[:epochs]:
            folder.append_history(line)
        for look in parent.looks():  # whoever looked before the fork may have chosen its changes by it
            folder.append_look(look)
        for name, text in parent.read_code().items():
            folder.write_code(name, text)
