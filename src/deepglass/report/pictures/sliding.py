"""Sliding: a window over an image: the image, the kernel and the result, who sees whom, and the same as a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.colours import BETWEEN, bare, reach, signed
from deepglass.report.pictures.figure import GREEN, QUIET, on_paper, shown_in_notebooks
from deepglass.report.pictures.numbers import MOST_NUMBERED, numbers_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.sliding import Sliding

WIDTH = 9.5  # inches
ROW = 3.5  # inches of a row of tables
ACROSS = 3  # pictures side by side
MATRIX = 3.9  # inches of the matrix


@on_paper
def sliding_picture(
    sliding: Sliding, title: str, pixel: tuple[int, int], place: int, moved: Mapping[str, np.ndarray]
) -> Figure:
    """Draw a window over an image; of a small image also who sees whom, and the matrix.

    Args: pixel: the one whose results are lit up. place: the result that is worked out, counted row by row. moved: what else
        is drawn at the end, by its title: the image moved, and what comes of it.
    """
    from matplotlib.figure import Figure

    small = max(sliding.image.shape) <= MOST_NUMBERED
    rows = [_first(sliding, place, small)]
    if small:
        rows.append(_who_sees(sliding, pixel))
    if moved:
        rows.append([(values, name, {}) for name, values in moved.items()])
    heights = [ROW if small else _flat(sliding)] * len(rows) + ([MATRIX] if small else [])
    figure = Figure(figsize=(WIDTH, 0.4 + sum(heights)), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    places = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for strip, tables in zip(places, rows):
        widths = [
            2 if values.shape[0] <= 3 and len(tables) == 3 and i == 1 else 3 for i, (values, _, _) in enumerate(tables)
        ]
        panels = strip.subplots(1, len(tables), squeeze=False, width_ratios=widths)[0]
        for panel, (values, name, options) in zip(panels, tables):
            numbers_panel(panel, values, name, **options)
    if small:
        _matrix(places[-1].subplots(), sliding, pixel)
    return shown_in_notebooks(figure)


@on_paper
def gallery_picture(pictures: Mapping[str, np.ndarray], title: str) -> Figure:
    """Draw an image and what each kernel makes of it, each on a scale of its own."""
    from matplotlib.figure import Figure

    height, width = next(iter(pictures.values())).shape
    rows = -(-len(pictures) // ACROSS)
    figure = Figure(figsize=(WIDTH, 0.5 + rows * (0.5 + WIDTH / ACROSS * height / width)), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    panels = figure.subplots(rows, ACROSS, squeeze=False).ravel()
    for panel in panels[len(pictures) :]:
        panel.set_axis_off()
    first = reach(next(iter(pictures.values())))
    for panel, (name, values) in zip(panels, pictures.items()):
        spread = max(first, float(values.max()))
        both = float(values.min()) < 0 and not name.startswith(("sharpen", "emboss"))
        options = {"cmap": signed(), "vmin": -reach(values), "vmax": reach(values)}
        panel.imshow(values, **(options if both else {"cmap": "gray", "vmin": 0, "vmax": min(spread, first)}))
        bare(panel)
        panel.set_title(name.replace(": ", "\n", 1), fontsize=8, fontweight="normal")
    return shown_in_notebooks(figure)


def _first(sliding: Sliding, place: int, small: bool) -> list[tuple[np.ndarray, str, dict[str, Any]]]:
    """The image, the kernel, the result."""
    image, result = sliding.image, sliding.result
    width = sliding.sizes[1]
    window = [(int(n) // image.shape[1], int(n) % image.shape[1]) for n in sliding.places[place] if n >= 0]
    marks = {"marked": window} if small else {}
    tables = [(image, f"image, {_times(image.shape)}", marks)]
    if sliding.kernel is not None:
        tables.append((sliding.kernel, f"kernel, {_times(sliding.kernel.shape)}", {}))
    at = {"marked": [divmod(place, width)]} if small else {}
    return [*tables, (result, f"result, {_times(result.shape)}", at)]


def _who_sees(sliding: Sliding, pixel: tuple[int, int]) -> list[tuple[np.ndarray, str, dict[str, Any]]]:
    touched = sliding.touched(*pixel)
    what = "weights" if sliding.kernel is not None else "windows"
    tables: list[tuple[np.ndarray, str, dict[str, Any]]] = [
        (sliding.seen, f"under how many {what}\neach pixel comes", {"span": (0, reach(sliding.seen))}),
        (sliding.image, f"one pixel: row {pixel[0]}, column {pixel[1]}", {"marked": [pixel]}),
        (sliding.result, f"touches {int(touched.sum())} of {touched.size} results", {"kept": touched}),
    ]
    if sliding.kernel is None:
        back = sliding.let_through
        tables.append((back, "slope that comes back\nfrom 1 at each result", {"span": (0, reach(back))}))
    return tables


def _matrix(panel: Any, sliding: Sliding, pixel: tuple[int, int]) -> None:
    from matplotlib.patches import Rectangle

    matrix = sliding.matrix
    most = reach(matrix)
    panel.imshow(matrix, cmap=signed(), vmin=-most, vmax=most, interpolation="nearest", aspect="auto")
    panel.grid(False)
    panel.spines[:].set_visible(True)
    panel.spines[:].set_color(BETWEEN)
    column = sliding.number(*pixel)
    panel.add_patch(Rectangle((column - 0.5, -0.5), 1, len(matrix), fill=False, edgecolor=GREEN, linewidth=1.5))
    panel.set_xlabel(
        f"pixels of the flattened image, row by row; green: the one of row {pixel[0]}, column {pixel[1]}, number {column}",
        fontsize=8,
        color=QUIET,
    )
    panel.set_ylabel("results", fontsize=8)
    panel.tick_params(labelsize=7)
    other = "matrix" if sliding.kernel is not None else "matrix for this image"
    panel.set_title(
        f"The same as one {other}: {_times(matrix.shape)}, {share_of_zeros(matrix)} zeros (white)", fontsize=10
    )


def share_of_zeros(matrix: np.ndarray) -> str:
    return f"{100 * float((matrix == 0).mean()):.0f} %"


def _flat(sliding: Sliding) -> float:
    return 0.4 + WIDTH / 2.7 * sliding.image.shape[0] / sliding.image.shape[1]


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))
