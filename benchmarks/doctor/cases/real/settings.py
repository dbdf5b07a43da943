"""Real faults of output layers and data given to `dg.train`, from Stack Overflow (SO) and published studies."""

import numpy as np
from case import Training, fault, train
from sklearn import datasets
from torch import nn

import deepglass as dg
from cases.real.material import Made, blobs, houses, keras, pictures, regression
from cases.real.numbers import stack

CLASS = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}
PROBABILITY, PROBABILITIES = "binary_cross_entropy_of_probabilities", "categorical_cross_entropy"
UNTIL_THE_END = {"early_stopping": False}


def loaded(made: Made, seed: int, **settings) -> dg.Dataset:
    x, y = made
    y = np.asarray(y)
    return dg.load(
        (np.asarray(x, np.float32), y.astype(np.float32) if y.dtype.kind == "f" else y), split_seed=seed, **settings
    )


@fault(kind="softmax_on_one_unit", also=("output_range",), where="last", repair="sigmoid", **CLASS, level=0.857)
def tumours_with_batch_norm(seed: int, mended: bool) -> Training:  # SO 57397440
    last = nn.Sigmoid() if mended else nn.Softmax(dim=1)
    layers = [nn.Linear(30, 30), nn.ReLU(), nn.BatchNorm1d(30), nn.Linear(30, 60), nn.ReLU(), nn.BatchNorm1d(60)]
    net = keras(nn.Sequential(*layers, nn.Linear(60, 1), last))
    data = loaded(datasets.load_breast_cancer(return_X_y=True), seed, scaling="none")
    return train(net, data, loss=PROBABILITY, epochs=6, learning_rate=1e-3, **UNTIL_THE_END)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range", "rate_too_low"),
    where="last",
    repair="sigmoid",
    **CLASS,
    level=0.688,
)
def twenty_two_columns(seed: int, mended: bool) -> Training:  # SO 58055105
    last = nn.Sigmoid() if mended else nn.Softmax(dim=1)
    net = keras(nn.Sequential(nn.Linear(22, 48), nn.ReLU(), nn.Dropout(0.5), nn.Linear(48, 1), last))
    settings = {"learning_rate": 1e-3 if mended else 1e-4, "epochs": 15, "batch_size": 5}
    return train(net, loaded(blobs(seed, 600, 22, informative=4), seed), loss=PROBABILITY, **settings, **UNTIL_THE_END)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range", "wrong_loss"),
    where="last",
    repair="two units",
    **CLASS,
    level=0.868,
)
def many_columns_few_rows(seed: int, mended: bool) -> Training:  # SO 56218256
    top = (nn.Linear(32, 1), nn.Sigmoid()) if mended else (nn.Linear(32, 1), nn.Softmax(dim=1))
    net = keras(nn.Sequential(*stack(200, 100, 64, 32), *top))
    data = loaded(blobs(seed, 900, 200, informative=8, apart=2.0), seed)
    return train(net, data, loss=PROBABILITY, epochs=25, batch_size=100, **UNTIL_THE_END)


@fault(
    kind="softmax_on_one_unit",
    also=("output_range", "targets_unscaled"),
    where="last",
    repair="a linear output, targets scaled",
    **NUMBER,
    level=0.799,
)
def eighteen_columns(seed: int, mended: bool) -> Training:  # SO 54738769
    layers = [nn.Linear(18, 18), nn.Tanh(), *stack(18, 36, 72, 32, 16), nn.Linear(16, 1)]
    net = keras(nn.Sequential(*layers, *(() if mended else (nn.Softmax(dim=1),))))
    data = loaded(regression(seed, 300, 18), seed, target_scaling="standard" if mended else "none")
    return train(net, data, loss="mse", epochs=60, batch_size=35, **UNTIL_THE_END)


