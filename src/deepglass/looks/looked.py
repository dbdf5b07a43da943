"""Looked: what every look inside is asked with, and what it can do: be drawn, printed and written as JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.tasks import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Asked:
    """One example inside a network, and what is asked about it.

    Shapes: inputs: encoded, (1, ...) each.
    Args:
        example: its number in the data, None for a new one; split: the split it comes from, "" for a new one.
        layer, unit, target, saliency: as of `run.look`, for those looks that heed them.
        name: of the run. start: makes the network as it was before training; None where that is not known.
    """

    network: nn.Module
    task: Task
    data: Dataset
    inputs: Mapping[str, Tensor]
    example: int | None = None
    split: str = ""
    layer: str | None = None
    unit: int | None = None
    target: str | None = None
    saliency: str = "auto"
    name: str = ""
    start: Callable[[], nn.Module] | None = None

    @property
    def title(self) -> str:
        return titled(self.name, self.example, self.split)


class Looked(ABC):
    """What a look has found. In a notebook it shows its picture; `.picture("look.png")` writes it."""

    def __init__(self, title: str) -> None:
        self.title = title

    @abstractmethod
    def draw(self) -> Figure:
        """The picture."""

    @abstractmethod
    def lines(self) -> list[str]:
        """What is printed, below the title."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass look`."""

    def picture(self, path: str | Path | None = None) -> Figure:
        """Draw it. Args: path: where it is saved, too: a .png, .svg, .pdf or .html file."""
        from deepglass.report.pictures.figure import save

        figure = self.draw()
        if path is not None:
            save(figure, path, self.title)
        return figure

    def _repr_html_(self) -> str:
        from deepglass.report.pictures.figure import to_svg

        return to_svg(self.picture(), self.title)

    def __repr__(self) -> str:
        return "\n".join([self.title, *self.lines()])


def titled(name: str, example: int | None, split: str) -> str:
    """What a look is headed with. Args: name: of the run."""
    which = "a new example" if example is None else f"example {example} of the {split} split"
    return f"{name}: {which}" if name else which
