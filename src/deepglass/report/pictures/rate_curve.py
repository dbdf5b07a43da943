"""Rate curve: the loss of a rate finder over the learning rate, with the rate that it suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepglass.report.pictures.figure import BLUE, GREEN, QUIET, new_figure, on_paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from deepglass.training.rate_finder import RateCurve


@on_paper
def rate_curve(found: RateCurve, title: str = "") -> Figure:
    """Draw the loss of each step, its running mean, and the suggestion."""
    figure, (panel,) = new_figure(7.6, 3.8)
    panel.plot(found.rates, found.losses, ".", color=QUIET, markersize=3, alpha=0.6, label="each step")
    panel.plot(found.rates, found.smoothed, color=BLUE, label="running mean")
    panel.axvline(found.suggestion, color=GREEN, label=f"suggestion: {found.suggestion:.1e}")
    panel.axvline(found.steepest, color=GREEN, linestyle=":", label=f"falls most: {found.steepest:.1e}")
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    panel.xaxis.set_minor_formatter(lambda value, place: "")
    low, high = float(found.smoothed.min()), float(found.smoothed[: max(1, len(found.smoothed) // 2)].max())
    panel.set_ylim(low - 0.1 * (high - low) - 1e-9, high + 0.5 * (high - low) + 1e-9)
    panel.set_xlabel("learning rate")
    panel.set_ylabel("loss")
    panel.set_title(title or "What the loss does while the learning rate grows")
    panel.legend()
    return figure
