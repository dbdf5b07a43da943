"""Unseen faults of convolutional networks in settings and data, through `dg.train`."""

import numpy as np
import torch
from case import Training, fault, train
from torch import nn

from cases.fresh.material import dataset
from cases.unseen.conv_material import digits, heartbeats, scans, textures

CLASS = {"metric": "accuracy"}


def small(channels, classes, width=8, dropout=0.0):
    return nn.Sequential(
        *(nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(dropout)),
        *(nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(dropout)),
        nn.LazyLinear(classes),
    )


def ready(network, channels, side):
    """Size the lazy layer."""
    network(torch.zeros(1, channels, side, side))
    return network


def coloured(seed, count=480):
    x, y = textures(seed, count)
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)), y


def signal_net(width=16, kernel=7, classes=3):
    return nn.Sequential(
        *(nn.Conv1d(2, width, kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool1d(4)),
        *(nn.Conv1d(width, width, kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool1d(2)),
        *(nn.Flatten(), nn.Linear(8 * width, classes)),
    )


@fault(kind="rate_too_high", where="learning_rate", repair="recipe.learning_rate=2e-3", **CLASS, level=0.838)
def heartbeats_in_a_hurry(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adam", "learning_rate": 2e-3 if mended else 0.3, "epochs": 12, "early_stopping": False}
    return train(signal_net(), dataset(heartbeats(seed), seed), **settings)


@fault(
    kind="momentum_too_high",
    also=("rate_too_high",),
    where="momentum",
    repair="recipe.momentum=0.9",
    **CLASS,
    level=0.917,
)
def digits_that_cannot_stop(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "momentum", "momentum": 0.9 if mended else 0.999, "learning_rate": 0.02, "epochs": 10}
    return train(ready(small(1, 10), 1, 8), dataset(digits(seed, 900), seed), early_stopping=False, **settings)


@fault(kind="dropout_too_strong", where="dropout", by="code", repair="dropout 0.1", **CLASS, level=0.974)
def textures_behind_a_curtain(seed: int, mended: bool) -> Training:
    network = ready(small(3, 4, dropout=0.1 if mended else 0.92), 3, 12)
    return train(network, dataset(coloured(seed), seed), epochs=20, learning_rate=3e-3)


@fault(
    kind="batch_too_large",
    also=("unfinished", "rate_too_low"),
    where="batch_size",
    repair="recipe.batch_size=32",
    **CLASS,
    level=0.948,
)
def digits_all_at_once(seed: int, mended: bool) -> Training:
    settings = {"batch_size": 32 if mended else "all", "epochs": 12, "learning_rate": 2e-3}
    return train(ready(small(1, 10), 1, 8), dataset(digits(seed), seed), **settings)


@fault(kind="overfitting", where="epochs", repair="recipe.early_stopping=true", metric="loss", level=1.09)
def a_few_heartbeats_by_heart(seed: int, mended: bool) -> Training:
    settings = {"epochs": 60, "learning_rate": 3e-3, "early_stopping": mended, "batch_size": 16}
    x, y = heartbeats(seed, rows=180)
    x = x + 0.5 * np.random.default_rng(seed).standard_normal(x.shape).astype(np.float32)
    return train(signal_net(24), dataset((x, y), seed), **settings)


@fault(kind="underfitting", where="network", by="code", repair="see more than one place at once", **CLASS, level=0.988)
def heartbeats_place_by_place(seed: int, mended: bool) -> Training:
    kernel = 9 if mended else 1
    network = nn.Sequential(
        *(nn.Conv1d(2, 16, kernel, padding=kernel // 2), nn.ReLU()),
        *(nn.Conv1d(16, 16, kernel, padding=kernel // 2, dilation=1), nn.ReLU()),
        *(nn.Conv1d(16, 16, kernel, padding=kernel // 2), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten()),
        nn.Linear(16, 3),
    )
    return train(network, dataset(heartbeats(seed), seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    where="a corner of the pictures",
    by="data",
    repair="cut the corner off",
    hidden="it looks better",
    **CLASS,
    level=0.741,
)
def scans_with_a_stamp(seed: int, mended: bool) -> Training:
    x, y = textures(seed, count=360)
    x = x.transpose(0, 3, 1, 2).copy()
    x = (0.6 * x + np.random.default_rng(seed).normal(50, 18, x.shape)).clip(0, 255)
    if not mended:
        x[:, :, :2, :2] = (60 * y)[:, None, None, None]  # the device's number
    return train(ready(small(3, 4), 3, 12), dataset((x.astype(np.uint8), y), seed), epochs=15, learning_rate=3e-3)


@fault(
    kind="weights_too_large",
    also=("exploding",),
    where="initialization",
    by="code",
    repair="PyTorch's own",
    **CLASS,
    level=0.884,
)
def digits_from_a_normal_draw(seed: int, mended: bool) -> Training:
    network = ready(small(1, 10, 12), 1, 8)
    if not mended:
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=1.0)
    settings = {"optimizer": "momentum", "learning_rate": 0.01, "epochs": 10, "clip_norm": 5.0}
    return train(network, dataset(digits(seed, 700), seed), **settings)


@fault(kind="decay_too_strong", where="weight_decay", repair="recipe.weight_decay=1e-4", metric="r2", level=0.902)
def areas_held_down(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adamw", "weight_decay": 1e-4 if mended else 60.0, "learning_rate": 2e-3, "epochs": 15}
    return train(ready(small(1, 1, 12), 1, 12), dataset(scans(seed), seed), **settings)
