"""Dreams: an image, and noise, changed step by step into what excites a unit or a class more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepglass.errors import SettingError
from deepglass.inside.activations import activations
from deepglass.inside.dreaming import Dream, dream, noise
from deepglass.inside.listening import find_layer
from deepglass.inside.of_data import evenly
from deepglass.looks.looked import Asked, Looked
from deepglass.names import find

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURED = 256  # training examples whose smallest and largest number are the range of an image


class Dreams(Looked):
    """What a unit looks for, dreamed from the example and from noise: `.from_example`, `.from_noise`.

    Each has `.images` after some steps, encoded, and `.values`, what the unit gave at every step.
    """

    def __init__(self, asked: Asked) -> None:
        (name, self.field), *others = asked.data.inputs.items()
        if others or self.field.kind != "image" or len(self.field.shape) != 3:
            raise SettingError(
                "what='dream' changes an image. This run has learned from something else; try what='layers'."
            )
        self.layer, self.unit, self.said = _unit(asked)
        super().__init__(f"{asked.title}: dreams of {self.said}")
        train = asked.data.read(evenly(asked.data.members("train"), MEASURED))[name]
        span: Any = {"low": float(train.min()), "high": float(train.max()), "name": name}
        image = asked.inputs[name][:1].float().cpu()
        nothing = noise(tuple(image.shape[1:]), low=span["low"], high=span["high"])
        self.from_example: Dream = dream(asked.network, image, self.layer, self.unit, **span)
        self.from_noise: Dream = dream(asked.network, nothing, self.layer, self.unit, **span)

    def draw(self) -> Figure:
        from deepglass.report.pictures.dreams import dreams_picture

        rows = {"from the example": self.from_example, "from noise": self.from_noise}
        return dreams_picture(rows, self.field, self.title, self.said)

    def lines(self) -> list[str]:
        """What the unit gave before and after."""
        return [
            f"  from {start}: {self.said} gives {float(one.values[0]):.3g}, after {len(one.values) - 1} steps "
            f"{float(one.values[-1]):.3g}"
            for start, one in (("the example", self.from_example), ("noise", self.from_noise))
        ]

    def to_dict(self) -> dict[str, Any]:
        dreamed = (("example", self.from_example), ("noise", self.from_noise))
        return {"layer": self.layer, "unit": self.unit, "values": {name: one.values.tolist() for name, one in dreamed}}


def dreams(asked: Asked) -> Dreams:
    """Dream of a unit of a layer, or of a class.

    Args: asked: `layer` and `unit` (default of the unit: the one that the example excites most); without a layer `target`, a class
        (default: what was answered).
    Raises: SettingError, where the input is no image, or the unit is not there or cannot be excited; UnknownName.
    """
    return Dreams(asked)


def _unit(asked: Asked) -> tuple[str, int, str]:
    """The layer, the unit, and what to call it."""
    heard = activations(asked.network, dict(asked.inputs), None if asked.layer is None else [asked.layer])
    if asked.layer is not None:
        found = heard[asked.layer].by_unit()[0]
        unit = int(found.reshape(len(found), -1).mean(dim=1).argmax()) if asked.unit is None else asked.unit
        return asked.layer, unit, f"unit {unit} of {asked.layer}"
    weighted = [name for name in heard if next(find_layer(asked.network, name).parameters(), None) is not None]
    last = weighted[-1]
    target = next(iter(asked.data.targets.values()), None)
    classes = [str(c) for c in target.classes] if target is not None and target.kind == "category" else []
    scores = heard[last].values[0].flatten()
    if len(classes) != len(scores):  # one output, for a number or for the second of two classes
        one = f"the class {classes[-1]}" if len(classes) == 2 and len(scores) == 1 else f"the output {last}"
        if asked.target is not None and one != f"the class {asked.target}":
            raise SettingError(
                f"{asked.target!r} has no output of its own here: {last} stands for {one}. Leave target out."
            )
        return last, 0, one
    codes = {name: code for code, name in enumerate(classes)}
    code = int(scores.argmax()) if asked.target is None else find("class", asked.target, codes)
    return last, code, f"the class {classes[code]}"
