"""Signals: all changes of a batch of signals, one after another, on its device.

Each example's numbers are derived from (seed, epoch, sample): who else is in the batch does not matter. Signals are encoded, and
what is silence or the mean before is 0 here; so loudness and the level of noise do not depend on the encoding.
"""

import torch
from torch import Tensor

from deepglass.data.augment.settings import Augment
from deepglass.randomness import Noise

QUIET_NOISE = 40.0  # dB; noise so far below a signal is barely heard, and `snr` draws from there down to what is set


def augment_signals(signals: Tensor, settings: Augment, noise: Noise, rate: float) -> Tensor:
    """Return changed copies: shifted, made louder or quieter, noise added, a stretch silenced.

    Shapes: signals (examples, channels, samples). Args: rate in hertz.
    """
    if settings.time_shift:
        most = min(round(settings.time_shift * rate), signals.shape[2])
        signals = shift_signals(signals, noise.integers("time shift", -most, most + 1))
    if settings.gain:
        signals = signals * decibels(settings.gain * (2 * noise.uniform("gain") - 1))[:, None, None]
    if settings.snr is not None:
        quiet = max(QUIET_NOISE, settings.snr)
        ratio = settings.snr + (quiet - settings.snr) * noise.uniform("snr")
        signals = add_noise(signals, noise.normal("hiss", *signals.shape[1:]), ratio)
    if settings.silence:
        most = min(round(settings.silence * rate), signals.shape[2])
        signals = silence(signals, noise.uniform("silence", 2), most)
    return signals


def shift_signals(signals: Tensor, samples: Tensor) -> Tensor:
    """Move each signal later by its own whole number of samples (earlier, where negative); 0 moves in.

    Shapes: signals (examples, channels, samples), samples (examples,) int64.
    """
    length = signals.shape[2]
    came = torch.arange(length, device=signals.device) - samples[:, None].to(signals.device)  # (examples, samples)
    inside = (came >= 0) & (came < length)
    taken = signals.gather(2, came.clamp(0, length - 1)[:, None].expand_as(signals))
    return torch.where(inside[:, None], taken, 0.0)


def add_noise(signals: Tensor, noise: Tensor, ratio: Tensor) -> Tensor:
    """Add noise so that each signal has its signal-to-noise ratio.

    Shapes: noise as signals (examples, channels, samples), of deviation 1; ratio (examples,) in dB, of the mean power of the
    example, all its channels and its padding included, to that of the noise. A silent example stays silent.
    """
    # In double, because the order in which floats are added may differ with the size of the batch.
    power = signals.flatten(1).double().square().mean(dim=1).sqrt().to(signals.dtype)
    return signals + noise * (power * decibels(-ratio))[:, None, None]


def silence(signals: Tensor, numbers: Tensor, most: int) -> Tensor:
    """Blank a stretch of each signal, 0 to `most` samples long, anywhere. Shapes: numbers (examples, 2) from 0 to 1.

    Source: time masking, Park et al., "SpecAugment", Interspeech 2019, section 2, here on the waveform.
    """
    length = signals.shape[2]
    long, start = numbers.double().unbind(dim=1)
    long = (long * (most + 1)).floor()
    start = (start * (length - long + 1)).floor()
    place = torch.arange(length, device=signals.device)
    inside = (place >= start[:, None]) & (place < (start + long)[:, None])
    return signals.masked_fill(inside[:, None], 0.0)


def decibels(ratio: Tensor) -> Tensor:
    """The factor of an amplitude that is so many decibels."""
    return torch.pow(10.0, ratio / 20)
