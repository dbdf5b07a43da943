"""Plain models: what scikit-learn has learned, as arrays that can be kept and asked again without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

LEAF = -1  # where a node of a tree has no branches, and what scikit-learn's trees say there


@dataclass(frozen=True)
class PlainModel:
    """A model that answers from arrays alone.

    Args: kind: which of `ANSWERS` reads the arrays. examples: from how many it learned. note: what is to be said of it.
    """

    kind: str
    arrays: Mapping[str, np.ndarray]
    examples: int
    note: str = ""

    def answer(self, x: np.ndarray) -> np.ndarray:
        """What it says of new examples, to the bit what scikit-learn's model says. Shapes: x (examples, features), float64."""
        return ANSWERS[self.kind](self.arrays, x)


def plain_arrays(model: Any) -> tuple[str, dict[str, np.ndarray]] | None:
    """The kind and the arrays of a fitted model of scikit-learn's; None of a kind, or a version, that is not known here.

    Known are a linear model behind a StandardScaler, a decision tree, and boosted trees (of several numbers: each its own).
    """
    try:
        classes = {"classes": model.classes_} if hasattr(model, "classes_") else {}
        if hasattr(model, "steps"):
            scaler, linear = (part for _, part in model.steps)
            arrays = {"mean": scaler.mean_, "scale": scaler.scale_, "weight": linear.coef_, "bias": linear.intercept_}
            return "linear", {n: np.asarray(a) for n, a in (arrays | classes).items()}
        if hasattr(model, "tree_"):
            return "tree", _of_tree(model.tree_) | classes
        several = getattr(model, "estimators_", [model])
        return "boosted", _of_boosted(several) | classes
    except (AttributeError, KeyError, TypeError, ValueError):  # these are the library's own affairs, and may change
        return None


def _of_tree(tree: Any) -> dict[str, np.ndarray]:
    value = tree.value  # (nodes, numbers, classes), one of the last two alone
    return {
        "feature": tree.feature,
        "threshold": tree.threshold,
        "left": tree.children_left,
        "right": tree.children_right,
        "value": value.reshape(len(value), -1),
    }


def _of_boosted(several: list[Any]) -> dict[str, np.ndarray]:
    """All trees in one row of nodes, each tree with its root and the column of numbers or classes that it adds to."""
    start = np.concatenate([model._baseline_prediction.reshape(-1) for model in several])
    trees: list[np.ndarray] = []
    columns: list[int] = []
    first = 0
    for model in several:
        for once in model._predictors:
            trees += [one.nodes for one in once]
            columns += range(first, first + len(once))
        first += model._baseline_prediction.size
    sizes = [len(nodes) for nodes in trees]
    offsets = np.cumsum([0, *sizes[:-1]])
    nodes, offset = np.concatenate(trees), np.repeat(offsets, sizes)
    if nodes["is_categorical"].any():
        raise ValueError("a tree that splits by categories")
    is_leaf = nodes["is_leaf"].astype(bool)
    return {
        "start": start,
        "roots": offsets,
        "columns": np.array(columns),
        "feature": nodes["feature_idx"].astype(np.int64),
        "threshold": nodes["num_threshold"].astype(np.float64),
        "left": np.where(is_leaf, LEAF, nodes["left"] + offset),
        "right": np.where(is_leaf, LEAF, nodes["right"] + offset),
        "value": nodes["value"].astype(np.float64),
    }


def _constant(of: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    return np.repeat(of["value"][None], len(x), axis=0)


def _linear(of: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    return _chosen(of, ((x - of["mean"]) / of["scale"]) @ of["weight"].T + of["bias"])


def _tree(of: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    found = of["value"][_leaves(of, x.astype(np.float32), 0)]  # such a tree compares numbers of that size
    return of["classes"][found.argmax(axis=1)] if "classes" in of else found


def _boosted(of: Mapping[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    found = np.tile(of["start"], (len(x), 1))
    for root, column in zip(of["roots"], of["columns"]):  # one after the other, for sums depend on their order
        found[:, column] += of["value"][_leaves(of, x, root)]
    return _chosen(of, found)


def _leaves(of: Mapping[str, np.ndarray], x: np.ndarray, root: int) -> np.ndarray:
    """The leaf that each example comes to, (examples,)."""
    at, rows = np.full(len(x), root), np.arange(len(x))
    while (inner := of["left"][at] != LEAF).any():
        asked = np.where(inner, of["feature"][at], 0)  # a leaf asks for none, which scikit-learn writes as -2
        goes_left = x[rows, asked] <= of["threshold"][at]
        at = np.where(inner, np.where(goes_left, of["left"][at], of["right"][at]), at)
    return at


def _chosen(of: Mapping[str, np.ndarray], said: np.ndarray) -> np.ndarray:
    """The likeliest class of each example; numbers as they are."""
    if "classes" not in of:
        return said
    if said.shape[1] == 1:
        return of["classes"][(said[:, 0] > 0).astype(int)]
    return of["classes"][said.argmax(axis=1)]


ANSWERS = {"constant": _constant, "linear": _linear, "tree": _tree, "boosted": _boosted}
