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
    """Numbers (examples, ...) and the name of a loss of LOSSES."""

    numbers: np.ndarray
    loss: str


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


def lost(sheet: Sheet, output: Grid, target: Target) -> tuple[float, Grid]:
    """Write down the loss, the mean over the examples, and its slopes by the output."""
    sheet.begin("loss", "given", target.loss)
    y = sheet.given("y", target.numbers, of_examples=True)
    sheet.begin("loss", "loss", target.loss)
    count = len(output)
    each: list[Expression] = []
    made = empty(output.shape)
    for e in range(count):
        loss, slopes = LOSSES[target.loss](
            sheet, e, list(output[e].ravel()), list(y[e].ravel() if y.ndim > 1 else y[e : e + 1])
        )
        each.append(sheet.name(sheet.called("L", (e,)), loss))
        for at, slope in zip(np.ndindex(output.shape[1:]), slopes):
            made[(e, *at)] = slope if count == 1 else slope / count
    whole = each[0] if count == 1 else sheet.name("L", total(each) / count)
    sheet.begin("loss", "backward", target.loss)
    return whole.value, sheet.slopes(output, made)
