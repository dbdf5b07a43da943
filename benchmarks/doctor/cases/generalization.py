"""Generalization: training examples learned by heart, answers that are always the mean, scores that mislead."""

import numpy as np
from case import Training, fault, train
from material import arrays, known, mlp, rare, raw, shapes, table, wave

HEART = {"kind": "overfitting", "metric": "loss"}
STOP = "recipe.early_stopping=true; fewer units, weight decay, more examples"


@fault(**HEART, where="from about epoch 15 on", repair=STOP, level=0.531)
def moons_by_heart(seed: int, mended: bool) -> Training:
    data = known("moons", seed, options={"points": 200, "noise_std": 0.4})
    return train(mlp(128, 128), data, learning_rate=3e-3, epochs=120, early_stopping=mended)


@fault(**HEART, where="from about epoch 10 on", repair=STOP, level=0.663)
def diabetes_by_heart(seed: int, mended: bool) -> Training:
    data = known("diabetes", seed)
    return train(mlp(256, 256), data, learning_rate=3e-3, weight_decay=0.0, epochs=80, early_stopping=mended)


@fault(**HEART, where="from about epoch 10 on", repair=STOP, level=1.12)
def shapes_by_heart(seed: int, mended: bool) -> Training:
    x, y = shapes(seed, 250)
    return train(mlp(128, 64), arrays(x, y, seed), epochs=60, early_stopping=mended)


@fault(**HEART, where="from about epoch 20 on", repair=STOP, level=0.747)
def table_by_heart(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed, 300, noise_std=6.0), seed)
    return train(mlp(128, 128), data, learning_rate=3e-3, epochs=100, early_stopping=mended)


@fault(
    kind="predicts_mean",
    also=("underfitting", "vanishing"),
    where="hidden1: a narrow network for a fast wave",
    repair="wider layers, ReLU, sines and cosines of x as inputs",
    metric="r2",
    level=0.97,
    by="data",
)
def a_wave_too_fast(seed: int, mended: bool) -> Training:
    x, y = wave(seed, 600, periods=16)
    x = np.concatenate([np.sin(16 * np.pi * x), np.cos(16 * np.pi * x)], axis=1) if mended else x
    return train(mlp(16, activation="tanh"), arrays(x, y, seed), learning_rate=3e-3, epochs=30)


@fault(
    kind="predicts_mean",
    also=("targets_unscaled", "huge_column"),
    where="y: four values are a thousand times the others",
    repair="remove or correct the four values",
    metric="mae",
    level=1.93,
    by="data",
)
def four_targets_beyond_all(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    if not mended:
        y[np.random.default_rng(seed).choice(len(y), 4, replace=False)] *= 1000
    return train(mlp(32), arrays(x, y, seed), learning_rate=3e-3, epochs=20)


@fault(
    kind="metric_disagrees",
    also=("overfitting",),
    where="validation loss rises while accuracy is watched",
    repair="recipe.monitor=loss",
    metric="loss",
    level=0.457,
)
def sure_and_wrong(seed: int, mended: bool) -> Training:
    data = known("moons", seed, options={"points": 300, "noise_std": 0.5})
    settings = {"learning_rate": 0.01, "epochs": 120, "patience": 120}
    return train(mlp(128, 128), data, monitor="loss" if mended else "accuracy", **settings)


@fault(
    kind="metric_disagrees",
    also=("imbalance", "class_never_predicted"),
    where="accuracy, which a constant answer reaches as well",
    repair="balanced_accuracy, and task.class_weight=balanced",
    metric="balanced_accuracy",
    level=0.67,
)
def accurate_by_saying_no(seed: int, mended: bool) -> Training:
    x, y = rare(seed, 1200, share=0.04)
    weights = {"class_weight": "balanced"} if mended else {}
    task = {"metrics": ["balanced_accuracy"], **weights}
    return train(
        mlp(16), arrays(x, y, seed), task=task, monitor="balanced_accuracy" if mended else "accuracy", epochs=12
    )


@fault(
    kind="overfitting",
    also=("metric_disagrees",),
    where="30 examples for 3,000 weights",
    repair="train on more rows; " + STOP,
    by="data",
    metric="accuracy",
    level=0.67,
)
def wine_from_thirty_rows(seed: int, mended: bool) -> Training:
    x, y = raw("wine")
    noisy = x / x.std(axis=0) + 2.0 * np.random.default_rng(seed).standard_normal(x.shape)
    data = arrays(noisy, y, seed, test=0.2, validation=0.2 if mended else 0.75)
    return train(mlp(64, 64), data, learning_rate=3e-3, epochs=80, early_stopping=mended)
