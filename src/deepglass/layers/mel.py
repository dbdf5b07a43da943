"""Mel spectrogram: a spectrogram whose bands are spaced as the ear hears pitch."""

from contextlib import nullcontext
from math import log

import torch
from torch import Tensor

from deepglass.errors import SettingError
from deepglass.layers.spectrogram import Spectrogram, checked_frequency

BANDS = 40  # Sainath and Parada, "Convolutional Neural Networks for Small-footprint Keyword Spotting", Interspeech 2015
SCALES = ("slaney", "htk")
SLANEY_STEP = 200 / 3  # hertz a mel below 1,000 Hz
SLANEY_RATIO = 27  # mels from 1,000 Hz to 6,400 Hz


class MelSpectrogram(Spectrogram):
    """Gather the frequencies of a spectrogram in overlapping triangles, narrow for low pitches and wide for high ones.

    Shapes: input (batch, channels, samples), output (batch, channels, bands, times), the lowest band first.
    Args:
        rate: samples a second; windows as for Spectrogram.
        bands: how many (default: 40, but half as many as there are frequencies at most).
        lowest, highest: where the first triangle begins and the last one ends, in hertz (default: 0 and half the rate).
        scale: "slaney" (linear below 1,000 Hz, then logarithmic) or "htk" (2595 log10(1 + f / 700)).
        equal_area: whether all triangles have the area 1 over hertz, else all have the height 1.
    Raises: SettingError, also when bands are so narrow that no frequency falls into them; ShapeError.
    Source: Stevens, Volkmann and Newman, "A Scale for the Measurement of the Psychological Magnitude Pitch", 1937; "htk": Young
        et al., "The HTK Book", 2006, section 5.4; "slaney": Slaney, "Auditory Toolbox", technical report 1998-010. With
        equal_area the triangles are those of `librosa.filters.mel(sr, n_fft, n_mels=bands)`.
    """

    filters: Tensor

    def __init__(
        self,
        rate: float,
        *,
        bands: int | None = None,
        lowest: float = 0.0,
        highest: float | None = None,
        scale: str = "slaney",
        equal_area: bool = True,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        window: str = "hann",
    ) -> None:
        super().__init__(rate, window_seconds=window_seconds, hop_seconds=hop_seconds, window=window)
        if scale not in SCALES:
            raise SettingError(f"{scale=} is no scale of pitch. Choose one of {', '.join(SCALES)}.")
        self.bands = min(BANDS, max(1, self.fft_samples // 4)) if bands is None else bands
        if isinstance(self.bands, bool) or not isinstance(self.bands, int) or self.bands < 1:
            raise SettingError(f"{bands=!r} is no number of bands. Give a whole number above 0.")
        self.lowest = checked_frequency("lowest", lowest)
        self.highest = self.rate / 2 if highest is None else checked_frequency("highest", highest)
        if not 0 <= self.lowest < self.highest <= self.rate / 2:
            raise SettingError(
                f"Bands from lowest={lowest} to highest={self.highest:g} Hz do not fit a signal of {self.rate:g} samples a second, "
                f"which holds 0 to {self.rate / 2:g} Hz. Choose 0 <= lowest < highest within it."
            )
        self.scale, self.equal_area = scale, equal_area
        filters = mel_filters(self.band_edges, super().frequencies, equal_area=equal_area)
        empty = int((filters.sum(1) == 0).sum())
        if empty:
            raise SettingError(
                f"bands={self.bands} are so narrow that {empty} of them hold none of the {filters.shape[1]} frequencies of a "
                f"window of {1000 * self.window_seconds:g} ms. Use fewer bands or a larger window_seconds."
            )
        self.register_buffer("filters", filters.float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        power = super().forward(x)
        # In bfloat16 quiet bands would be lost beside loud ones, before the logarithm brings them out.
        with nullcontext() if x.is_meta else torch.autocast(x.device.type, enabled=False):
            return self.filters @ power

    @property
    def band_edges(self) -> Tensor:
        """Where triangles begin, peak and end, in hertz: (bands + 2,); triangle k has the entries k, k + 1 and k + 2."""
        ends = to_mel(torch.tensor([self.lowest, self.highest], dtype=torch.float64, device="cpu"), self.scale)
        share = torch.linspace(0, 1, self.bands + 2, dtype=torch.float64, device="cpu")
        return to_hertz(ends[0] + share * (ends[1] - ends[0]), self.scale)

    @property
    def frequencies(self) -> Tensor:
        """The peak of each band in hertz."""
        return self.band_edges[1:-1]

    def extra_repr(self) -> str:
        frequencies = f"{self.bands} bands from {self.lowest:g} to {self.highest:g} Hz ({self.scale})"
        return f"{super().extra_repr().rpartition(', ')[0]}, {frequencies}"


def to_mel(hertz: Tensor, scale: str) -> Tensor:
    """Hertz to mels."""
    if scale == "htk":
        return 2595 * torch.log10(1 + hertz / 700)
    ratio = torch.log(hertz.clamp_min(1000) / 1000) / log(6.4)
    return torch.where(hertz < 1000, hertz / SLANEY_STEP, 1000 / SLANEY_STEP + SLANEY_RATIO * ratio)


def to_hertz(mels: Tensor, scale: str) -> Tensor:
    """Mels to hertz."""
    if scale == "htk":
        return 700 * (10 ** (mels / 2595) - 1)
    corner = 1000 / SLANEY_STEP
    return torch.where(mels < corner, mels * SLANEY_STEP, 1000 * 6.4 ** ((mels - corner) / SLANEY_RATIO))


def mel_filters(edges: Tensor, frequencies: Tensor, *, equal_area: bool) -> Tensor:
    """The weight of each frequency in each band. Shapes: edges (bands + 2,), frequencies (f,), both in hertz; output (bands, f)."""
    low, peak, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - low) / (peak - low), (high - frequencies) / (high - peak)
    triangles = torch.minimum(rising, falling).clamp_min(0)
    return triangles * (2 / (high - low)) if equal_area else triangles
