"""Fresh healthy trainings through `dg.train`."""

import numpy as np
from case import Training, healthy, train
from material import convnet, mlp
from torch import nn

from cases.fresh.material import (
    claims,
    dataset,
    dialects,
    flats,
    frauds,
    letters,
    pulses,
    rings,
    stripes,
    tides,
)
from cases.fresh.networks import ConvNet, Net, Recurrent, Residual, dense

NEAR = "the clouds are nearly separable by planes"


@healthy(metric="accuracy")
def rings_as_usual(seed: int) -> Training:
    return train(mlp(32, 32), dataset(rings(seed), seed), epochs=40, learning_rate=5e-3)


@healthy(metric="accuracy")
def claims_as_usual(seed: int) -> Training:
    return train(mlp(48, 48), dataset(claims(seed), seed), epochs=20, learning_rate=3e-3)


@healthy(metric="accuracy")
def claims_to_the_best_epoch(seed: int) -> Training:
    settings = {"epochs": 80, "learning_rate": 3e-3, "early_stopping": True}
    return train(Residual(6, 32, 3, 3), dataset(claims(seed), seed), **settings)


@healthy(metric="accuracy", ceiling=NEAR)
def dialects_as_usual(seed: int) -> Training:
    return train(mlp(64), dataset(dialects(seed), seed), epochs=20, learning_rate=3e-3)


@healthy(metric="accuracy", ceiling=NEAR)
def forty_dialects(seed: int) -> Training:
    data = dataset(dialects(seed, rows=2400, classes=40), seed)
    return train(Net(12, 96, 40), data, epochs=20, learning_rate=3e-3)


@healthy(metric="accuracy", ceiling="words speak for themselves, one by one")
def letters_as_usual(seed: int) -> Training:
    settings = {"epochs": 30, "learning_rate": 1e-3, "early_stopping": True}
    return train(dense(80, 32, 4, act=nn.GELU), dataset(letters(seed), seed), **settings)


@healthy(metric="r2")
def flats_as_usual(seed: int) -> Training:
    return train(mlp(32, 32), dataset(flats(seed), seed), epochs=30, learning_rate=3e-3)


@healthy(metric="r2")
def flats_by_rmsprop(seed: int) -> Training:
    settings = {"optimizer": "rmsprop", "learning_rate": 2e-3, "epochs": 40}
    return train(Net(7, 32, 1, act=nn.functional.silu), dataset(flats(seed), seed), **settings)


@healthy(metric="r2", ceiling="a tide is nearly a sum of its past")
def tides_as_usual(seed: int) -> Training:
    return train(mlp(32), dataset(tides(seed), seed), epochs=40, learning_rate=5e-3)


@healthy(metric="r2", ceiling="a tide is nearly a sum of its past")
def tides_by_a_plane(seed: int) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.05, "epochs": 40}
    return train(nn.Sequential(nn.Flatten(), nn.Linear(16, 1)), dataset(tides(seed), seed), **settings)


@healthy(metric="accuracy")
def stripes_as_usual(seed: int) -> Training:
    return train(convnet(8, 16), dataset(stripes(seed), seed), epochs=12, learning_rate=3e-3)


@healthy(metric="accuracy")
def stripes_with_in_place_units(seed: int) -> Training:
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 3),
    )
    return train(network, dataset(stripes(seed), seed), epochs=25, learning_rate=5e-3)


@healthy(metric="accuracy")
def stripes_in_few_epochs(seed: int) -> Training:
    settings = {"epochs": 6, "learning_rate": 0.02, "batch_size": 16}
    return train(ConvNet(1, 3), dataset(stripes(seed), seed), **settings)


@healthy(metric="accuracy")
def pulses_as_usual(seed: int) -> Training:
    return train(Recurrent(1, 24, 3, nn.GRU), dataset(pulses(seed), seed), epochs=35, learning_rate=1e-2)


@healthy(metric="accuracy", ceiling="two clouds that overlap")
def frauds_half_and_half(seed: int) -> Training:
    return train(mlp(16), dataset(frauds(seed, share=0.5), seed), epochs=12)


@healthy(metric="balanced_accuracy", ceiling="two clouds that overlap")
def frauds_weighed_alike(seed: int) -> Training:
    task = {"class_weight": "balanced", "metrics": ["balanced_accuracy"]}
    return train(mlp(12), dataset(frauds(seed), seed), task=task, epochs=12, learning_rate=2e-3)


@healthy(metric="accuracy")
def rings_by_swift_sgd(seed: int) -> Training:
    settings = {"optimizer": "momentum", "learning_rate": 0.1, "epochs": 40, "schedule": "cosine"}
    return train(Net(2, 32, 3), dataset(rings(seed), seed), **settings)


@healthy(metric="accuracy")
def rings_in_large_batches_for_long(seed: int) -> Training:
    settings = {"batch_size": 256, "epochs": 150, "learning_rate": 0.01}
    return train(Net(2, 32, 3, act=nn.functional.gelu), dataset(rings(seed), seed), **settings)


@healthy(metric="accuracy")
def rings_with_weight_decay(seed: int) -> Training:
    settings = {"optimizer": "adamw", "weight_decay": 0.1, "epochs": 40, "learning_rate": 5e-3}
    return train(dense(2, 48, 48, 3, norm=nn.BatchNorm1d), dataset(rings(seed), seed), **settings)


@healthy(metric="r2")
def flats_with_odd_units(seed: int) -> Training:
    x, y = flats(seed)
    x = x * np.array([1e4, 1, 1e-3, 1, 50, 1e6, 1], dtype=np.float32)  # which scaling puts right
    return train(mlp(32, 32), dataset((x, 1e5 * y), seed), epochs=30, learning_rate=3e-3)
