"""Run: a finished or stopped training and its folder."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from deepglass.data import Dataset, DataSettings, Field
from deepglass.data.inputs import encode_inputs
from deepglass.data.portrait import portrait
from deepglass.errors import RunError
from deepglass.networks import Summary, summary, with_defaults
from deepglass.results import Evaluation
from deepglass.runs import RunFolder
from deepglass.tasks import Collected, Supervised, Task, TaskSettings, task_for
from deepglass.tasks.baselines import baselines
from deepglass.training.recipe import Recipe
from deepglass.training.records import Epoch
from deepglass.training.reopen import built, data_of, fields_of, is_own_code, trained_weights
from deepglass.training.spec import Spec
from deepglass.training.training import MEASURE_BATCH, evaluating

if TYPE_CHECKING:
    import pandas

    from deepglass.report import Contents


class Run:
    """One training that was kept: open it by its folder, in any later process.

    Args:
        path: the run's folder.
        network, data, task: given again when they were objects of yours that a folder cannot hold.
        trust: allow the code of the user's, kept in the run as text, to be run; opening a run runs nothing otherwise.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        network: nn.Module | None = None,
        data: Dataset | None = None,
        task: Task | None = None,
        trust: bool = False,
    ) -> None:
        self.folder = RunFolder(path)
        self.path = self.folder.path
        self.trust = trust
        self._own_network, self._task = network, task
        if data is not None:
            self.data = data

    def __repr__(self) -> str:
        lines = [f"{self.path}: {self.status}, {len(self.history)} epochs"]
        best = self.best_epoch
        if best is not None:
            shown = best.validation or best.train
            lines.append(f"  epoch {best.number}: " + ", ".join(f"{n} {v:.4g}" for n, v in shown.items()))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>" + self._curves_svg()

    @property
    def status(self) -> str:
        return self.folder.status

    @property
    def facts(self) -> dict[str, Any]:
        return self.folder.facts

    @cached_property
    def spec(self) -> Spec:
        return Spec.from_dict(self.folder.read_spec())

    @property
    def history(self) -> list[Epoch]:
        """The record of every epoch."""
        return [Epoch.from_dict(line) for line in self.folder.history()]

    @property
    def best_epoch(self) -> Epoch | None:
        history = self.history
        number = self.facts.get("best_epoch") or len(history)
        return history[number - 1] if history else None

    @property
    def alarms(self) -> list[str]:
        """What did not fit together before the first step."""
        return list(self.facts.get("alarms", []))

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The encodings: inputs and targets by name."""
        return fields_of(self.folder)

    @cached_property
    def data(self) -> Dataset:
        """The data it was trained on, with its own splits; the test split stays behind glass."""
        return data_of(self.folder, self.spec)

    @cached_property
    def network(self) -> nn.Module:
        """The plain nn.Module, in evaluation mode, with the weights of the best epoch (of the last one without early stopping)."""
        network = self.build_network()
        network.load_state_dict(trained_weights(self.folder, best=self.spec.recipe.early_stopping))
        return network.eval()

    def build_network(self) -> nn.Module:
        """Build the network anew, or take the one that was passed in. Raises: RunError, when its code may not be run."""
        if self._own_network is not None:
            return self._own_network
        if is_own_code(self.spec):
            if not self.trust:
                raise RunError(
                    f"The network of {self.path} is code of its author's, {self.spec.network['name']}. "
                    f"Read it in {self.path / 'code'}; to run it, open the run with trust=True (--trust)."
                )
            return built(self.spec, _Sizes(self.fields), self.folder.read_code())
        return built(self.spec, _Sizes(self.fields))

    @cached_property
    def task(self) -> Task:
        """What was learned."""
        if self._task is not None:
            return self._task
        task = task_for(self.data, self.spec.task)
        task.prepare(self.data, self.network)
        return task

    @property
    def summary(self) -> Summary:
        """The network layer by layer."""
        return summary(self.network, _Sizes(self.fields))

    def predict(self, inputs: Any) -> "pandas.DataFrame":
        """Predict new examples, decoded: one row each, with names of classes and probabilities, or numbers in their unit.

        Args: inputs: an array, a dictionary of arrays, a DataFrame, or the path of a .csv, .npy or image file.
        """
        import pandas

        encoded = encode_inputs(inputs, self.fields)
        device = next((p.device for p in self.network.parameters()), torch.device("cpu"))
        count = len(next(iter(encoded.values())))
        parts = []
        with evaluating(self.network):
            for ids in torch.arange(count).split(MEASURE_BATCH):
                batch = {n: v[ids].to(device) for n, v in encoded.items()}
                parts.append(self.task.decode(self.task.predict(self.network, batch)))
        columns = {n: np.concatenate([p[n] for p in parts]) for n in (parts[0] if parts else {})}
        return pandas.DataFrame({n: list(v) if v.ndim > 1 else v for n, v in columns.items()})

    def evaluate(self, why: str = "evaluate") -> Evaluation:
        """Measure the test split. The look is counted, and written into the run before the answer is shown."""

        def write_down(examples: int) -> None:
            self.folder.append_look(
                {"time": datetime.now(UTC).isoformat("T", "seconds"), "why": why, "examples": examples}
            )

        ids = self.data.open_test(write_down)
        scores = self._scores(ids)
        beside = self.baselines(ids)
        self.folder.update_facts(test=scores, test_baselines=beside)
        return Evaluation(str(self.path), scores, beside, len(self.folder.looks()))

    def collect(self, ids: torch.Tensor) -> Collected:
        """What the network says of examples `ids` of a supervised task."""
        if not isinstance(self.task, Supervised):
            raise RunError(f"The task {self.task.name!r} has no target to be compared with.")
        device = next((p.device for p in self.network.parameters()), torch.device("cpu"))
        with evaluating(self.network):
            return self.task.collect(self.network, self.data.reader(device).read(ids, MEASURE_BATCH))

    def baselines(self, ids: torch.Tensor) -> dict[str, dict[str, Any]]:
        """What simple models reach on the examples `ids`, learned from the training split."""
        task = self.task
        if not isinstance(task, Supervised):
            return {}
        train, other = self.data.read(self.data.members("train")), self.data.read(ids)
        x = [torch.cat([b[n].flatten(1) for n in task.inputs], dim=1).cpu().numpy() for b in (train, other)]
        y = [task.truth(Collected({}, task.target_of(b).cpu(), torch.empty(0), b.ids)) for b in (train, other)]
        return baselines(task.field.kind, x[0], y[0], x[1], y[1], seed=self.spec.recipe.seed)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML page, and return where it is."""
        from deepglass.report import render
        from deepglass.runs.files import write_text

        target = Path(path) if path is not None else self.path / "report.html"
        write_text(target, render(replace(self._contents(), portrait=portrait(self.data))))
        return target

    def verdict(self) -> list[str]:
        """How good it is on the validation split, beside simple models, in sentences; none without one."""
        from deepglass.report.verdict import verdict

        return verdict(self._contents())

    def standing(self) -> dict[str, Any]:
        """The scores on the validation split, and what simple models reach there; measured once and kept in the run."""
        facts = self.facts
        ids = self.data.members("validation")
        if "standing" not in facts and len(ids) and self.history:
            facts["standing"] = {"scores": self._scores(ids), "baselines": self.baselines(ids)}
            if self.status in ("done", "stopped early"):  # a run that goes on will stand elsewhere
                self.folder.update_facts(standing=facts["standing"])
        return dict(facts.get("standing", {"scores": {}, "baselines": {}}))

    def _contents(self) -> "Contents":
        """All that the report shows."""
        from deepglass.report import Contents, answers_of, raw_inputs, surface_of

        facts, data, task, standing = self.facts, self.data, self.task, self.standing()
        ids = data.members("validation")
        supervised = isinstance(task, Supervised)
        answers = answers_of(task, self.collect(ids)) if isinstance(task, Supervised) and len(ids) else None
        shown = [] if answers is None else [int(answers.ids[i]) for i in answers.most_wrong()]
        usual = with_defaults({k: v for k, v in self.spec.network.items() if k in ("name", "layers", "module")})
        plain = Spec(DataSettings(source=self.spec.data.source), usual, TaskSettings(), Recipe())
        target = next(iter(data.targets.values()), None)
        return Contents(
            name=self.path.resolve().name,
            status=self.status,
            path=str(self.path),
            started=str(facts.get("started", "")),
            seconds=float(facts.get("seconds") or 0.0),
            spec=self.spec.to_dict(),
            settings_changed=self.spec.changes_from(plain),
            history=self.history,
            best_epoch=facts.get("best_epoch"),
            monitor=str(facts.get("monitor", "loss")),
            kind=target.kind if target is not None and supervised else task.name,
            target=target.name if target is not None else "",
            classes=target.classes if target is not None else (),
            data=data.describe(),
            summary=self.summary if supervised else None,
            alarms=self.alarms,
            remarks=list(facts.get("remarks", [])),
            scores={"validation": standing["scores"], **({"test": facts["test"]} if "test" in facts else {})},
            baselines=standing["baselines"],
            looks=len(self.folder.looks()),
            task_facts=dict(facts.get("task", {})),
            answers=answers,
            examples=raw_inputs(data, shown),
            input_field=next(iter(data.inputs.values()), None),
            surface=surface_of(self.network, task, data) if isinstance(task, Supervised) else None,
            environment=dict(facts.get("environment", {})),
            notes=[*self.folder.notes, *([str(facts["reason"])] if facts.get("reason") else [])],
            version=str(facts.get("environment", {}).get("deepglass", "")),
        )

    def _scores(self, ids: torch.Tensor) -> dict[str, Any]:
        if isinstance(self.task, Supervised):
            collected = self.collect(ids)
            return {**self.task.evaluation(collected), **self.task.score(collected)}
        device = next((p.device for p in self.network.parameters()), torch.device("cpu"))
        with evaluating(self.network):
            return dict(self.task.measure(self.network, self.data.reader(device).read(ids, MEASURE_BATCH)))

    def _curves_svg(self) -> str:
        from deepglass.report.pictures import learning_curves, metrics_of, to_svg

        if not self.history:
            return ""
        return to_svg(
            learning_curves(self.history, metrics_of(self.history)[:2], best_epoch=self.facts.get("best_epoch"))
        )


class _Sizes:
    """What a network has to fit, from the encodings of a run."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        inputs = {n: f for n, f in fields.items() if f.role == "input"}
        self.input_shapes = {n: f.shape for n, f in inputs.items()}
        self.outputs = Dataset.outputs_of([f for f in fields.values() if f.role == "target"])
