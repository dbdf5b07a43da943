"""Portrait of signals: some waveforms of each class, how long the recordings are, and which frequencies they hold."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepglass.data.encode import Field
from deepglass.data.signal_encoding import lengths_of
from deepglass.data.versions import spread

CLASSES = 10  # of which waveforms are drawn, at most
A_CLASS = 4  # waveforms of each class
WINDOW = 256  # samples of a stretch whose spectrum is taken; of shorter signals their whole length
MOST_SPECTRA = 400  # signals of each class whose spectra are averaged


@dataclass(frozen=True)
class SignalPortrait:
    """What pictures of signals show.

    Args:
        name: of the field; rate in hertz; channels by name, where they are known.
        waveforms: class or value -> what the network is given of some signals, in raw units, each (channels, samples).
        seconds: how long each sampled recording is, before cutting and padding.
        used: seconds that the network is given.
        frequencies: hertz, (bins,).
        spectra: class (or "" where there is none) -> mean power of its signals in dB of the strongest of all, (bins,).
    """

    name: str
    rate: float
    channels: list[str]
    waveforms: list[tuple[str, list[np.ndarray]]]
    seconds: np.ndarray
    used: float
    frequencies: np.ndarray = field(default_factory=lambda: np.zeros(0))
    spectra: dict[str, np.ndarray] = field(default_factory=dict)


def signal_portrait(one: Field, raw: Any, truth: np.ndarray | None, classes: list[str]) -> SignalPortrait:
    """Gather it from raw signals, as in `Raw`. Args: truth: class codes or numbers of the examples (n,), where there are any."""
    lengths = lengths_of(raw)
    shown = np.asarray(one.decode(one.encode(raw)))  # (n, channels, samples)
    chosen: list[tuple[str, np.ndarray]] = []
    if classes and truth is not None:
        for code in np.unique(np.linspace(0, len(classes) - 1, min(CLASSES, len(classes))).round().astype(int)):
            chosen.append((classes[code], spread(np.flatnonzero(truth == code), A_CLASS)))
    else:
        order = np.arange(len(shown)) if truth is None else np.argsort(truth, kind="stable")
        picked = spread(order, 3 * A_CLASS)
        for start in range(0, len(picked), A_CLASS):
            ids = picked[start : start + A_CLASS]
            chosen.append(("" if truth is None else f"{truth[ids[0]]:.3g} to {truth[ids[-1]]:.3g}", ids))
    parts = {"": np.arange(len(shown))}
    if classes and truth is not None:
        parts = {c: np.flatnonzero(truth == i) for i, c in enumerate(classes)}
    power = {
        c: _power(shown[spread(ids, MOST_SPECTRA)], lengths[spread(ids, MOST_SPECTRA)])
        for c, ids in parts.items()
        if len(ids)
    }
    most = max((float(p.max()) for p in power.values()), default=0.0) or 1.0
    bins = next((len(p) for p in power.values()), 0)
    return SignalPortrait(
        name=one.name,
        rate=one.rate,
        channels=one.channels,
        waveforms=[(label, [shown[i] for i in ids]) for label, ids in chosen if len(ids)],
        seconds=lengths / one.rate,
        used=one.shape[1] / one.rate,
        frequencies=np.linspace(0, one.rate / 2, bins),
        spectra={c: 10 * np.log10(np.maximum(p / most, 1e-12)) for c, p in power.items()},
    )


def _power(signals: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The mean power of Hann-weighed stretches that overlap by half, over signals and channels; padding weighs nothing.

    Shapes: signals (n, channels, samples), returns (bins,). Source: Welch, IEEE Transactions on Audio and Electroacoustics, 1967.
    """
    window = min(WINDOW, signals.shape[2])
    starts = range(0, signals.shape[2] - window + 1, max(1, window // 2))
    centred = signals - signals.mean(axis=2, keepdims=True)
    hann = np.hanning(window) if window > 2 else np.ones(window)
    total = sum(np.abs(np.fft.rfft(centred[:, :, s : s + window] * hann)) ** 2 for s in starts)
    share = np.minimum(lengths, signals.shape[2]) / signals.shape[2]
    return np.asarray(total).mean(axis=(0, 1)) / max(float(share.mean()), 1e-12) / len(starts)
