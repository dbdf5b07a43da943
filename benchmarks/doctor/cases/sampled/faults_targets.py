"""Faults of targets, losses and the last layer: functions (context, random) named by their kind."""

from random import Random

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from cases.sampled.context import BINARY, Context
from cases.sampled.losses import criterion, distance, fitted
from cases.sampled.planted import Planted, own_loop, strength


def _with_head(*head: nn.Module):
    return lambda network: nn.Sequential(*network, *head)


def _rounded(c: Context) -> bool:
    return c.task in ("number", "numbers")


def targets_unscaled(c: Context, random: Random) -> Planted | None:
    if not _rounded(c) or (c.loss == "SmoothL1Loss" and c.style != "train"):
        return None
    factor, shift = random.choice([(1000, 0), (1000, 3000), (50, 500), (20_000, 100_000), (1e-4, 0)])

    def made(x, y, rng):
        return x, ((y - y.mean(0)) / y.std(0) * factor + shift).astype(np.float32)

    c = c.hook(made=made)
    also = ("rate_too_low", "unfinished", "rate_too_high", "exploding")
    return Planted(
        c.but(scale_targets=False),
        c,
        "y",
        "standardize the targets",
        also,
        "settings" if c.style == "train" else "code",
    )


def targets_constant(c: Context, random: Random) -> Planted | None:
    if c.task == "copy":
        return None
    c, how = own_loop(c), random.choice(["cast", "one value", "nearly all"])

    def given(x, y, xv, yv):
        first = y.flatten()[0] if c.is_classes else y.float().mean()
        same = torch.full_like(y, float(first))
        if how == "cast" and not c.is_classes:
            same = (0.05 * y).round()
        if how == "nearly all":
            same[: max(1, len(y) // 100)] = y[: max(1, len(y) // 100)]
        return x, same, xv, yv

    return Planted(
        c.hook(given=given), c, "y", "keep the targets", ("imbalance", "class_never_predicted", "predicts_mean"), "data"
    )


def labels_shuffled(c: Context, random: Random) -> Planted | None:
    if c.task == "copy":
        return None
    how = random.choice(["shuffled", "shifted", "one side mixed a batch"])
    if how == "one side mixed a batch":
        c = own_loop(c)
        return Planted(
            c.hook(dealt=lambda x, y: (x[torch.randperm(len(x))], y)), c, "batches", "one order for both", ()
        )

    def parts(x, y, xv, yv, rng):
        return x, rng.permutation(y) if how == "shuffled" else np.roll(y, 1, axis=0), xv, yv

    return Planted(c.hook(parts=parts), c, "y", "one order for both", (), "data")


def label_noise(c: Context, random: Random) -> Planted | None:
    if not c.is_classes:
        return None
    share = random.uniform(0.3, 0.45) if c.task == "binary" else random.uniform(0.4, 0.65)

    def parts(x, y, xv, yv, rng):
        wrong = (y + rng.integers(1, y.max() + 1, size=len(y))) % (y.max() + 1)
        return x, np.where(rng.random(len(y)) < share, wrong, y), xv, yv

    return Planted(c.hook(parts=parts), c, "y", "correct the labels", ("overfitting", "labels_shuffled"), "data")


def labels_encoded_wrongly(c: Context, random: Random) -> Planted | None:
    c = own_loop(c)
    if c.task == "binary":
        how = random.choice([(-1, 1), (1, 2)])
        base = criterion(c)
        loss = lambda output, y: base(output, how[0] + (how[1] - how[0]) * y)  # noqa: E731
        return Planted(c.hook(loss=loss), c, "y", "0 and 1", ("wrong_loss",))
    if c.task != "classes":
        return None

    def network(net):
        net[-1] = nn.Linear(net[-1].in_features, 1)
        return net

    loss = lambda output, y: F.mse_loss(output.squeeze(1), y.float())  # noqa: E731
    faulty = c.hook(network=network, loss=loss, answers=lambda output: output.squeeze(1).round().long())
    return Planted(faulty, c, "loss", "an output a class, and cross-entropy", ("wrong_loss",))


def imbalance(c: Context, random: Random) -> Planted | None:
    if c.form != "table" or c.task in ("copy", "numbers", "number"):
        return None
    share, source = random.uniform(0.03, 0.07), "moons" if c.family == "tuning" else random.choice(BINARY[c.family])
    c = own_loop(c).but(source=source, by_class=True, rows=random.randint(1200, 2400), loss="", level=c.level / 2)
    c = c.but(epochs=max(4, min(c.epochs, 700 * c.batch // c.rows)))

    def made(x, y, rng):
        kept = (y == 0) | (rng.random(len(y)) < share)
        flipped = np.where(rng.random(len(y)) < 0.01, 1 - y, y)
        return (x + 0.3 * x.std(0) * rng.standard_normal(x.shape))[kept].astype(np.float32), flipped[kept]

    c = c.hook(made=made)

    def weighted(output, y):
        weight = torch.tensor(1 / share)
        return F.binary_cross_entropy_with_logits(output.squeeze(1), y.float(), pos_weight=weight)

    return Planted(
        c, c.hook(loss=weighted), "loss", "weigh the rare class", ("class_never_predicted", "metric_disagrees")
    )


def class_never_predicted(c: Context, random: Random) -> Planted | None:
    if c.task != "classes":
        return None
    c, how, base = own_loop(c), random.choice(["left out", "no weight"]), criterion(c)

    def given(x, y, xv, yv):
        kept = y != y.max()
        return x[kept], y[kept], xv, yv

    def loss(output, y):
        weight = torch.ones(output.shape[1])
        weight[1] = 0.0
        return F.cross_entropy(output, y, weight=weight)

    if how == "left out":
        return Planted(
            c.hook(given=given), c, "y", "keep all classes", ("imbalance", "split_sorted", "validation_shift"), "data"
        )
    return Planted(c.hook(loss=loss), c.hook(loss=base), "loss", "weights above 0", ("wrong_loss", "imbalance"))


def activation_twice(c: Context, random: Random) -> Planted | None:
    c = own_loop(c)
    if c.task == "classes":
        head = random.choice([nn.Softmax(dim=1), nn.Softmax(dim=-1), nn.Sigmoid()])
        return Planted(c.hook(network=_with_head(head)), c, "last", "end with the logits", ("output_range",))
    if c.task == "binary":
        answers = lambda output: (output.reshape(-1) > 0.5).long()  # noqa: E731
        faulty = c.hook(network=_with_head(nn.Sigmoid()), answers=answers)
        return Planted(faulty, c, "last", "end with the logits", ("output_range",), metric="loss")
    return None


def softmax_on_one_unit(c: Context, random: Random) -> Planted | None:
    if not c.is_classes or c.form != "table":
        return None
    c = own_loop(c)
    if c.task != "binary":
        c = c.but(source=random.choice(BINARY[c.family]))
        c = c.but(rows=min(c.rows, 560))
    answers = lambda output: (output.reshape(-1) > 0.5).long()  # noqa: E731
    loss = random.choice([nn.BCELoss(), F.binary_cross_entropy, nn.MSELoss()])
    own = lambda output, y: loss(output.squeeze(1), y.float())  # noqa: E731
    faulty = c.hook(network=_with_head(nn.Softmax(dim=1)), loss=own, answers=answers)
    mended = c.hook(network=_with_head(nn.Sigmoid()), loss=own, answers=answers)
    return Planted(faulty, mended, "last", "sigmoid", ("output_range", "wrong_loss"))


def output_range(c: Context, random: Random) -> Planted | None:
    if c.is_classes:
        return None
    head, also = random.choice(
        [
            (nn.ReLU(), ("dead_units",)),
            (nn.Sigmoid(), ("saturated_units",)),
            (nn.Tanh(), ("saturated_units",)),
            (nn.Softplus(), ()),
        ]
    )
    return Planted(c.hook(network=_with_head(head)), c, "last", "no activation at the end", also)


def wrong_loss(c: Context, random: Random) -> Planted | None:
    c = own_loop(c)
    if c.task == "classes":
        how = random.choice(["nll of logits", "nll of softmax", "mse of softmax"])
        loss = {
            "nll of logits": lambda output, y: F.nll_loss(output, y),
            "nll of softmax": lambda output, y: F.nll_loss(output.softmax(1), y),
            "mse of softmax": lambda output, y: F.l1_loss(output.softmax(1), F.one_hot(y, output.shape[1]).float()),
        }[how]
        return Planted(c.hook(loss=loss), c, "loss", "cross_entropy", ("output_range", "activation_twice"), metric="")
    if c.task == "binary":
        how = random.choice(["cross-entropy of one", "l1", "hinge of 0 and 1"])
        loss = {
            "cross-entropy of one": lambda output, y: F.cross_entropy(output, torch.zeros_like(y)),
            "l1": lambda output, y: F.l1_loss(output.squeeze(1), (y * 0.8).float()),
            "hinge of 0 and 1": lambda output, y: (1 - y * output.squeeze(1)).clamp_min(0).mean(),
        }[how]
        return Planted(
            c.hook(loss=loss),
            c,
            "loss",
            "binary cross-entropy",
            ("labels_encoded_wrongly", "output_range", "softmax_on_one_unit"),
        )
    if not _rounded(c):
        return None
    how = random.choice(["bce", "poisson", "mean of errors"])
    loss = {
        "bce": lambda output, y: F.binary_cross_entropy_with_logits(fitted(output, y), y),
        "poisson": lambda output, y: F.poisson_nll_loss(fitted(output, y), y),
        "mean of errors": lambda output, y: (fitted(output, y) - y).mean().abs(),
    }[how]
    return Planted(
        c.hook(loss=loss), c, "loss", "mse_loss", ("output_range", "predicts_mean", "labels_encoded_wrongly")
    )


def broadcast(c: Context, random: Random) -> Planted | None:
    if c.task != "number":
        return None
    c, far = own_loop(c), distance(c.loss)
    if random.random() < 0.5:
        return Planted(
            c.hook(loss=lambda output, y: far(output, y)), c, "loss", "squeeze the output", ("predicts_mean",)
        )
    faulty = c.hook(loss=lambda output, y: far(output.squeeze(1), y.unsqueeze(1)))
    return Planted(faulty, c, "loss", "squeeze both or none", ("predicts_mean",))


def log_of_zero(c: Context, random: Random) -> Planted | None:
    c = own_loop(c)
    if _rounded(c):
        loss = random.choice(
            [
                lambda output, y: (fitted(output, y).log() - y.log()).square().mean(),
                lambda output, y: ((fitted(output, y) + 1).log() - (y + 1).log()).square().mean().sqrt(),
            ]
        )
        return Planted(
            c.hook(loss=loss), c, "loss", "no logarithm of what may be negative", ("wrong_loss", "output_range")
        )
    if c.task == "binary":

        def loss(output, y):
            p = (output.squeeze(1) * sharp).sigmoid()
            return -(y * p.log() + (1 - y) * (1 - p).log()).mean()

        sharp = strength(random, 20, 200)
        return Planted(
            c.hook(loss=loss), c, "loss", "binary_cross_entropy_with_logits", ("wrong_loss", "saturated_units")
        )
    if c.task == "classes":
        sharp = strength(random, 100, 1000)
        loss = lambda output, y: -(F.one_hot(y, output.shape[1]) * (output * sharp).softmax(1).log()).sum(1).mean()  # noqa: E731
        return Planted(c.hook(loss=loss), c, "loss", "cross_entropy", ("wrong_loss", "saturated_units"))
    return None
