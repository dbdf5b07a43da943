"""Branch: the state of a run after an epoch, made the start of another training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from deepglass.errors import RunError, ShapeError
from deepglass.runs import RunFolder, kept_epochs, load_checkpoint, read_state
from deepglass.training.pace import Pace
from deepglass.training.records import Epoch, history_hash
from deepglass.training.reopen import last_weights, trained_weights
from deepglass.training.stopping import Stopping
from deepglass.training.training import Training

# Of the data, what may change from one epoch to the next; the rest decides which examples there are, and how they are encoded.
CHANGEABLE = ("data.augment", "data.streaming", "data.workers")


@dataclass(frozen=True)
class Branch:
    """What a run knew after an epoch.

    Args:
        whole: whether the optimizer's state is there; without it these are the weights of the best epoch.
        optimizers: the optimizer of each player.
        monitor: the metric that was watched.
    """

    epoch: int
    tensors: Mapping[str, Tensor]
    values: Mapping[str, Any]
    history: Sequence[Epoch]
    whole: bool
    optimizers: Mapping[str, str]
    monitor: str | None


def openable(folder: RunFolder) -> dict[int, str]:
    """The epochs that a run can be opened after, each with what is there of it, in order."""
    found = dict.fromkeys(kept_epochs(folder.path), "whole")
    best = folder.facts.get("best_epoch")
    if isinstance(best, int) and best not in found:
        found[best] = "weights of the best epoch"
    return dict(sorted(found.items()))


def read_branch(folder: RunFolder, epoch: int | str | None) -> Branch:
    """Read what a run knew after an epoch.

    Args: epoch: its number, "best", or "last" and None for the last one that is kept.
    Raises: RunError, with the epochs that are kept, when this one is not.
    """
    places = kept_epochs(folder.path)
    number = _number(folder, epoch, places)
    facts = folder.facts
    history = [Epoch.from_dict(line) for line in folder.history()][:number]
    optimizers, monitor = dict(facts.get("players", {})), facts.get("monitor")
    if number in places:
        state = read_state(places[number])
        return Branch(number, state.tensors, state.values, history, True, optimizers, monitor)
    weights = trained_weights(folder, best=True)
    tensors = {f"{part}.{n}": v for part in ("network", "best") for n, v in weights.items()}
    before = load_checkpoint(folder.path).values
    values = {**before, "epoch": number, "position": 0, "seconds": 0.0, "history": history_hash(history)}
    return Branch(number, tensors, values, history, False, optimizers, monitor)


def weights_after(branch: Branch) -> dict[str, Tensor]:
    """The network's state after the epoch, as it was measured then."""
    return last_weights(branch.tensors)


def go_on_from(branch: Branch, training: Training, changes: Mapping[str, Any]) -> list[str]:
    """Put what a run knew into a training with other settings, and return what is worth knowing in sentences.

    What the changes leave valid is carried on: the optimizer's state where the optimizer is the same, the best epoch where the
    same metric of the same task is watched. After any change the patience starts anew. The step, by which a schedule runs,
    is counted in steps of the new size.
    Raises: ShapeError, when the changed network has other shapes.
    """
    _check_shapes(branch, training)
    notes = (
        [] if branch.whole else [f"Of epoch {branch.epoch} the weights alone are kept: the optimizer starts afresh."]
    )
    tensors, values = dict(branch.tensors), dict(branch.values)
    for player in training.players:
        prefix = f"optimizer.{player.name}."
        was = branch.optimizers.get(player.name, player.kind)
        if was != player.kind and any(n.startswith(prefix) for n in tensors):
            notes.append(f"The optimizer was {was} and is {player.kind}: its state starts afresh.")
            tensors = {n: v for n, v in tensors.items() if not n.startswith(prefix)}
    own = training.task.carry
    fits = {n for n in tensors if n.startswith("carry.") and _same_shape(tensors[n], own.get(n.removeprefix("carry.")))}
    tensors = {n: v for n, v in tensors.items() if not n.startswith("carry.") or n in fits}
    tensors |= {f"carry.{n}": v for n, v in own.items() if f"carry.{n}" not in fits}
    if not branch.whole:
        values |= _watched_again(training, branch.history)
    values["step"] = _step(branch, training)
    stopping = replace(training.stopping)
    training.load_state_dict({"tensors": tensors, "values": values, "history": branch.history})
    if branch.monitor != training.stopping.metric or any(n.startswith("task.") for n in changes):
        training.stopping, training.best = stopping, {}
        notes.append("What is watched has changed: the best epoch is sought from here on.")
    elif changes:
        training.stopping.wait_anew()
    return notes


def _number(folder: RunFolder, epoch: int | str | None, places: Mapping[int, Any]) -> int:
    known = openable(folder)
    if not known:
        raise RunError(f"{folder.path} keeps no whole epoch to go on from. Go on with it (--resume), or train again.")
    wanted: Any = max(places, default=max(known)) if epoch in (None, "last") else epoch
    if wanted == "best":
        wanted = folder.facts.get("best_epoch")
    if isinstance(wanted, str) and wanted.isdecimal():
        wanted = int(wanted)
    if wanted in known:
        return int(wanted)
    kept = ", ".join(f"{n} ({what})" if what != "whole" else str(n) for n, what in known.items())
    raise RunError(
        f"Epoch {epoch} of {folder.path} was not kept. Kept: {kept}. Others are kept by training with --keep-every N; "
        f"to begin anew with changes, train from {(folder.path / 'spec.yaml').as_posix()}."
    )


def _check_shapes(branch: Branch, training: Training) -> None:
    own = {f"network.{n}": v for n, v in training.network.state_dict().items()}
    theirs = {n: v for n, v in branch.tensors.items() if n.startswith("network.")}
    wrong = [n for n in own.keys() | theirs.keys() if not _same_shape(own.get(n), theirs.get(n))]
    if wrong:
        names = ", ".join(sorted(n.removeprefix("network.") for n in wrong)[:5])
        raise ShapeError(
            f"With these changes the network has other tensors than epoch {branch.epoch} of the run: {names}. "
            "A fork keeps their shapes; for another network start a new training, with --weights for what fits."
        )


def _same_shape(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape


def _step(branch: Branch, training: Training) -> int:
    """The step that the training is at, in steps of its own size."""
    if not branch.whole:
        return branch.epoch * training.steps_an_epoch
    recipe, examples = branch.values["recipe"], len(training.train_ids)
    size = examples if recipe["batch_size"] == "all" else recipe["batch_size"]
    before = -(-examples // (size * recipe["accumulate"]))
    step = int(branch.values["step"])
    return step if before == training.steps_an_epoch else step * training.steps_an_epoch // before


def _watched_again(training: Training, history: Sequence[Epoch]) -> dict[str, Any]:
    """What stopping and schedule would have seen in these epochs."""
    metric = training.stopping.metric
    stopping = Stopping(metric, training.stopping.direction, None, training.recipe.min_change)
    pace = Pace(training.recipe, training.steps_an_epoch, (metric, training.stopping.direction))
    for epoch in history:
        value = (epoch.validation or epoch.train).get(metric or "")
        stopping.see(epoch.number, value)
        if pace.see(epoch.number, value):
            stopping.wait_anew()
    return {"stopping": stopping.state(), "pace": pace.state()}
