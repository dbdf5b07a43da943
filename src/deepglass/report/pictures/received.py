"""Received: signals above what a network receives of them, over seconds and hertz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.contents import Received
from deepglass.report.pictures.figure import QUIET, TEXT, on_paper, shown_in_notebooks
from deepglass.report.pictures.signals import waveform
from deepglass.report.words import number, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS = 3
COMMON = 0.5, 99.5  # percentiles of all numbers that the colours reach: a few louder points would make the rest pale
APART = 0.11  # of the height: between two names of frequencies
NICE = np.array([m * 10.0**e for e in range(-4, 6) for m in (1, 2, 5)])  # hertz


@on_paper
def received(contents: Received) -> Figure:
    """Draw each signal, and beneath it the image of each of its channels that the network receives."""
    from matplotlib.figure import Figure

    count, channels = contents.images.shape[:2]
    across = min(ACROSS, count)
    down = -(-count // across)
    figure = Figure(figsize=(1.0 + 2.9 * across, 0.5 + down * (1.3 + 1.45 * channels)), layout="constrained")
    low, high = np.percentile(contents.images, COMMON)
    places = figure.add_gridspec(down * (1 + channels), across, height_ratios=[0.4, *[1] * channels] * down)
    panels: list[Any] = []
    for i in range(count):
        top, column = i // across * (1 + channels), i % across
        above = figure.add_subplot(places[top, column])
        waveform(above, contents.signals[i], contents.rate, contents.channels)
        above.set_xticks([])
        above.set_yticks([])
        above.spines[:].set_visible(False)
        above.set_title(short(contents.truths[i], 24), fontsize=9, fontweight="normal", color=TEXT)
        above.annotate(
            f"#{contents.ids[i]}", (1, 1), xycoords="axes fraction", xytext=(0, 5),
            textcoords="offset points", ha="right", color=QUIET, fontsize=7.5,
        )  # fmt: skip
        for channel in range(channels):
            panel = figure.add_subplot(places[top + 1 + channel, column])
            picture = _image(panel, contents, contents.images[i, channel], float(low), float(high))
            panel.tick_params(labelbottom=channel == channels - 1, labelleft=column == 0, labelsize=7.5)
            panel.set_xlim(above.get_xlim())
            if column == 0:
                name = contents.channels[channel] if channel < len(contents.channels) else ""
                panel.set_ylabel(f"{name}\nhertz" if channels > 1 and name else "hertz", fontsize=8)
            panels.append(panel)
        panels[-1].set_xlabel("seconds", fontsize=8)
    bar = figure.colorbar(picture, ax=panels, shrink=0.5, aspect=30, pad=0.01)
    bar.set_label("deviations from the example's mean, of decibels", fontsize=8)
    bar.ax.tick_params(labelsize=7.5)
    bar.outline.set_visible(False)
    return shown_in_notebooks(figure)


def _image(panel: Any, contents: Received, image: np.ndarray, low: float, high: float) -> Any:
    """Draw one image with the lowest frequency at the bottom; its rows are named in hertz, however they are spaced."""
    times = contents.times
    half = 0.5 * (times[1] - times[0]) if len(times) > 1 else 0.5 * contents.signals.shape[-1] / contents.rate
    sides = (times[0] - half, times[-1] + half, -0.5, len(image) - 0.5)
    picture = panel.imshow(
        image, origin="lower", aspect="auto", extent=sides, cmap="magma", vmin=low, vmax=high, interpolation="nearest"
    )
    rows, names = frequency_names(contents.frequencies)
    panel.set_yticks(rows, names)
    panel.grid(False)
    return picture


def frequency_names(frequencies: np.ndarray) -> tuple[list[float], list[str]]:
    """Round frequencies to name an axis with, and at which row each of them stands, rows counted from 0."""
    low, high = float(frequencies[0]), float(frequencies[-1])
    steps = np.diff(frequencies)
    if len(steps) and np.allclose(steps, steps[0]):
        step = NICE[(high - low) / 5 <= NICE][0]
        wanted = np.arange(np.ceil(low / step), high / step + 1e-9) * step
    else:
        wanted = NICE[(low <= NICE) & (high >= NICE)]
    rows: list[float] = []
    names: list[str] = []
    for hertz in wanted[::-1]:  # the highest first: low ones may crowd, as mels do
        row = float(np.interp(hertz, frequencies, np.arange(len(frequencies))))
        if not rows or rows[-1] - row >= APART * len(frequencies):
            rows.append(row)
            names.append(number(hertz))
    return rows, names
