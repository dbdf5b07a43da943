"""Labels: whether inputs say anything about them, and how many look wrong."""

import math
import warnings
from typing import Any

import numpy as np

from deepglass.data import Dataset
from deepglass.data.checks.leaks import ranks
from deepglass.doctor.before.baselines import MOST, flat_inputs, quick_model, truth
from deepglass.tasks import Supervised

FOLDS = 4
FEWEST = 40  # examples, below which nothing is said
FEWEST_OF_A_CLASS = FOLDS
MOST_NUMBERS = 4  # of several numbers a row, for which models are asked
MODELS = ("linear", "tree", "neighbours")


def labels(data: Dataset, task: Supervised) -> dict[str, Any]:
    """Predict each training example by cheap models that have learned from the others (4 folds).

    score: how well the best of them, `model`, tells examples apart: the mean share of each class that is right when all classes
    weigh alike, or for a number the correlation of ranks; chance: that of answers that know nothing; error: its standard error.
    accuracy: of the same model. Of a category also suspects: the share of labels that look wrong by confident learning, and the
    surest of these examples (`suspect_ids`, the first 20); and for classes whose names are whole numbers as_number:
    the r2 of a linear model that takes them for quantities, and within: how far off the predicted class is, over a mixed one's.
    Source: Northcutt et al., "Confident Learning", JAIR 2021, section 3.1: an example counts as another class where its
    probability for it is at least the mean self-confidence of that class.
    """
    rows = data.examples("train", limit=MOST)
    kind = task.field.kind
    if kind not in ("category", "number") or len(rows) < FEWEST:
        return {}
    x, y = flat_inputs(data, task, rows), truth(task, rows)
    y = y.reshape(len(y), -1)[:, 0]
    if not np.isfinite(x).all() or not np.isfinite(y.astype(float)).all() or len(np.unique(y)) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "number":
            return of_numbers(x, y)
        return of_classes(x, y.astype(int), rows.ids.cpu().numpy(), [str(c) for c in task.field.classes])


def of_numbers(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Labels that are numbers; r2: of the model whose answers explain most. Shapes: x (examples, features), y (examples,)."""
    from sklearn.model_selection import KFold, cross_val_predict

    folds = KFold(FOLDS, shuffle=True, random_state=0)
    scores, explained = {}, []
    for name in MODELS:
        said = cross_val_predict(quick_model(name, "number"), x, y, cv=folds).reshape(-1)
        explained.append(float(1 - ((y - said) ** 2).mean() / y.var()))
        scores[name] = float(np.corrcoef(ranks(said), ranks(y))[0, 1]) if np.ptp(said) > 0 else 0.0
    best = max(scores, key=lambda n: scores[n])
    found = {"model": best, "score": scores[best], "chance": 0.0, "error": 1 / math.sqrt(len(y)), "rows": len(y)}
    return {**found, "r2": max(explained)}


def of_several(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Several numbers a row, evenly chosen ones of them: those of the one that is told best, and r2 over all of these.

    Shapes: x (examples, features), y (examples, numbers).
    """
    some = np.unique(np.linspace(0, y.shape[1] - 1, MOST_NUMBERS).round().astype(int))
    varied = [i for i in some if np.ptp(y[:, i]) > 0]
    told = [of_numbers(x, y[:, i]) for i in varied]
    if not told:
        return {}
    shares = y[:, varied].var(0) / y[:, varied].var(0).sum()
    best = max(told, key=lambda one: one["score"])
    return {**best, "r2": float(sum(share * max(0.0, one["r2"]) for share, one in zip(shares, told)))}


def of_classes(x: np.ndarray, y: np.ndarray, ids: np.ndarray, names: list[str]) -> dict[str, Any]:
    """Labels that are classes. Shapes: x (examples, features), y (examples,) of codes, ids (examples,). names: of the classes."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    counts = np.bincount(y)
    kept = counts[y] >= FEWEST_OF_A_CLASS
    x, y, ids = x[kept], y[kept], ids[kept]
    classes, codes = np.unique(y, return_inverse=True)
    if len(y) < FEWEST or len(classes) < 2:
        return {}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    said = {
        name: cross_val_predict(quick_model(name, "category"), x, codes, cv=folds, method="predict_proba")
        for name in MODELS
    }
    shares = np.bincount(codes) / len(codes)
    scores = {name: _told_apart(p / shares, codes) for name, p in said.items()}
    best = max(scores, key=lambda n: scores[n])
    chance = 1 / len(classes)
    found: dict[str, Any] = {
        "model": best,
        "score": scores[best],
        "chance": chance,
        "error": math.sqrt(chance * (1 - chance) * (1 / np.bincount(codes)).mean() / len(classes)),
        "accuracy": float((said[best].argmax(1) == codes).mean()),
        "rows": len(codes),
        **_suspects(said[best], codes, ids),
    }
    values = _as_numbers([names[c] for c in classes])
    if values is not None and len(classes) > 2:
        found |= _as_quantity(x, codes, values, said[best])
    return found


def _told_apart(lead: np.ndarray, codes: np.ndarray) -> float:
    """The share of each class that is right where the greatest `lead` decides, averaged over the classes."""
    right = lead.argmax(1) == codes
    return float(np.mean([right[codes == c].mean() for c in range(lead.shape[1])]))


def _suspects(p: np.ndarray, codes: np.ndarray, ids: np.ndarray) -> dict[str, Any]:
    """Examples that a model is confident to be of another class than they are labelled."""
    own = np.array([p[codes == c, c].mean() for c in range(p.shape[1])])
    confident = np.where(p >= own, p, -1.0)
    other = confident.argmax(1)
    wrong = (confident.max(1) >= 0) & (other != codes)
    surest = np.flatnonzero(wrong)[np.argsort(p[wrong, codes[wrong]])]
    return {"suspects": float(wrong.mean()), "suspect_ids": ids[surest[:20]].tolist()}


def _as_numbers(names: list[str]) -> np.ndarray | None:
    try:
        return np.array([float(name) for name in names])
    except ValueError:
        return None


def _as_quantity(x: np.ndarray, codes: np.ndarray, values: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """Whether classes behave like quantities: predicted linearly, and mistaken for their neighbours."""
    from sklearn.model_selection import KFold, cross_val_predict

    y = values[codes]
    line = cross_val_predict(quick_model("linear", "number"), x, y, cv=KFold(FOLDS, shuffle=True, random_state=0))
    off = np.abs(values[p.argmax(1)] - y)[p.argmax(1) != codes]
    mixed = np.abs(y[:, None] - y[None, :: max(1, len(y) // 200)])
    within = float(off.mean() / mixed[mixed > 0].mean()) if len(off) else 0.0
    return {"as_number": float(1 - ((y - line.reshape(-1)) ** 2).mean() / y.var()), "within": within}
