"""Losses of drawn programs, in the ways people write them, and the scores of validation."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cases.sampled.context import Context


def criterion(c: Context) -> Callable[[Tensor, Tensor], Tensor]:
    """What a context's loop calls with the network's output and the targets."""
    if "loss" in c.hooks:
        return c.hooks["loss"]
    if c.task == "binary":
        if not c.one_logit:
            return nn.CrossEntropyLoss()
        if c.loss == "softplus by hand":
            return lambda output, y: F.softplus(output.squeeze(1) * (1 - 2.0 * y)).mean()
        written = nn.BCEWithLogitsLoss() if c.loss == "BCEWithLogitsLoss" else F.binary_cross_entropy_with_logits
        return lambda output, y: written(output.squeeze(1), y.float())
    if c.task == "classes":
        return {
            "CrossEntropyLoss": nn.CrossEntropyLoss(),
            "smoothed": nn.CrossEntropyLoss(label_smoothing=0.1),
            "one-hot by hand": lambda output, y: -(F.one_hot(y, output.shape[1]) * output.log_softmax(1)).sum(1).mean(),
            "margin": nn.MultiMarginLoss(),
            "nll of log_softmax": lambda output, y: F.nll_loss(F.log_softmax(output, dim=1), y),
        }.get(c.loss, F.cross_entropy)
    return lambda output, y: distance(c.loss)(fitted(output, y), y)


def distance(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """A distance of numbers, by the name in context.LOSSES."""
    return {
        "MSELoss": nn.MSELoss(),
        "SmoothL1Loss": nn.SmoothL1Loss(),
        "by hand": lambda output, y: ((output - y) ** 2).mean(),
        "HuberLoss": nn.HuberLoss(),
        "L1Loss": nn.L1Loss(),
        "logarithm of cosh": lambda output, y: (output - y + F.softplus(-2 * (output - y)) - 0.6931).mean(),
        "root": lambda output, y: F.mse_loss(output, y).sqrt(),
    }.get(name, F.mse_loss)


def fitted(output: Tensor, y: Tensor) -> Tensor:
    """Take the column away where targets have none."""
    return output.squeeze(1) if output.ndim == y.ndim + 1 else output


@torch.no_grad()
def scores(c: Context, output: Tensor, y: Tensor) -> dict[str, float]:
    """The score that counts, of validation: accuracy (or its mean over classes), or r2."""
    if not c.is_classes:
        output = output.reshape(y.shape)
        return {"r2": float(1 - (output - y).square().sum() / (y - y.mean(0)).square().sum())}
    if "answers" in c.hooks:
        named = c.hooks["answers"](output)
    else:
        named = (output.reshape(len(y)) > 0).long() if output.shape[1] == 1 else output.argmax(1)
    right = (named == y).float()
    if c.by_class:
        return {"balanced_accuracy": float(torch.stack([right[y == k].mean() for k in y.unique()]).mean())}
    return {"accuracy": float(right.mean())}
