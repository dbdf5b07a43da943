"""Run: a finished or stopped training and its folder."""

from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from deepglass import decisions
from deepglass.beside import reached_beside
from deepglass.data import Dataset, Field
from deepglass.errors import RunError, SettingError
from deepglass.insight import Insight
from deepglass.measured import measured, predictions, said_of
from deepglass.networks import Summary, summary
from deepglass.plurals import counted
from deepglass.reported import curves_svg, reported, unusual, write_page
from deepglass.results import Evaluation
from deepglass.runs import ENDED, RunFolder
from deepglass.runs.files import check_folder
from deepglass.subgroups import check_by, groups_of, scores_by_group
from deepglass.tasks import Collected, Supervised, Task, task_for
from deepglass.tasks.calibration import Calibration
from deepglass.tasks.threshold import Rule, Threshold
from deepglass.training.records import Epoch
from deepglass.training.reopen import Sizes, built, data_of, fields_of, is_own_code, trained_weights
from deepglass.training.spec import Spec

if TYPE_CHECKING:
    import pandas

    from deepglass.report import Contents


class Run(Insight):
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
        self.own_network, self.own_task = network, task
        if data is not None:
            self.data = data

    def __repr__(self) -> str:
        lines = [f"{self.path}: {self.status}, {counted(len(self.history), 'epoch')}"]
        best = self.best_epoch
        if best is not None:
            shown = best.validation or best.train
            lines.append(f"  epoch {best.number}: " + ", ".join(f"{n} {v:.4g}" for n, v in shown.items()))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>" + curves_svg(self.history, self.facts.get("best_epoch"))

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
        number = self.facts.get("best_epoch")
        return next((epoch for epoch in history if epoch.number == number), history[-1] if history else None)

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
        if self.own_network is not None:
            return self.own_network
        if is_own_code(self.spec):
            if not self.trust:
                raise RunError(
                    f"The network of {self.path} is code of its author's, {self.spec.network['name']}. "
                    f"Read it in {self.path / 'code'}; to run it, open the run with trust=True (--trust)."
                )
            return built(self.spec, Sizes(self.fields), self.folder.read_code())
        return built(self.spec, Sizes(self.fields))

    @cached_property
    def task(self) -> Task:
        """What was learned."""
        task = self.own_task
        if task is None:
            task = task_for(self.data, self.spec.task)
            task.prepare(self.data, self.network)
        return decisions.calibrated(self.folder, task)

    @property
    def settings_changed(self) -> dict[str, tuple[Any, Any]]:
        """The settings that are not as they usually are: setting -> (usual, here)."""
        return unusual(self.spec)

    @property
    def summary(self) -> Summary:
        """The network layer by layer."""
        return summary(self.network, Sizes(self.fields))

    def predict(
        self, inputs: Any, *, threshold: str | float | None = None, skip_unreadable: bool = False
    ) -> "pandas.DataFrame":
        """Predict new examples, decoded: one row each, with names of classes and probabilities, or numbers in their unit.

        Args:
            inputs: an array, a dictionary of arrays, a DataFrame, or the path of a table, of an .npy or .npz file, or of
                pictures: files, a folder, a .zip or .tar. Each picture's row begins with its `file`.
            threshold: as in `choose_threshold`, or a probability (default: the likeliest class; labels from 0.5 on).
            skip_unreadable: leave out pictures that cannot be read, with a warning, instead of refusing them all.
        """
        task = self.task if threshold is None else self._deciding(threshold)[0]
        return predictions(self.network, task, self.fields, inputs, skip_unreadable=skip_unreadable)

    def open_test(self, why: str) -> torch.Tensor:
        """Return the indices of the test split; the look is counted, and written into the run before."""

        def write_down(examples: int) -> None:
            self.folder.append_look(
                {"time": datetime.now(UTC).isoformat("T", "seconds"), "why": why, "examples": examples}
            )

        return self.data.open_test(write_down)

    def evaluate(
        self, why: str = "evaluate", *, threshold: str | float | None = None, by: str | None = None
    ) -> Evaluation:
        """Measure the test split, which counts as a look at it.

        Args: threshold: as in `choose_threshold`, or a probability (default: the likeliest class; labels from 0.5 on); by: a
            column of the data, whose groups are measured each for itself, too.
        """
        task = self.task if threshold is None else self._deciding(threshold)[0]  # chosen before the look
        if by is not None:
            check_by(task, self.data, by)  # so that a wrong name costs no look
        ids = self.open_test(why)
        scores, beside = self._measured(ids, task)
        if by is not None and isinstance(task, Supervised):
            scores["by"] = {by: scores_by_group(task, self.collect(ids, task), groups_of(self.data, by, ids))}
        self.folder.update_facts(test=scores, test_baselines=beside)
        return Evaluation(str(self.path), scores, beside, len(self.folder.looks()))

    def calibrate(self) -> Calibration:
        """Fit one temperature on the validation split, so that a probability says how often it is right.

        It is kept in the run, and every probability follows it from now on; which class is the likeliest stays as it was.
        Raises: SettingError, when the task gives no probabilities.
        """
        found = decisions.fit(self.folder, self.task, self._said_of_validation())
        self.__dict__.pop("task")
        standing = self.facts.get("standing")
        if standing is not None:
            scores, _ = self._measured(self.data.members("validation"), beside=False)
            self.folder.update_facts(standing={**standing, "scores": scores})
        return found

    def choose_threshold(self, rule: str = "f1") -> Threshold:
        """Choose, on the validation split, from which probability a class is said to be there, and keep it in the run.

        Args: rule: "f1", "youden" (recall minus false alarm rate), or "cost=5" (a miss is as bad as five false alarms).
        Raises: SettingError, for more than two classes, or where nothing can be chosen.
        """
        chosen = self._deciding(rule)[1]
        if chosen is None:
            raise SettingError(f"{rule} is a threshold already. Give it to evaluate or predict: threshold={rule}.")
        return chosen

    def thresholds(self) -> "pandas.DataFrame":
        """Precision, recall, F1 and false alarm rate on the validation split, a row for each class and threshold."""
        import pandas

        from deepglass.tasks.threshold import at_thresholds

        names, (probability, truth) = decisions.judged(self.task, self._said_of_validation())
        tables = [pandas.DataFrame(at_thresholds(probability[:, i], truth[:, i])) for i in range(len(names))]
        return pandas.concat(tables, keys=names, names=["class", None]).reset_index("class").reset_index(drop=True)

    def collect(self, ids: torch.Tensor, task: Supervised | None = None) -> Collected:
        """What the network says of examples `ids` of a supervised task."""
        asked = task or self.task
        if not isinstance(asked, Supervised):
            raise RunError(f"The task {asked.name!r} has no target to be compared with.")
        return said_of(self.network, asked, self.data, ids)

    def baselines(self, ids: torch.Tensor, said: Collected | None = None) -> dict[str, dict[str, Any]]:
        """What simple models reach on the examples `ids`, learned from the training split.

        Args: said: what the network says of them, which each model is then compared with.
        """
        task = self.task
        if isinstance(task, Supervised):
            return reached_beside(task, self.data, ids, said, self.spec.recipe.seed, self.folder)
        return task.beside(self.data, ids, self.spec.recipe.seed)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML page, and return where it is; what is there and still true is kept."""
        target = Path(path) if path is not None else self.path / "report.html"
        check_folder(target)
        given = vars(self).keys() & {"data", "network", "task"}
        own = given or self.own_network is not None or self.own_task is not None
        return write_page(target, self.folder, self.findings, self._contents, lambda: self.data, stays=not own)

    def verdict(self) -> list[str]:
        """How good it is on the validation split, beside simple models, in sentences; none without one."""
        from deepglass.report.verdict import verdict

        return verdict(self._contents())

    def standing(self) -> dict[str, Any]:
        """The scores on the validation split, and what simple models reach there; measured once and kept in the run."""
        facts = self.facts
        ids = self.data.members("validation")
        if facts.get("standing", {}).get("steps", facts.get("steps")) != facts.get("steps"):
            del facts["standing"]  # it was trained on since
        if "standing" not in facts and len(ids) and self.history:
            scores, beside = self._measured(ids)
            facts["standing"] = {"scores": scores, "baselines": beside, "steps": facts.get("steps")}
            if self.status in ENDED:  # a run that goes on will stand elsewhere
                self.folder.update_facts(standing=facts["standing"])
        return dict(facts.get("standing", {"scores": {}, "baselines": {}}))

    def _contents(self) -> "Contents":
        """All that the report shows."""
        supervised = isinstance(self.task, Supervised)
        ids = self.data.members("validation")
        return reported(
            self.folder,
            self.spec,
            self.data,
            self.task,
            self.network,
            standing=self.standing(),
            said=self.collect(ids) if supervised and len(ids) else None,
            summary=self.summary if supervised else None,
        )

    def _deciding(self, threshold: str | float) -> tuple[Task, Threshold | None]:
        """The task with a threshold, and how it was chosen on the validation split."""
        return decisions.deciding(self.folder, self.task, Rule.from_text(threshold), self._said_of_validation)

    def _said_of_validation(self) -> Collected:
        ids = self.data.members("validation")
        if not len(ids):
            raise RunError(f"{self.path} has no validation split to choose on. Load its data with validation=0.2.")
        return self.collect(ids)

    def _measured(
        self, ids: torch.Tensor, task: Task | None = None, *, beside: bool = True
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """The scores on the examples `ids`, and what simple models reach there."""
        task = task or self.task
        if isinstance(task, Supervised):
            said = self.collect(ids, task)
            return {**task.evaluation(said), **task.score(said)}, self.baselines(ids, said) if beside else {}
        return measured(self.network, task, self.data, ids), self.baselines(ids) if beside else {}
