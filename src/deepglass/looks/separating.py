"""Separating: how well a linear model tells the answer from what each layer gives, and the layers as planes of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepglass.inside.separation import separation
from deepglass.looks.looked import Asked, Looked
from deepglass.plurals import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Separating(Looked):
    """All validation examples, layer by layer: `.layers` with their scores, `.scores` by name."""

    def __init__(self, asked: Asked) -> None:
        self.found = separation(asked.network, asked.data, None if asked.layer is None else [asked.layer])
        self.target = asked.data.target
        super().__init__(f"{asked.name}: what a linear model tells from each layer".removeprefix(": "))

    @property
    def scores(self) -> dict[str, float]:
        return {one.layer: one.score for one in self.found.layers}

    def draw(self) -> Figure:
        from deepglass.report.pictures.separation import separation_picture

        classes = [str(c) for c in self.target.classes] if self.target.kind == "category" else []
        return separation_picture(self.found, classes, self.target.name, self.title)

    def lines(self) -> list[str]:
        """A line a layer: its numbers, and the score of a linear model on them."""
        found = self.found
        width = max(len(one.layer) for one in found.layers)
        said = [
            f"  fitted on {counted(found.fitted_on, 'training example')}, measured on {counted(len(found.ids), 'example')} of the "
            f"{found.split} split; without a look at them: {found.chance:.3f}"
        ]
        for one in found.layers:
            said.append(
                f"  {one.layer:<{width}}  {one.kind:<12} {counted(one.numbers, 'number'):>14}  {found.metric} {one.score:.3f}"
            )
        return said

    def to_dict(self) -> dict[str, Any]:
        layers = [{"name": y.layer, "kind": y.kind, "numbers": y.numbers, "score": y.score} for y in self.found.layers]
        return {"metric": self.found.metric, "chance": self.found.chance, "layers": layers}


def separating(asked: Asked) -> Separating:
    """A linear model on each layer, or on `asked.layer`.

    Raises: SettingError, where no single class or number is told, or there is no validation split; UnknownName.
    """
    return Separating(asked)
