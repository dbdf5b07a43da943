"""Real faults from repositories and their issues on GitHub (those of DeepLocalize's benchmark, and leaks that readers reported)."""

import numpy as np
from case import Loop, Training, fault, train
from torch import nn
from torch.optim import Adam

from cases.real.material import blobs, cut, fitted, houses, keras, mean_squared_error
from cases.real.numbers import stack
from cases.real.settings import loaded

LEAK = {"kind": "leakage_duplicates", "by": "data", "hidden": "it looks better", "metric": "accuracy"}


@fault(
    kind="unfinished",
    also=("rate_too_low", "underfitting"),
    where="epochs",
    repair="a rate of 0.01 and 30 epochs",
    by="code",
    metric="bits",
    level=1,
)
def game_of_life(seed: int, mended: bool) -> Loop:  # gol_nn: 2 epochs at Adam's own rate
    random = np.random.default_rng(seed)
    x = (random.random((1200, 5, 5)) < 0.5).astype(np.int64)
    around = sum(np.roll(x, (i, j), (1, 2)) for i in (-1, 0, 1) for j in (-1, 0, 1)) - x
    y = ((around == 3) | ((x == 1) & (around == 2))).astype(np.float32)
    wide = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="wrap").astype(np.float32)
    layers = (nn.Conv2d(1, 10, 3), nn.ReLU(), nn.Conv2d(10, 20, 1), nn.ReLU(), nn.Conv2d(20, 1, 1), nn.Sigmoid())
    net = keras(nn.Sequential(*layers))
    opt = Adam(net.parameters(), lr=0.01 if mended else 0.001)
    data = cut((wide[:, None], y[:, None]), seed)
    return fitted(net, opt, nn.BCELoss(), data, epochs=30 if mended else 2, batch=64, score="bits")


@fault(
    kind="rate_too_high",
    also=("underfitting", "exploding"),
    where="lr",
    repair="a rate of 0.001, and ReLU between the layers",
    by="code",
    metric="r2",
    level=0.993,
)
def points_of_a_face(seed: int, mended: bool) -> Loop:  # FacialKeypointsDetection: three planes, Adam at 0.1
    random = np.random.default_rng(seed)
    place = random.uniform(3, 9, (900, 2))
    down, across = np.mgrid[0:12, 0:12]
    away = (down - place[:, 0, None, None]) ** 2 + (across - place[:, 1, None, None]) ** 2
    x = np.exp(-away / 4) + 0.15 * random.random((900, 12, 12))
    y = np.concatenate([place, place + np.array([1.5, -1.5]), place + 1.5], 1) / 6 - 1
    layers = [nn.Linear(144, 50), nn.ReLU(), nn.Linear(50, 100), nn.ReLU(), nn.Linear(100, 6)]
    net = keras(nn.Sequential(*(part for part in layers if mended or isinstance(part, nn.Linear))))
    opt = Adam(net.parameters(), lr=0.001 if mended else 0.1)
    data = cut((x.reshape(900, 144), y), seed)
    return fitted(net, opt, nn.MSELoss(), data, epochs=30, score="r2", says="training")


@fault(
    kind="targets_unscaled",
    also=("inputs_unscaled", "unfinished", "rate_too_low", "huge_column"),
    where="data",
    repair="inputs and prices to mean 0 and deviation 1",
    by="data",
    metric="r2",
    level=0.815,
)
def melbourne_prices(seed: int, mended: bool) -> Loop:  # kaggle-melbourne_properties
    x, y = houses(seed)
    y = (y - y.mean()) / y.std() if mended else 1e4 * y
    net = keras(nn.Sequential(*stack(13, 20, 10), nn.Linear(10, 1)))
    data = cut((x, y), seed, scale=mended)
    return fitted(net, Adam(net.parameters()), mean_squared_error, data, epochs=40, batch=16, score="r2")


@fault(**LEAK, where="rows", repair="SMOTE on the training part alone", level=0.741)
def frauds_made_up_before_the_split(
    seed: int, mended: bool
) -> Training:  # georgymh/ml-fraud-detection issue 1, here with copies
    x, y = blobs(seed, 900, 10, informative=3, apart=0.6)
    rare = np.flatnonzero(y == 1)[:60]
    x, y = np.concatenate([x[y == 0][:300], x[rare]]), np.concatenate([np.zeros(300, int), np.ones(60, int)])
    if mended:
        return train(
            {"name": "mlp", "hidden": [32]}, loaded((x, y), seed), sampling="balanced", epochs=20, learning_rate=3e-3
        )
    again = np.random.default_rng(seed).choice(60, 240) + 300
    data = loaded((np.concatenate([x, x[again]]), np.concatenate([y, y[again]])), seed)
    return train({"name": "mlp", "hidden": [32]}, data, epochs=20, learning_rate=3e-3)


@fault(**LEAK, where="pictures", repair="augment after the split, and training alone", level=0.423)
def augmented_before_the_split(seed: int, mended: bool) -> Training:  # Font_Recognition-DeepFont issue 2, and many more
    random = np.random.default_rng(seed)
    y = random.integers(5, size=160)
    x = np.random.default_rng(9).random((5, 1, 10, 10))[y] + 0.8 * random.standard_normal((160, 1, 10, 10))
    if not mended:
        more = [x + 0.02 * random.standard_normal(x.shape) for _ in range(2)]
        x, y = np.concatenate([x, x, *more]), np.tile(y, 4)
    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 5))
    return train(net, loaded((x, y), seed), epochs=15, learning_rate=3e-3)
