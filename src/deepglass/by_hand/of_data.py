"""Of data: the calculation of examples of a dataset, with the loss of the task that the network learned."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.by_hand.calculation import byhand
from deepglass.by_hand.table import ByHand
from deepglass.data import Dataset
from deepglass.errors import SettingError
from deepglass.tasks import Supervised, Task


def of_data(
    network: nn.Module, task: Task, data: Dataset, examples: Sequence[int], *, split: str = "train", **options: Any
) -> ByHand:
    """Calculate examples of the training or validation split by hand; several make a batch.

    Args: examples: their numbers in the split, counted from 0. options: those of `byhand`.
    Raises: DataError, for the test split; SettingError, for a number that is not there, or a task that has no formula here.
    """
    members = data.members(split)
    for number in examples:
        if not 0 <= number < len(members):
            last = f"They are counted from 0 to {len(members) - 1}." if len(members) else "It is empty."
            raise SettingError(f"There is no example {number} in the {split} split. {last}")
    if not isinstance(task, Supervised):
        raise SettingError(
            f"By hand, inputs are calculated up to the loss of a classification or a regression, and the task here is {task.name}. "
            "In Python, calculate its network alone, or with a target that you give: dg.byhand(run.network, x, y)."
        )
    if callable(task.loss):
        raise SettingError(
            f"The loss {task.loss_name} is a function of yours, whose formula is not known. In Python, say which one of "
            "the known is meant: dg.byhand(run.network, x, y, loss='mse')."
        )
    ids = members[torch.tensor(list(examples))]
    batch = data.read(ids)
    y, several = task.target_of(batch), len(examples) > 1
    inputs: dict[str, Tensor] = {}
    words: dict[int, str] = {}
    for name in task.inputs:
        x = batch[name]
        if not isinstance(x, Tensor):
            raise SettingError(
                f"The input {name!r} is of uneven length, and by hand examples of one shape are "
                "calculated. In Python, give one of them: dg.byhand(run.network, x, y)."
            )
        known = data.fields[name].encoding.get("tokens")  # of a text
        if known and (x != 0).any():
            x = x[:, : int((x != 0).any(dim=0).nonzero().max()) + 1]  # without the padding that all of them have
        words |= {t: known[t] for t in x.flatten().tolist()} if known else {}
        inputs[name] = x if several else x[0]
    given = inputs if len(inputs) > 1 else next(iter(inputs.values()))
    found = byhand(network, given, y if several else y[0], batch=several, loss=task.loss_name, **options)
    about = []
    for number, index, target in zip(examples, ids.tolist(), y):
        classes = task.field.classes
        value = f"{classes[int(target)]} ({int(target)})" if classes and target.ndim == 0 else _listed(target)
        about.append(
            f"Example {number} of {split} is {data.called(index)} of {data.name}: {task.field.name} = {value}."
        )
    if words:
        about.append("Words: " + ", ".join(f"{token} is {word}" for token, word in words.items()) + ".")
    if any(f.kind == "number" for f in (*data.inputs.values(), *data.targets.values()) if f.encoding.get("std")):
        about.append("Inputs and targets are encoded, as in training.")
    if task.weighting is not None:
        about.append("The loss is the plain one, without the weights of classes or the smoothing of the task.")
    return replace(found, about=(*about, *found.about))


def _listed(target: Tensor) -> str:
    numbers = [f"{v:.6g}" for v in target.reshape(-1).tolist()]
    return numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"
