"""Handwriting: learn how a pen moves, so as to draw; what is measured is how surprising each next point is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset, Field
from deepglass.data.stroke_encoding import OVER, OVER_ROW
from deepglass.errors import SettingError, ShapeError
from deepglass.names import suggestion
from deepglass.networks import call, check_call, summary
from deepglass.randomness import Noise
from deepglass.tasks.mixture_density import mixture_of, offset_loss, pen_loss, sample
from deepglass.tasks.scribble import scribble
from deepglass.tasks.task import Task
from deepglass.tasks.token_metrics import ratio_interval

MOST_DRAWINGS = 10_000  # at a time
HOTTEST = 10.0


class Handwriting(Task):
    """Expect the next point of a drawing: a mixture of Gaussians for where it is, and whether the pen goes on.

    The loss is in nats a point: minus the logarithm of the density of the scaled offset and of the probability of the pen's
    state, summed over the points of a drawing and its end, divided by these. What follows the end counts nothing.
    Args: loss, output, metrics: there is one of each, and it cannot be chosen.
    """

    name = "handwriting"

    def __init__(self, loss: str = "auto", output: str = "auto", metrics: Iterable[str] = ()) -> None:
        super().__init__()
        for setting, value, usual in (
            ("loss", loss, "auto"),
            ("output", output, "auto"),
            ("metrics", list(metrics), []),
        ):
            if value != usual:
                raise SettingError(f"task.{setting}={value!r}: handwriting has one of its own. Leave it out.")
        self.fields: dict[str, Field] = {}
        self.strokes = ""  # the input that is drawn

    @property
    def field(self) -> Field:
        return self.fields[self.strokes]

    def prepare(self, data: Dataset, network: nn.Module) -> None:
        super().prepare(data, network)
        self.fields, self.targets = dict(data.inputs), ()
        self.strokes = next(iter(self.fields), "")
        kinds = [f.kind for f in self.fields.values()]
        if kinds[:1] != ["strokes"] or "strokes" in kinds[1:]:
            raise ShapeError(
                f"handwriting draws strokes, which have to be the first input; {data.name} has "
                f"{', '.join(f'{n} ({f.kind})' for n, f in self.fields.items())}."
            )
        check_call(network, self.inputs)
        traced = summary(network, data)
        self.multiply_adds, self.largest = traced.multiply_adds, traced.largest
        points, shape = self.field.shape[0], traced.output_shape
        if not isinstance(shape, tuple) or len(shape) != 2 or shape[0] != points + 1:
            raise ShapeError(
                f"handwriting needs what is expected before each of {points} points and after the last, ({points + 1}, 6 m + 3); "
                f"the network gives {shape}. Use network=handwriting."
            )
        mixture_of(torch.zeros(1, shape[1]))
        if not hasattr(network, "begin") or not hasattr(network, "step"):
            raise ShapeError(
                f"handwriting draws point after point, and {type(network).__name__} cannot: it has no begin and step. Use "
                "network=handwriting."
            )

    def losses(self, network: nn.Module, batch: Batch, player: str, noise: Noise) -> dict[str, Tensor]:
        offsets, pen, counts = self.surprises(network, batch.pick(self.inputs))
        if batch.weights is not None:
            offsets, pen, counts = (part * batch.weights for part in (offsets, pen, counts))
        every = counts.sum().clamp(min=1e-12)
        parts = {"offset_loss": offsets.sum() / every, "pen_loss": pen.sum() / every}
        return {"loss": parts["offset_loss"] + parts["pen_loss"], **parts}

    def surprises(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """The nats of each drawing's offsets and of its pen, and how many points it has with its end; each (drawings,)."""
        strokes = inputs[self.strokes]
        mixture = mixture_of(call(network, inputs))
        rows = torch.cat([strokes, strokes.new_tensor(OVER_ROW).expand(len(strokes), 1, -1)], dim=1)
        over = rows[:, :, OVER] > 0
        there = over.cumsum(dim=1) == 0  # the points
        expected = there | (over.cumsum(dim=1) == 1)  # and the end
        offsets = torch.where(there, offset_loss(mixture, rows[:, :, :2]), 0.0).sum(dim=1)
        pen = torch.where(expected, pen_loss(mixture, rows[:, :, 2:].argmax(dim=2)), 0.0).sum(dim=1)
        return offsets, pen, expected.sum(dim=1).float()

    def weight_of(self, batch: Batch) -> Tensor:
        counts = (batch[self.strokes][:, :, OVER] == 0).sum(dim=1) + 1.0
        return (counts if batch.weights is None else counts * batch.weights).sum()

    def measure(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, float]:
        totals = np.zeros(3)
        for batch in batches:
            parts = self.surprises(network, batch.pick(self.inputs))
            weights = 1.0 if batch.weights is None else batch.weights
            totals += [float((part.detach() * weights).double().sum()) for part in parts]
        if not totals[2]:
            return {}
        offsets, pen = (totals[:2] / totals[2]).tolist()
        return {"loss": offsets + pen, "offset_loss": offsets, "pen_loss": pen}

    def examine(self, network: nn.Module, batches: Iterable[Batch], seed: int = 0) -> dict[str, Any]:
        """The loss with its interval over the choice of drawings, and how many of these there are, with how many points."""
        kept = list(batches)
        parts = [self.surprises(network, batch.pick(self.inputs)) for batch in kept]
        offsets, pen, counts = (torch.cat(p).detach().cpu() for p in zip(*parts, strict=True))
        return {
            "examples": len(counts),
            "points": int(counts.sum()) - len(counts),
            **self.measure(network, kept, seed),
            "loss_interval": ratio_interval(offsets + pen, counts),
        }

    def beside(self, data: Dataset, ids: Tensor, seed: int) -> dict[str, dict[str, Any]]:
        """A pen that forgets: one Gaussian for every offset, and how often the pen is in each state."""
        train, other = (data.read(part)[self.strokes] for part in (data.members("train"), ids))
        return {"single Gaussian, without memory": scribble(train, other)}

    def predict(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """How surprising each drawing is, in nats a point, and how many points it has."""
        offsets, pen, counts = self.surprises(network, inputs)
        return {"nats_a_point": (offsets + pen) / counts, "points": counts - 1}

    def facts(self) -> dict[str, Any]:
        return {"name": self.name, "loss": "nats a point", "scale": self.field.encoding["scale"]}


def draw(
    network: nn.Module,
    task: Handwriting,
    count: int = 10,
    *,
    temperature: float = 1.0,
    seed: int = 0,
    told: Mapping[str, Any] | None = None,
    most: int | None = None,
) -> np.ndarray:
    """Draw with a trained network: an object array (count,) of drawings, each (points, 3) in the units of the data.

    The same seed draws the same; each drawing has random numbers of its own, however many are drawn beside it. A drawing has
    one point at least, and ends where the pen is over, or after `most` points.
    Args:
        temperature: below 1 more careful and alike, above 1 wilder.
        told: what stands beside the strokes: name -> a class (or number) for all, or one for each drawing; classes that are left
            open are drawn in turn.
        most: points of a drawing (default: as many as the longest that was learned from).
    Raises: SettingError, for a class that is none, and numbers that are out of range.
    Source: Graves, arXiv:1308.0850, section 4.2; Ha and Eck, arXiv:1704.03477, section 3.3.
    """
    if not 1 <= count <= MOST_DRAWINGS:
        raise SettingError(f"{count=} drawings: choose 1 to {MOST_DRAWINGS:,}.")
    if not 0 < temperature <= HOTTEST:
        raise SettingError(
            f"{temperature=} is out of range. Choose above 0 (careful) to {HOTTEST:g} (wild); 1 is as learned."
        )
    most = task.field.shape[0] if most is None else most
    if most < 1:
        raise SettingError(f"{most=} points: a drawing has 1 or more.")
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    rows: list[Tensor] = []
    modes = [(module, module.training) for module in network.modules()]
    try:
        with torch.no_grad():
            state = network.eval().begin(conditions(task, count, told, device), count)  # type: ignore[operator]
            point, ended = None, torch.zeros(count, dtype=torch.bool, device=device)
            noise = Noise(seed, 0, torch.arange(count, device=device), "draw")
            while len(rows) < most and not bool(ended.all()):
                output, state = network.step(point, state)  # type: ignore[operator]
                mixture = mixture_of(output)
                if not rows:
                    mixture.pen[:, 2] = -torch.inf  # one point at least
                step = len(rows)
                point = sample(
                    mixture, noise.uniform(f"which {step}", 2), noise.normal(f"where {step}", 2), temperature
                )
                ended |= point[:, 4] > 0
                rows.append(torch.where(ended[:, None], point.new_tensor(OVER_ROW), point))
    finally:
        for module, mode in modes:
            module.training = mode
    return np.asarray(task.field.decode(torch.stack(rows, dim=1)))


def conditions(
    task: Handwriting, count: int, told: Mapping[str, Any] | None, device: torch.device | str = "cpu"
) -> dict[str, Tensor]:
    """What is told beside the strokes, encoded: by name, (count, ...)."""
    told = dict(told or {})
    others = {n: f for n, f in task.fields.items() if n != task.strokes}
    for name in told:
        if name not in others:
            has = f"It is told: {', '.join(others)}." if others else "It was trained on strokes alone."
            raise SettingError(f"There is no {name!r} beside the strokes.{suggestion(name, others)} {has}")
    return {n: _encoded(f, told.get(n), count).to(device) for n, f in others.items()}


def drawn_as(task: Handwriting, count: int, told: Mapping[str, Any] | None = None) -> list[str]:
    """The class that each of some drawings is asked for, in words; empty texts where none is told."""
    names = [n for n in task.fields if n != task.strokes and task.fields[n].kind == "category"]
    if not names:
        return [""] * count
    codes = conditions(task, count, told)[names[0]].argmax(dim=1).tolist()
    return [str(task.fields[names[0]].classes[code]) for code in codes]


def _encoded(field: Field, value: Any, count: int) -> Tensor:
    classes = field.classes
    listed = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
    values = list(value) if listed else [value] * count
    if value is None:
        values = [classes[i % len(classes)] for i in range(count)] if classes else [0.0] * count
    if len(values) != count:
        raise SettingError(
            f"{field.name} names {len(values)} values for {count} drawings. Give one for all, or one each."
        )
    if field.kind != "category":
        return torch.as_tensor(field.encode(np.asarray(values, dtype=np.float64).reshape(count, *field.shape)))
    names = [str(c) for c in classes]
    for one in values:
        if str(one) not in names:
            raise SettingError(
                f"{one!r} is no {field.name}.{suggestion(str(one), names)} Known: {', '.join(names[:20])}."
            )
    codes = torch.tensor([names.index(str(one)) for one in values])
    return torch.nn.functional.one_hot(codes, len(names)).float()
