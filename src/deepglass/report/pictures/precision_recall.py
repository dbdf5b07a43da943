"""Precision and recall: what each threshold finds, and how much of it is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import CLASS_COLOURS, QUIET, new_figure, on_paper
from deepglass.report.words import short
from deepglass.tasks.scores import average_precision
from deepglass.tasks.threshold import at_thresholds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = len(CLASS_COLOURS)  # curves; of more classes those that are found worst
MOST_POINTS = 400  # of a curve


@on_paper
def precision_recall(probabilities: Any, truth: Any, classes: Sequence[Any]) -> Figure:
    """Draw precision over recall, a curve for each class against the others.

    Shapes: probabilities and truth (examples, classes), truth of 0 and 1. A class without examples has no curve.
    """
    shares, there = np.asarray(probabilities, dtype=float), np.asarray(truth) > 0
    areas = {i: average_precision(shares[:, i], there[:, i]) for i in range(len(classes))}
    known = sorted((i for i, area in areas.items() if area is not None), key=lambda i: areas[i] or 0.0)
    figure, (panel,) = new_figure(6.2, 4.4)
    for colour, i in zip(CLASS_COLOURS, sorted(known[:MOST])):
        limits = np.unique(shares[:, i])[::-1]
        limits = limits[np.linspace(0, len(limits) - 1, min(len(limits), MOST_POINTS)).round().astype(int)]
        row = at_thresholds(shares[:, i], there[:, i], limits)
        recall, precision = np.r_[0.0, row["recall"]], np.r_[row["precision"][:1], row["precision"]]
        panel.step(recall, precision, where="pre", color=colour, label=f"{short(classes[i], 18)}: {areas[i]:.3f}")
    panel.set_xlabel("recall: share of the class that is found")
    panel.set_ylabel("precision: share of the found that is right")
    panel.set_xlim(-0.02, 1.02)
    panel.set_ylim(-0.03, 1.05)
    if not known:
        panel.set_title("No examples")
        return figure
    mean = sum(areas[i] or 0.0 for i in known) / len(known)
    panel.set_title(f"{'Mean average' if len(known) > 1 else 'Average'} precision {mean:.3f}")
    panel.legend(loc="lower left", fontsize=9)
    if len(known) > MOST:
        panel.text(1, 1.01, f"the {MOST} of {len(known)} classes that are found worst", transform=panel.transAxes,
                   ha="right", va="bottom", color=QUIET, fontsize=9)  # fmt: skip
    return figure