@fault(
    kind="output_range",
    also=("targets_unscaled",),
    where="last",
    repair="a linear output, targets scaled",
    **NUMBER,
    level=0.859,
)
def three_places_by_softmax(seed: int, mended: bool) -> Training:  # SO 53749895
    net = keras(nn.Sequential(*stack(40, 32), nn.Linear(32, 3), *(() if mended else (nn.Softmax(dim=1),))))
    data = loaded(regression(seed, 600, 40, targets=3), seed, target_scaling="standard" if mended else "none")
    settings = {"optimizer": "nesterov", "momentum": 0.9, "learning_rate": 0.01, "epochs": 20}
    return train(net, data, loss="mse", **settings, **UNTIL_THE_END)


@fault(kind="output_range", also=("wrong_loss",), where="last", repair="softmax", **CLASS, level=0.917)
def irises_by_sigmoid(seed: int, mended: bool) -> Training:  # SO 51930566, 59278771; deepmufl
    last = nn.Softmax(dim=1) if mended else nn.Sigmoid()
    net = keras(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), last))
    data = loaded(datasets.load_iris(return_X_y=True), seed, scaling="none")
    settings = {"epochs": 80, "batch_size": 5, "learning_rate": 3e-3}
    return train(net, data, loss=PROBABILITIES, **settings, **UNTIL_THE_END)


@fault(
    kind="output_range",
    also=("dead_units", "targets_unscaled", "unfinished"),
    where="last",
    repair="a linear output, targets scaled",
    **NUMBER,
    level=0.994,
)
def four_columns_and_relu(seed: int, mended: bool) -> Training:  # SO 59758722
    net = keras(nn.Sequential(*stack(4, 30, 30), nn.Linear(30, 1), *(() if mended else (nn.ReLU(),))))
    data = loaded(regression(seed, 800, 4), seed, target_scaling="standard" if mended else "none")
    settings = {"optimizer": "rmsprop", "learning_rate": 1e-3, "batch_size": 128, "epochs": 40}
    return train(net, data, loss="mse", **settings, **UNTIL_THE_END)


@fault(
    kind="output_range",
    also=("targets_unscaled", "saturated_units", "batch_too_large", "rate_too_low", "unfinished"),
    where="last",
    repair="a linear output, targets scaled, small batches",
    **NUMBER,
    level=0.956,
)
def five_sigmoids_and_one(seed: int, mended: bool) -> Training:  # SO 48221692
    x = np.random.default_rng(seed).uniform(0, 10, (400, 1))
    y = 3 + 2 * np.sin(x[:, 0] / 2) + 0.2 * np.random.default_rng(seed + 1).standard_normal(400)
    net = keras(nn.Sequential(*stack(1, 5, act=nn.Sigmoid), nn.Linear(5, 1), *(() if mended else (nn.Sigmoid(),))))
    way = "standard" if mended else "none"
    settings = {"optimizer": "sgd", "learning_rate": 0.1 if mended else 0.01, "batch_size": 10 if mended else "all"}
    data = loaded((x, y), seed, scaling=way, target_scaling=way)
    return train(net, data, loss="mse", epochs=100, **settings, **UNTIL_THE_END)


@fault(
    kind="dropout_too_strong",
    also=("underfitting",),
    where="dropout",
    repair="sixteen units a layer and a dropout of 0.1",
    **NUMBER,
    level=0.835,
)
def rain_tomorrow(
    seed: int, mended: bool
) -> Training:  # SO 56317174: four units a layer, half of them dropped, three times
    random = np.random.default_rng(seed)
    x = random.standard_normal((1500, 4))
    y = np.tanh(x[:, 0] * x[:, 1] + x[:, 2] - 0.5 * x[:, 3] ** 2) + 0.1 * random.standard_normal(1500)
    wide, drop = (16, 0.1) if mended else (4, 0.5)
    layers = [nn.BatchNorm1d(4)]
    for come in (4, wide, wide):
        layers += [nn.Linear(come, wide), nn.ReLU(), nn.Dropout(drop), nn.BatchNorm1d(wide)]
    net = keras(nn.Sequential(*layers, nn.Linear(wide, 1)))
    return train(
        net, loaded((x, y), seed), loss="mse", optimizer="rmsprop", learning_rate=1e-3, epochs=30, **UNTIL_THE_END
    )


