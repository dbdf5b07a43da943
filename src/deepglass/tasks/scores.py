"""Scores: how well the scores of the classes rank the right ones, whatever the threshold."""

from typing import Any

import torch
from torch import Tensor

from deepglass.errors import ShapeError


def top_k_accuracy(scores: Any, target: Any, *, k: int = 5) -> float | None:
    """Share of the examples whose class is among the `k` highest scores; a tie goes to the lower code, as in argmax.

    Shapes: scores (examples, classes), or one column for two classes when k is at least 2; target (examples,) of codes.
    Returns: 0 to 1, 1 where there are no more than `k` classes; None without examples. A score of nan is never right.
    Raises: ShapeError, for one column with k=1, whose threshold is not known here.
    Source: Krizhevsky et al., NIPS 2012, section 6 (top-5 error is 1 minus this).
    """
    scores, target = torch.as_tensor(scores), torch.as_tensor(target).long()
    if not len(target):
        return None
    if scores.ndim == 1 or scores.shape[1] == 1:
        if k < 2:
            raise ShapeError(
                f"top_k_accuracy with {k=} takes one score a class, got {tuple(scores.shape)}. Use accuracy."
            )
        return 1.0
    own = scores.gather(1, target[:, None])  # (examples, 1)
    earlier = torch.arange(scores.shape[1], device=scores.device) < target[:, None]
    ahead = (scores > own) | ((scores == own) & earlier) | scores.isnan()
    right = (ahead.sum(dim=1) < k) & ~own[:, 0].isnan()
    return right.double().mean().item()


def roc_auc(scores: Any, target: Any) -> float | None:
    """Chance that a random example of a class scores above a random other one; half a point for a tie.

    Shapes: scores (examples,) or (examples, 1), of class 1; or (examples, classes), where the average over one class
    against the rest is taken (two columns: the second one). target (examples,) of codes.
    Returns: 0 to 1, 0.5 for scores without meaning. A class with all examples or none has no value and is left out;
        None
    when that leaves nothing, or when a score is not finite.
    Source: Fawcett, "An introduction to ROC analysis", 2006, algorithm 3, in whole numbers.
    """
    scores, target = _host(scores).double(), _host(target)
    if not scores.isfinite().all():
        return None
    columns = scores[:, None] if scores.ndim == 1 else scores
    chosen = [(1, -1)] if columns.shape[1] <= 2 else [(c, c) for c in range(columns.shape[1])]
    found = []
    for code, column in chosen:
        relevant = target == code
        if 0 < relevant.sum() < len(relevant):
            found.append(_area(columns[:, column], relevant))
    return sum(found) / len(found) if found else None


def _area(scores: Tensor, relevant: Tensor) -> float:
    """The area under the ROC curve. Shapes: both (examples,); some are relevant, and some are not."""
    right, wrong = _down_to_each(scores, relevant)
    before = torch.cat([right.new_zeros(1), right[:-1]])
    twice = (wrong.diff(prepend=wrong.new_zeros(1)) * (before + right)).sum()  # of the trapezia, in pairs of examples
    return int(twice) / (2 * int(right[-1]) * int(wrong[-1]))


def average_precision(scores: Any, relevant: Any) -> float | None:
    """Average, over the relevant examples, of the precision where each is found in the order of the scores.

    Shapes: scores (examples,), relevant (examples,) of 0 and 1.
    Returns: 0 to 1; None when nothing is relevant or a score is not finite. Equal scores are found together.
    Source: Zhu, "Recall, Precision and Average Precision", 2004, without interpolation.

    >>> round(average_precision([5, 4, 3, 2, 1], [1, 0, 1, 1, 0]), 4)
    0.8056
    """
    scores, relevant = _host(scores).double().flatten(), _host(relevant).flatten() > 0
    if not relevant.any() or not scores.isfinite().all():
        return None
    right, wrong = _down_to_each(scores, relevant)
    found = right.double()
    return float((found.diff(prepend=found.new_zeros(1)) * found / (right + wrong)).sum() / found[-1])


def _down_to_each(scores: Tensor, relevant: Tensor) -> tuple[Tensor, Tensor]:
    """How many relevant and other examples score as high as each different score or higher, from the highest score down."""
    scores, order = scores.sort(descending=True)
    last = torch.ones(len(scores), dtype=torch.bool)  # of those with the same score
    last[:-1] = scores[1:] != scores[:-1]
    places = last.nonzero().flatten()
    right = relevant[order].cumsum(0)[places]
    return right, places + 1 - right


def mean_average_precision(scores: Any, target: Any) -> float | None:
    """Mean of `average_precision` over the classes (two classes: that of class 1) or the labels.

    Shapes: scores as in `roc_auc`, target (examples,) of codes; or scores and target (examples, labels) alike.
    Returns: 0 to 1; classes without an example are left out; None when that leaves none.
    """
    scores, target = _host(scores), _host(target)
    columns = scores[:, None] if scores.ndim == 1 else scores
    if target.ndim == 2:
        found = [average_precision(columns[:, c], target[:, c]) for c in range(columns.shape[1])]
    elif columns.shape[1] <= 2:
        return average_precision(columns[:, -1], target == 1)
    else:
        found = [average_precision(columns[:, c], target == c) for c in range(columns.shape[1])]
    defined = [value for value in found if value is not None]
    return sum(defined) / len(defined) if defined else None


def _host(values: Any) -> Tensor:
    return torch.as_tensor(values).detach().cpu()
