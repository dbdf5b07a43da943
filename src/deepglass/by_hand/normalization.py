"""Normalization: a group of numbers is shifted to mean 0 and scaled to variance 1, then scaled and shifted by trained numbers."""

import itertools

import numpy as np

from deepglass.by_hand.expressions import Expression
from deepglass.by_hand.functions import sqrt, total
from deepglass.by_hand.rule import Rule, added, lists
from deepglass.by_hand.sheet import Grid, empty
from deepglass.errors import SettingError, ShapeError

Index = tuple[int, ...]


class Normalization(Rule):
    """n = gamma·xhat + beta with xhat = (x - mu) / sd and sd = sqrt(var + epsilon), over each group of numbers.

    Back through the mean and the variance, which depend on all numbers of the group:
    dL/dxhat = dL/dn·gamma, dL/dvar = -1/2·sum of dL/dxhat·(x - mu) / sd^3, dL/dmu = -(sum of dL/dxhat) / sd,
    dL/dx = dL/dxhat / sd + dL/dvar·2·(x - mu) / m + dL/dmu / m.
    Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.
    """

    letter = "n"
    decays = False
    gamma: Grid | None
    beta: Grid | None

    def prepare(self) -> None:
        self.gamma, self.beta = self.take("weight", "gamma"), self.take("bias", "beta")

    def groups(self, shape: Index) -> dict[Index, list[Index]]:
        """The numbers that are normalized together, by the index of the group."""
        raise NotImplementedError

    def called(self, base: str, group: Index) -> str:
        """The symbol of a number of a group."""
        raise NotImplementedError

    def place(self, at: Index) -> Index:
        """Which gamma and beta a number has."""
        raise NotImplementedError

    def statistics(self, group: Index, x: list[Expression]) -> tuple[Expression, Expression]:
        """Mean and variance of a group, as they are in these numbers."""
        mean = self.sheet.name(self.called("mu", group), total(x) / len(x))
        return mean, self.sheet.name(self.called("var", group), total((v - mean) ** 2 for v in x) / len(x))

    @property
    def from_numbers(self) -> bool:
        """Whether mean and variance come from the numbers themselves, so that slopes go through them."""
        return True

    def forward(self, x: Grid) -> Grid:
        self.x, self.members = x, self.groups(x.shape)
        self.known: dict[Index, tuple[Expression, Expression, Expression]] = {}
        scaled, n = empty(x.shape), empty(x.shape)
        for group, places in self.members.items():
            mean, variance = self.statistics(group, [x[at] for at in places])
            deviation = self.sheet.name(self.called("sd", group), sqrt(variance + self.layer.eps))
            self.known[group] = mean, variance, deviation
            for at in places:
                scaled[at] = (x[at] - mean) / deviation
        self.scaled = self.sheet.names(f"xhat{self.tag}", scaled)
        for at in np.ndindex(x.shape):
            n[at] = self.scaled[at] if self.gamma is None else self.gamma[self.place(at)] * self.scaled[at]
            n[at] = n[at] if self.beta is None else n[at] + self.beta[self.place(at)]
        return self.sheet.names(self.base, n)

    def backward(self, slope: Grid) -> Grid:
        if self.gamma is not None:
            by_gamma, by_beta = lists(self.gamma.shape), lists(self.gamma.shape)
            for at in np.ndindex(slope.shape):
                by_gamma[self.place(at)].append(slope[at] * self.scaled[at])
                by_beta[self.place(at)].append(slope[at])
            self.note("weight", added(by_gamma))
            self.note("bias", added(by_beta))
        made = empty(slope.shape)
        for at in np.ndindex(slope.shape):
            made[at] = slope[at] if self.gamma is None else slope[at] * self.gamma[self.place(at)]
        by_scaled, by_x = self.sheet.slopes(self.scaled, made), empty(slope.shape)
        for group, places in self.members.items():
            mean, _, deviation = self.known[group]
            if not self.from_numbers:
                for at in places:
                    by_x[at] = by_scaled[at] / deviation
                continue
            count = len(places)
            pulls = total(by_scaled[at] * (self.x[at] - mean) for at in places)
            by_variance = self.sheet.name(self.called("dL/dvar", group), -0.5 * pulls / deviation**3)
            by_mean = self.sheet.name(self.called("dL/dmu", group), -total(by_scaled[at] for at in places) / deviation)
            for at in places:
                through = by_variance * 2 * (self.x[at] - mean) / count
                by_x[at] = by_scaled[at] / deviation + through + by_mean / count
        return self.sheet.slopes(self.x, by_x)


