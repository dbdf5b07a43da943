"""Spectrogram: how strong each frequency is at each time of a signal, as an image."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, ShapeError

SOUND = 4000  # hertz: signals sampled at this rate or faster are taken for sound
# What speech recognizers use: Young et al., "The HTK Book", 2006, section 5.2; Park et al., arXiv:1904.08779.
SOUND_WINDOW, SOUND_HOP = 0.025, 0.010  # seconds
SLOW_WINDOW, SLOW_HOP = 64, 16  # samples: of slower signals, whatever their rate is
MOST_SAMPLES = 1 << 20  # of a window, a hop or half a wavelet: with more, a batch of transforms takes gigabytes

# Periodic, as they belong to the transform; numbers, also where weights are made without any, on the meta device.
# Harris, "On the Use of Windows for Harmonic Analysis", 1978.
WINDOWS: dict[str, Callable[[int], Tensor]] = {
    "hann": lambda n: torch.hann_window(n, dtype=torch.float64, device="cpu"),
    "hamming": lambda n: torch.hamming_window(n, dtype=torch.float64, device="cpu"),
    "blackman": lambda n: torch.blackman_window(n, dtype=torch.float64, device="cpu"),
    "rectangle": lambda n: torch.ones(n, dtype=torch.float64, device="cpu"),
}


class Spectrogram(nn.Module):
    """Cut a signal into overlapping windows and measure the power of the frequencies in each.

    A wave a sin(2 pi f t) gives a ** 2 at its frequency, however long the window. A window lies wholly within the signal, so
    what is left over at the end is not seen. Windows are padded with zeros to a power of two samples.
    Shapes: input (batch, channels, samples), output (batch, channels, frequencies, times), the lowest frequency first.
    Args:
        rate: samples a second.
        window_seconds: length of a window (default: 25 ms of sound; 64 samples of what is sampled below 4,000 Hz).
        hop_seconds: from one window to the next (default: 10 ms of sound; else 16 samples). Both become whole samples.
        window: hann, hamming, blackman or rectangle.
    Raises: SettingError; ShapeError, when a signal is shorter than a window.
    Source: Allen and Rabiner, "A Unified Approach to Short-Time Fourier Analysis and Synthesis", Proceedings of the IEEE,
        1977. `scipy.signal.spectrogram(..., mode="magnitude", scaling="spectrum")` gives half the root of it.
    """

    weights: Tensor

    def __init__(
        self,
        rate: float,
        *,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        window: str = "hann",
    ) -> None:
        super().__init__()
        self.rate = checked_rate(rate)
        if window not in tuple(WINDOWS):
            raise SettingError(f"{window=} is no window of a spectrogram. Choose one of {', '.join(WINDOWS)}.")
        self.window = window
        self.window_samples = samples_of("window_seconds", window_seconds, self.rate, SOUND_WINDOW, SLOW_WINDOW)
        self.hop_samples = samples_of("hop_seconds", hop_seconds, self.rate, SOUND_HOP, SLOW_HOP)
        self.window_seconds = self.window_samples / self.rate
        self.hop_seconds = self.hop_samples / self.rate
        self.fft_samples = 1 << (self.window_samples - 1).bit_length()
        weights = WINDOWS[window](self.window_samples)
        # A wave has half its amplitude at its own frequency and half at minus that, so twice the mean.
        self.register_buffer("weights", (2 * weights / weights.sum()).float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        self.frames(x.shape[-1])
        windows = x.unfold(-1, self.window_samples, self.hop_samples) * self.weights  # (batch, channels, times, window)
        spectrum = torch.fft.rfft(windows, n=self.fft_samples)
        return (spectrum.real.square() + spectrum.imag.square()).transpose(-1, -2)

    @property
    def frequencies(self) -> Tensor:
        """The frequency of each row in hertz."""
        return torch.fft.rfftfreq(self.fft_samples, 1 / self.rate, dtype=torch.float64, device="cpu")

    def frames(self, samples: int) -> int:
        """Count the windows of a signal. Raises: ShapeError, when there is not one."""
        if samples < self.window_samples:
            raise ShapeError(
                f"A signal of {samples} samples is shorter than a window of {type(self).__name__}, {self.window_samples} samples. "
                f"Set window_seconds below {samples / self.rate:g}."
            )
        return 1 + (samples - self.window_samples) // self.hop_samples

    def times(self, samples: int) -> Tensor:
        """The middle of each window of a signal, in seconds from its start."""
        starts = torch.arange(self.frames(samples), device="cpu") * self.hop_samples
        return (starts + self.window_samples / 2) / self.rate

    def extra_repr(self) -> str:
        return (
            f"{self.rate:g} Hz, {self.window} windows of {self.window_samples} samples ({1000 * self.window_seconds:g} ms) every "
            f"{self.hop_samples} ({1000 * self.hop_seconds:g} ms), {len(self.frequencies)} frequencies up to {self.rate / 2:g} Hz"
        )


def checked_rate(rate: float) -> float:
    """Raises: SettingError, when that is no number of samples a second."""
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < float("inf"):
        raise SettingError(f"{rate=!r} is no number of samples a second. Give one above 0, such as rate=8000.")
    return float(rate)


def checked_frequency(setting: str, hertz: float) -> float:
    """Raises: SettingError, when that is no frequency."""
    if isinstance(hertz, bool) or not isinstance(hertz, int | float) or not 0 <= hertz < float("inf"):
        raise SettingError(f"{setting}={hertz!r} is no frequency. Give hertz, such as {setting}=100.")
    return float(hertz)


def samples_of(setting: str, seconds: float | None, rate: float, sound: float, slow: int) -> int:
    """Whole samples of so many seconds; of None, what is usual: `sound` seconds of sound, `slow` samples of slower signals."""
    if seconds is None:
        count = round(sound * rate) if rate >= SOUND else slow
    elif isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds * rate < float("inf"):
        raise SettingError(
            f"{setting}={seconds!r} is no time of a sample and more. A sample takes {1 / rate:.3g} seconds at {rate:g} Hz."
        )
    else:
        count = round(seconds * rate)
    if count > MOST_SAMPLES:
        raise SettingError(
            f"{setting} is {count:,} samples at {rate:g} Hz, more than {MOST_SAMPLES:,}. Set {setting} to "
            f"{MOST_SAMPLES / rate:.3g} or less, or bring the signals to a lower rate."
        )
    return count
