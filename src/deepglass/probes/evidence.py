"""Evidence: all that was measured of one training, as plain numbers in a versioned schema."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepglass.errors import SettingError
from deepglass.names import suggestion
from deepglass.plurals import counted
from deepglass.probes.quantities import OF_A_LAYER, OF_THE_LOOP, OF_THE_NETWORK

if TYPE_CHECKING:
    from deepglass.doctor.finding import Finding

SCHEMA = 1  # grows when a reader of the last one would misunderstand; quantities may be added without

Value = float | tuple[float, ...]


@dataclass(frozen=True)
class Layer:
    """One layer: a module with parameters of its own or without children, or a function called in a forward (`F.relu`)."""

    name: str  # as in named_modules(); a function's is that of the module that calls it, such as "block.relu", "block.relu_2"
    kind: str  # the class, such as "Linear"; a function's is that of its module, such as "ReLU"
    shape: tuple[int, ...] | None  # of one row's output; None when forward does not call it, or gives no tensor
    depth: int | None  # place in the order of first calls, from 0; None when not called
    parameters: int = 0  # its own numbers; those shared with an earlier layer count there
    trainable: int = 0  # of these, require gradients
    optimized: int | None = None  # of these, are in an optimizer; None when no optimizer is known
    units: int | None = None  # features or channels of the output
    calls: int = 1  # in one forward pass
    is_activation: bool = False  # changes each number alone, without parameters
    bounded: bool = False  # an activation with a flat end on both sides, or a softmax: `saturated` speaks of it


@dataclass(frozen=True)
class Series:
    """One quantity over time. `steps[i]` steps had been taken when `values[i]` was measured."""

    steps: tuple[int, ...]
    values: tuple[Any, ...]  # floats, also nan and inf; tuples of floats where the quantity is a list

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        return iter(zip(self.steps, self.values))

    def at(self, step: int) -> Any:
        """The last value at or before a step; None when there is none."""
        return next((value for s, value in zip(reversed(self.steps), reversed(self.values)) if s <= step), None)


@dataclass
class Evidence:
    """All that was measured of one training. Symptoms read this and nothing else.

    A probe at step s looks at the state after s steps, on a fixed small batch (the "rows"), and at the step that follows.
    Every quantity, with unit and shape, stands in `deepglass.probes.quantities`:
    of a layer (`series("gradient_norm", "0")`), of the network (`series("loss")`), of the loop (`loop`).

    Attributes:
        source: "run", "watch" or "csv".
        layers: in the order of their first calls; those that are never called come last.
        probes: one record a probe: {"step", "epoch", "network": {quantity: value}, "layers": {quantity: [value of each layer,
            None where it has none]}}. `series` is the convenient way to read it.
        losses: [(steps taken at a window's end, mean, standard deviation of its steps' losses), ...] over all steps.
        epochs: one record an epoch: {"epoch" (from 1), "train": {metric: number}, "validation": {...}, and where known
            "running": {...}, "learning_rate", "seconds"}. Metrics have the names of `history.jsonl`: "loss", "accuracy", ...
        before: facts known before the first step, named sections of plain values.
        loop: what `watch` counted (see `OF_THE_LOOP`); empty otherwise.
        settings: the spec of a run as plain sections (data, network, task, recipe); empty otherwise.
        facts: {"rows": rows of the probe batch, "parameters": ..., "steps_an_epoch": ..., "seconds": cost of all probes,
            "share": of the training's time}, and for a run its `run.json` under "run".
        examples: what `watch` has kept of the batches, until `diagnose` measures it; not part of `to_dict`.
        notes: sentences on what could not be measured, or was damaged and left out.
    """

    source: str = "watch"
    layers: tuple[Layer, ...] = ()
    probes: list[dict[str, Any]] = field(default_factory=list)
    losses: list[tuple[int, float, float]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    loop: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    examples: Any = field(default=None, repr=False, compare=False)
    schema: int = SCHEMA

    @classmethod
    def from_run(cls, path: Any) -> "Evidence":
        """Read the evidence that a run keeps in its folder. Args: path: of the folder, or the Run.

        Raises: RunError, when there is no run or it cannot be read.
        """
        from deepglass.probes.stored import read_evidence

        return read_evidence(Path(getattr(path, "path", path)))

    @classmethod
    def from_csv(cls, path: str | Path) -> "Evidence":
        """Read curves: columns such as epoch, loss, validation_loss, as Keras' or Lightning's CSVLogger write them too.

        Raises: DataError, naming the file and the row.
        """
        from deepglass.probes.curves import read_curves

        return read_curves(Path(path))

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps at which probes were taken."""
        return tuple(probe["step"] for probe in self.probes)

    def layer(self, name: str) -> Layer:
        """Return a layer by its name. Raises: SettingError, when there is none."""
        return self.layers[self._place(name)]

    def has(self, name: str) -> bool:
        """Whether something was measured: a section ("activations"), a quantity, or "probes", "losses", "epochs",
        "validation", "loop", "before", or a section of `before`."""
        whole = {"probes": self.probes, "losses": self.losses, "epochs": self.epochs, "before": self.before}
        if name in whole:
            return bool(whole[name])
        if name == "validation":
            return any(epoch.get("validation") for epoch in self.epochs)
        if name == "loop" or name in OF_THE_LOOP:
            return name in self.loop or (name == "loop" and bool(self.loop))
        of_layers = {q for q, (section, _) in OF_A_LAYER.items() if name in (q, section)}
        of_network = {q for q, (section, _) in OF_THE_NETWORK.items() if name in (q, section)}
        inside = any(
            any(v is not None for q in of_layers for v in probe["layers"].get(q, ()))
            or any(probe["network"].get(q) is not None for q in of_network)
            for probe in self.probes
        )
        return inside or name in self.before

    def series(self, quantity: str, layer: str | None = None) -> Series:
        """Return one quantity over time, of a layer or, without one, of the network; empty when it was not measured.

        Raises: SettingError, when there is no such quantity or layer.

        >>> evidence.series("gradient_norm", "hidden_1").values
        """
        known: Mapping[str, Any] = OF_THE_NETWORK if layer is None else OF_A_LAYER
        if quantity not in known:
            place = "the network" if layer is None else "a layer"
            raise SettingError(f"{place} has no quantity {quantity!r}.{suggestion(quantity, known)}")
        place_of = None if layer is None else self._place(layer)
        found = []
        for probe in self.probes:
            if place_of is None:
                value = probe["network"].get(quantity)
            else:
                column = probe["layers"].get(quantity, ())
                value = column[place_of] if place_of < len(column) else None
            if value is not None:
                found.append((probe["step"], _value(value)))
        return Series(tuple(s for s, _ in found), tuple(v for _, v in found))

    def across(self, quantity: str, step: int) -> dict[str, Value]:
        """Return one quantity of all layers that have it, by name, at the last probe at or before a step."""
        probe = next((p for p in reversed(self.probes) if p["step"] <= step), None)
        column: Sequence[Any] = probe["layers"].get(quantity, ()) if probe else ()
        return {y.name: _value(v) for y, v in zip(self.layers, column) if v is not None}

    def curve(self, split: str, metric: str = "loss") -> list[float]:
        """Return a metric over the epochs, nan where it is missing or null. `split`: "train", "validation" or "running"."""
        records = [e.get(split, {}) for e in self.epochs]
        alike = "output_loss" if (split, metric) == ("running", "loss") else metric  # without heads in the middle
        values = [record.get(alike, record.get(metric)) for record in records]
        return [math.nan if value is None else float(value) for value in values]

    def log(self, **values: Any) -> None:
        """Add what was measured after an epoch of one's own loop: `loss`, `validation_loss`, `validation_accuracy`, ...

        Names may be those of Keras or Lightning (`val_loss`). Several calls for one `epoch=` are one record. A value that is
        no number is left out, with a note.
        """
        from deepglass.probes.curves import add_row

        add_row(self, values)

    def diagnose(self) -> "list[Finding]":
        """Return what is wrong, the likeliest cause first; see `deepglass.doctor`."""
        from deepglass.doctor.diagnose import diagnose

        return diagnose(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(replace(self, examples=None))

    def __repr__(self) -> str:
        return (
            f"Evidence of a {self.source}: "
            + ", ".join(
                [
                    counted(len(self.layers), "layer"),
                    counted(len(self.probes), "probe"),
                    counted(len(self.epochs), "epoch"),
                ]
            )
            + "".join(f"\n  {note}" for note in self.notes)
        )

    def _place(self, name: str) -> int:
        for place, layer in enumerate(self.layers):
            if layer.name == name:
                return place
        names = [layer.name for layer in self.layers]
        raise SettingError(
            f"There is no layer {name!r}.{suggestion(name, names)} Layers: {', '.join(names) or 'none'}."
        )


def _value(value: Any) -> Value:
    """A stored value as a float or a tuple of floats; "nan" and "inf" are text in a file, since JSON has no such numbers."""
    return tuple(map(float, value)) if isinstance(value, list | tuple) else float(value)