class BatchNormalization(Normalization):
    """Each unit or map over the batch: with the batch's own statistics in training, with running ones in evaluation."""

    def prepare(self) -> None:
        super().prepare()
        self.running = None
        if self.layer.running_mean is not None:
            found = (self.layer.running_mean, self.layer.running_var)
            self.running = [self.sheet.given(f"{n}{self.tag}", b) for n, b in zip(("running_mu", "running_var"), found)]

    @property
    def from_numbers(self) -> bool:
        return self.training or self.running is None

    def groups(self, shape: Index) -> dict[Index, list[Index]]:
        if len(shape) < 2 or shape[1] != self.layer.num_features:
            raise ShapeError(
                f"{self.layer} normalizes {self.layer.num_features} channels, and gets {shape[1:]}. Give examples as "
                "(channels, ...); several of them with batch=True."
            )
        others = [range(n) for n in (shape[0], *shape[2:])]
        found: dict[Index, list[Index]] = {
            (c,): [(e, c, *rest) for e, *rest in itertools.product(*others)] for c in range(shape[1])
        }
        if self.from_numbers and len(found[0,]) < 2:
            raise SettingError(
                "Batch normalization in training needs several examples: of one alone the mean is itself and the variance 0. "
                "Give a batch (batch=True; on the command line --example several times), or leave training out."
            )
        return found

    def called(self, base: str, group: Index) -> str:
        return f"{base}{self.tag}[{group[0]}]"

    def place(self, at: Index) -> Index:
        return (at[1],)

    def statistics(self, group: Index, x: list[Expression]) -> tuple[Expression, Expression]:
        if self.from_numbers:
            return super().statistics(group, x)
        assert self.running is not None
        return self.running[0][group], self.running[1][group]

    def buffers(self) -> dict[str, Grid]:
        """Running statistics move a little towards those of the batch, of the variance its unbiased estimate."""
        if not self.training or self.running is None:
            return {}
        momentum = self.layer.momentum
        share = 1 / (int(self.layer.num_batches_tracked) + 1) if momentum is None else momentum
        found = {}
        for which, name in enumerate(("running_mean", "running_var")):
            made = empty(self.running[which].shape)
            for group, places in self.members.items():
                value = self.known[group][which]
                if which == 1:
                    value = value * len(places) / (len(places) - 1)
                before = self.running[which][group]
                made[group] = self.sheet.name(f"new {before.symbol}", (1 - share) * before + share * value)
            found[name] = made
        return found


class LayerNormalization(Normalization):
    """Each example over its own numbers, alike in training and in evaluation.

    Source: Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450, 2016.
    """

    def groups(self, shape: Index) -> dict[Index, list[Index]]:
        own = tuple(self.layer.normalized_shape)
        if len(shape) <= len(own) or shape[-len(own) :] != own:
            raise ShapeError(f"{self.layer} normalizes {own}, and gets {shape[1:]}. Several examples need batch=True.")
        inner = list(np.ndindex(own))
        return {at: [(*at, *i) for i in inner] for at in np.ndindex(shape[: -len(own)])}

    def called(self, base: str, group: Index) -> str:
        return self.sheet.called(f"{base}{self.tag}", group)

    def place(self, at: Index) -> Index:
        return at[-len(self.layer.normalized_shape) :]
