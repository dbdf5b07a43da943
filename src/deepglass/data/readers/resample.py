"""Resample: the same sound at another rate, through a windowed-sinc filter that keeps what the new rate can hold."""

from functools import lru_cache
from math import gcd

import numpy as np

# The filter: so many zero crossings to each side, and a Kaiser window for 90 dB (Kaiser's formula: 0.1102 (90 - 8.7) = 8.96). Its
# transition then ends at half the lower rate when the middle stands at 0.91 of it: what would fold back is 90 dB down.
CROSSINGS, KAISER, MIDDLE = 32, 8.96, 0.91


def resample(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Bring samples from one rate to another. Shapes: (samples, channels), returns (ceil(samples * wanted / rate), channels).

    Both begin at the same moment, and no time is added. Silence is taken to be before and after.
    Source: polyphase filter bank, Crochiere and Rabiner, "Multirate Digital Signal Processing", 1983, section 3.3.
    """
    if rate == wanted:
        return samples
    up, down = wanted // gcd(rate, wanted), rate // gcd(rate, wanted)
    weights, reach = _phases(up, down)
    taps = weights.shape[1]
    count = resampled_length(len(samples), rate, wanted)
    padded = np.pad(samples, ((reach, reach + taps), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps, axis=0)  # (places, channels, taps)
    out = np.empty((count, samples.shape[1]), dtype=np.float32)
    for first in range(min(up, count)):  # outputs that stand alike between the inputs share their weights
        place, phase = divmod(first * down, up)
        wide = len(range(first, count, up))
        out[first::up] = windows[place : place + (wide - 1) * down + 1 : down] @ weights[phase]
    return out


def resampled_length(samples: int, rate: int, wanted: int) -> int:
    """How many samples there are of so many, at another rate.

    >>> resampled_length(800, 8000, 16000), resampled_length(5, 3, 2)
    (1600, 4)
    """
    return -(-samples * wanted // rate)


@lru_cache(16)
def _phases(up: int, down: int) -> tuple[np.ndarray, int]:
    """The weights of each phase (up, taps), and how far they reach back before the input where an output stands."""
    slow = max(1.0, down / up)  # input samples to one sample of the lower rate
    reach = int(np.ceil(CROSSINGS * slow))
    distance = np.arange(-reach, reach + 1)[None, :] - np.arange(up)[:, None] / up  # from the output, in input samples
    cut = MIDDLE / slow
    inside = np.clip(1 - (distance / (CROSSINGS * slow)) ** 2, 0, None)
    weights = cut * np.sinc(cut * distance) * np.i0(KAISER * np.sqrt(inside)) / np.i0(KAISER) * (inside > 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), reach  # a constant stays what it is
