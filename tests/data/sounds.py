"""Signals for tests: the bytes of small WAV files, written here from the format's description, and a source in memory."""

import struct

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.source import Raw, Source, categories


def wav(samples, rate=8000, *, bits=16, code=1, extensible=False):
    """The bytes of a WAV file. Args: samples (samples,) or (samples, channels), full scale -1..1."""
    samples = np.asarray(samples, dtype=np.float64)
    samples = samples[:, None] if samples.ndim == 1 else samples
    channels = samples.shape[1]
    if code == 3:
        body = samples.astype(f"<f{bits // 8}").tobytes()
    elif bits == 8:
        body = (np.round(samples * 127) + 128).astype(np.uint8).tobytes()
    else:
        whole = np.round(samples * (2 ** (bits - 1) - 1)).astype("<i4")
        body = whole.reshape(-1).view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    about = struct.pack("<HHIIHH", code, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    if extensible:
        about = struct.pack("<H", 0xFFFE) + about[2:] + struct.pack("<HHIH", 22, bits, 0, code) + bytes(14)
    chunks = b"fmt " + struct.pack("<I", len(about)) + about + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def tone(hertz, seconds=0.1, rate=8000, loud=0.5):
    return loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def spoken(count=6):
    """Files that are called LABEL_SPEAKER_NUMBER.wav: two labels, three speakers."""
    return {
        f"takes/{label}_{speaker}_{i}.wav": wav(tone(300 + 400 * n + 7 * i + 3 * s, 0.1 + 0.01 * i))
        for n, label in enumerate(("no", "yes"))
        for s, speaker in enumerate(("ann", "bob", "cy"))
        for i in range(count)
    }


def uneven_signals(lengths, *, rate=100, channels=1, seed=0):
    """A source of uneven signals, in two classes."""
    random = np.random.default_rng(seed)
    parts = [torch.from_numpy(random.standard_normal((n, channels)).astype(np.float32)) for n in lengths]
    fields = {"s": Raw("signal", Ragged.of(parts), rate=rate), "y": categories(np.arange(len(lengths)) % 2, ("a", "b"))}
    return Source("signals", fields, ("s",), ("y",)), parts
