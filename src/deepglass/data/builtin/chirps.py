"""Chirps: half a second of sound that is a steady tone, one that rises, one that falls, or noise alone."""

import numpy as np

from deepglass.data.builtin.drawn import LICENCE, own_random
from deepglass.data.source import Raw, Source, categories
from deepglass.errors import SettingError

CLASSES = ("steady", "rising", "falling", "noise")
RATE = 8000  # hertz
SECONDS = 0.5
LOWEST, HIGHEST = 300.0, 2400.0  # hertz, of the frequency in the middle
SWEEP = (1.5, 2.5)  # factor by which the frequency of a chirp changes from its beginning to its end
LOUDNESS = (0.2, 0.9)  # of the tone, full scale being 1; the noise of its class as loud


def chirps(*, signals: int = 400, noise_std: float = 0.1, seed: int = 0) -> Source:
    """Make tones that glide: what tells the classes apart is how the frequency changes, not which it is.

    Shapes: signal (signals, 1, 4000) float32 at 8,000 Hz, class (signals,), shared evenly.
    Units: `noise_std` is that of the noise beside a tone, full scale being 1.
    Raises: SettingError, for fewer signals than classes or a negative `noise_std`.
    Source: generated here; a linear chirp has the phase 2 pi (f0 t + (f1 - f0) t^2 / (2 T)).
    """
    if signals < len(CLASSES):
        raise SettingError(f"{signals=} is too few for chirps. Choose {len(CLASSES)} or more.")
    random = own_random("chirps", points=signals, noise_std=noise_std, seed=seed)
    samples = round(SECONDS * RATE)
    codes = np.arange(signals) % len(CLASSES)
    middle = np.exp(random.uniform(np.log(LOWEST), np.log(HIGHEST), signals))
    factor = np.sqrt(random.uniform(*SWEEP, signals))
    first = np.choose(codes, [middle, middle / factor, middle * factor, middle])
    last = np.choose(codes, [middle, middle * factor, middle / factor, middle])
    time = np.arange(samples) / RATE
    start = random.uniform(0, 2 * np.pi, signals)
    phase = 2 * np.pi * (first[:, None] * time + (last - first)[:, None] * time**2 / (2 * SECONDS)) + start[:, None]
    loudness = random.uniform(*LOUDNESS, signals)[:, None]
    noise = random.standard_normal((signals, samples))
    sound = np.where((codes == 3)[:, None], loudness / np.sqrt(2) * noise, loudness * np.sin(phase) + noise_std * noise)
    return Source(
        name="chirps",
        fields={
            "signal": Raw("signal", sound[:, None].astype(np.float32), rate=float(RATE)),
            "class": categories(codes, CLASSES),
        },
        inputs=("signal",),
        targets=("class",),
        notes=(f"{signals} signals in {len(CLASSES)} classes, shared evenly; {SECONDS} s at {RATE:,} Hz.",),
        facts={
            "description": "half a second of a steady tone, a rising or a falling one, or noise, at 8 kHz",
            "licence": LICENCE,
            "source": "generated; linear chirps in noise",
        },
    )
