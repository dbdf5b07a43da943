"""Signals: waveforms over time, drawn as the band between their lowest and highest values, and what frequencies they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.report.pictures.figure import BLUE, CLASS_COLOURS, QUIET, TEXT, VERMILLION
from deepglass.report.words import number, short

if TYPE_CHECKING:
    from deepglass.data.portrait_signals import SignalPortrait

BANDS = 160  # across a panel: more would be finer than a printed line
MOST_CLASSES = 6  # that get a line each in the picture of frequencies
LINES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 3)), (0, (8, 2)))
LOWEST = -80.0  # dB; what lies lower is as good as silent


def waveform(panel: Any, signal: Any, rate: float, names: Sequence[str] = ()) -> None:
    """Draw one signal (channels, samples) over seconds: each channel in a lane of its own, the first on top, all on one scale."""
    values = np.asarray(signal, dtype=float)
    values = values.reshape(-1, values.shape[-1])
    most = float(np.abs(values).max(initial=0)) or 1.0
    for lane, channel in enumerate(values):
        time, low, high = bands(channel, rate)
        middle = -2.0 * lane
        colour = CLASS_COLOURS[lane % len(CLASS_COLOURS)] if len(values) > 1 else BLUE
        panel.fill_between(time, middle + low / most, middle + high / most, color=colour, linewidth=0.4)
    panel.set_xlim(0, values.shape[1] / rate)
    panel.set_ylim(-2 * (len(values) - 1) - 1.08, 1.08)
    if len(values) > 1:
        lanes = [short(names[i], 8) if i < len(names) else str(i + 1) for i in range(len(values))]
        panel.set_yticks([-2.0 * i for i in range(len(values))], lanes, fontsize=7.5)
    else:
        panel.set_yticks([0, 1], ["0", number(most, 2)], fontsize=7)
    panel.tick_params(axis="x", labelsize=7.5)
    panel.tick_params(axis="y", length=0)
    panel.grid(False, axis="y")


def bands(channel: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lowest and highest value in each of some stretches, and where in seconds these stand: all that a picture can show.

    Shapes: channel (samples,); returns three arrays of one length, at most `BANDS`.
    """
    width = max(1, -(-len(channel) // BANDS))
    count = -(-len(channel) // width)
    padded = np.pad(channel, (0, count * width - len(channel)), mode="edge").reshape(count, width)
    low, high = padded.min(axis=1), padded.max(axis=1)
    if count > 1:  # neighbours touch, so that a slow wave stays one line
        low = np.minimum(low, np.append(padded[1:, 0], low[-1]))
        high = np.maximum(high, np.append(padded[1:, 0], high[-1]))
    return (np.arange(count) + 0.5) * width / rate, low, high


def waveform_rows(place: Any, portrait: SignalPortrait) -> None:
    """Draw some waveforms of each class, a row a class, each on its own scale; what a network is given of each."""
    rows = portrait.waveforms
    across = max(len(signals) for _, signals in rows)
    panels = place.subplots(len(rows), across, squeeze=False, sharex=True)
    for i, (row, (label, signals)) in enumerate(zip(panels, rows)):
        for panel, signal in zip(row, signals):
            waveform(panel, signal, portrait.rate, portrait.channels)
            panel.tick_params(axis="x", labelbottom=i == len(rows) - 1)
        for panel in row[len(signals) :]:
            panel.set_visible(False)
        row[0].set_ylabel(short(label, 14), rotation=0, ha="right", va="center", fontsize=9)
    for panel in panels[-1]:
        panel.set_xlabel("seconds", fontsize=8)
    place.suptitle(
        "Examples, as a network is given them, each on its own scale", x=0.01, ha="left", fontsize=11, fontweight="bold"
    )


def rows_height(portrait: SignalPortrait) -> float:
    """Inches that `waveform_rows` takes."""
    lanes = portrait.waveforms[0][1][0].shape[0]
    return 0.85 + len(portrait.waveforms) * (0.42 + 0.2 * (lanes - 1))


def lengths_differ(portrait: SignalPortrait) -> bool:
    return len(portrait.seconds) > 0 and bool(portrait.seconds.min() < portrait.seconds.max())


def lengths_panel(panel: Any, portrait: SignalPortrait) -> None:
    """How long the recordings are, and what of that is used."""
    seconds = portrait.seconds
    panel.set_xlabel("seconds", fontsize=8.5)
    panel.set_title("Length")
    panel.hist(seconds, bins=40, color=BLUE, alpha=0.75)
    panel.axvline(portrait.used, color=VERMILLION, linewidth=1.6)
    longer = float((seconds > portrait.used * (1 + 1e-9)).mean())
    panel.annotate(
        f"the network is given {portrait.used:.3g} s;\n{longer:.0%} are longer and cut", (portrait.used, 0.97),
        xycoords=("data", "axes fraction"), xytext=(5, 0), textcoords="offset points", va="top", fontsize=8, color=VERMILLION,
    )  # fmt: skip
    panel.set_ylabel("recordings", fontsize=8.5)


def spectra_panel(panel: Any, portrait: SignalPortrait) -> None:
    """Mean power over frequency: one line a class where these are few, else one of all."""
    spectra = portrait.spectra
    if len(spectra) > MOST_CLASSES:
        spectra = {"": 10 * np.log10(np.mean([10 ** (s / 10) for s in spectra.values()], axis=0))}
    for (name, power), colour, line in zip(spectra.items(), CLASS_COLOURS, LINES):
        label = short(name, 14) or None
        panel.plot(portrait.frequencies, power.clip(LOWEST), color=colour, linestyle=line, linewidth=1.4, label=label)
    panel.set_xlabel("frequency in hertz", fontsize=8.5)
    panel.set_ylabel("mean power in dB", fontsize=8.5)
    panel.set_title("Frequencies")
    if len(spectra) > 1:
        panel.legend(fontsize=8, ncols=2, handlelength=1.8, columnspacing=1)


def version_rows(panel: Any, portrait: Any) -> None:
    """Draw signals as they are beside those of the first epochs, one below the other, in one panel.

    Args: portrait: a `Portrait` with versions of signals.
    """
    rate = portrait.signals.rate if portrait.signals is not None else 1.0
    across = 1 + len(portrait.versions[0].changed)
    length = portrait.versions[0].own.shape[-1] / rate
    for row, version in enumerate(portrait.versions):
        most = max(float(np.abs(v).max(initial=0)) for v in (version.own, *version.changed)) or 1.0
        for column, signal in enumerate((version.own, *version.changed)):
            time, low, high = bands(np.asarray(signal)[0], rate)  # the first channel stands for all
            at, middle = column * 1.08 * length, -2.1 * row
            panel.fill_between(
                at + time, middle + low / most, middle + high / most, color=BLUE if column else TEXT, linewidth=0.3
            )
    panel.set_yticks([-2.1 * i for i in range(len(portrait.versions))], [short(v.label, 14) for v in portrait.versions])
    names = ["as it is", *(f"epoch {e}" for e in range(1, across))]
    panel.set_xticks([(j + 0.5) * length + 0.08 * j * length for j in range(across)], names, fontsize=9)
    panel.xaxis.tick_top()
    panel.get_xticklabels()[0].set_fontweight("bold")
    panel.tick_params(length=0)
    panel.grid(False)
    panel.spines[:].set_visible(False)
    panel.set_xlim(-0.02 * length, across * 1.08 * length)
    panel.annotate(
        f"each {length:.3g} s", (0, 0), xycoords="axes fraction", xytext=(0, -10), textcoords="offset points",
        fontsize=8, color=QUIET, va="top",
    )  # fmt: skip
