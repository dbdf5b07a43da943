"""Scores of all: the metrics of several networks of one shape on the same examples, in one pass where that is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from deepglass.tasks.classification import Classification
from deepglass.tasks.classifier import Decision
from deepglass.tasks.metrics import METRICS
from deepglass.tasks.regression import Regression
from deepglass.tasks.supervised import Collected, Supervised

MOST_CLASSES = 255  # whose places a byte can hold


@dataclass(frozen=True)
class CollectedOfAll:
    """All that several networks say of some examples, on the host.

    Shapes: outputs (replicas, examples, ...) as the networks gave them, losses (replicas, examples); of the examples alone target
    (examples, ...), ids (examples,), weights (examples,) where the data have some.
    """

    outputs: Tensor
    target: Tensor
    losses: Tensor
    ids: Tensor
    weights: Tensor | None = None

    def part(self, start: int, end: int) -> "CollectedOfAll":
        """What is said of the examples from `start` to before `end`."""
        weights = None if self.weights is None else self.weights[start:end]
        said = self.outputs[:, start:end], self.target[start:end], self.losses[:, start:end], self.ids[start:end]
        return CollectedOfAll(*said, weights)

    def one(self, place: int, task: Supervised) -> Collected:
        """What one of the networks says."""
        output = self.outputs[place]
        return Collected(task.interpret(output), self.target, self.losses[place], self.ids, self.weights, output)


def scores_of_all(task: Supervised, said: CollectedOfAll) -> list[dict[str, float]]:
    """Return what `task.score` gives for each of the networks, up to rounding. Metrics that are not known here are asked singly."""
    count = len(said.outputs)
    found: dict[str, list[float | None]] = {"loss": list(_losses(said).tolist())}
    metrics, both = task.metrics(), _compared(task, said)
    lone: list[Collected] = []
    for name, metric in metrics.items():
        at_once = IN_ONE_PASS.get(name) if both and metric is METRICS.get(name) else None
        if both and at_once:
            values = at_once(*both)
            found[name] = [v if ok else None for v, ok in zip(values.tolist(), values.isfinite().tolist())]
            continue
        lone = lone or [said.one(place, task) for place in range(count)]
        found[name] = [metric.function(task.judged(one, metric.takes), task.truth(one)) for one in lone]
    return [{n: float(v) for n, column in found.items() if (v := column[place]) is not None} for place in range(count)]


def _losses(said: CollectedOfAll) -> Tensor:
    """The mean loss of each network, as `weighted_mean`."""
    if said.weights is None:
        return said.losses.mean(1)
    whole = said.weights.sum().clamp_min(torch.finfo(said.weights.dtype).tiny)
    return (said.losses * said.weights).sum(1) / whole


def _compared(task: Supervised, said: CollectedOfAll) -> tuple[Tensor, Tensor] | None:
    """What the metrics of a task compare: answers (replicas, examples, ...) and the truth (examples, ...); None for other tasks."""
    rows = said.outputs.flatten(0, 1)
    if type(task) is Regression:
        target = said.target.reshape(len(said.target), -1)
        values = torch.from_numpy(task._in_units(rows.float().reshape(len(rows), -1))).double()
        return values.unflatten(0, said.outputs.shape[:2]), torch.from_numpy(task._in_units(target)).double()
    if type(task) is not Classification or task.decision != Decision():
        return None
    classes = said.outputs.shape[2] if said.outputs.ndim == 3 else 1
    if 1 < classes <= MOST_CLASSES:
        return largest(said.outputs.mT), said.target.long()
    return task.interpret(rows)["class"].reshape(said.outputs.shape[:2]), said.target.long()


def largest(scores: Tensor) -> Tensor:
    """The first class of those with the highest score, and 0 where one is no number: argmax, in a tenth of its time.

    Shapes: scores (replicas, classes, examples); returns (replicas, examples).
    """
    classes = scores.shape[1]
    downwards = torch.arange(classes, 0, -1, dtype=torch.uint8)[:, None]  # the first of equals has the highest number
    is_highest = scores == scores.amax(1, keepdim=True)
    return (classes - (is_highest * downwards).amax(1).long()) % classes


def _counts(predicted: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Right ones, all predicted and all that there are of each class: (replicas, classes) in float64."""
    classes = int(max(predicted.max(), target.max())) + 1
    offsets = torch.arange(len(predicted))[:, None] * classes

    def counted(codes: Tensor) -> Tensor:
        return torch.bincount(codes.flatten(), minlength=len(predicted) * classes).reshape(-1, classes).double()

    right = predicted == target
    hits = counted((predicted + offsets)[right])
    there = torch.bincount(target, minlength=classes).double()
    return hits, counted(predicted + offsets), there.expand_as(hits)


def _accuracy(predicted: Tensor, target: Tensor) -> Tensor:
    return (predicted == target).double().mean(1)


def _balanced_accuracy(predicted: Tensor, target: Tensor) -> Tensor:
    hits, _, there = _counts(predicted, target)
    return (hits / there.clamp(min=1)).sum(1) / (there > 0).sum(1)


def _specificity(predicted: Tensor, target: Tensor) -> Tensor:
    hits, _, there = _counts(predicted, target)
    return hits[:, 0] / there[:, 0]  # no number, where there is none


def _averaged(share: str, average: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Precision, recall or F1 as one number for all classes, as in `metrics`."""

    def score(predicted: Tensor, target: Tensor) -> Tensor:
        hits, found, there = _counts(predicted, target)
        whole = {"precision": found, "recall": there, "f1": (found + there) / 2}[share]
        each = hits / torch.where(whole > 0, whole, 1)
        if average == "binary":
            return each[:, 1] if each.shape[1] > 1 else torch.zeros(len(each), dtype=torch.float64)
        weights = there if average == "weighted" else (found + there > 0).double()
        return (each * weights).sum(1) / weights.sum(1)

    return score


def _squared(predicted: Tensor, target: Tensor) -> Tensor:
    return (predicted - target).square().flatten(1).mean(1)


def _explained(predicted: Tensor, target: Tensor) -> Tensor:
    varies = (target != target[:1]).any(0)
    total = (target - target.mean(0)).square().sum(0)[varies]
    return (1 - (predicted - target).square().sum(1)[:, varies] / total).mean(1)


# What the metric of the same name gives for each of several networks, (replicas,), and no number where it is not defined.
IN_ONE_PASS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "accuracy": _accuracy,
    "f1_micro": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "specificity": _specificity,
    "precision": _averaged("precision", "macro"),
    "recall": _averaged("recall", "macro"),
    "f1": _averaged("f1", "macro"),
    "f1_weighted": _averaged("f1", "weighted"),
    "precision_binary": _averaged("precision", "binary"),
    "recall_binary": _averaged("recall", "binary"),
    "f1_binary": _averaged("f1", "binary"),
    "mse": _squared,
    "rmse": lambda predicted, target: _squared(predicted, target).sqrt(),
    "mae": lambda predicted, target: (predicted - target).abs().flatten(1).mean(1),
    "r2": _explained,
}
