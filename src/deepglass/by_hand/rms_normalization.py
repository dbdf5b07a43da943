"""RMS normalization: a group of numbers is divided by the root of the mean of their squares, then scaled by trained numbers."""

import numpy as np
import torch

from deepglass.by_hand.functions import sqrt, total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.errors import ShapeError


class RootMeanSquare(Rule):
    """n = gamma·xhat with xhat = x / rms and rms = sqrt(mean of x^2 + epsilon); no mean is taken off, and nothing is added.

    Back through the root, which depends on all m numbers of the group: dL/dxhat = dL/dn·gamma,
    dL/drms = -(sum of dL/dxhat·x) / rms^2, dL/dx = dL/dxhat / rms + dL/drms·x / (m·rms). For nn.RMSNorm.
    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467, equation 4.
    """

    letter = "n"
    decays = False

    def prepare(self) -> None:
        self.gamma = self.take("weight", "gamma")

    def forward(self, x: Grid) -> Grid:
        own = tuple(self.layer.normalized_shape)
        if x.ndim <= len(own) or x.shape[-len(own) :] != own:
            raise ShapeError(
                f"{self.layer} normalizes {own}, and gets {x.shape[1:]}. Several examples need batch=True."
            )
        self.x, self.inner = x, list(np.ndindex(own))
        self.rms, self.xhat, made = empty(x.shape[: -len(own)]), empty(x.shape), empty(x.shape)
        epsilon = self.layer.eps  # where none is given, torch takes the smallest step of the numbers' kind
        if epsilon is None:
            epsilon = torch.finfo(torch.float64 if self.gamma is None else self.layer.weight.dtype).eps
        for at in np.ndindex(self.rms.shape):
            mean = total(x[(*at, *i)] ** 2 for i in self.inner) / len(self.inner)
            self.rms[at] = self.sheet.name(self.sheet.called(f"rms{self.tag}", at), sqrt(mean + epsilon))
            for i in self.inner:
                place = (*at, *i)
                symbol = self.sheet.called(f"xhat{self.tag}", place)
                self.xhat[place] = self.sheet.name(symbol, x[place] / self.rms[at])
                made[place] = self.xhat[place] if self.gamma is None else self.gamma[i] * self.xhat[place]
        return self.sheet.names(self.base, made)

    def backward(self, slope: Grid) -> Grid:
        made, by_gamma = empty(self.x.shape), None if self.gamma is None else lists(self.gamma.shape)
        for at in np.ndindex(self.rms.shape):
            rms, by_xhat = self.rms[at], {}
            for i in self.inner:
                place = (*at, *i)
                arriving = slope[place] if self.gamma is None else slope[place] * self.gamma[i]
                by_xhat[i] = self.sheet.name(f"dL/d{self.xhat[place].symbol}", arriving)
                if by_gamma is not None:
                    by_gamma[i].append(slope[place] * self.xhat[place])
            falling = total(by_xhat[i] * self.x[(*at, *i)] for i in self.inner)
            by_rms = self.sheet.name(f"dL/d{rms.symbol}", -falling / rms**2)
            for i in self.inner:
                place = (*at, *i)
                made[place] = by_xhat[i] / rms + by_rms * self.x[place] / (len(self.inner) * rms)
        if by_gamma is not None:
            self.note("weight", added(by_gamma))
        return self.sheet.slopes(self.x, made)
