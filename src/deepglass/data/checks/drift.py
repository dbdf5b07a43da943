"""Drift: a validation or test split that is distributed otherwise than the training split."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from deepglass.data.checks.problem import Problem
from deepglass.data.checks.view import OPEN, Column, View

# The chance that all sound data together, every column and split, raise one of these: divided by the number of comparisons
# (Bonferroni), so that one sound data set in a thousand is suspected.
CHANCE = 1e-3
# With many examples the smallest difference is certain, so it must matter as well: a tenth of the examples lie elsewhere
# (Kolmogorov-Smirnov distance), or Cramér's V is beyond Cohen's "small", 0.1 (Statistical Power Analysis, 1988).
WARN, ALARM = 0.1, 0.5
EXPECTED = 5  # examples expected in a cell of the chi squared test; classes below are put together (Cochran 1954)


def drift(view: View) -> Iterator[Problem]:
    """Compare each input of training with validation and test, and each target of training with validation.

    Numbers by the Kolmogorov-Smirnov test, categories by chi squared, images by the brightness and contrast of each.
    """
    columns = [*view.columns, *_of_images(view.images), *view.targets]
    compared = [
        (c, s) for c in columns for s in c.values if s != "train" and len(c.values[s]) and len(c.values["train"])
    ]
    settings = view.dataset.settings
    drawn = view.dataset.source.splits is None and settings.time is None and settings.group is None
    advice = (
        "Load with another split_seed." if drawn else "Expect the same of new data; gather examples that are like them."
    )
    for column, split in compared:
        one, other = (v[np.isfinite(v)] for v in (column.values["train"], column.values[split]))
        if not len(one) or not len(other):
            continue
        if column.kind == "category":
            size, chance = chi_squared(one.astype(int), other.astype(int))
            how = f"Cramér's V {size:.2f}"
        else:
            size, chance = kolmogorov_smirnov(one, other)
            how = f"Kolmogorov-Smirnov distance {size:.2f}, medians {np.median(one):.4g} and {np.median(other):.4g}"
        if size < WARN or chance >= CHANCE / len(compared):
            continue
        yield Problem(
            "drift",
            "alarm" if size >= ALARM else "warning",
            f"{column.title} is distributed otherwise in the {split} split than in training ({how}; "
            f"by chance once in {1 / max(chance, 1e-300):.0e} times). {advice}",
            column.field,
            column.name,
            len(other),
            len(one),
            (split,),
        )


def kolmogorov_smirnov(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The largest distance between two cumulated distributions, and the chance of a larger one if they are the same.

    Source: Press et al., "Numerical Recipes", third edition, section 14.3.3, for large samples.
    """
    points = np.concatenate([one, other])
    below = [np.searchsorted(np.sort(v), points, "right") / len(v) for v in (one, other)]
    distance = float(np.abs(below[0] - below[1]).max())
    root = np.sqrt(len(one) * len(other) / (len(one) + len(other)))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.3:  # the series converges slowly there, and the chance is 1 to five digits
        return distance, 1.0
    k = np.arange(1, 101)
    return distance, float(np.clip(2 * ((-1.0) ** (k - 1) * np.exp(-2 * (k * scaled) ** 2)).sum(), 0, 1))


def chi_squared(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Cramér's V of two lists of class codes, and the chance of a larger one if their shares are the same."""
    width = int(max(one.max(), other.max())) + 1
    counts = np.stack([np.bincount(v, minlength=width) for v in (one, other)]).astype(float)
    counts = counts[:, counts.sum(axis=0) > 0]
    rare = counts.sum(axis=0) * min(len(one), len(other)) / counts.sum() < EXPECTED
    if rare.any():
        counts = np.concatenate([counts[:, ~rare], counts[:, rare].sum(axis=1, keepdims=True)], axis=1)
    if counts.shape[1] < 2:
        return 0.0, 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    statistic = ((counts - expected) ** 2 / expected).sum()
    freedom = torch.tensor((counts.shape[1] - 1) / 2, dtype=torch.float64)
    chance = torch.special.gammaincc(freedom, torch.tensor(statistic / 2, dtype=torch.float64))
    return float(np.sqrt(statistic / counts.sum())), float(chance)


def _of_images(images: Mapping[str, Mapping[str, Tensor]]) -> list[Column]:
    """The mean and the spread of each image, as columns."""
    found = []
    for name, parts in images.items():
        flat = {s: p.flatten(1).float() for s, p in parts.items() if s in OPEN or len(p)}
        for title, measure in (("brightness", lambda x: x.mean(1)), ("contrast", lambda x: x.std(1, unbiased=False))):
            values = {s: measure(x).double().numpy() if len(x) else np.empty(0) for s, x in flat.items()}
            if "train" in values:
                found.append(Column(name, f"{name}: {title}", "number", values))
    return found
