"""Run: a finished or stopped training and its folder; Runs: several of them, with intervals."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from deepglass.data import Dataset, Field
from deepglass.data.inputs import encode_inputs
from deepglass.errors import RunError
from deepglass.networks import Summary, summary
from deepglass.runs import RunFolder
from deepglass.tasks import Collected, Supervised, Task, task_for
from deepglass.tasks.baselines import baselines
from deepglass.training.records import Epoch
from deepglass.training.reopen import built, data_of, fields_of, is_own_code, trained_weights
from deepglass.training.spec import Spec
from deepglass.training.training import MEASURE_BATCH, evaluating

if TYPE_CHECKING:
    import pandas


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
                    f"The network of {self.path} is code of its author's, {self.spec.network['name']}. Read it in {self.path / 'code'}; "
                    f"to run it, open the run with trust=True (--trust)."
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

    def evaluate(self, why: str = "evaluate") -> "Evaluation":
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
        from deepglass.report.gather import gather
        from deepglass.report.page import render
        from deepglass.runs.files import write_text

        target = Path(path) if path is not None else self.path / "report.html"
        write_text(target, render(gather(self)))
        return target

    def _scores(self, ids: torch.Tensor) -> dict[str, Any]:
        if isinstance(self.task, Supervised):
            collected = self.collect(ids)
            return {"loss": float(collected.losses.mean()), **self.task.evaluation(collected)}
        device = next((p.device for p in self.network.parameters()), torch.device("cpu"))
        with evaluating(self.network):
            return dict(self.task.measure(self.network, self.data.reader(device).read(ids, MEASURE_BATCH)))

    def _curves_svg(self) -> str:
        from deepglass.report.pictures import learning_curves, to_svg

        return to_svg(learning_curves(self.history, best_epoch=self.facts.get("best_epoch"))) if self.history else ""


class Evaluation:
    """What the test split says: `test` (scores), `baselines` and how often the test split was looked at."""

    def __init__(self, run: str, test: Mapping[str, Any], beside: Mapping[str, Any], looks: int) -> None:
        self.run, self.test, self.baselines, self.looks = run, dict(test), dict(beside), looks

    def __getitem__(self, name: str) -> Any:
        return self.test[name]

    def __repr__(self) -> str:
        lines = [f"{self.run}: test split, {self.test.get('examples', '?')} examples, look {self.looks}"]
        for name, value in self.test.items():
            if isinstance(value, float):
                interval = self.test.get(f"{name}_interval")
                between = (
                    f"   95 % interval {interval[0]:.4f} to {interval[1]:.4f} (choice of these examples)"
                    if interval
                    else ""
                )
                lines.append(f"  {name:<20} {value:.4f}{between}")
        for name, scores in self.baselines.items():
            shown = ", ".join(f"{n} {v:.4f}" for n, v in scores.items() if isinstance(v, float))
            lines.append(f"  beside it: {name:<16} {shown}")
        if self.looks > 1:
            lines.append(
                f"  The test split has been looked at {self.looks} times: choices made in between make it less honest."
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass evaluate`."""
        return {"run": self.run, "test": self.test, "baselines": self.baselines, "looks": self.looks}


class Runs(Sequence[Run]):
    """Several runs, such as those of `seeds=5`, with intervals over them."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = list(runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, index: Any) -> Any:
        return Runs(self._runs[index]) if isinstance(index, slice) else self._runs[index]

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def __repr__(self) -> str:
        lines = [repr(run) for run in self._runs]
        return "\n".join([*lines, *self.intervals_in_words(self.validation())])

    def validation(self) -> dict[str, list[float]]:
        """The validation metrics of the best epochs, one number a run."""
        return _by_name([dict(run.best_epoch.validation) if run.best_epoch else {} for run in self._runs])

    def evaluate(self) -> "Evaluations":
        """Measure the test split of every run."""
        return Evaluations([run.evaluate() for run in self._runs])

    def compare(self) -> "pandas.DataFrame":
        """One row a run: what differs between their specs, and the validation metrics of their best epochs."""
        import pandas

        first = self._runs[0].spec
        differing = sorted({name for run in self._runs for name in run.spec.changes_from(first)})
        rows = []
        for run in self._runs:
            changes = run.spec.changes_from(first)
            there = {n: changes[n][1] if n in changes else _value(first, n) for n in differing}
            metrics = dict(run.best_epoch.validation) if run.best_epoch else {}
            rows.append(
                {
                    "run": str(run.path),
                    "status": run.status,
                    **there,
                    "best_epoch": run.facts.get("best_epoch"),
                    **metrics,
                }
            )
        return pandas.DataFrame(rows)

    def intervals_in_words(self, by_name: Mapping[str, list[float]]) -> list[str]:
        return [f"  {name}: {words}" for name, values in by_name.items() if (words := interval_in_words(values))]


class Evaluations(Sequence[Evaluation]):
    """Evaluations of several runs, with intervals over their seeds."""

    def __init__(self, evaluations: Sequence[Evaluation]) -> None:
        self._all = list(evaluations)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: Any) -> Any:
        return self._all[index]

    def __repr__(self) -> str:
        by_name = _by_name([{n: v for n, v in e.test.items() if isinstance(v, float)} for e in self._all])
        lines = [f"{name}: {words}" for name, values in by_name.items() if (words := interval_in_words(values))]
        return "\n".join([*map(repr, self._all), *lines])


def interval_in_words(values: Sequence[float]) -> str:
    """Say mean and 95 % interval of one number a run; the interval covers the seeds, not another choice of data.

    Source: Student, "The Probable Error of a Mean", Biometrika 1908.
    """
    if len(values) < 2:
        return ""
    from scipy.stats import t

    mean = statistics.fmean(values)
    half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    return f"mean {mean:.4f}, 95 % interval {mean - half:.4f} to {mean + half:.4f} over {len(values)} seeds (same data)"


class _Sizes:
    """What a network has to fit, from the encodings of a run."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        inputs = {n: f for n, f in fields.items() if f.role == "input"}
        self.input_shapes = {n: f.shape for n, f in inputs.items()}
        self.outputs = Dataset.outputs_of([f for f in fields.values() if f.role == "target"])


def _by_name(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    names = rows[0] if rows else {}
    return {n: [row[n] for row in rows if n in row] for n in names}


def _value(spec: Spec, dotted: str) -> Any:
    value: Any = spec.to_dict()
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
