"""Look: one picture of one example inside a network, downwards: what it rests on, the layers, filters, examples, a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepglass.inside import columns_of
from deepglass.report.pictures.embedding import HEIGHT, embedding_points
from deepglass.report.pictures.exciting import exciting_height, exciting_pictures
from deepglass.report.pictures.figure import GREEN, QUIET, VERMILLION, on_paper, shown_in_notebooks
from deepglass.report.pictures.filters import filter_pictures, filters_height
from deepglass.report.pictures.layers import layers, layers_height
from deepglass.report.pictures.saliency import saliency_height, saliency_panels
from deepglass.report.words import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from deepglass.inside.seen import Seen

WIDTH = 9.5  # inches


@on_paper
def look_picture(seen: Seen, name: str = "") -> Figure:
    """Draw all that was seen. Args: name: of the run."""
    from matplotlib.figure import Figure

    sections = _sections(seen, name)
    figure = Figure(figsize=(WIDTH, sum(height for height, _ in sections)), layout="constrained")
    places = figure.subfigures(len(sections), 1, squeeze=False, height_ratios=[height for height, _ in sections])
    for place, (_, draw) in zip(places[:, 0], sections):
        draw(place)
    return shown_in_notebooks(figure)


def _sections(seen: Seen, name: str) -> list[tuple[float, Callable[[Any], None]]]:
    """The height in inches of each section, and what draws it."""
    unit = None if seen.exciting is None else seen.exciting.unit
    sections: list[tuple[float, Callable[[Any], None]]] = [(0.68, lambda place: _heading(place, seen, name))]
    sections.append((saliency_height(seen.fields, seen.inputs), lambda place: saliency_panels(place, seen)))
    sections.append(
        (layers_height(seen.activations), lambda place: layers(place, seen.activations, seen.outputs, unit))
    )
    if seen.filters:
        shape, names = _input(seen)
        sections.append(
            (filters_height(seen.filters, shape, unit), lambda p: filter_pictures(p, seen.filters, shape, names, unit))
        )
    if seen.exciting is not None:
        sections.append((exciting_height(seen), lambda place: exciting_pictures(place, seen)))
    if seen.embedding is not None:
        laid = seen.embedding
        sections.append(
            (HEIGHT, lambda p: embedding_points(p, laid, seen.targets, seen.classes, seen.target, seen.example))
        )
    return sections


def _input(seen: Seen) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The shape of the one input and the names of its numbers, for the weights that see it; nothing for several inputs."""
    if len(seen.fields) != 1:
        return (), ()
    field = next(iter(seen.fields.values()))
    columns = columns_of(field)
    wide = any(end - start > 1 for _, start, end in columns)
    return field.shape, () if wide else tuple(name for name, _, _ in columns)


def _heading(place: Any, seen: Seen, name: str) -> None:
    which = "a new example" if seen.example is None else f"example #{seen.example} of the {seen.split} split"
    place.text(0.01, 0.9, short(f"{name}: {which}" if name else which, 70), fontsize=15, fontweight="bold", va="top")
    said = f"said {short(seen.answer, 40)}"
    if seen.answer in seen.chances:
        said += f" ({seen.chances[seen.answer]:.3f})"
    if not seen.truth:
        place.text(0.01, 0.28, said, fontsize=10.5, va="top")
        return
    right = seen.answer == seen.truth
    colour = QUIET if not seen.chances else GREEN if right else VERMILLION
    place.text(
        0.01, 0.28, f"true {short(seen.truth, 40)},  {said}", fontsize=10.5, va="top", color=colour, fontweight="bold"
    )
