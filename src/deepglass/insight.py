"""Insight: what can be asked of a run beyond its scores: what is wrong with it, whether a remedy helps, what is inside."""

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from deepglass.data import Dataset, Field
from deepglass.errors import RunError, SettingError
from deepglass.names import suggestion
from deepglass.proving.starting import start_of
from deepglass.reported import map_of
from deepglass.runs import RunFolder
from deepglass.tasks import Task
from deepglass.training.reopen import built, is_own_code
from deepglass.training.spec import Spec

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

    from deepglass.by_hand import ByHand
    from deepglass.doctor import Finding
    from deepglass.doctor.proof import Proof
    from deepglass.likeliest import Likeliest
    from deepglass.look import Look
    from deepglass.moment import Moment

OTHER_STARTS = ("weights", "parent")  # facts of runs whose first weights no seed draws
OF_DRAWING = ("temperature", "seed", "told", "most")  # what can be said of how a run draws


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
        @property
        def fields(self) -> dict[str, Field]: ...
        def build_network(self) -> nn.Module: ...
        def predict(self, inputs: Any) -> Any: ...

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
        Raises: SettingError, for what is asked in a way that cannot be, whether something was found or not.
        """
        from deepglass.proving import Candidate, Subject, candidates, check_asked, prove

        remedies = candidates(self.findings, finding) if change is None else [Candidate(change)]
        subject = Subject(self.folder, self.spec, self.data, self.own_network, self.own_task, self.trust)
        if remedies:
            return prove(subject, remedies, **asked)
        check_asked(subject, **asked)
        return None

    def look(self, example: Any = None, split: str = "validation", **asked: Any) -> "Look":
        """Look inside at one example: every layer, what the answer rests on, the filters; see `deepglass.look.look`."""
        from deepglass.look import look

        name = self.path.resolve().name
        return look(self.network, self.task, self.data, example, split=split, name=name, start=self._start(), **asked)

    def byhand(self, example: int | Sequence[int] = 0, split: str = "train", **options: Any) -> "ByHand":
        """Calculate an example by hand, number by number, up to the loss and one step; several examples make a batch.

        Args: example: its number in the split, from 0. options: layers, training, limit, learning_rate, ... of `dg.byhand`.
        """
        from deepglass.by_hand import of_data

        numbers = [example] if isinstance(example, int) else list(example)
        return of_data(self.network, self.task, self.data, numbers, split=split, **options)

    def _start(self) -> Callable[[], nn.Module] | None:
        """What makes the network as it was before training; None where nobody knows any more."""
        kept = start_of(self.folder)
        if kept is not None:
            return lambda: _with(self.network, kept)
        begun = any(name in self.folder.facts for name in OTHER_STARTS)
        return (
            None
            if begun or "module" in self.spec.network or is_own_code(self.spec)
            else lambda: built(self.spec, self.data)
        )

    def likeliest(self, inputs: Any, top: int = 5) -> "Likeliest":
        """The likeliest labels of new examples, with probabilities and a picture. Args: inputs: as of `predict`."""
        from deepglass.likeliest import Likeliest

        return Likeliest(self.predict(inputs), inputs, self.fields, top)

    def draw(self, count: int = 16, path: str | Path | None = None, **settings: Any) -> "list[np.ndarray]":
        """Draw with a run that has learned strokes: drawings, each (points, 3) of dx, dy (downwards) and pen lifted.

        Args:
            path: where the drawings are shown beside real ones: .svg, .png, .pdf or .html; one alone as plain .svg.
            settings: temperature=0.7, seed=0, told={"digit": "3"} (or one for each), most (points); see `tasks.handwriting.draw`.
        Raises: RunError, when this run has learned something else; SettingError.
        """
        from deepglass.report.drawn import drawn_of
        from deepglass.report.pictures.drawings import save_drawn

        for name in settings:
            if name not in OF_DRAWING:
                raise SettingError(
                    f"There is no setting {name!r} of drawing.{suggestion(name, OF_DRAWING)} Known: {', '.join(OF_DRAWING)}."
                )
        drawn = drawn_of(self.network, self.task, self.data, count, **settings)
        if drawn is None:
            raise RunError(
                f"This run has learned {self.task.name}, and only handwriting draws. Train it on strokes: deepglass train strokes "
                f"--set task.name=handwriting --network handwriting."
            )
        if path is not None:
            save_drawn(drawn, path)
        return drawn.drawn

    def generate(self, start: str | Sequence[str] = "", length: int = 200, **settings: Any) -> Any:
        """Write on from a start, token by token; a list of starts gives a list of texts.

        Args:
            start: "" for the beginning of a text.
            length: tokens (of a network of characters: characters) that are written at most.
            settings: temperature=1.0, top_k, top_p=1.0, beam_width, length_penalty=0.0, seed=0; see `tasks.generation.Asked`.
        Raises: RunError, when this run has learned something else; SettingError; DataError, for a start with tokens never seen.

        >>> run.generate("ROMEO:", length=300, temperature=0.8)
        """
        from deepglass.written import written

        if self.task.name == "handwriting":
            return self.draw(**settings)
        texts = written(
            self.network, self.task, [start] if isinstance(start, str) else start, length=length, **settings
        )
        return texts[0] if isinstance(start, str) else texts

    def map(self, quantity: str = "gradient_norm") -> "Figure":
        """Draw a quantity of `deepglass.probes.quantities` for every layer over time; needs a run that was looked into."""
        return map_of(self.folder, quantity)

    def at(self, epoch: int | str) -> "Moment":
        """The network as it was after a saved epoch (or "best", "last"). Raises: RunError, with those that are saved."""
        from deepglass.moment import Moment

        return Moment(self.folder, epoch, self.spec, self.build_network, lambda: self.data, self.own_task)


def _with(network: nn.Module, weights: Mapping[str, Tensor]) -> nn.Module:
    other = copy.deepcopy(network)
    other.load_state_dict(dict(weights))
    return other
