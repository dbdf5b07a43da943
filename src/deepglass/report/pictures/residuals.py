"""Residuals: how far predicted numbers lie from the true ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, VERMILLION, new_figure, on_paper
from deepglass.report.words import SHORT_UNIT, number, short, with_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 2000  # of the scatter, evenly spread over the examples


@on_paper
def residuals(truth: Any, predicted: Any, *, name: str = "target", unit: str = "") -> Figure:
    """Draw predicted against true numbers, and a histogram of what is left between them.

    Shapes: both (examples,), in `unit`. What is not finite is left out.
    """
    truth, predicted = np.asarray(truth, dtype=float).ravel(), np.asarray(predicted, dtype=float).ravel()
    finite = np.isfinite(truth) & np.isfinite(predicted)
    truth, predicted = truth[finite], predicted[finite]
    figure, (left, right) = new_figure(9.5, 4.1, 1, 2)
    name = short(name, 24)
    measured = f"{name} ({short(unit, 20)})" if unit else name
    if not len(truth):
        left.set_title("No finite predictions")
        return figure
    some = np.linspace(0, len(truth) - 1, min(len(truth), MOST_POINTS)).round().astype(int)
    ends = [min(truth.min(), predicted.min()), max(truth.max(), predicted.max())]
    left.plot(ends, ends, color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    left.annotate("predicted = true", ends[1:] * 2, xytext=(-6, 0), textcoords="offset points", ha="right", va="top",
                  fontsize=9, color=QUIET)  # fmt: skip
    left.plot(truth[some], predicted[some], "o", color=BLUE, markersize=4.5, alpha=0.55, markeredgewidth=0)
    left.set_xlabel(f"true {measured}")
    left.set_ylabel(f"predicted {measured}")
    left.set_title("Predicted against true")
    rest = predicted - truth
    right.hist(rest, bins=min(40, max(8, int(np.sqrt(len(rest)) * 1.5))), color=BLUE, edgecolor="white", linewidth=0.6)
    right.axvline(0, color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    right.axvline(rest.mean(), color=VERMILLION, linewidth=1.6)
    right.annotate(f"mean {number(rest.mean())}", (rest.mean(), 1), xycoords=("data", "axes fraction"), xytext=(4, -2),
                   textcoords="offset points", va="top", color=VERMILLION, fontsize=9)  # fmt: skip
    right.set_xlabel(f"predicted minus true {measured}")
    right.set_ylabel("examples")
    half = with_unit(number(float(np.median(np.abs(rest)))), unit if len(unit) <= SHORT_UNIT else "")
    right.margins(y=0.12)
    right.set_title(f"Half of the errors are below {half}")
    return figure
