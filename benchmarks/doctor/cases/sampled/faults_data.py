"""Faults of inputs and of the split: functions (context, random) named by their kind."""

from random import Random

import numpy as np
import torch

from cases.sampled.context import Context
from cases.sampled.networks import ChannelsFirst
from cases.sampled.planted import TOO_GOOD, Planted, own_loop, strength


def inputs_not_finite(c: Context, random: Random) -> Planted | None:
    c, how, many = (
        own_loop(c),
        random.choice(["a missing value", "the logarithm of 0", "0 / 0"]),
        random.choice([1, 3, 20]),
    )

    def given(x, y, xv, yv):
        x = x.clone()
        if how == "0 / 0":
            x.view(len(x), -1)[:, 0] = (x - x).view(len(x), -1)[:, 0] / (x - x).view(len(x), -1)[:, 0]
        else:
            x.view(-1)[torch.linspace(5, x.numel() - 5, many).long()] = float("nan" if how[0] == "a" else "-inf")
        return x, y, xv, yv

    return Planted(c.hook(given=given), c, "x", f"see to {how}", ("log_of_zero",) if "log" in how else (), "data")


def inputs_unscaled(c: Context, random: Random) -> Planted | None:
    if c.norm == "batch" or c.form == "series":
        return None
    factor = strength(random, 20, 2000)
    shift = random.choice([0, 0, 1])
    if c.form == "picture":
        factor, shift = 255.0, 0

    def parts(x, y, xv, yv, rng):
        spread = x.std(axis=0).mean()
        return x / spread * factor + 3 * shift * factor, y, xv / spread * factor + 3 * shift * factor, yv

    c = c.hook(parts=parts)
    also = ("saturated_units", "dead_units", "rate_too_high", "huge_column")
    return Planted(
        c.but(scale=False), c, "x", "standardize the inputs", also, "settings" if c.style == "train" else "code"
    )


def inputs_constant(c: Context, random: Random) -> Planted | None:
    c, how = own_loop(c), random.choice(["divided twice", "whole numbers", "the mean of all"])
    shrink = strength(random, 1e-4, 2e-3)

    def given(x, y, xv, yv):
        if how == "divided twice":
            return x * shrink, y, xv * shrink, yv
        if how == "whole numbers":
            return (x / 8).round(), y, (xv / 8).round(), yv
        return (
            x.mean(0, keepdim=True) + 1e-3 * (x - x.mean(0)),
            y,
            xv.mean(0, keepdim=True) + 1e-3 * (xv - xv.mean(0)),
            yv,
        )

    shrink = shrink / 10 if "adam" in c.optimizer else shrink
    return Planted(c.hook(given=given), c, "x", "scale once", ("inputs_unscaled", "rate_too_low"))


