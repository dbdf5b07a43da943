"""Faults of steps and of when to end: functions (context, random) named by their kind."""

from random import Random

import torch
from torch import nn

from cases.sampled.context import Context
from cases.sampled.planted import Planted, own_loop, strength


def _by(c: Context) -> str:
    return "settings" if c.style == "train" else "code"


def rate_too_high(c: Context, random: Random) -> Planted | None:
    high = c.but(rate=c.rate * strength(random, 10, 1000))
    return Planted(
        high, c, "learning_rate", f"learning_rate={c.rate}", ("exploding", "dead_units", "saturated_units"), _by(c)
    )


def rate_too_low(c: Context, random: Random) -> Planted | None:
    how = random.choice(["small", "small", "schedule"])
    if how == "schedule":
        c, gamma = own_loop(c).but(schedule=""), random.uniform(0.7, 0.93)

        def step(network, optimizer, loss_of, x, y, number, last):
            optimizer.zero_grad()
            loss = loss_of(network(x), y)
            loss.backward()
            if c.clip:
                nn.utils.clip_grad_norm_(network.parameters(), c.clip)
            optimizer.step()
            for group in optimizer.param_groups:  # an exponential schedule, stepped a batch instead of an epoch
                group["lr"] *= gamma
            return loss.detach()

        return Planted(c.hook(step=step), c, "scheduler", "scheduler.step() once an epoch", ("unfinished",))
    low = c.but(rate=c.rate / strength(random, 30, 10_000))
    return Planted(low, c, "learning_rate", f"learning_rate={c.rate}", ("unfinished",), _by(c))


def momentum_too_high(c: Context, random: Random) -> Planted | None:
    c = c.but(
        optimizer={"held": "nesterov", "third": "heavy"}.get(c.family, "momentum"), rate=min(c.rate, 0.03), schedule=""
    )
    return Planted(
        c.but(momentum=random.choice([0.99, 0.995, 0.999])), c, "momentum", "momentum=0.9", ("rate_too_high",), _by(c)
    )


def batch_too_small(c: Context, random: Random) -> Planted | None:
    if c.rows > 450 or c.norm == "batch" or c.form == "series":
        return None
    rate = {
        "sgd": 0.2,
        "momentum": 0.05,
        "nesterov": 0.05,
        "adam": 0.02,
        "adamw": 0.02,
        "rmsprop": 0.01,
        "adagrad": 0.1,
        "nadam": 0.02,
        "adamax": 0.04,
        "radam": 0.02,
        "adadelta": 3.0,
        "lion": 5e-3,
        "heavy": 0.03,
    }
    c = c.but(batch=32, rate=rate[c.optimizer], epochs=min(c.epochs, 12), clip=0, schedule="")
    return Planted(c.but(batch=random.choice([1, 1, 2])), c, "batch_size", "batch_size=32", ("rate_too_high",), _by(c))


def batch_too_large(c: Context, random: Random) -> Planted | None:
    if c.batch > 32 or c.epochs > 40:
        return None
    return Planted(
        c.but(batch=int(0.75 * c.rows)),
        c,
        "batch_size",
        f"batch_size={c.batch}",
        ("unfinished", "rate_too_low"),
        _by(c),
    )


def clipping_too_strict(c: Context, random: Random) -> Planted | None:
    if c.optimizer not in ("sgd", "momentum", "nesterov", "heavy"):
        if c.style == "train" or "ada" in c.optimizer:
            return None
        c = c.but(optimizer={"tuning": "momentum", "held": "nesterov"}.get(c.family, "heavy"), rate=0.02)
    strict = c.but(clip=strength(random, 1e-5, 1e-2))
    return Planted(
        strict, c.but(clip=random.choice([0, 5.0])), "clip_norm", "clip_norm=5", ("rate_too_low", "unfinished"), _by(c)
    )


def decay_too_strong(c: Context, random: Random) -> Planted | None:
    if random.random() < 0.3 and c.style != "train":
        strong = strength(random, 0.1, 3)

        def step(network, optimizer, loss_of, x, y, number, last):
            optimizer.zero_grad()
            loss = loss_of(network(x), y) + strong * sum(p.square().sum() for p in network.parameters())
            loss.backward()
            optimizer.step()
            return loss.detach()

        return Planted(c.hook(step=step), c, "penalty", "a hundredth of it", ("underfitting", "predicts_mean"))
    strong = strength(random, 0.1, 3) * (10 if c.optimizer == "adamw" else 1)
    return Planted(
        c.but(decay=strong), c, "weight_decay", "weight_decay=1e-4", ("underfitting", "predicts_mean"), _by(c)
    )


def unfinished(c: Context, random: Random) -> Planted | None:
    if c.epochs < 8:
        return None
    short = c.but(epochs=random.choice([1, 2, 3, max(2, c.epochs // 15)]))
    return Planted(short, c, "epochs", f"epochs={c.epochs}", ("rate_too_low",), _by(c))


def overfitting(c: Context, random: Random) -> Planted | None:
    if c.task == "copy" or c.form == "series":
        return None
    wide = tuple(max(64, w) for w in c.widths) if c.network in ("mlp", "residual", "skips") else c.widths
    base = c.but(rows=min(c.rows, random.choice([80, 120, 160])), widths=wide, dropout=0, decay=0, schedule="", norm="")
    base = base.but(batch=min(16, base.batch), evaluates="each", says=random.choice(["all", "all", "nothing"]))
    base = base.but(rate=base.rate, early_stopping=False, level=max(0.6, base.level))
    many, few = random.choice([80, 120]), random.choice([6, 8, 12])

    def given(x, y, xv, yv):
        noisy = torch.Generator().manual_seed(len(x))
        if y.is_floating_point():
            y, yv = (part + 0.6 * torch.randn(part.shape, generator=noisy) for part in (y, yv))
        return x, y, xv, yv

    if base.style != "train":
        base = base.hook(given=given)
    repair = f"epochs={few}, or stop by validation"
    return Planted(base.but(epochs=many), base.but(epochs=few), "epochs", repair, (), _by(c), metric="loss")
