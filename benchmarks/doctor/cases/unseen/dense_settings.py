"""Unseen faults of settings, data and given networks, with dense networks through `dg.train`."""

import numpy as np
import torch
from case import Training, fault, train
from material import mlp
from sklearn import datasets
from torch import nn

import deepglass as dg
from cases.unseen.dense_material import Made, arm, buckets, digits, radio, rentals, single, stack

NUMBER = {"metric": "r2"}
CLASS = {"metric": "accuracy"}


def loaded(made: Made, seed: int, **settings) -> dg.Dataset:
    return dg.load(single(made), split_seed=seed, **settings)


@fault(kind="rate_too_high", where="learning_rate", repair="recipe.learning_rate=3e-3", **NUMBER, level=0.985)
def arm_at_full_speed(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adam", "learning_rate": 3e-3 if mended else 0.5, "batch_size": 24, "epochs": 25}
    return train(mlp(48, 48), loaded(arm(seed, 700), seed), **settings)


@fault(
    kind="momentum_too_high",
    where="momentum",
    also=("rate_too_high",),
    repair="recipe.momentum=0.9",
    **NUMBER,
    level=0.864,
)
def rentals_that_run_on(seed: int, mended: bool) -> Training:
    x, y = rentals(seed, 1000)
    settings = {"optimizer": "momentum", "learning_rate": 0.05, "momentum": 0.9 if mended else 0.997, "epochs": 25}
    return train(mlp(32, 16), loaded((x, np.sqrt(y)), seed), **settings)


@fault(
    kind="batch_too_large",
    where="batch_size",
    also=("unfinished", "rate_too_low"),
    repair="recipe.batch_size=32",
    **CLASS,
    level=0.892,
)
def rooms_all_at_once(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adamw", "learning_rate": 2e-3, "batch_size": 32 if mended else "all", "epochs": 20}
    return train(mlp(64, activation="tanh"), loaded(radio(seed, 1500), seed), **settings)


@fault(
    kind="overfitting",
    where="epochs",
    repair="recipe.early_stopping=true",
    metric="loss",
    level=0.482,
)
def sugar_by_heart(seed: int, mended: bool) -> Training:
    x, y = datasets.load_diabetes(return_X_y=True)
    some = np.random.default_rng(seed).permutation(len(y))[:240]
    settings = {"epochs": 150, "learning_rate": 3e-3, "early_stopping": mended}
    return train(mlp(128, 64, activation="gelu"), loaded((x[some], y[some]), seed), **settings)


@fault(
    kind="rate_too_low",
    where="learning_rate",
    also=("unfinished",),
    repair="recipe.learning_rate=0.1",
    **CLASS,
    level=0.931,
)
def digits_by_tiny_adagrad(seed: int, mended: bool) -> Training:
    settings = {"optimizer": "adagrad", "learning_rate": 0.05 if mended else 1e-4, "batch_size": 64, "epochs": 12}
    return train(mlp(40), loaded(digits(seed, 1000), seed), **settings)


@fault(kind="clipping_too_strict", where="clip_norm", repair="recipe.clip_norm=1", **NUMBER, level=0.835)
def friedman_on_a_short_leash(seed: int, mended: bool) -> Training:
    made = datasets.make_friedman1(500, noise=0.5, random_state=seed)
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "clip_norm": 1.0 if mended else 1e-3, "epochs": 40}
    return train(mlp(32, 16), loaded(made, seed), **settings)


@fault(
    kind="dropout_too_strong",
    where="dropout",
    also=("underfitting",),
    repair="network.dropout=0.1",
    **NUMBER,
    level=0.808,
)
def rentals_mostly_dropped(seed: int, mended: bool) -> Training:
    x, y = rentals(seed, 900)
    network = mlp(48, 48, dropout=0.1 if mended else 0.93)
    return train(network, loaded((x, np.log1p(y)), seed), epochs=30, learning_rate=3e-3)


@fault(
    kind="identifier",
    where="column 0",
    by="data",
    repair="leave the number out",
    also=("leakage_target",),
    hidden="it looks better, until flowers come that were never numbered",
    **CLASS,
    level=0.833,
)
def irises_with_their_numbers(seed: int, mended: bool) -> Training:
    x, y = datasets.load_iris(return_X_y=True)
    x = x if mended else np.column_stack([np.arange(1, len(x) + 1), x])
    return train(mlp(16), loaded((x, y), seed), epochs=60, batch_size=16, learning_rate=5e-3)


@fault(
    kind="leakage_duplicates",
    where="rows",
    by="data",
    repair="multiply the rare rows after the split",
    hidden="it looks better",
    **CLASS,
    level=0.925,
)
def leaks_copied_until_even(seed: int, mended: bool) -> Training:
    x, y = buckets(seed, 1000, share=0.08)
    if not mended:
        again = np.random.default_rng(seed).choice(np.flatnonzero(y == 1), int((y == 0).sum()))
        x, y = np.concatenate([x[y == 0], x[again]]), np.concatenate([y[y == 0], y[again]])
    return train(mlp(32), loaded((x, y), seed), epochs=20, learning_rate=3e-3)


@fault(
    kind="leakage_target",
    where="column 4",
    by="data",
    repair="leave out what is written down later",
    hidden="it looks better",
    **NUMBER,
    level=0.795,
)
def the_bill_is_in_the_table(seed: int, mended: bool) -> Training:
    x, y = datasets.make_friedman2(500, noise=150, random_state=seed)
    bill = 1.19 * y + np.random.default_rng(seed).normal(0, 4, len(y))
    x = x if mended else np.column_stack([x, bill])
    return train(mlp(24), loaded((x, y), seed), epochs=30, learning_rate=5e-3)


@fault(
    kind="labels_encoded_wrongly",
    where="label_encoding",
    also=("wrong_loss", "underfitting"),
    repair="data.label_encoding=index",
    **CLASS,
    level=0.867,
)
def rooms_as_quantities(seed: int, mended: bool) -> Training:
    data = loaded(radio(seed, 800), seed, label_encoding="index" if mended else "number")
    return train(mlp(32), data, epochs=25, learning_rate=3e-3, batch_size=20)


@fault(kind="sorted_batches", where="shuffle", repair="recipe.shuffle=true", **CLASS, level=0.948)
def digits_one_after_another(seed: int, mended: bool) -> Training:
    x, y = digits(seed, 1200)
    order = np.argsort(y, kind="stable")
    settings = {"shuffle": mended, "optimizer": "momentum", "learning_rate": 0.05, "batch_size": 10, "epochs": 6}
    return train(mlp(64), loaded((x[order], y[order]), seed), **settings)


@fault(
    kind="label_noise",
    where="labels",
    by="data",
    repair="label them again",
    also=("labels_shuffled", "overfitting"),
    **CLASS,
    level=0.945,
)
def cells_marked_in_haste(seed: int, mended: bool) -> Training:
    x, y = datasets.load_breast_cancer(return_X_y=True)
    wrong = np.random.default_rng(seed).random(len(y)) < (0.0 if mended else 0.3)
    return train(mlp(32, 16), loaded((x, np.where(wrong, 1 - y, y)), seed), epochs=40, learning_rate=2e-3)


@fault(
    kind="dead_units",
    where="first layer",
    also=("vanishing", "predicts_mean"),
    by="code",
    repair="the usual biases",
    **NUMBER,
    level=0.995,
)
def arm_with_heavy_biases(seed: int, mended: bool) -> Training:
    network = stack(4, 40, 40, 2)
    if not mended:
        with torch.no_grad():
            network[0].bias -= 12.0
    return train(network, loaded(arm(seed), seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="dropout_on_output",
    where="last",
    by="code",
    repair="no dropout after the last layer",
    **NUMBER,
    level=0.9,
)
def impedance_whose_answers_are_dropped(seed: int, mended: bool) -> Training:
    layers = [nn.Linear(4, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1)]
    network = nn.Sequential(*layers) if mended else nn.Sequential(*layers, nn.Dropout(0.5))
    made = datasets.make_friedman3(600, noise=0.05, random_state=seed)
    return train(network, loaded(made, seed), epochs=30, learning_rate=3e-3)
