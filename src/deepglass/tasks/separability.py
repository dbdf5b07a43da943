"""Separability: whether a line, or a plane in more dimensions, parts two classes; a perceptron learns no other ones."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch

from deepglass.data.source import Label
from deepglass.errors import DataError
from deepglass.randomness import derive

LIMIT = 200_000  # numbers (examples x features) of one question; beyond, the linear program takes more than seconds
TOTAL = 2_000_000  # numbers of all questions that one explanation asks
SLACK = 1e-6  # a total slack above it is no rounding (HiGHS keeps constraints to 1e-7)
DIRECTIONS = 200  # random ones, beside those of the linear program and of logistic regression


def separable(x: Any, codes: Any, positive: int, negative: int | None = None, *, limit: int = LIMIT) -> bool | None:
    """Say whether a plane has all examples of one class on one side and those of another on the other side.

    Shapes: x (examples, ...), flattened; codes (examples,).
    Args:
        positive, negative: the two classes; negative None means all the rest.
        limit: the largest examples x features that is looked at.
    Returns: True or False, exact to rounding; None when it was not checked, because it is larger than `limit` or the
        linear program came to no clear end. A class without examples is separable from any other.
    Source: Mangasarian, "Linear and Nonlinear Separation of Patterns by Linear Programming", Operations Research 1965.
    """
    points, signs = _question(x, codes, positive, negative)
    return _plane(points, signs, limit)[0]


def best_found(
    x: Any, codes: Any, positive: int, negative: int | None = None, *, limit: int = LIMIT
) -> tuple[int, int]:
    """Count the examples on the right side of the best plane that was found, and all examples of the question.

    The best possible plane is too costly to find in general. Tried are the directions of the linear program, of
    logistic regression and 200 random ones, each with its best offset, so the count is what a plane can reach at least.
    Shapes and arguments: as in `separable`.
    Source: Johnson and Preparata, "The densest hemisphere problem", 1978, for why the best is not computed.
    """
    points, signs = _question(x, codes, positive, negative)
    return _count(points, signs, _plane(points, signs, limit)[1]), len(signs)


def explain_separability(x: Any, codes: Any, classes: Sequence[Label], *, limit: int = LIMIT) -> list[str]:
    """Say in sentences which classes a line or a plane separates, and what follows for a perceptron.

    Shapes: as in `separable`; `classes` are the names of the codes.
    """
    points, codes = _flat(x), _array(codes).astype(np.int64)
    present = np.unique(codes).tolist()
    if len(present) < 2:
        return ["All examples are of one class, so there is nothing to separate."]
    shape = {1: "value", 2: "line"}.get(points.shape[1], "plane")
    if points.size > limit or points.size * len(present) > TOTAL:
        size = f"{len(points):,} examples of {points.shape[1]:,} numbers"
        return [f"Whether a {shape} separates the classes was not checked: {size}."]
    if len(present) == 2:
        return [_of_pair(points, codes, present[0], present[1], classes, shape, limit)]
    alone = {c: separable(points, codes, c, limit=limit) for c in present}
    if all(alone.values()):
        return [f"For each class, a {shape} can separate it from the others, so a perceptron can learn them all."]
    sentences = [f"A {shape} can separate {classes[c]} from the others." for c in present if alone[c]]
    mixed = [c for c in present if not alone[c]]  # a class apart from all others is apart from each
    apart = {pair: separable(points, codes, *pair, limit=limit) for pair in combinations(mixed, 2)}
    sentences += [_of_pair(points, codes, a, b, classes, shape, limit) for (a, b), yes in apart.items() if yes is False]
    for c in mixed:
        if alone[c] is False and all(yes for pair, yes in apart.items() if c in pair):
            right, of = best_found(points, codes, c, limit=limit)
            sentences.append(
                f"No {shape} separates {classes[c]} from all others at once (the best one found has {right} of {of} "
                "examples on the right side), though it can be separated from each of them alone."
            )
    if None in alone.values() or None in apart.values():
        sentences.append(
            "For some of the classes the linear program came to no clear end, and nothing is said of them."
        )
    return sentences


def _of_pair(
    points: np.ndarray, codes: np.ndarray, a: int, b: int, classes: Sequence[Label], shape: str, limit: int
) -> str:
    pair, signs = _question(points, codes, a, b)
    yes, direction = _plane(pair, signs, limit)
    if yes:
        return f"A {shape} can separate {classes[a]} from {classes[b]}, so a perceptron can learn them."
    if yes is None:
        return f"Whether a {shape} separates {classes[a]} from {classes[b]} is not clear: they touch within rounding."
    right = _count(pair, signs, direction)
    return (
        f"No {shape} separates {classes[a]} from {classes[b]}: wherever it lies, examples stay on the wrong side "
        f"(the best one found has {right} of {len(signs)} on the right side), so the perceptron rule never comes to "
        "rest."
    )


def _plane(points: np.ndarray, signs: np.ndarray, limit: int) -> tuple[bool | None, np.ndarray | None]:
    """Find w and b with signs * (points @ w + b) >= 1 - slack and the least total slack: 0 exactly when separable."""
    if len(np.unique(signs)) < 2:
        return True, None
    if points.size > limit:
        return None, None
    if points.shape[1] == 0:
        return False, None
    from scipy.optimize import linprog  # 0.2 seconds, wanted only here
    from scipy.sparse import csr_array, eye_array, hstack

    n, d = points.shape
    rows = -signs[:, None] * np.hstack([points, np.ones((n, 1))])
    solved = linprog(
        c=np.concatenate([np.zeros(d + 1), np.ones(n)]),
        A_ub=hstack([csr_array(rows), -eye_array(n)], format="csc"),
        b_ub=-np.ones(n),
        bounds=[(None, None)] * (d + 1) + [(0, None)] * n,
        method="highs",
        options={"time_limit": 20.0},
    )
    if solved.x is None:
        return None, None
    w, b = solved.x[:d], solved.x[d]
    if (signs * (points @ w + b)).min() > 0:
        return True, w  # seen, not only promised by the solver
    return (False if solved.status == 0 and solved.fun > SLACK else None), w


def _count(points: np.ndarray, signs: np.ndarray, direction: np.ndarray | None) -> int:
    """The most examples on their own side, over several directions, each with its best offset."""
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(derive(0, "separability"))
    directions = list(random.standard_normal((DIRECTIONS, points.shape[1])))
    directions += [] if direction is None else [direction]
    if len(np.unique(signs)) == 2 and points.shape[1]:
        directions.append(LogisticRegression(C=100.0, max_iter=100).fit(points, signs).coef_[0])
    best = max((signs > 0).sum(), (signs < 0).sum())
    for w in directions:
        height = points @ w
        order = np.argsort(height)
        # A cut lies only between different heights: what is equal stays together.
        free = np.flatnonzero(np.diff(height[order]) > 1e-12 * np.abs(height).max(initial=1))
        below = np.cumsum(signs[order])[free]  # positive minus negative ones below each cut
        reach = np.abs(2 * below - signs.sum()).max(initial=0)
        best = max(best, (len(signs) + reach) // 2)
    return int(best)


def _question(x: Any, codes: Any, positive: int, negative: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The examples of two sides, in columns with mean 0 and deviation 1, and for each a sign of 1 or -1."""
    points, codes = _flat(x), _array(codes).astype(np.int64)
    chosen = np.full(len(codes), True) if negative is None else (codes == positive) | (codes == negative)
    points, codes = points[chosen], codes[chosen]
    spread = points.std(axis=0) if len(points) else np.zeros(points.shape[1])
    varies = spread > 0
    scaled = (points[:, varies] - points[:, varies].mean(axis=0)) / spread[varies] if len(points) else points[:, varies]
    return scaled, np.where(codes == positive, 1, -1)


def _array(values: Any) -> np.ndarray:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


def _flat(values: Any) -> np.ndarray:
    array = _array(values)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise DataError("Separability met an input that is not finite. Fill or remove missing values before.")
    return array.reshape(len(array), int(np.prod(array.shape[1:]))).astype(np.float64)
