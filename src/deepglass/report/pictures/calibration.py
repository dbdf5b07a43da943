"""Calibration: how often answers are right that are given with like confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, new_figure, on_paper
from deepglass.tasks.metrics import wilson_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.tasks.calibration import Reliability


@on_paper
def calibration(measured: Reliability, *, before: float | None = None) -> Figure:
    """Draw the reliability diagram, and below it how many answers have which confidence.

    Args:
        measured: by bins of confidence; each point has the interval of its share of right answers.
        before: the calibration error before a temperature was fitted, when one was.
    Source: DeGroot and Fienberg, "The Comparison and Evaluation of Forecasters", 1983; Guo et al., arXiv:1706.04599.
    """
    figure, (panel, below) = new_figure(6.2, 5.6, 2, 1, sharex=True, gridspec_kw={"height_ratios": [3.2, 1]})
    there = measured.examples > 0
    sure, right, count = measured.confidence[there], measured.right[there], measured.examples[there]
    panel.plot([0, 1], [0, 1], color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    panel.annotate("as sure as right", (0.1, 0.1), xytext=(8, -8), textcoords="offset points", fontsize=9, color=QUIET)
    ends = np.array([wilson_interval(round(float(r * n)), int(n)) for r, n in zip(right, count)]).reshape(-1, 2)
    reach = np.abs(ends.T - right)
    panel.errorbar(sure, right, yerr=reach, fmt="o", color=BLUE, markersize=5, elinewidth=1, capsize=2.5)
    panel.set_ylabel("share that is right")
    panel.set_ylim(-0.03, 1.03)
    was = "" if before is None else f", {before:.3f} before"
    panel.set_title(f"Expected calibration error {measured.error:.3f}{was}" if count.sum() else "No answers")
    width = measured.high - measured.low
    below.bar(measured.low, measured.examples, width=width, align="edge", color=BLUE, edgecolor="white", linewidth=0.6)
    below.yaxis.get_major_locator().set_params(integer=True)
    below.set_ylabel("answers")
    below.set_xlabel("confidence: the probability of the answer that was given")
    below.set_xlim(0, 1)
    return figure
