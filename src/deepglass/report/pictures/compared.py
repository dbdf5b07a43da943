"""Compared: the curves of several trainings in one picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepglass.report.pictures.curves import metrics_of
from deepglass.report.pictures.figure import CLASS_COLOURS, WIDTH, new_figure, on_paper
from deepglass.report.words import metric_word, short
from deepglass.training.records import Epoch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DASHES = (
    "-",
    (0, (5, 2)),
    (0, (1, 1.5)),
    (0, (5, 2, 1, 2)),
)  # a second sign beside the colour, and one that lets a line below be seen


@on_paper
def compared_curves(runs: Sequence[tuple[str, Sequence[Epoch]]], metrics: Sequence[str] | None = None) -> Figure:
    """Draw metrics of several runs over the epochs, a panel each, on the validation split where there is one.

    Args:
        runs: the label and the history of each; those with one label, such as seeds, are drawn alike.
        metrics: default: the loss and the first other metric that all runs have recorded.
    """
    if metrics is None:
        known = [metrics_of(history) for _, history in runs if history]
        common = [name for name in (known[0] if known else []) if all(name in names for names in known)]
        metrics = common[:2] or ["loss"]
    figure, panels = new_figure(WIDTH, 3.6, 1, len(metrics))
    labels = list(dict.fromkeys(label for label, _ in runs))
    for panel, metric in zip(panels, metrics):
        _draw(panel, runs, labels, metric)
    panels[0].legend(loc="best", fontsize=9)
    return figure


def _draw(panel: Any, runs: Sequence[tuple[str, Sequence[Epoch]]], labels: list[str], metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    named: set[str] = set()
    for label, history in runs:
        place = labels.index(label)
        panel.plot(
            [e.number for e in history],
            [(e.validation or e.train).get(metric, math.nan) for e in history],
            color=CLASS_COLOURS[place % len(CLASS_COLOURS)],
            linestyle=DASHES[place % len(DASHES)],
            marker="o" if len(history) == 1 else "None",
            label=None if label in named else short(label, 40),
        )
        named.add(label)
    parts = {"validation" if e.validation else "training" for _, history in runs for e in history}
    panel.set_title(f"{' or '.join(sorted(parts)) or 'nothing'}: {metric_word(metric)}".capitalize())
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panel.margins(y=0.08)
