"""Curves: how loss and metrics moved over the epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import BLUE, QUIET, VERMILLION, new_figure, on_paper
from deepglass.report.words import brief_word, metric_word, score
from deepglass.tasks.metrics import METRICS
from deepglass.training.records import Epoch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 1200  # of a curve; beyond, only lowest and highest of neighbours are drawn, which looks the same
FEW_EPOCHS = 40  # up to here each epoch gets a dot
LABEL_GAP = 0.075  # least distance of two labels, as a share of the axis
LOOKS = {  # part -> colour, dashes, what it is
    "train": (BLUE, "-"),
    "validation": (VERMILLION, "-"),
    "running": (QUIET, (0, (3, 2))),
}


@on_paper
def learning_curves(
    history: Sequence[Epoch],
    metrics: Sequence[str] = ("loss",),
    *,
    best_epoch: int | None = None,
    log: bool = False,
    width: float = 9.5,
) -> Figure:
    """Draw metrics over the epochs, a panel each: training and validation, and the loss as it ran.

    What is not a number leaves a gap. With `log` the axis is logarithmic where all that is drawn is above 0.
    """
    figure, panels = new_figure(width, 3.4, 1, len(metrics))
    for panel, metric in zip(panels, metrics):
        _draw(panel, history, metric, best_epoch, log)
    return figure


def metrics_of(history: Sequence[Epoch]) -> list[str]:
    """The metrics that were recorded, in the order in which they came, the loss first."""
    names = ["loss", *(n for e in history for n in [*e.train, *e.validation])]
    seen = list(dict.fromkeys(names))
    return [n for n in seen if any(n in e.train or n in e.validation for e in history)]


def _draw(panel: Any, history: Sequence[Epoch], metric: str, best_epoch: int | None, log: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    numbers = np.array([e.number for e in history], dtype=float)
    curves = {part: _values(history, part, metric) for part in LOOKS}
    curves = {part: values for part, values in curves.items() if np.isfinite(values).any()}
    if log and all((v[np.isfinite(v)] > 0).all() for v in curves.values()) and curves:
        _logarithmic(panel, curves.values())
    for part, values in curves.items():
        colour, dashes = LOOKS[part]
        x, y = _thinned(numbers, values)
        width = 1.2 if part == "running" else 1.9
        dots = "o" if len(history) <= FEW_EPOCHS and part != "running" else "None"
        panel.plot(x, y, color=colour, linestyle=dashes, linewidth=width, marker=dots, markersize=3.5)
        alone = _alone(y)
        panel.plot(x[alone], y[alone], linestyle="None", marker="o", markersize=3.5, color=colour)
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panel.set_ylabel(metric_word(metric))
    panel.margins(y=0.08)
    if len(history) == 1:
        panel.set_xlim(0.5, 1.5)
    panel.set_title(_title(metric, history, best_epoch))
    if not curves:
        panel.text(
            0.5, 0.5, "nothing that is a number was recorded", transform=panel.transAxes, ha="center", color=QUIET
        )
        return
    _mark_best(panel, curves, numbers, metric, best_epoch)
    _label(panel, numbers, curves)


def _values(history: Sequence[Epoch], part: str, metric: str) -> np.ndarray:
    alike = "output_loss" if (part, metric) == ("running", "loss") else metric  # without heads in the middle
    found = [getattr(e, part) for e in history]
    values = np.array([numbers.get(alike, numbers.get(metric, math.nan)) for numbers in found], dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(x) <= MOST_POINTS:
        return x, y
    kept = [0, len(x) - 1]
    for part in np.array_split(np.arange(len(x)), MOST_POINTS // 2):
        finite = part[np.isfinite(y[part])]
        kept += [finite[y[finite].argmin()], finite[y[finite].argmax()]] if len(finite) else [part[0]]
    chosen = np.unique(kept)
    return x[chosen], y[chosen]


def _alone(y: np.ndarray) -> np.ndarray:
    """Points between two gaps, which a line cannot show."""
    gap = np.concatenate([[True], np.isnan(y), [True]])
    return gap[:-2] & gap[2:] & ~gap[1:-1]


def _logarithmic(panel: Any, curves: Any) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    values = np.concatenate([v[np.isfinite(v)] for v in curves])
    panel.set_yscale("log")
    steps = (1.0,) if values.max() / values.min() > 1000 else (1.0, 2.0, 5.0)
    panel.yaxis.set_major_locator(LogLocator(subs=steps))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())


def _title(metric: str, history: Sequence[Epoch], best_epoch: int | None) -> str:
    word = brief_word(metric)
    title = word[:1].upper() + word[1:]
    best = next((e for e in history if e.number == best_epoch), None)
    if best is None:
        return title
    part = "validation" if metric in best.validation else "train"
    value = getattr(best, part).get(metric)
    name = "training" if part == "train" else part
    return f"{title}: {name} {score(metric, value)} at epoch {best.number}" if value is not None else title


def _mark_best(panel: Any, curves: Any, numbers: np.ndarray, metric: str, best_epoch: int | None) -> None:
    part = "validation" if "validation" in curves else "train"
    if part not in curves or best_epoch not in numbers:
        return
    at = int(np.flatnonzero(numbers == best_epoch)[0])
    panel.axvline(best_epoch, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)))
    panel.plot([best_epoch], [curves[part][at]], marker="o", markersize=9, markerfacecolor="none", color=LOOKS[part][0])
    rises = metric in METRICS and METRICS[metric].direction == "max"
    left = best_epoch is not None and best_epoch > (numbers[0] + numbers[-1]) / 2
    panel.annotate(
        "best epoch",
        (best_epoch, 0.03 if rises else 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if left else 4, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="bottom" if rises else "top",
        color=QUIET,
        fontsize=9,
    )


def _label(panel: Any, numbers: np.ndarray, curves: Any) -> None:
    """Write each curve's name at its end, moved apart where they would touch."""
    places = []
    for part, values in curves.items():
        last = np.flatnonzero(np.isfinite(values))[-1]
        at = panel.transAxes.inverted().transform(panel.transData.transform((numbers[last], values[last])))[1]
        places.append((min(max(float(at), 0.0), 1.0), part))
    places.sort()
    heights = [height for height, _ in places]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + LABEL_GAP)
    over = max(0.0, heights[-1] - 1.0)
    for i in reversed(range(len(heights))):  # pushed beyond the top: move down again
        ceiling = heights[i + 1] - LABEL_GAP if i + 1 < len(heights) else 1.0
        heights[i] = min(heights[i], ceiling) if over else heights[i]
    for height, (_, part) in zip(heights, places):
        name = {"train": "training", "running": "as it ran"}.get(part, part)
        panel.text(1.015, height, name, transform=panel.transAxes, va="center", color=LOOKS[part][0], fontsize=9)
