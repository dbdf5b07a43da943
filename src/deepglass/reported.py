"""Reported: all that the page of a run shows, gathered from its folder, its data and its network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from deepglass.data import Dataset, DataSettings
from deepglass.data.portrait import portrait
from deepglass.doctor import SYMPTOMS, Finding, could_tell
from deepglass.doctor.proof import proofs_of
from deepglass.doctor.symptoms import GROUPS
from deepglass.networks import Summary, with_defaults
from deepglass.networks.front import as_usual
from deepglass.probes import Evidence
from deepglass.report import (
    Contents,
    Diagnosis,
    answers_of,
    heard_of,
    raw_inputs,
    received_of,
    render,
    surface_of,
    texts_of,
)
from deepglass.report.album import is_page_of, page_for
from deepglass.report.drawn import captioned_of, drawn_of
from deepglass.report.fillings import fillings_of
from deepglass.report.fingerprint import of_folder
from deepglass.report.forecasts import forecasts_of
from deepglass.report.on_page import MOST_ROWS
from deepglass.report.told import told_of
from deepglass.runs import RunFolder
from deepglass.runs.files import write_text
from deepglass.tasks import Collected, Supervised, Task, TaskSettings
from deepglass.training.learning_plan import learning_plan
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.recipe import Recipe
from deepglass.training.records import Epoch
from deepglass.training.spec import Spec

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reported(
    folder: RunFolder,
    spec: Spec,
    data: Dataset,
    task: Task,
    network: nn.Module,
    *,
    standing: Mapping[str, Any],
    said: Collected | None,
    summary: Summary | None,
) -> Contents:
    """Gather what the report of a run shows.

    Args:
        standing: scores on the validation split, and what simple models reach there, as `Run.standing` gives them.
        said: what the network says of the validation split.
        summary: the network layer by layer.
    """
    facts = folder.facts
    supervised = isinstance(task, Supervised)
    answers = answers_of(task, said) if isinstance(task, Supervised) and said is not None else None
    shown = [] if answers is None else [int(answers.ids[i]) for i in answers.most_wrong()]
    target = next(iter(data.targets.values()), None)
    evidence = Evidence.from_run(folder.path)
    heard, example = heard_of(network, task, data) if isinstance(task, Supervised) and evidence.probes else ({}, None)
    return Contents(
        name=folder.path.resolve().name,
        status=folder.status,
        path=str(folder.path),
        started=str(facts.get("started", "")),
        seconds=float(facts.get("seconds") or 0.0),
        spec=spec.to_dict(),
        settings_changed=unusual(spec),
        history=[Epoch.from_dict(line) for line in folder.history()],
        best_epoch=facts.get("best_epoch"),
        monitor=str(facts.get("monitor", "loss")),
        kind=target.kind if target is not None and supervised else task.name,
        target=target.name if target is not None else "",
        classes=target.classes if target is not None else (),
        data=data.describe(),
        summary=summary,
        alarms=list(facts.get("alarms", [])),
        remarks=[*facts.get("weights", {}).get("notes", []), *facts.get("remarks", [])],
        learning=learning_plan(network, spec.recipe),
        scores={"validation": standing["scores"], **({"test": facts["test"]} if "test" in facts else {})},
        baselines=standing["baselines"],
        looks=len(folder.looks()),
        task_facts=dict(facts.get("task", {})),
        answers=answers,
        examples=raw_inputs(data, shown),
        texts=texts_of(network, task, data, shown[:MOST_ROWS]) if isinstance(task, Supervised) else {},
        input_field=next(iter(data.inputs.values()), None),
        drawn=drawn_of(network, task, data),
        captioned=captioned_of(network, task, data),
        told=told_of(network, task, data),
        forecasts=forecasts_of(task, data, said, standing["baselines"]),
        fillings=fillings_of(task, said),
        surface=surface_of(network, task, data) if isinstance(task, Supervised) else None,
        received=received_of(network, data),
        evidence=evidence if evidence.probes else None,
        not_looked_into=dict(facts.get("not_looked_into", {})) if not evidence.probes else {},
        heard=heard,
        heard_example=example,
        environment=dict(facts.get("environment", {})),
        notes=[*folder.notes, *([str(facts["reason"])] if facts.get("reason") else [])],
        version=str(facts.get("environment", {}).get("deepglass", "")),
    )


def write_page(
    target: Path,
    folder: RunFolder,
    findings: Sequence[Finding],
    contents: Callable[[], Contents],
    data: Callable[[], Dataset],
    *,
    stays: bool,
) -> Path:
    """Write the page of a run, and return where it is. Args: stays: whether a page that shows the folder as it is may stay."""
    before = _page_there(target)
    if stays and is_page_of(_key_of(folder), before):
        return target
    shown = contents()  # which may measure, and keep that in the folder
    page = render(replace(shown, diagnosis=diagnosed(folder, findings), portrait=portrait(data())), before)
    write_text(target, page_for(_key_of(folder), page))
    return target


def diagnosed(folder: RunFolder, findings: Sequence[Finding]) -> Diagnosis:
    """What the doctor says of a run: what was found, what was looked for, and which remedies were tried."""
    evidence = Evidence.from_run(folder.path)
    told = could_tell(evidence)
    looked_for = {group: [n for n, s in SYMPTOMS.items() if s.group == group and told[n]] for group in GROUPS}
    plain = [finding.to_dict() for finding in findings]
    return Diagnosis(plain, proofs_of(folder.path), looked_for, [n for n, could in told.items() if not could])


def unusual(spec: Spec) -> dict[str, tuple[Any, Any]]:
    """The settings that are not as they usually are: setting -> (usual, here)."""
    network = with_defaults({k: v for k, v in spec.network.items() if k in ("name", "layers", "module")}) | as_usual(
        spec.network
    )
    kind = OPTIMIZERS.get(spec.recipe.optimizer)
    recipe = Recipe(learning_rate=kind.learning_rate if kind else None)
    plain = Spec(DataSettings(source=spec.data.source), network, TaskSettings(), recipe)
    return spec.changes_from(plain)


def curves_svg(history: Sequence[Epoch], best_epoch: int | None) -> str:
    """The curves of the first two metrics; nothing before the first epoch."""
    from deepglass.report.pictures import learning_curves, metrics_of, to_svg

    return to_svg(learning_curves(history, metrics_of(history)[:2], best_epoch=best_epoch)) if history else ""


def map_of(folder: RunFolder, quantity: str) -> "Figure":
    """The picture of a quantity for all layers over time, from the evidence of a run."""
    from deepglass.report.pictures.layer_map import layer_map

    return layer_map(Evidence.from_run(folder.path), quantity)


def _key_of(folder: RunFolder) -> str:
    """What the page of a run depends on, as a short text: its folder with all that was kept in it, and our own code."""
    said = (str(folder.path), folder.path.resolve().name, *folder.notes)
    return of_folder(folder.path, *said, without=("report.html", "lock"))


def _page_there(path: Path) -> str:
    """The page that is there already; "" where there is none that can be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, ValueError):
        return ""
