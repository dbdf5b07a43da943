"""Scalogram: how strong a signal is at each time and scale of a wavelet, as an image."""

from dataclasses import dataclass
from math import ceil, e, log2, pi, sqrt

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers.spectrogram import (
    MOST_SAMPLES,
    SLOW_HOP,
    SOUND,
    SOUND_HOP,
    checked_frequency,
    checked_rate,
    samples_of,
)

LOWEST_SOUND = 50.0  # hertz: below it there is little in a voice
OCTAVES = 6  # of slower signals
HIGHEST_SHARE = 0.4  # of the rate; a wavelet that is centred above it would be cut off at half the rate
TAIL = 5.0  # scales from its middle beyond which a wavelet is taken for zero: exp(-5 ** 2 / 2) = 4e-6
FEWEST = 4  # points that the power of a hop is averaged over, where the hop has as many samples


@dataclass(frozen=True)
class Wavelet:
    """`peak` is where its spectrum is highest, and `end` where that is over, in radians for one unit of scale."""

    peak: float
    end: float
    real: bool


WAVELETS = {
    "morlet": Wavelet(6.0, 6.0 + TAIL, real=False),  # exp(6 i t) exp(-t ** 2 / 2)
    "mexican_hat": Wavelet(sqrt(2), 6.0, real=True),  # (1 - t ** 2) exp(-t ** 2 / 2)
}


