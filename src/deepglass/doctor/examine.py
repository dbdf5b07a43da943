"""Examine: gather all that is known of a run, measure what its data tell, and diagnose it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from deepglass.doctor.diagnose import diagnose
from deepglass.doctor.finding import Finding
from deepglass.errors import DeepglassError
from deepglass.probes.evidence import Evidence
from deepglass.probes.stored import write_before
from deepglass.runs import ENDED, RunFolder
from deepglass.runs.files import write_record

if TYPE_CHECKING:
    from deepglass.data import Dataset
    from deepglass.tasks import Task

# The names in `before.OF_DATA`, which comes with torch, and is imported only where one of these was not measured yet.
OF_DATA = ("inputs", "target", "splits", "leakage", "labels", "baselines")


def findings_of(folder: RunFolder, data: "Callable[[], Dataset]", task: "Callable[[], Task]") -> list[Finding]:
    """Diagnose a run, and keep what is found in its folder (findings.json) once it has ended."""
    found = diagnose(evidence_of(folder, data, task))
    if folder.status in ENDED:
        write_record(folder.path / "findings.json", {"findings": [finding.to_dict() for finding in found]})
    return found


def evidence_of(folder: RunFolder, data: "Callable[[], Dataset]", task: "Callable[[], Task]") -> Evidence:
    """Read the evidence of a run, with the facts of its data; these are measured once and kept in the folder.

    Data or a network that can no longer be read leave a note, and their facts out.
    """
    evidence = Evidence.from_run(folder.path)
    if all(name in evidence.before for name in OF_DATA):
        return evidence
    from deepglass.doctor.before import of_data

    try:
        examples = data()
        evidence.before |= of_data(examples, _task_of(examples, task, evidence.settings), evidence.before)
    except DeepglassError as error:
        evidence.notes.append(f"Nothing is said of the data: {error}")
        return evidence
    if folder.status in ENDED:
        write_before(folder.path, evidence.before)
    return evidence


def _task_of(data: "Dataset", task: "Callable[[], Task]", settings: Mapping[str, Any]) -> "Task":
    """The task of a run. Where its network cannot be had, a plane stands in for it: only inputs and targets are looked at."""
    from deepglass.networks import build
    from deepglass.tasks import task_for
    from deepglass.tasks.settings import TaskSettings

    try:
        return task()
    except DeepglassError:
        chosen = TaskSettings(**{**settings.get("task", {}), "loss": "auto", "output": "auto"})
        stand_in = task_for(data, chosen)
        stand_in.prepare(data, build({"name": "mlp", "hidden": []}, data))
        return stand_in
