"""Figure: the paper that all pictures are drawn on, its colours, and how a picture leaves as SVG or PNG.

Matplotlib is used without pyplot: no window, no global figure. Its settings are put aside while a picture is made, so
that those of the reader's notebook neither change a report nor are changed by it.
"""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial, wraps
from html import escape
from io import BytesIO, StringIO
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from deepglass.errors import SettingError
from deepglass.garbage import leave_the_last, without_collection
from deepglass.report.pictures.remembered import remembered
from deepglass.runs.files import check_folder, write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito, "Color Universal Design", 2008: eight colours that people with any colour vision tell apart.
BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW = (
    "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#F0E442",
)  # fmt: skip
CLASS_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY, YELLOW, "#5B5B5B")
WIDTH = 9.5  # inches of a picture across the page
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")  # a second sign beside the colour
TEXT, QUIET, GRID = "#1a1a1a", "#5f6368", "#e3e5e8"

STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],  # one alone: each further one is looked up, and asked for each letter, too
    "font.size": 10,
    "text.color": TEXT,
    "text.parse_math": False,  # a class called "$x$" is a name
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": TEXT,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",  # text stays text: small, sharp, found by search and read aloud
    "svg.hashsalt": "deepglass",  # the same picture gives the same bytes
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn", bound="Figure | None")
_one_at_a_time = RLock()  # matplotlib's settings belong to the whole process
_waiting: list[bool] = []  # whether garbage of an earlier report has been left
_many: list[ExitStack] = []  # where the settings of many pictures are put aside again
_laid: list[bool] = []  # whether whoever holds the lock has our settings already; to set them takes 10 ms


@contextmanager
def paper() -> Iterator[None]:
    """Draw with our settings, whatever the reader's are."""
    with _one_at_a_time:
        if _many and not _laid:
            _many[0].enter_context(_settings())
        with nullcontext() if _laid else _settings():
            yield


@contextmanager
def _settings() -> Iterator[None]:
    from matplotlib import style

    with style.context(["default", STYLE]):
        _laid.append(True)
        try:
            yield
        finally:
            _laid.clear()


@contextmanager
def many_pictures() -> Iterator[None]:
    """Draw many with our settings, set once, with the first that is drawn, for with none matplotlib is not even imported.

    Their garbage is left where it is until the next report or the next full search.
    """
    if gc.isenabled() and _waiting:
        _waiting.clear()
        gc.collect()
    with without_collection(), _one_at_a_time, ExitStack() as settings:
        _many.append(settings)
        try:
            yield
        finally:
            _many.clear()
    if gc.isenabled():
        _waiting.append(True)
        leave_the_last()  # most processes end with their report


def on_paper(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Make a function that draws use `paper`."""

    @wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> Drawn:
        with paper():
            return draw(*args, **kwargs)

    return drawn


def new_figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, list[Any]]:
    """Return an empty figure of that size in inches, and its axes row by row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, list(axes.ravel())


def to_svg(figure: Figure, label: str = "") -> str:
    """Write a figure as an `<svg>` element that can stand in a page beside others: all its ids are its own.

    Args: label: what the picture shows, read aloud to those who do not see it.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    page, canvas = StringIO(), figure.canvas
    with paper(), remembered():  # not by savefig, which draws twice: once to lay out, and once more
        FigureCanvasSVG(figure).print_svg(page, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    figure.set_canvas(canvas)
    svg = page.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', sans-serif")  # where a reader has other fonts
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style[^>]*>.*?</style>\s*", "", svg, flags=re.DOTALL)  # it would speak to the whole page
    mark = "d" + hashlib.sha256((label + svg).encode()).hexdigest()[:10]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{mark}-\1"', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{mark}-", svg)
    about = f'<svg role="img" aria-label="{escape(label)}" stroke-linejoin="round" stroke-linecap="butt" '
    return svg.replace("<svg ", about, 1)


def to_png(figure: Figure, dots_per_inch: int = 110) -> bytes:
    """Write a figure as the bytes of a PNG file, for pictures with very many points or pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    page, canvas, dots = BytesIO(), figure.canvas, figure.dpi
    with paper(), remembered():  # not by savefig, as for an SVG
        figure.set_dpi(dots_per_inch)
        FigureCanvasAgg(figure).print_png(page, metadata={"Software": None})
    figure.set_dpi(dots)
    figure.set_canvas(canvas)
    return page.getvalue()


def shown_in_notebooks(figure: Figure) -> Figure:
    """Let a notebook show a figure by itself, whether or not it has switched matplotlib on."""
    figure._repr_png_ = partial(to_png, figure)  # type: ignore[attr-defined]
    return figure


def check_picture(path: str | Path) -> Path:
    """Return the path of a picture that can be written. Raises: SettingError, for another ending or a folder that is not there."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise SettingError(f"{path} does not end in a format of pictures. Use one of {', '.join(FORMATS)}.")
    check_folder(path)
    return path


def save(figure: Figure, path: str | Path, label: str = "") -> Path:
    """Write a figure to a .png, .svg, .pdf or .html file, whole or not at all, and return where it is.

    Raises: SettingError, for another ending or a folder that is not there.
    """
    path = check_picture(path)
    write_bytes(path, FORMATS[path.suffix.lower()](figure, label))
    return path


def _pdf(figure: Figure, label: str) -> bytes:
    page = BytesIO()
    with paper():
        figure.savefig(page, format="pdf", metadata={"CreationDate": None, "Title": label})
    return page.getvalue()


def _html(figure: Figure, label: str) -> bytes:
    style = "body{margin:1rem auto;max-width:60rem}svg{width:100%;height:auto}"
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{escape(label)}</title>'
        f"<style>{style}</style></head>\n<body>{to_svg(figure, label)}</body>\n</html>\n"
    ).encode()


FORMATS: dict[str, Callable[[Figure, str], bytes]] = {
    ".png": lambda figure, label: to_png(figure, 150),
    ".svg": lambda figure, label: to_svg(figure, label).encode(),
    ".pdf": _pdf,
    ".html": _html,
}


def ink_on(colour: Any) -> str:
    """Black or white, whichever is read better on a colour."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else TEXT
