"""Baselines: what the constant answer and a few cheap models reach on the validation split, in the run's own metrics."""

import math
import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Batch, Dataset
from deepglass.errors import DataError
from deepglass.tasks import Collected, Supervised
from deepglass.tasks.baselines import TREE_DEPTH
from deepglass.tasks.baselines import baselines as simple_models
from deepglass.tasks.rows import rows_of

MOST = 1_500  # examples that are learned from, and that are judged, so that all models together take under a second
NEIGHBOURS = 5
SMALL_IS_GOOD = ("mae", "rmse")


def baselines(data: Dataset, task: Supervised) -> dict[str, Any]:
    """Return metric -> {"constant", "linear", "tree", "neighbours", "best"}, the last being the best of the three models.

    On the validation split, or the training split where there is none. "loss" has the constant answer alone, and is left out
    where the loss cannot be asked. Empty where an input is not finite.
    """
    train = data.examples("train", limit=MOST)
    other = data.examples("validation", limit=MOST) if len(data.members("validation")) else train
    found: dict[str, Any] = {}
    constant = constant_loss(task, train, other)
    if constant is not None:
        found["loss"] = {"constant": constant}
    if task.field.kind not in ("category", "number"):
        return found
    x, y = (
        (flat_inputs(data, task, batch) for batch in (train, other)),
        (truth(task, batch) for batch in (train, other)),
    )
    (x_train, x_other), (y_train, y_other) = x, y
    try:
        models = simple_models(task.field.kind, x_train, y_train, x_other, y_other, seed=0, limit=MOST)
    except DataError:
        return found
    names = {"majority class": "constant", "mean": "constant", "linear model": "linear", "small tree": "tree"}
    for model, scores in models.items():
        for metric in ("accuracy", "balanced_accuracy", "r2", "mae", "rmse"):
            if isinstance(scores.get(metric), int | float) and math.isfinite(scores[metric]):
                found.setdefault(metric, {})[names[model]] = float(scores[metric])
    main = "accuracy" if task.field.kind == "category" else "r2"
    near = simple_scores(task.field.kind, x_train, y_train, x_other, y_other, models=("neighbours",))
    if main in found and near:
        found[main]["neighbours"] = near["neighbours"]
    for metric, scores in found.items():
        known = [value for name, value in scores.items() if name not in ("constant", "best")]
        if known:
            scores["best"] = min(known) if metric in SMALL_IS_GOOD else max(known)
    return found


def constant_loss(task: Supervised, train: Batch, other: Batch) -> float | None:
    """The loss of the best constant answer that the training examples suggest: the shares of the classes, or the mean."""
    try:
        size = (len(other), task.outputs) if task.field.kind == "category" else tuple(task.target_of(other).shape)
        output = _constant_output(task, train).expand(size)
        with torch.no_grad():
            loss = float(task.each_loss(output, other).float().mean())
    except Exception:  # a loss of the user's own may ask for another shape
        return None
    return loss if math.isfinite(loss) else None


def _constant_output(task: Supervised, train: Batch) -> Tensor:
    target = task.target_of(train)
    if task.field.kind != "category":
        return target.float().mean(0, keepdim=True)
    counts = torch.bincount(target.long(), minlength=max(2, len(task.field.classes))).float()
    shares = (counts / counts.sum()).clamp_min(1e-6)
    if task.outputs == 1:
        second = shares[1:].sum()
        return second[None, None] if task.output_kind == "probabilities" else torch.logit(second)[None, None]
    return (shares if task.output_kind == "probabilities" else shares.log())[None, : task.outputs]


def simple_scores(
    kind: str, x: np.ndarray, y: np.ndarray, new: np.ndarray, actual: np.ndarray, *, models: tuple[str, ...] = ("tree",)
) -> dict[str, float]:
    """What quick models reach: accuracy for kind "category", the share of the variance (r2) for "number".

    Shapes: x and new (examples, features), y and actual (examples,) or (examples, numbers).
    """
    if not (np.isfinite(x).all() and np.isfinite(new).all()) or not x.shape[1] or len(x) < NEIGHBOURS:
        return {}
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes with one example, which is no concern here
        for name in models:
            model = quick_model(name, kind)
            model.fit(x, y.reshape(len(y), -1) if kind == "number" else y.reshape(-1).astype(int))
            found[name] = float(model.score(new, actual.reshape(len(actual), -1) if kind == "number" else actual))
    return found


def quick_model(name: str, kind: str) -> Any:
    """A model of scikit-learn: "tree", "neighbours" or "linear", for a category or a number."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    is_category = kind == "category"
    if name == "tree":
        return (DecisionTreeClassifier if is_category else DecisionTreeRegressor)(max_depth=TREE_DEPTH, random_state=0)
    if name == "linear":
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=200) if is_category else Ridge())
    near = KNeighborsClassifier if is_category else KNeighborsRegressor
    return make_pipeline(StandardScaler(), near(NEIGHBOURS))


def flat_inputs(data: Dataset, task: Supervised, batch: Batch) -> np.ndarray:
    """Encoded inputs, (examples, features); of texts their commonest words, counted."""
    return torch.cat([rows_of(batch[n], data.fields[n]) for n in task.inputs], dim=1).cpu().numpy()


def truth(task: Supervised, batch: Batch) -> np.ndarray:
    """What is to be answered, as metrics take it: codes, or numbers in their own unit."""
    return task.truth(Collected({}, task.target_of(batch).cpu(), torch.empty(0), batch.ids))
