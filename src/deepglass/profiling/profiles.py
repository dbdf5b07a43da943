"""Profile: where the time of a training goes, as a table, a picture and advice."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from deepglass.carrying import network_word, shown_by
from deepglass.data import Dataset, load
from deepglass.errors import DataError, SettingError
from deepglass.job import plan
from deepglass.plurals import counted
from deepglass.profiling.advice import Measured, advice, outside
from deepglass.profiling.roof import Roof, measure_roof
from deepglass.profiling.steps import MOST_STEPS, Stopwatch
from deepglass.profiling.trace import NO_LAYER, Operation, trace
from deepglass.report.words import duration, number, short
from deepglass.threads import use_threads
from deepglass.training.given_weights import read_weights
from deepglass.training.reopen import built
from deepglass.training.shortage import or_say
from deepglass.training.training import Training
from deepglass.training.transfer import take_weights

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LINES = 12  # operations that are printed


@dataclass(frozen=True)
class Part:
    """One part of a training's time. Args: seconds: of a step, with its share of what comes once an epoch. share: 0 to 1."""

    name: str
    seconds: float
    share: float


@dataclass(frozen=True)
class Layer:
    """Seconds of a step that the operations of one layer take, forward and backward."""

    name: str
    forward: float
    backward: float


@dataclass(frozen=True)
class Profile:
    """Where the time goes: `.parts`, `.layers`, `.operations`, `.roof` and `.advice`; printed it is a table.

    In a notebook it shows its picture; `.picture("profile.png")` writes it.

    Args:
        steps: that were timed. steps_an_epoch, batch_size, threads, precision: of the training.
        outside: the share of a step's computing that is spent outside of all operations, in Python and on the way to kernels.
        waited: the share of the time in which other programs had the processor.
        epoch_seconds: of an epoch, with measuring, probes and saving.
    """

    title: str
    parts: tuple[Part, ...]
    operations: tuple[Operation, ...]
    roof: Roof
    advice: tuple[str, ...]
    outside: float
    waited: float
    steps: int
    steps_an_epoch: int
    batch_size: int
    threads: int
    precision: str
    rewrites: tuple[str, ...]

    @property
    def step_seconds(self) -> float:
        return sum(part.seconds for part in self.parts)

    @property
    def epoch_seconds(self) -> float:
        return self.step_seconds * self.steps_an_epoch

    @property
    def layers(self) -> list[Layer]:
        """What each layer's operations take; all others, such as those of the loss, stand under "-"."""
        sums: dict[str, dict[str, float]] = {}
        for o in self.operations:
            if o.part in ("forward", "backward"):
                mine = sums.setdefault(o.layer, {"forward": 0.0, "backward": 0.0})
                mine[o.part] += o.seconds
        found = [Layer(name, **seconds) for name, seconds in sums.items()]
        return sorted(found, key=lambda layer: -(layer.forward + layer.backward))

    def picture(self, path: str | Path | None = None) -> Figure:
        """Draw the parts, the layers and the roofline. Args: path: where it is saved, too: .png, .svg, .pdf or .html."""
        from deepglass.report.pictures.figure import save
        from deepglass.report.pictures.profile import Dot, Roofline, profile_picture

        whole = self.step_seconds
        dots = [
            Dot(o.name, "" if o.layer == NO_LAYER else o.layer, o.part, o.intensity, o.rate, o.seconds / whole)
            for o in self.operations
            if o.flops and o.bytes and o.seconds
        ]
        figure = profile_picture(
            f"{self.title}: a step takes {_time(whole)}, an epoch {duration(self.epoch_seconds)}",
            {part.name: part.seconds for part in self.parts},
            {layer.name: (layer.forward, layer.backward) for layer in self.layers},
            Roofline(dots, self.roof.peaks, self.roof.bandwidth),
        )
        if path is not None:
            save(figure, path, self.title)
        return figure

    def _repr_html_(self) -> str:
        from deepglass.report.pictures.figure import to_svg

        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.advice)
        return f"{to_svg(self.picture(), self.title)}<ul>{said}</ul>"

    def __repr__(self) -> str:
        whole = self.step_seconds
        lines = [
            f"{self.title}: a step of {counted(self.batch_size, 'example')} takes {_time(whole)}, an epoch of "
            f"{counted(self.steps_an_epoch, 'step')} "
            f"{duration(self.epoch_seconds)} ({counted(self.steps, 'step')} timed)",
            "  part                    a step   share",
            *(f"  {part.name:<20} {_time(part.seconds):>9} {part.share:>7.1%}" for part in self.parts),
            "  layer                             forward   backward",
        ]
        for layer in self.layers:
            name = "loss and others" if layer.name == NO_LAYER else layer.name
            lines.append(f"  {short(name, 30):<30} {_time(layer.forward):>10} {_time(layer.backward):>10}")
        lines.append("  operation                      layer                part           time   GFLOP/s      GB/s")
        for o in self.operations[:MOST_LINES]:
            rates = f"{number(o.rate / 1e9):>9} {number(o.bytes / o.seconds / 1e9 if o.seconds else 0.0):>9}"
            lines.append(
                f"  {short(o.name, 30):<30} {short(o.layer, 20):<20} {short(o.part, 12):<12} {_time(o.seconds):>8} {rates}"
            )
        peaks = ", ".join(f"{number(peak / 1e9)} GFLOP/s in {name}" for name, peak in self.roof.peaks.items())
        lines.append(f"  this machine: {peaks}, {number(self.roof.bandwidth / 1e9)} GB/s of memory")
        return "\n".join([*lines, *self.advice])

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass train --profile`. Units: seconds of a step, operations and bytes a second."""
        plain = ("title", "outside", "waited", "steps", "steps_an_epoch", "batch_size", "threads", "precision")
        return {
            **{name: getattr(self, name) for name in plain},
            "step_seconds": self.step_seconds,
            "epoch_seconds": self.epoch_seconds,
            "parts": [asdict(part) for part in self.parts],
            "layers": [asdict(layer) for layer in self.layers],
            "operations": [asdict(o) for o in self.operations],
            "roof": asdict(self.roof),
            "rewrites": list(self.rewrites),
            "advice": list(self.advice),
        }


def profile(
    network: Any = None,
    data: Any = None,
    *,
    steps: int = MOST_STEPS,
    strict: bool = False,
    weights: Any = None,
    progress: str | bool = "auto",
    **options: Any,
) -> Profile:
    """Say where the time of a training goes that `train` would do with the same arguments. A network of yours is not changed.

    Some steps are taken on a copy and timed; a few more run under torch's profiler; the machine's own speed is measured
    beside them. It takes some 5 to 10 seconds, more where a step is slow.

    Args:
        steps: to be timed at most.
        options: as for `train`, such as `batch_size`, `task` or `optimizer`.
    Raises: what `train` would raise; SettingError, when there is no step to time.

    >>> profile("mlp", "digits").picture("why.png")
    """
    if data is None:
        raise DataError("Name the data to train on, such as dg.profile('mlp', 'digits').")
    if steps < 1:
        raise SettingError(f"{steps=} is no number of steps to time. Give 1 or more.")
    data = data if isinstance(data, Dataset) else load(data)
    spec, task = plan(network, data, **options)
    apart = copy.deepcopy(network) if isinstance(network, nn.Module) else built(spec, data)
    if weights is not None:
        take_weights(apart, read_weights(weights), data, spec.network)
    optimizer = options.get("optimizer")
    training = Training(apart, data, spec.recipe, task=task, optimizer=optimizer if callable(optimizer) else None)
    if not len(training.train_ids):
        raise SettingError("There is no example to train on, and so no step to time. Give data with some.")
    before = torch.get_num_threads()
    shown = shown_by(progress)
    try:
        with shown, tempfile.TemporaryDirectory(prefix="deepglass-", ignore_cleanup_errors=True) as place:
            shown.say("profile: taking some steps, and measuring and saving once ...")
            watch = Stopwatch(training, Path(place))
            timed = or_say(lambda: watch.run(steps), training)
            shown.say("profile: taking some more under torch's profiler ...")
            operations = trace(training, watch.traced(sum(timed.seconds.values())))
            shown.say("profile: measuring what this machine can do ...")
            use_threads(training.threads)
            roof = measure_roof(training.device)
    finally:
        use_threads(before)
    whole = sum(timed.seconds.values())
    shares = {part: seconds / whole for part, seconds in timed.seconds.items()}
    found = Measured(
        shares, timed.seconds, operations, roof, training.batch_size, training.steps_an_epoch == 1, timed.waited
    )
    return Profile(
        title=f"{data.name} with {network_word(spec)}",
        parts=tuple(Part(name, seconds, shares[name]) for name, seconds in timed.seconds.items()),
        operations=tuple(operations),
        roof=roof,
        advice=tuple(advice(training, data, found)),
        outside=outside(found),
        waited=timed.waited,
        steps=timed.steps,
        steps_an_epoch=training.steps_an_epoch,
        batch_size=training.batch_size,
        threads=training.threads,
        precision=training.execution.precision,
        rewrites=tuple(training.execution.rewrites),
    )


def _time(seconds: float) -> str:
    """A short time with three digits: microseconds, milliseconds or seconds.

    >>> _time(0.0000123), _time(0.0123), _time(2.5)
    ('12.3 us', '12.3 ms', '2.5 s')
    """
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms")):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"
