from math import log, log10

import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.layers import MelSpectrogram, Spectrogram
from deepglass.layers.mel import to_hertz, to_mel


def reference_filters(rate: int, fft: int, bands: int, scale: str, equal_area: bool) -> torch.Tensor:
    """The formula of librosa.filters.mel (htk=True or False, norm=None or "slaney"), written out number by number."""

    def mel(hertz: float) -> float:
        if scale == "htk":
            return 2595 * log10(1 + hertz / 700)
        return hertz * 3 / 200 if hertz < 1000 else 15 + log(hertz / 1000) * 27 / log(6.4)

    def hertz(mels: float) -> float:
        if scale == "htk":
            return 700 * (10 ** (mels / 2595) - 1)
        return mels * 200 / 3 if mels < 15 else 1000 * 6.4 ** ((mels - 15) / 27)

    edges = [hertz(k * mel(rate / 2) / (bands + 1)) for k in range(bands + 2)]
    rows = []
    for low, peak, high in zip(edges, edges[1:], edges[2:]):
        area = 2 / (high - low) if equal_area else 1.0
        each = [k * rate / fft for k in range(fft // 2 + 1)]
        rows.append([area * max(0.0, min((f - low) / (peak - low), (high - f) / (high - peak))) for f in each])
    return torch.tensor(rows)


@pytest.mark.parametrize("equal_area", [True, False])
@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_its_triangles_are_those_of_librosa(scale, equal_area):
    layer = MelSpectrogram(16000, bands=40, scale=scale, equal_area=equal_area)
    assert layer.fft_samples == 512
    assert_close(layer.filters, reference_filters(16000, 512, 40, scale, equal_area), rtol=1e-4, atol=1e-8)


def test_published_values_of_the_scales():
    # The HTK book: 1000 Hz are 1000 mels, to a whole number. Slaney's toolbox: 1000 Hz are 15 mels, 6400 Hz are 42.
    hertz = torch.tensor([0.0, 1000, 6400], dtype=torch.float64)
    assert to_mel(hertz, "htk")[1].round() == 1000
    assert_close(to_mel(hertz, "slaney"), torch.tensor([0.0, 15, 42], dtype=torch.float64))
    for scale in ("htk", "slaney"):
        assert_close(to_hertz(to_mel(hertz, scale), scale), hertz)


def test_it_gathers_the_power_of_the_spectrogram():
    x = torch.randn(2, 1, 1000, generator=torch.Generator().manual_seed(0))
    layer = MelSpectrogram(8000, bands=20)
    assert_close(layer(x), layer.filters @ Spectrogram(8000)(x))
    assert layer(x).shape == (2, 1, 20, len(layer.times(1000)))


def test_the_loudest_band_is_the_one_at_the_frequency_of_a_wave():
    layer = MelSpectrogram(8000, equal_area=False)
    at = torch.arange(4000) / 8000
    for band in (5, 20, 39):
        frequency = float(layer.frequencies[band])
        power = layer(torch.sin(2 * torch.pi * frequency * at)[None, None])
        assert int(power[0, 0, :, 10].argmax()) == band


def test_slow_signals_get_fewer_bands():
    assert MelSpectrogram(100)(torch.zeros(1, 3, 400)).shape == (1, 3, 16, 22)


def test_bands_without_a_frequency_are_refused():
    with pytest.raises(
        SettingError, match=r"bands=200 are so narrow that \d+ of them hold none of the 129 .* of 25 ms. Use fewer"
    ):
        MelSpectrogram(8000, bands=200)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"highest": 5000.0},
            "lowest=0.0 to highest=5000 Hz do not fit a signal of 8000 samples a second, which holds 0 to 4000",
        ),
        ({"scale": "bark"}, "scale='bark' is no scale of pitch. Choose one of slaney, htk"),
        ({"bands": 0}, "bands=0 is no number of bands"),
    ],
)
def test_bad_settings_are_told(options, message):
    with pytest.raises(SettingError, match=message):
        MelSpectrogram(8000, **options)
