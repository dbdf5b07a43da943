"""Scribble: what a pen without memory reaches, one Gaussian for every offset; the least that handwriting has to beat."""

import math
from typing import Any

import torch
from torch import Tensor

from deepglass.data.stroke_encoding import OVER
from deepglass.tasks.mixture_density import SIGMA_FLOOR


def scribble(train: Tensor, other: Tensor) -> dict[str, Any]:
    """Fit one bivariate Gaussian and the shares of the pen's states on some drawings; score others in nats a point.

    Deviations have the floor of `mixture_density`. Shapes: both (drawings, points, 5), padded by rows that are over.
    """
    offsets, states = _points(train)
    mean = offsets.mean(dim=0)
    covariance = (offsets - mean).T @ (offsets - mean) / len(offsets) + SIGMA_FLOOR**2 * torch.eye(2)
    counts = torch.stack([(states == k).sum() for k in range(2)] + [torch.tensor(len(train))]).double()
    pen = (counts / counts.sum()).clamp(min=1e-12).log()
    given, drawn = _points(other)
    apart = given - mean
    distance = (apart @ covariance.inverse() * apart).sum(dim=1)
    nats = math.log(2 * math.pi) + covariance.logdet() / 2 + distance / 2
    total = len(given) + len(other)
    offset_loss = float(nats.sum()) / total
    pen_loss = -float(pen[drawn].sum() + pen[2] * len(other)) / total
    return {"loss": offset_loss + pen_loss, "offset_loss": offset_loss, "pen_loss": pen_loss}


def _points(drawings: Tensor) -> tuple[Tensor, Tensor]:
    """The offsets (points, 2) and pen states (points,) of all drawings, without what is over."""
    rows = drawings.cpu().double().flatten(0, 1)
    rows = rows[rows[:, OVER] == 0]
    return rows[:, :2], rows[:, 2:].argmax(dim=1)
