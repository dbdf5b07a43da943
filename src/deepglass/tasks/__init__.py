"""Tasks: what can be learned, one file each."""

from collections.abc import Callable

from deepglass.data import Dataset
from deepglass.errors import DataError
from deepglass.names import find
from deepglass.tasks.classification import Classification
from deepglass.tasks.classifier import Classifier, Decision
from deepglass.tasks.labels import Labels
from deepglass.tasks.regression import Regression
from deepglass.tasks.settings import TaskSettings
from deepglass.tasks.supervised import Collected, Supervised
from deepglass.tasks.task import Task

TASKS: dict[str, Callable[..., Task]] = {
    "classification": Classification,
    "labels": Labels,
    "regression": Regression,
}
TASK_OF_KIND = {"category": "classification", "labels": "labels", "number": "regression"}

__all__ = [
    "TASKS",
    "Classification",
    "Classifier",
    "Collected",
    "Decision",
    "Labels",
    "Regression",
    "Supervised",
    "Task",
    "TaskSettings",
    "task_for",
]


def task_for(data: Dataset, settings: TaskSettings | None = None) -> Task:
    """Return the task that settings name, or the one for the kind of the target.

    Raises: DataError, when there is no target, or one for which the task has to be named.
    """
    settings = settings or TaskSettings()
    name = settings.name
    if name is None:
        kind = next((f.kind for f in data.targets.values()), None)
        if kind not in TASK_OF_KIND:
            has = f"a target of kind {kind!r}" if kind else "no target"
            raise DataError(f"{data.name} has {has}: say what is to be learned with task=... (a Task of yours).")
        name = TASK_OF_KIND[kind]
    beyond = settings.model_dump(include={"label_smoothing", "class_weight"}, exclude_defaults=True)
    return find("task", name, TASKS)(loss=settings.loss, output=settings.output, metrics=settings.metrics, **beyond)
