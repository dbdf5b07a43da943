"""Decisions: the temperature and the thresholds that were chosen for a run on its validation split, and are kept in it."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.errors import SettingError
from deepglass.runs import RunFolder
from deepglass.tasks import Classifier, Collected, Task
from deepglass.tasks.calibration import Calibration, calibrate
from deepglass.tasks.labels import Labels
from deepglass.tasks.threshold import Rule, Threshold, choose


def calibrated(folder: RunFolder, task: Task) -> Task:
    """Return the task as its run decides: with the temperature that was fitted for these weights, if one was."""
    kept = _kept(folder, "calibration")
    if kept is None or kept["temperature"] == 1 or not isinstance(task, Classifier):
        return task
    return _with(task, temperature=float(kept["temperature"]))


def fit(folder: RunFolder, task: Task, said: Collected) -> Calibration:
    """Fit the temperature on what the network says of the validation examples, and keep it in the run.

    Raises: SettingError, when the task gives no probabilities.
    """
    classifier = _classifier(task, "calibrated")
    if not classifier.has_probabilities:
        raise SettingError(
            f"The loss {classifier.loss_name!r} learns which side an example is on, and there is no probability to calibrate. "
            "Train with loss='auto' for probabilities."
        )
    assert said.outputs is not None
    log_p, truth = classifier.log_probabilities(said.outputs), classifier.targets_of(said)
    found = calibrate(log_p, truth, labels=isinstance(classifier, Labels))
    _keep(folder, "calibration", found.to_dict())
    return found


def deciding(folder: RunFolder, task: Task, rule: Rule, said: Callable[[], Collected]) -> tuple[Task, Threshold | None]:
    """Return the task with its thresholds, and how they were chosen; those that the run keeps already are used again.

    Args: said: gives what the network says of the validation examples; asked only when a threshold has to be chosen.
    Returns: no Threshold for a rule that is a number.
    Raises: SettingError, where no threshold decides or none can be chosen.
    """
    classifier = _classifier(task, "given a threshold")
    names = classifier.decides_on()
    if rule.name == "fixed":
        return _with(classifier, threshold=(rule.value,) * len(names)), None
    name, temperature = f"threshold {rule}", classifier.decision.temperature
    kept = _kept(folder, name)
    if kept is not None and kept.pop("temperature") == temperature:
        chosen = Threshold(**kept)
    else:
        chosen = choose(rule, *classifier.found(said()), names)
        _keep(folder, name, {**chosen.to_dict(), "temperature": temperature})
    return _with(classifier, threshold=tuple(chosen.values)), chosen


def judged(task: Task, said: Collected) -> tuple[list[str], tuple[np.ndarray, np.ndarray]]:
    """The classes that a threshold decides on, with probability and truth, both (examples, classes)."""
    classifier = _classifier(task, "given a threshold")
    return classifier.decides_on(), classifier.found(said)


def _classifier(task: Task, what: str) -> Classifier:
    if not isinstance(task, Classifier):
        raise SettingError(f"Only classifiers can be {what}, and this run learned {task.name}. Leave it out.")
    return task


def _with(task: Classifier, **changes: Any) -> Classifier:
    apart = copy.copy(task)
    apart.decision = replace(task.decision, **changes)
    return apart


def _keep(folder: RunFolder, name: str, facts: dict[str, Any]) -> None:
    """Write a decision into the run, with the step whose weights it belongs to."""
    known = folder.facts
    folder.update_facts(decisions={**known.get("decisions", {}), name: {**facts, "steps": known.get("steps")}})


def _kept(folder: RunFolder, name: str) -> dict[str, Any] | None:
    """A decision of the run; None when there is none, or the network has been trained on since."""
    known = folder.facts
    kept: dict[str, Any] | None = known.get("decisions", {}).get(name)
    if kept is None or kept["steps"] != known.get("steps"):
        return None
    return {key: value for key, value in kept.items() if key != "steps"}
