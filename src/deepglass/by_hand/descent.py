"""Descent: one step of gradient descent, plain or with momentum."""

import numpy as np

from deepglass.by_hand.expressions import Constant, Expression, Named
from deepglass.by_hand.sheet import Grid, Sheet, empty


def unseen(
    weights: np.ndarray, velocity: np.ndarray | None, *, learning_rate: float, momentum: float, weight_decay: float
) -> tuple[np.ndarray, np.ndarray]:
    """The same step for weights without a slope, such as rows of a table that no example looked up: new weights, and v."""
    pull = weight_decay * weights
    if momentum and velocity is not None:
        pull = momentum * velocity + pull
    return weights - learning_rate * pull, pull


def step(
    sheet: Sheet,
    weights: Grid,
    slopes: Grid,
    *,
    learning_rate: float,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    velocity: Grid | None = None,
) -> tuple[Grid, Grid | None]:
    """Write down new weights: w - rate·dL/dw; with momentum w - rate·v, where v = momentum·(v before) + dL/dw.

    Args:
        weight_decay: lambda of a penalty lambda/2·|w|^2, which adds lambda·w to the slope.
        velocity: v before, numbers of the shape of the weights; zero where none is given.
    Returns: the new weights and the new v, which is None without momentum.
    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; in torch's form.
    """
    new, moving = empty(weights.shape), empty(weights.shape) if momentum else None
    for at in np.ndindex(weights.shape):
        w, pull = weights[at], slopes[at]
        if weight_decay:
            pull = pull + weight_decay * w
        if moving is not None:
            before: Expression = Constant(0)
            if velocity is not None:
                before = Named(f"v of {w.symbol} before", velocity[at])
            pull = moving[at] = sheet.name(f"v of {w.symbol}", momentum * before + pull)
        elif weight_decay:
            pull = sheet.name(f"pull of {w.symbol}", pull)
        new[at] = sheet.name(f"new {w.symbol}", w - learning_rate * pull)
    return new, moving