class Scalogram(nn.Module):
    """Compare a signal with a wavelet that is moved along it and stretched: the power of the continuous wavelet transform.

    High frequencies are told exactly in time, low ones exactly in pitch. A wave a sin(2 pi f t) gives a ** 2 at its frequency,
    at any scale; with the Mexican hat, which is real, on average over the wave. Power is averaged over each hop. The signal
    counts as zero before its start and after its end.
    Shapes: input (batch, channels, samples), output (batch, channels, frequencies, times), the lowest frequency first.
    Args:
        rate: samples a second.
        wavelet: "morlet" (complex, six radians a scale) or "mexican_hat".
        voices: frequencies an octave.
        lowest, highest: frequencies in hertz (default: 50 Hz, or of what is sampled below 4,000 Hz six octaves; 0.4 of the rate).
        hop_seconds: from one column to the next (default: 10 ms of sound; else 16 samples). It becomes whole samples.
    Raises: SettingError; ShapeError, when a signal is shorter than a hop.
    Source: Torrence and Compo, "A Practical Guide to Wavelet Analysis", Bulletin of the American Meteorological Society, 1998,
        sections 3a to 3g and table 1, by their equation 4. Amplitudes are as in theirs and PyWavelets' over the root of the
        scale, times a number: see tests/layers/test_scalogram.py.
    """

    scales: Tensor

    def __init__(
        self,
        rate: float,
        *,
        wavelet: str = "morlet",
        voices: int = 8,
        lowest: float | None = None,
        highest: float | None = None,
        hop_seconds: float | None = None,
    ) -> None:
        super().__init__()
        self.rate = checked_rate(rate)
        if wavelet not in tuple(WAVELETS):
            raise SettingError(f"{wavelet=} is no wavelet. Choose one of {', '.join(WAVELETS)}.")
        if isinstance(voices, bool) or not isinstance(voices, int) or voices < 1:
            raise SettingError(f"{voices=!r} is no number of frequencies an octave. Give a whole number above 0.")
        self.wavelet, self.voices = wavelet, voices
        self.highest = HIGHEST_SHARE * self.rate if highest is None else checked_frequency("highest", highest)
        usual = LOWEST_SOUND if self.rate >= SOUND else self.highest / 2**OCTAVES
        self.lowest = usual if lowest is None else checked_frequency("lowest", lowest)
        if not 0 < self.lowest < self.highest <= self.rate / 2:
            raise SettingError(
                f"Frequencies from lowest={self.lowest:g} to highest={self.highest:g} Hz do not fit a signal of {self.rate:g} "
                f"samples a second, which holds up to {self.rate / 2:g} Hz. Choose 0 < lowest < highest within it."
            )
        self.hop_samples = samples_of("hop_seconds", hop_seconds, self.rate, SOUND_HOP, SLOW_HOP)
        self.hop_seconds = self.hop_samples / self.rate
        # In samples: the scale at which the wavelet's spectrum is highest at that frequency.
        scales = WAVELETS[wavelet].peak * self.rate / (2 * pi * self.frequencies)
        self.register_buffer("scales", scales.float(), persistent=False)
        self.reach = ceil(TAIL * float(scales.max()))
        if self.reach > MOST_SAMPLES:
            raise SettingError(
                f"A wavelet of lowest={self.lowest:g} Hz reaches over {self.reach:,} samples to each side at {self.rate:g} Hz, "
                f"more than {MOST_SAMPLES:,}. Set lowest to {self.lowest * self.reach / MOST_SAMPLES:.3g} or more."
            )
        self.steps = [self._step(scale) for scale in scales.tolist()]

    def forward(self, x: Tensor) -> Tensor:
        samples = x.shape[-1]
        frames = self.frames(samples)
        spectrum = torch.fft.rfft(x, n=self._transformed(samples))
        power = []
        for step in sorted(set(self.steps), reverse=True):  # the lowest frequencies have the largest steps
            first, count = self.steps.index(step), self.steps.count(step)
            each = _power(self._at(spectrum, self.scales[first : first + count], step, self._transformed(samples)))
            each = each[..., : frames * self.hop_samples // step]
            power.append(each.unflatten(-1, (frames, self.hop_samples // step)).mean(-1))
        return torch.cat(power, dim=2)

    def coefficients(self, x: Tensor) -> Tensor:
        """The transform itself, complex or real, at every sample: (batch, channels, frequencies, samples)."""
        length = self._transformed(x.shape[-1])
        return self._at(torch.fft.rfft(x, n=length), self.scales, 1, length)[..., : x.shape[-1]]

    @property
    def frequencies(self) -> Tensor:
        """The frequency of each row in hertz."""
        rows = int(log2(self.highest / self.lowest) * self.voices + 1e-9) + 1
        return self.lowest * 2 ** (torch.arange(rows, dtype=torch.float64, device="cpu") / self.voices)

    def frames(self, samples: int) -> int:
        """Count the whole hops of a signal. Raises: ShapeError, when there is not one."""
        if samples < self.hop_samples:
            raise ShapeError(
                f"A signal of {samples} samples is shorter than a hop of {type(self).__name__}, {self.hop_samples} samples. "
                f"Set hop_seconds below {samples / self.rate:g}."
            )
        return samples // self.hop_samples

    def times(self, samples: int) -> Tensor:
        """The middle of each hop of a signal, in seconds from its start."""
        starts = torch.arange(self.frames(samples), device="cpu") * self.hop_samples
        return (starts + (self.hop_samples - 1) / 2) / self.rate

    def extra_repr(self) -> str:
        frequencies = self.frequencies
        return (
            f"{self.rate:g} Hz, {self.wavelet}, {len(frequencies)} frequencies from {frequencies[0]:g} to {frequencies[-1]:g} Hz "
            f"({self.voices} an octave) every {self.hop_samples} samples ({1000 * self.hop_seconds:g} ms)"
        )

    def _step(self, scale: float) -> int:
        """How many samples apart the transform at a scale has to be known.

        It holds nothing above the end of its wavelet's spectrum, nor at negative frequencies, so it is computed at the rate
        rate / step, exactly, as long as the spectrum ends below that; the square of what is real reaches twice as far. A step
        divides the hop.
        """
        wavelet = WAVELETS[self.wavelet]
        end = min(wavelet.end / scale, pi) * (2 if wavelet.real else 1)  # radians a sample
        most = max(1, self.hop_samples // FEWEST)
        return max(s for s in range(1, most + 1) if self.hop_samples % s == 0 and (s == 1 or end * s <= 2 * pi))

    def _transformed(self, samples: int) -> int:
        """Samples of the transform: with zeros behind, so that the end does not reach round to the start."""
        hops = ceil((samples + self.reach) / self.hop_samples)
        while not _quick(hops):
            hops += 1
        return hops * self.hop_samples

    def _at(self, spectrum: Tensor, scales: Tensor, step: int, length: int) -> Tensor:
        """The transform at the middle of every `step` samples: (batch, channels, scales, length / step)."""
        wavelet, count = WAVELETS[self.wavelet], length // step
        spectrum = spectrum[..., :count]
        frequency = torch.arange(spectrum.shape[-1], device=spectrum.device) * (2 * pi / length)  # radians a sample
        at = scales[:, None] * frequency
        # Twice the positive half of the spectrum gives what belongs to the wave's amplitude.
        if wavelet.real:
            gain = e * at.square() * torch.exp(-at.square() / 2)
        else:
            gain = 2 * torch.exp(-(at - wavelet.peak).square() / 2)
        shift = torch.polar(torch.ones_like(frequency), frequency * ((step - 1) / 2))
        result = torch.fft.ifft((spectrum * shift)[..., None, :] * (gain / step), n=count)
        return result.real if wavelet.real else result


def _power(coefficients: Tensor) -> Tensor:
    """The squared amplitude of a wave: twice the mean square of what is real."""
    if not coefficients.is_complex():
        return 2 * coefficients.square()
    return coefficients.real.square() + coefficients.imag.square()


def _quick(count: int) -> bool:
    """Whether a number has no prime factor above 5, for which the Fourier transform is quick."""
    for factor in (2, 3, 5):
        while count % factor == 0:
            count //= factor
    return count == 1
