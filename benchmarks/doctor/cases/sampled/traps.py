"""Traps: what is odd in a healthy program and does no harm: functions (context, random); None where it would not be odd."""

from collections.abc import Callable
from random import Random

import numpy as np
import torch
from torch import nn

from cases.sampled.context import Context
from cases.sampled.losses import criterion
from cases.sampled.networks import linears
from cases.sampled.planted import own_loop

Trap = Callable[[Context, Random], Context | None]


def noisy(c: Context, random: Random) -> Context | None:
    """Targets that nobody could tell better, in training and validation alike."""
    if c.task == "copy":
        return None
    share = random.uniform(0.12, 0.25)

    def made(x, y, rng):
        if y.dtype.kind == "i":
            return x, np.where(rng.random(len(y)) < share, rng.integers(y.max() + 1, size=len(y)), y)
        return x, (y + 4 * share * y.std(0) * rng.standard_normal(y.shape)).astype(np.float32)

    return c.hook(made=made).but(epochs=max(5, c.epochs // 2))


def tiny(c: Context, random: Random) -> Context | None:
    if c.form != "table":
        return None
    return c.but(rows=random.randint(60, 140), batch=random.choice([4, 8, 16]), level=0.0, epochs=30)


def one_a_step(c: Context, random: Random) -> Context | None:
    if c.norm == "batch" or c.rows > 800 or c.form != "table":
        return None
    return c.but(batch=random.choice([1, 2]), accumulate=1, rate=c.rate / 10, epochs=max(3, min(8, c.epochs)))


def all_a_step(c: Context, random: Random) -> Context | None:
    return c.but(batch=int(0.75 * c.rows), accumulate=1, epochs=300, schedule="") if c.form == "table" else None


def unscaled(c: Context, random: Random) -> Context | None:
    """Inputs far from 0 before a batch norm, or of some tens beside an optimizer that does not mind."""
    if c.form != "table":
        return None
    away = random.choice([5, 30])

    def network(net):
        return nn.Sequential(nn.BatchNorm1d(net[0].in_features), *net) if hasattr(net[0], "in_features") else net

    if c.batch < 8 or c.network != "mlp" or c.task == "copy":
        return None
    return (
        own_loop(c).hook(parts=lambda x, y, xv, yv, rng: (x + away, y, xv + away, yv), network=network).but(scale=False)
    )


def far_targets(c: Context, random: Random) -> Context | None:
    if c.is_classes or c.task == "copy":
        return None
    mean, spread = random.choice([(3.0, 1.5), (-2.0, 3.0), (0.5, 0.3)])
    return c.hook(made=lambda x, y, rng: (x, ((y - y.mean(0)) / y.std(0) * spread + mean).astype(np.float32))).but(
        scale_targets=False
    )


def one_is_rare(c: Context, random: Random) -> Context | None:
    """A rare class that is found all the same."""
    if c.task != "binary" or c.form != "table":
        return None
    share = random.uniform(0.1, 0.2)

    def made(x, y, rng):
        kept = (y == 0) | (rng.random(len(y)) < share)
        return np.where(y[:, None] == 1, x + 1.5 * x.std(0), x)[kept].astype(np.float32), y[kept]

    return c.hook(made=made).but(by_class=True, style="index" if c.style == "train" else c.style)


def rows_again(c: Context, random: Random) -> Context | None:
    """Measurements that were rounded, so that rows come again by chance, in validation too."""
    if c.form != "table" or c.task == "copy":
        return None

    def made(x, y, rng):
        some = (x - x.mean(0)) / (x.std(0) + 1e-6)
        return (some[:, :3] * 1.5).round().astype(np.float32), y

    return c.hook(made=made).but(level=0.0)


def counted(c: Context, random: Random) -> Context | None:
    """A column that numbers rows which stand in no order."""
    if c.form != "table" or c.task in ("copy", "numbers"):
        return None
    return c.hook(made=lambda x, y, rng: (np.concatenate([x, np.arange(len(x))[:, None]], 1).astype(np.float32), y))


def as_they_come(c: Context, random: Random) -> Context | None:
    """Rows in no order, always gone through in the same one."""
    return c.hook(order=lambda y: torch.arange(len(y)))


def much_dropout(c: Context, random: Random) -> Context | None:
    if c.network not in ("mlp", "averaged", "resconv", "dilated") or c.task == "copy":
        return None
    widths = tuple(max(96, w) for w in c.widths[:2]) if c.network == "mlp" else c.widths
    return c.but(dropout=random.choice([0.4, 0.5]), widths=widths)


def last_at_zero(c: Context, random: Random) -> Context | None:
    """A last layer that starts at 0, as many do on purpose."""

    @torch.no_grad()
    def network(net):
        net[-1].weight.zero_()
        net[-1].bias.zero_()
        return net

    return own_loop(c).hook(network=network)


def own_start(c: Context, random: Random) -> Context | None:
    how = random.choice([nn.init.orthogonal_, nn.init.xavier_normal_, lambda w: nn.init.normal_(w, 0, 0.08)])

    def network(net):
        for layer in linears(net):
            how(layer.weight)
            nn.init.zeros_(layer.bias)
        return net

    return own_loop(c).hook(network=network)


def goes_on(c: Context, random: Random) -> Context | None:
    """A training that goes on from weights that were trained before; perhaps of its last layer alone."""
    c, held_back = own_loop(c), []
    is_head = random.random() < 0.4 and c.form == "picture"

    def given(x, y, xv, yv):
        held_back[:] = [x, y]
        return x, y, xv, yv

    def network(net):
        x, y = held_back
        optimizer, loss_of = torch.optim.Adam(net.parameters(), lr=2e-3), criterion(c)
        for _ in range(150):
            some = torch.randint(len(x), (64,))
            optimizer.zero_grad()
            loss_of(net(x[some]), y[some]).backward()
            optimizer.step()
        optimizer.zero_grad()
        if is_head:
            net[:-1].requires_grad_(False)
        return net

    held = {"held": lambda net: [p for p in net.parameters() if p.requires_grad]} if is_head else {}
    return c.hook(given=given, network=network, **held).but(
        rate=c.rate / random.choice([1, 3]), epochs=max(5, c.epochs // 2), norm=""
    )


def long_after(c: Context, random: Random) -> Context | None:
    """Far more epochs than it takes, with a rate that falls."""
    return c.but(epochs=2 * c.epochs, schedule="cosine")


def cut_short(c: Context, random: Random) -> Context | None:
    """Gradients that are cut at nearly every step, beside an optimizer that does not mind."""
    return c.but(clip=0.1) if c.optimizer in ("adam", "nadam", "radam", "adamax", "lion") else None


def fast(c: Context, random: Random) -> Context | None:
    return c.but(rate=3 * c.rate, schedule="cosine")


def wide(c: Context, random: Random) -> Context | None:
    """Many more weights than rows, some penalty, few epochs."""
    if c.network != "mlp" or c.task == "copy":
        return None
    return c.but(widths=(512,), decay=1e-3, epochs=max(5, c.epochs // 4))


TRAPS: dict[str, Trap] = {
    trap.__name__: trap
    for trap in (
        *(noisy, tiny, one_a_step, all_a_step, unscaled, far_targets, one_is_rare, rows_again, counted),
        *(as_they_come, much_dropout, last_at_zero, own_start, goes_on, long_after, cut_short, fast, wide),
    )
}
