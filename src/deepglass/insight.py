"""Insight: what can be asked of a run beyond its scores: what is wrong with it, whether a remedy helps, what is inside."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from deepglass.data import Dataset
from deepglass.reported import map_of
from deepglass.runs import RunFolder
from deepglass.tasks import Task
from deepglass.training.spec import Spec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.doctor import Finding
    from deepglass.doctor.proof import Proof
    from deepglass.look import Look
    from deepglass.moment import Moment


class Insight:
    """The part of a `Run` that looks inside. Each method only calls the room that does the work."""

    folder: RunFolder
    path: Path
    own_network: nn.Module | None
    own_task: Task | None
    trust: bool

    if TYPE_CHECKING:  # what Run has

        @property
        def spec(self) -> Spec: ...
        @property
        def data(self) -> Dataset: ...
        @property
        def task(self) -> Task: ...
        @property
        def network(self) -> nn.Module: ...
        def build_network(self) -> nn.Module: ...

    @property
    def findings(self) -> "list[Finding]":
        """What is wrong with this training, the likeliest cause first, and what to try; see `deepglass.doctor`."""
        from deepglass.doctor.examine import findings_of

        return findings_of(self.folder, lambda: self.data, lambda: self.task)

    def measure(self) -> dict[str, Any]:
        """Take the doctor's measurements that train, half a minute at most, and keep them for `findings`."""
        from deepglass.doctor.measurements import measure

        return measure(self.folder, self.build_network(), self.data, self.task, self.spec.recipe)

    def prove(
        self, finding: "str | Finding | None" = None, *, change: Mapping[str, Any] | None = None, **asked: Any
    ) -> "Proof | None":
        """Train remedies beside the control from the same seeds, and say whether they help, on the validation split alone.

        Args:
            finding: the one whose remedies are tried, or its symptom (default: all that say that something is wrong).
            change: a remedy of your own instead, such as {"recipe.learning_rate": 0.001}.
            asked: seeds, max_time, metric, progress; see `deepglass.proving.prove`.
        Returns: None, when nothing was found that a setting could mend.
        """
        from deepglass.proving import Candidate, Subject, candidates, prove

        remedies = candidates(self.findings, finding) if change is None else [Candidate(change)]
        subject = Subject(self.folder, self.spec, self.data, self.own_network, self.own_task, self.trust)
        return prove(subject, remedies, **asked) if remedies else None

    def look(self, example: Any = None, split: str = "validation", **asked: Any) -> "Look":
        """Look inside at one example: every layer, what the answer rests on, the filters; see `deepglass.look.look`."""
        from deepglass.look import look

        return look(self.network, self.task, self.data, example, split=split, name=self.path.resolve().name, **asked)

    def map(self, quantity: str = "gradient_norm") -> "Figure":
        """Draw a quantity of `deepglass.probes.quantities` for every layer over time; needs a run that was looked into."""
        return map_of(self.folder, quantity)

    def at(self, epoch: int | str) -> "Moment":
        """The network as it was after a saved epoch (or "best", "last"). Raises: RunError, with those that are saved."""
        from deepglass.moment import Moment

        return Moment(self.folder, epoch, self.spec, self.build_network, lambda: self.data, self.own_task)
