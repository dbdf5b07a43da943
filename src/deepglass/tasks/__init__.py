"""Tasks: what can be learned, one file each."""

from collections.abc import Callable
from inspect import signature

from deepglass.data import Dataset
from deepglass.errors import DataError, SettingError
from deepglass.names import find
from deepglass.tasks.classification import Classification
from deepglass.tasks.classifier import Classifier, Decision
from deepglass.tasks.forecasting import Forecasting
from deepglass.tasks.handwriting import Handwriting
from deepglass.tasks.imputation import Imputation
from deepglass.tasks.labels import Labels
from deepglass.tasks.language_modelling import LanguageModelling
from deepglass.tasks.regression import Regression
from deepglass.tasks.settings import TaskSettings
from deepglass.tasks.supervised import Collected, Supervised
from deepglass.tasks.tagging import Tagging
from deepglass.tasks.task import Task
from deepglass.tasks.tokens import task_of_text
from deepglass.tasks.translation import Translation

TASKS: dict[str, Callable[..., Task]] = {
    "classification": Classification,
    "forecasting": Forecasting,
    "handwriting": Handwriting,
    "imputation": Imputation,
    "labels": Labels,
    "language_modelling": LanguageModelling,
    "regression": Regression,
    "tagging": Tagging,
    "translation": Translation,
}
TASK_OF_KIND = {"category": "classification", "labels": "labels", "number": "regression", "series": "forecasting"}
TASK_OF_INPUT = {"strokes": "handwriting"}  # where there is no target

__all__ = [
    "TASKS",
    "Classification",
    "Classifier",
    "Collected",
    "Decision",
    "Forecasting",
    "Handwriting",
    "Imputation",
    "Labels",
    "LanguageModelling",
    "Regression",
    "Supervised",
    "Tagging",
    "Task",
    "TaskSettings",
    "Translation",
    "task_for",
]


def task_for(data: Dataset, settings: TaskSettings | None = None) -> Task:
    """Return the task that settings name, or the one for the kind of the target.

    Raises: DataError, when there is no target, or one for which the task has to be named.
    """
    settings = settings or TaskSettings()
    name = settings.name
    if name is None:
        target = next(iter(data.targets.values()), None)
        first = next((f.kind for f in data.inputs.values()), "")
        if target is None:
            name = TASK_OF_INPUT.get(first)
        elif target.kind == "series" and target.aligned:  # the window itself
            name = "imputation"
        else:
            name = task_of_text(target, data) if target.kind == "text" else TASK_OF_KIND.get(target.kind)
        if name is None:
            has = f"a target of kind {target.kind!r}" if target is not None else "no target"
            raise DataError(f"{data.name} has {has}: say what is to be learned with task=... (a Task of yours).")
    make = find("task", name, TASKS)
    beyond = settings.model_dump(exclude={"name", "loss", "output", "metrics"}, exclude_defaults=True)
    foreign = [setting for setting in beyond if setting not in signature(make).parameters]
    if foreign:
        raise SettingError(f"task.{foreign[0]} means nothing to the task {name!r}. Leave it out.")
    return make(loss=settings.loss, output=settings.output, metrics=settings.metrics, **beyond)
