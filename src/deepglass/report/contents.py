"""Contents: all that a report shows, as plain numbers and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepglass.data import Field
from deepglass.data.description import Description
from deepglass.data.portrait import Portrait
from deepglass.data.source import Label
from deepglass.inside import Activation
from deepglass.inside.words import OfText
from deepglass.networks.summary import Summary
from deepglass.probes import Evidence
from deepglass.report.diagnosis import Diagnosis
from deepglass.report.drawn import Captioned, Drawn
from deepglass.report.fillings import Fillings
from deepglass.report.forecasts import Forecasts
from deepglass.report.told import Told
from deepglass.training.learning_plan import PlannedGroup
from deepglass.training.records import Epoch


@dataclass(frozen=True)
class Answers:
    """What a network answered on some examples, beside the truth, decoded.

    Shapes: ids and losses (examples,). `truth` and `given` by the kind of the target:
        category   codes (examples,) into the classes, with `probabilities` (examples, classes) where there are any
        labels     bool (examples, labels), with `probabilities` alike
        number     (examples, numbers) in the target's own `unit`; `columns` names each number
    """

    ids: np.ndarray
    losses: np.ndarray
    truth: np.ndarray
    given: np.ndarray
    probabilities: np.ndarray | None = None
    columns: tuple[str, ...] = ()
    unit: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def wrong(self) -> np.ndarray:
        """Which examples were answered wrongly, bool (examples,); of numbers, none is right or wrong: all count."""
        if self.truth.dtype.kind == "f":
            return np.ones(len(self), dtype=bool)
        return (self.truth != self.given).reshape(len(self), -1).any(axis=1)

    def most_wrong(self, limit: int = 12) -> list[int]:
        """The positions of the wrong examples with the highest loss, the worst first."""
        losses = np.where(np.isfinite(self.losses), self.losses, np.inf)
        order = np.argsort(-losses, kind="stable")
        return [int(i) for i in order if self.wrong()[i]][:limit]


@dataclass(frozen=True)
class Points:
    """Examples of two inputs. Shapes: inputs (examples, 2) in raw units, targets (examples,) of codes or numbers."""

    inputs: np.ndarray
    targets: np.ndarray


@dataclass(frozen=True)
class Received:
    """What a network with a front is given of some signals.

    Shapes: ids (examples,); signals (examples, channels, samples) in raw units; images (examples, channels, frequencies, times);
    times (times,) in seconds, frequencies (frequencies,) in hertz.
    Args:
        rate: samples a second.
        channels: their names, where they are known.
        about: the front in words.
    """

    ids: np.ndarray
    truths: Sequence[str]
    signals: np.ndarray
    rate: float
    channels: Sequence[str]
    images: np.ndarray
    times: np.ndarray
    frequencies: np.ndarray
    about: str
    split: str


@dataclass(frozen=True)
class Surface:
    """What a network answers over a grid of its two inputs.

    Shapes: x (columns,) and y (rows,) in raw units; values (rows, columns, classes) of probabilities, or (rows, columns)
    of numbers in the target's unit.
    """

    names: tuple[str, str]
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    train: Points
    validation: Points


@dataclass(frozen=True)
class Contents:
    """All that a report shows.

    Args:
        name: what the page is called, such as the run's folder name.
        status: how the training ended, one of the run folder's statuses.
        path: the run folder as the reader would type it, relative, for the command that repeats the run.
        started: when, as text.
        seconds: the whole training, measured by the clock.
        spec: the four sections as `Spec.to_dict` gives them.
        settings_changed: setting -> (default, here), as `Spec.changes_from(the default spec)` gives them.
        history: the records of all epochs.
        best_epoch: number of the epoch whose weights were kept, None when there is none.
        monitor: name of the metric that decided on it.
        kind: kind of the target: category, labels, number, or another word, for which less is drawn.
        target: name of the target.
        classes: the classes of the target in the order of their codes.
        data: what `Dataset.describe` gives.
        portrait: what a picture of the data shows, None where it was not gathered.
        summary: the network layer by layer, None when it could not be followed.
        learning: which layers learn when and how fast, from the input to the head; nothing where all learn alike.
        alarms: what does not fit together, in sentences; shown at the top.
        remarks: what else is worth knowing, such as which classes a line separates.
        scores: split name -> all metrics after training. Read are numbers, `examples`, and `<metric>_interval` as
            [low, high]. The test split stands here only when it was looked at.
        baselines: name -> metrics of simple models on the validation split; at times `answer` (of a constant guess),
            `note`, and `compared` with the network, as `tasks.intervals.compared` gives it.
        looks: how often the test split was looked at.
        task_facts: what `task.facts()` gives.
        answers: what the network says of the validation examples, None without them.
        examples: example id -> raw input, for the ids of `answers.most_wrong()`: an image (channels, height, width) or
            (height, width), otherwise a vector.
        texts: example id -> its texts with what each word did for the answer, for the same ids, where the inputs are texts.
        input_field: the field that `examples` are of.
        drawn, captioned: what it draws beside real drawings, what it says of images, when that is the task.
        forecasts: what was said of a series beside what came, when that is the task.
        fillings: what holes of a series were filled with, when that is the task.
        told: what it foretells, tags or translates of some texts, when that is the task.
        surface: answers over a grid, when the network has two inputs.
        received: what the network is given of some signals, None when it has no front.
        diagnosis: what the doctor says, None when nobody asked.
        evidence: what was seen while it learned, None when nobody looked inside.
        not_looked_into: of one of many trained together that nobody looked into: how many these were, and how many were.
        heard: what each layer gives for one example, `heard_example`.
        environment: versions, machine, threads and whatever else a person needs to compare with.
        notes: what was decided on the way, in sentences, shown at the end.
        version: of Deepglass.
    """

    name: str
    status: str
    path: str
    spec: Mapping[str, Any]
    history: Sequence[Epoch]
    data: Description
    kind: str
    started: str = ""
    seconds: float = 0.0
    portrait: Portrait | None = None
    settings_changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    best_epoch: int | None = None
    monitor: str = "loss"
    target: str = ""
    classes: Sequence[Label] = ()
    summary: Summary | None = None
    learning: Sequence[PlannedGroup] = ()
    alarms: Sequence[str] = ()
    remarks: Sequence[str] = ()
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    looks: int = 0
    task_facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Answers | None = None
    examples: Mapping[int, np.ndarray] = field(default_factory=dict)
    texts: Mapping[int, Sequence[OfText]] = field(default_factory=dict)
    input_field: Field | None = None
    drawn: Drawn | None = None
    captioned: Captioned | None = None
    forecasts: Forecasts | None = None
    fillings: Fillings | None = None
    told: Told | None = None
    surface: Surface | None = None
    received: Received | None = None
    diagnosis: Diagnosis | None = None
    evidence: Evidence | None = None
    not_looked_into: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, Activation] = field(default_factory=dict)
    heard_example: int | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    version: str = ""