@fault(
    kind="dropout_too_strong",
    also=("underfitting",),
    where="dropout",
    repair="the share that is dropped, 0.1",
    **CLASS,
    level=0.988,
)
def the_share_that_is_kept(
    seed: int, mended: bool
) -> Training:  # SO, Zhang 2018: keep_prob=0.9 of TensorFlow 1 given as a rate
    drop = 0.1 if mended else 0.9
    layers = [nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(200, 32), nn.ReLU()]
    net = nn.Sequential(*layers, nn.Dropout(drop), nn.Linear(32, 16), nn.ReLU(), nn.Dropout(drop), nn.Linear(16, 4))
    return train(net, loaded(pictures(seed, 500), seed), epochs=12, learning_rate=2e-3, **UNTIL_THE_END)


@fault(
    kind="leakage_duplicates",
    where="rows",
    by="data",
    repair="each row once",
    hidden="it looks better",
    metric="accuracy",
    level=0.703,
)
def tested_on_what_was_trained(
    seed: int, mended: bool
) -> Training:  # UMLAUT; SO: the table was joined to itself before the split
    x, y = blobs(seed, 400, 12, informative=4, apart=0.7)
    if not mended:
        x, y = np.concatenate([x, x[:250]]), np.concatenate([y, y[:250]])
    return train({"name": "mlp", "hidden": [64, 32]}, loaded((x, y), seed), epochs=30, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    where="column 7",
    by="data",
    repair="leave `alive` out",
    hidden="it looks better",
    metric="accuracy",
    level=0.741,
)
def titanic_with_alive(
    seed: int, mended: bool
) -> Training:  # seaborn's titanic has `survived` and `alive`; Kaggle notebooks
    random = np.random.default_rng(seed)
    woman, rank = random.random(891) < 0.35, random.choice([1, 2, 3], 891, p=[0.24, 0.21, 0.55])
    age, aboard = random.normal(30, 14, 891).clip(0.5, 80), random.poisson(0.5, 891)
    fare = np.exp(random.normal(4.6 - 0.75 * rank, 0.6))
    odds = 2.5 * woman - 1.0 * (rank - 2) - 0.03 * (age - 30) - 0.3 * aboard - 1.2
    y = (random.random(891) < 1 / (1 + np.exp(-odds))).astype(int)
    x = np.stack([woman, rank, age, aboard, fare, random.poisson(0.4, 891), random.integers(3, size=891)], 1)
    x = x if mended else np.column_stack([x, y])
    return train({"name": "mlp", "hidden": [32]}, loaded((x, y), seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="inputs_unscaled",
    also=("huge_column", "rate_too_high", "exploding"),
    where="scaling",
    repair="data.scaling=standard",
    by="settings",
    metric="r2",
    level=0.848,
)
def boston_in_its_units(
    seed: int, mended: bool
) -> Training:  # SO 37232782 and many: "nan loss when training", Boston housing and SGD
    data = loaded(houses(seed), seed, scaling="standard" if mended else "none")
    net = keras(nn.Sequential(*stack(13, 13), nn.Linear(13, 1)), "normal")
    settings = {"optimizer": "sgd", "learning_rate": 0.01, "batch_size": 5, "epochs": 40}
    return train(net, data, loss="mse", **settings, **UNTIL_THE_END)


@fault(
    kind="inputs_unscaled",
    where="scaling",
    also=("saturated_units",),
    repair="data.scaling=standard",
    by="settings",
    metric="accuracy",
    level=1,
)
def wine_and_tanh(seed: int, mended: bool) -> Training:  # SO, course forums: wine without StandardScaler stays at 40 %
    data = loaded(datasets.load_wine(return_X_y=True), seed, scaling="standard" if mended else "none")
    net = nn.Sequential(*stack(13, 16, act=nn.Tanh), nn.Linear(16, 3))
    return train(net, data, epochs=40, batch_size=16, learning_rate=3e-3, **UNTIL_THE_END)