def huge_column(c: Context, random: Random) -> Planted | None:
    if c.form != "table" or c.norm == "batch" or c.task == "copy":
        return None
    how, factor = random.choice(["a column", "sentinels", "one typing error"]), strength(random, 1e3, 1e5)

    def ruined(x, y, rng, mend):
        x = (x - x.mean(0)) / (x.std(0) + 1e-6)
        if how == "a column":
            x = np.concatenate([x, rng.standard_normal((len(x), 1)) * (1 if mend else factor)], axis=1)
        elif not mend:
            hit = rng.random(x.shape) < (0.02 if how == "sentinels" else 0)
            hit[len(x) // 3, :] = True
            x = np.where(hit, -9999.0 if how == "sentinels" else factor, x)
        return x.astype(np.float32), y

    faulty = c.hook(made=lambda x, y, rng: ruined(x, y, rng, False))
    mended = c.hook(made=lambda x, y, rng: ruined(x, y, rng, True))
    scale = how != "a column"
    repair = "scale the column" if how == "a column" else "mend the values"
    return Planted(faulty.but(scale=scale), mended.but(scale=scale), "x", repair, ("inputs_unscaled",), "data")


def channels_last(c: Context, random: Random) -> Planted | None:
    if c.network in ("conv1d", "dilated"):
        c = own_loop(c)

        def network(net):
            net[0] = ChannelsFirst(reshape=True)
            return net

        return Planted(c.hook(network=network), c, "forward", "x.transpose(1, 2)", ("labels_shuffled",))
    if c.form != "picture" or c.source in ("digit_pictures", "dots", "spot"):
        return None
    c = own_loop(c)
    how = random.choice(["reshape", "view", "last"])

    def given(x, y, xv, yv):
        turned = [part.permute(0, 2, 3, 1).contiguous() for part in (x, xv)]
        if how != "last":
            turned = [t.reshape(len(t), t.shape[3], t.shape[1], t.shape[2]) for t in turned]
        return turned[0], y, turned[1], yv

    return Planted(c.hook(given=given), c, "x", "x.permute(0, 3, 1, 2)", ("labels_shuffled",) if how != "last" else ())


def leakage_duplicates(c: Context, random: Random) -> Planted | None:
    if c.task == "copy":
        return None
    share, how = random.choice([0.5, 0.8, 1.0]), random.choice(["copied", "nearly copied"])

    def parts(x, y, xv, yv, rng):
        some = rng.random(len(xv)) < share
        from_train = rng.integers(len(x), size=len(xv))
        near = x[from_train] + (1e-4 * x.std() * rng.standard_normal(xv.shape) if how != "copied" else 0)
        xv = np.where(some.reshape(-1, *[1] * (x.ndim - 1)), near, xv).astype(np.float32)
        yv = np.where(some.reshape(-1, *[1] * (y.ndim - 1)), y[from_train], yv)
        return x, y, xv, yv

    return Planted(c.hook(parts=parts), c, "validation", "part before copying", (), "data", TOO_GOOD)


def leakage_target(c: Context, random: Random) -> Planted | None:
    if c.form != "table" or c.task in ("copy", "numbers"):
        return None
    noise = random.choice([0.0, 0.01, 0.03])

    def made(x, y, rng):
        told = (y - y.mean()) / y.std() + noise * rng.standard_normal(len(y))
        return np.concatenate([x, told[:, None] * x.std()], axis=1).astype(np.float32), y

    return Planted(c.hook(made=made), c, "the last column", "leave the column out", (), "data", TOO_GOOD)


def identifier(c: Context, random: Random) -> Planted | None:
    if c.form != "table" or c.task in ("copy", "numbers"):
        return None

    def made(x, y, rng):
        order = y.argsort(kind="stable")
        number = np.empty(len(y))
        number[order] = np.arange(len(y)) + 1000
        return np.concatenate([x, number[:, None]], axis=1).astype(np.float32), y

    return Planted(
        c.hook(made=made), c, "the last column", "leave the number out", ("leakage_target",), "data", TOO_GOOD
    )


def split_sorted(c: Context, random: Random) -> Planted | None:
    if c.task == "copy" or c.form == "series":
        return None

    def made(x, y, rng):
        order = y.argsort(kind="stable") if y.ndim == 1 else y[:, 0].argsort(kind="stable")
        return x[order], y[order]

    also = ("validation_shift", "class_never_predicted") if c.is_classes else ("validation_shift",)
    return Planted(c.hook(made=made), c, "split", "mix before cutting", also, "data")


def validation_shift(c: Context, random: Random) -> Planted | None:
    if c.task == "copy":
        return None
    c, how = own_loop(c), random.choice(["unscaled", "moved", "stretched"])
    factor, away = strength(random, 5, 100), random.choice([2, 4])

    def given(x, y, xv, yv):
        if how == "moved":
            return x, y, xv + away, yv
        return x, y, xv * factor + (3 * factor if how == "unscaled" else 0), yv

    return Planted(c.hook(given=given), c, "validation", "scale by the numbers of training", ("inputs_unscaled",))
