"""Yardstick: by what two arms are judged, in terms that both share; never by a loss whose scale the change alters."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.proving.subject import Arm
from deepglass.tasks import Supervised
from deepglass.tasks.metrics import METRICS, Metric

# Findings that another figure than the usual one shows: what is learned by heart spoils the loss before the answers, and
# rare classes count for little among all answers.
SHOWN_BY = {
    "overfitting": "loss",
    "metric_disagrees": "loss",
    "imbalance": "balanced_accuracy",
    "class_never_predicted": "balanced_accuracy",
}
WEIGHS = ("task.class_weight", "recipe.sampling")  # who changes these wants rare classes to count as much as others


@dataclass(frozen=True)
class Yardstick:
    """What both arms are judged by.

    Args:
        takes: the form of an answer, a word of the metrics; "losses" for those of single examples; "" for the recorded loss.
        bounded: no answer scores worse than a certain number.
    """

    name: str
    direction: str
    takes: str
    function: Callable[[Any, Any], float | None] | None = None
    bounded: bool = True

    @property
    def sign(self) -> int:
        return -1 if self.direction == "min" else 1


RECORDED = Yardstick("loss", "min", "")


def yardstick(
    control: Arm, remedy: Arm, change: Mapping[str, Any], *, wanted: str | None = None, symptom: str = ""
) -> Yardstick:
    """Choose the metric: what is asked for, what shows the symptom, what the run watches, or the task's first.

    Where one arm learns classes as numbers, its answers are rounded to the nearest class, and classes are judged.
    Raises: SettingError, when the arms share no such metric.
    """
    tasks = control.task, remedy.task
    if not isinstance(tasks[0], Supervised) or not isinstance(tasks[1], Supervised):
        return _recorded(change, wanted)
    kinds = [arm.target_kind for arm in (control, remedy)]
    kind = "category" if "category" in kinds else kinds[0]
    known = {n: _of(n, m, kind) for n, m in METRICS.items() if m.target == kind}
    if kinds[0] == kinds[1]:
        known |= {n: _of(n, m, kind) for n, m in tasks[0].metrics().items()}
    else:
        known = {n: y for n, y in known.items() if y.takes == "codes"}
    if _same_loss(control, remedy):
        known["loss"] = Yardstick("loss", "min", "losses", _mean_loss)
    if wanted is not None:
        if wanted not in known:
            raise SettingError(
                f"metric={wanted!r} cannot judge both.{suggestion(wanted, known)} Those that can: {', '.join(sorted(known))}."
            )
        return known[wanted]
    weighs = any(name.startswith(WEIGHS) for name in change)
    first = [SHOWN_BY.get(symptom), control.spec.recipe.monitor, "balanced_accuracy" if weighs else None]
    watched = tasks[0].monitor
    usual = [watched[0] if watched else None, tasks[0].shown[0], "accuracy"]
    if first[1] == "loss":  # as it is unless somebody chose otherwise, and people judge by the answers
        first[1] = None
    return known[next(n for n in (*first, *(u for u in usual if u != "loss")) if n in known)]


def _of(name: str, metric: Metric, kind: str) -> Yardstick:
    return Yardstick(name, metric.direction, metric.takes, metric.function, bounded=kind != "number")


def _recorded(change: Mapping[str, Any], wanted: str | None) -> Yardstick:
    """The loss as it was recorded, for a task without a target."""
    others = [n for n in change if n.partition(".")[0] not in ("recipe", "network")]
    if others:
        raise SettingError(
            f"Only the loss could judge both, and {others[0]} changes what it measures. "
            "Name a metric that both have: metric=... (--metric)."
        )
    if wanted not in (None, "loss"):
        raise SettingError(f"metric={wanted!r}: this task has no target to be compared with. Its loss is judged.")
    return RECORDED


def _same_loss(control: Arm, remedy: Arm) -> bool:
    """Whether the loss of an example means the same in both arms: the same function of targets that are encoded alike."""
    losses = []
    for arm in (control, remedy):
        task = copy.copy(arm.task)
        assert isinstance(task, Supervised)
        task.prepare(arm.data, arm.network(0))
        losses.append((task.loss_name, task.output_kind, {n: f.to_dict() for n, f in arm.data.targets.items()}))
    return losses[0] == losses[1]


def _mean_loss(both: np.ndarray, truth: Any) -> float | None:
    """The mean of losses by their weights. Shapes: both (examples, 2)."""
    total = both[:, 1].sum()
    return float((both[:, 0] * both[:, 1]).sum() / total) if total else None
