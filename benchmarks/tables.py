"""Tables: an MLP in Deepglass beside scikit-learn's, with the same rows, sizes and epochs, over five seeds.

    DEEPGLASS_DATA=folder python benchmarks/tables.py

Both see the same encoded training split, and are judged on the same validation split. Beside them stand what a report
shows: a linear model, and gradient-boosted trees.
"""

import os
import statistics
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import machine, table
from scipy.stats import t
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

import deepglass as dg

SEEDS, HIDDEN, EPOCHS, BATCH = range(5), (64, 64), 20, 64
FOLDER = Path(os.environ.get("DEEPGLASS_DATA", "../shared/data")) / "tabular"
ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"),
]
SETS: dict[str, tuple[str, dict[str, Any]]] = {
    "titanic": ("titanic/train.csv", {"target": "Survived", "kinds": {"Survived": "category"}, "on_missing": "fill"}),
    "adult": ("adult-train.csv", {"target": "income", "names": ADULT, "missing": ["?"], "on_missing": "fill"}),
    "california": ("california_housing.csv", {"target": "median_house_value", "on_missing": "fill"}),
    "wine (red)": ("winequality-red.csv", {"target": "class", "kinds": {"class": "number"}}),
    "wine (white)": ("winequality-white.csv", {"target": "class", "kinds": {"class": "number"}}),
}


def arrays(data: dg.Dataset, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The encoded inputs and targets of a split, as scikit-learn takes them."""
    batch = data.examples(split)
    x = torch.cat([batch[name].flatten(1) for name in data.inputs], dim=1).numpy()
    return x, batch[data.target.name].numpy().ravel()


def score(truth: np.ndarray, given: np.ndarray, classes: bool) -> float:
    """Accuracy of classes, R2 of numbers."""
    if classes:
        return float((truth == given).mean())
    return float(1 - ((truth - given) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def ours(data: dg.Dataset, seed: int, classes: bool) -> float:
    network = dg.build("mlp", data, hidden=list(HIDDEN), seed=seed)
    training = dg.Training(network, data, dg.Recipe(epochs=EPOCHS, batch_size=BATCH, seed=seed))
    for _ in training:
        pass
    return training.measure("validation")["accuracy" if classes else "r2"]


def scikit(data: dg.Dataset, seed: int, classes: bool) -> float:
    kind = MLPClassifier if classes else MLPRegressor
    model = kind(hidden_layer_sizes=HIDDEN, max_iter=EPOCHS, batch_size=BATCH, random_state=seed, alpha=0.0)
    return fitted(model, data, classes)


def fitted(model: Any, data: dg.Dataset, classes: bool) -> float:
    x, y = arrays(data, "train")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that the epochs were too few to converge; they are the same for both
        model.fit(x, y)
    x, y = arrays(data, "validation")
    return score(y, model.predict(x), classes)


def interval(values: list[float]) -> tuple[float, float, float]:
    half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    mean = statistics.fmean(values)
    return mean, mean - half, mean + half


def main() -> None:
    rows = []
    for name, (file, settings) in SETS.items():
        data = dg.load(FOLDER / file, **settings)
        classes = data.target.kind == "category"
        mine = [ours(data, seed, classes) for seed in SEEDS]
        theirs = [scikit(data, seed, classes) for seed in SEEDS]
        difference = interval([a - b for a, b in zip(mine, theirs)])
        linear = fitted(LogisticRegression(max_iter=2000) if classes else Ridge(), data, classes)
        trees = fitted(HistGradientBoostingClassifier() if classes else HistGradientBoostingRegressor(), data, classes)
        verdict = "worse" if difference[2] < 0 else "better" if difference[1] > 0 else "within noise"
        rows.append(
            [
                name,
                "accuracy" if classes else "R2",
                f"{statistics.fmean(mine):.4f}",
                f"{statistics.fmean(theirs):.4f}",
                f"{difference[0]:+.4f} ({difference[1]:+.4f} to {difference[2]:+.4f})",
                verdict,
                f"{linear:.4f}",
                f"{trees:.4f}",
            ]
        )
    head = [
        "table",
        "metric",
        "Deepglass MLP",
        "scikit-learn MLP",
        "difference, 95 % over 5 seeds",
        "",
        "linear",
        "boosted trees",
    ]
    print(machine())
    print(table(head, rows))


if __name__ == "__main__":
    main()
