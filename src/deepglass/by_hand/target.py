"""Target: what is compared with the output, which loss compares them, and the slopes that start the way back."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.functions import total
from deepglass.by_hand.losses import LOSSES, OF_ONE_CLASS, SIDED
from deepglass.by_hand.sheet import Grid, Sheet, empty
from deepglass.errors import DataError, ShapeError
from deepglass.names import find
from deepglass.tasks.fit import pick_loss
from deepglass.tasks.supervised import OUTPUT_OF


@dataclass(frozen=True)
class Target:
    """Numbers (examples, ...) and the name of a loss of LOSSES. Args: of_steps: whether each step has a class of its own."""

    numbers: np.ndarray
    loss: str
    of_steps: bool = False


def as_numbers(what: str, given: Any) -> np.ndarray:
    """Read anything that holds numbers as float64. Raises: DataError, where it holds something else."""
    plain = given.detach().cpu().numpy() if isinstance(given, torch.Tensor) else given
    try:
        found = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{what} is no array of numbers: {str(error).rstrip('.')}. Give a list, an array or a tensor."
        ) from error
    if not np.isfinite(found).all():
        raise DataError(f"{what} holds what is no finite number. Calculate with finite numbers.")
    return found


def target_of(y: Any, output: Grid, *, batch: bool, loss: str, last: nn.Module) -> Target:
    """Read the target and choose its loss. Raises: ShapeError, when it does not fit the output; UnknownName; DataError."""
    numbers = as_numbers("y", y)
    numbers = numbers if batch else numbers[None]
    if len(numbers) != len(output):
        raise ShapeError(f"y has {len(numbers)} targets for {len(output)} examples. Give one for each.")
    kind = str(np.asarray(y.detach().cpu() if isinstance(y, torch.Tensor) else y).dtype.kind)
    outputs, asked = math.prod(output.shape[1:]), math.prod(numbers.shape[1:])
    if kind in "iub" and loss in ("auto", *OF_ONE_CLASS) and output.ndim > 2 and numbers.shape == output.shape[:-1]:
        return _of_steps(numbers, output, loss, last)
    whole = kind in "iub" and asked == 1
    takes = OUTPUT_OF.get(type(last).__name__.lower(), "logits")
    name = pick_loss(loss, takes, "category" if whole and (kind != "b" or outputs == 1) else "number", outputs)
    find("loss by hand", name, LOSSES)
    if name in OF_ONE_CLASS or (name in SIDED and outputs > 1):
        if output.ndim != 2 or asked != 1 or not np.isin(numbers, np.arange(outputs)).all():
            raise ShapeError(
                f"The loss {name!r} takes one class from 0 to {outputs - 1} an example, and y is {np.asarray(y).tolist()!r} "
                f"for an output of shape {output.shape[1:]}."
            )
    elif asked == 1 and outputs > 1 and whole and numbers.min() >= 0 and numbers.max() < outputs:
        numbers = np.eye(outputs)[numbers.astype(int).ravel()]  # a code stands for a row of zeros with a one
    elif asked != outputs:
        raise ShapeError(f"The output has {outputs} numbers an example, and y has {asked}. Give as many.")
    return Target(numbers, name)


def _of_steps(numbers: np.ndarray, output: Grid, loss: str, last: nn.Module) -> Target:
    """A class for each step of a series, such as the token that follows."""
    classes = output.shape[-1]
    if not np.isin(numbers, np.arange(classes)).all():
        raise ShapeError(
            f"y holds a class for each step, from 0 to {classes - 1}. It has {np.unique(numbers).tolist()}."
        )
    name = pick_loss(loss, OUTPUT_OF.get(type(last).__name__.lower(), "logits"), "category", classes)
    return Target(numbers, name, of_steps=True)


def lost(sheet: Sheet, output: Grid, target: Target) -> tuple[float, Grid]:
    """Write down the loss, the mean over the examples and their steps, and its slopes by the output."""
    sheet.begin("loss", "given", target.loss)
    y = sheet.given("y", target.numbers, of_examples=True)
    sheet.begin("loss", "loss", target.loss)
    lead = output.shape[:-1] if target.of_steps else output.shape[:1]
    count = math.prod(lead)
    each: list[Expression] = []
    made = empty(output.shape)
    for at in np.ndindex(lead):
        own, wanted = output[at], y[at]
        right = list(wanted.ravel()) if isinstance(wanted, np.ndarray) else [wanted]
        loss, slopes = LOSSES[target.loss](sheet, at, list(own.ravel()), right)
        each.append(sheet.name(sheet.called("L", at), loss))
        for place, slope in zip(np.ndindex(own.shape), slopes):
            made[(*at, *place)] = slope if count == 1 else slope / count
    whole = each[0] if count == 1 else sheet.name("L", total(each) / count)
    sheet.begin("loss", "backward", target.loss)
    return whole.value, sheet.slopes(output, made)
