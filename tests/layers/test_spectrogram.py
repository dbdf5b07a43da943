from math import pi

import numpy as np
import pytest
import torch
from scipy import signal
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import Spectrogram

NOISE = torch.randn(2, 3, 3000, generator=torch.Generator().manual_seed(0))


def wave(frequency: float, rate: float = 8000, samples: int = 4000, height: float = 1.0) -> torch.Tensor:
    return height * torch.sin(2 * pi * frequency * torch.arange(samples) / rate)[None, None]


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman", "rectangle"])
def test_it_is_that_of_scipy(window):
    layer = Spectrogram(8000, window=window)
    kind = "boxcar" if window == "rectangle" else window
    frequencies, times, heights = signal.spectrogram(
        NOISE.double().numpy(), 8000, kind, nperseg=200, noverlap=120, nfft=256, detrend=False, scaling="spectrum",
        mode="magnitude",
    )  # fmt: skip
    assert_close(layer(NOISE), torch.from_numpy((2 * heights) ** 2).float())
    np.testing.assert_allclose(layer.frequencies, frequencies)
    np.testing.assert_allclose(layer.times(3000), times)


@pytest.mark.parametrize("seconds", [0.008, 0.016, 0.032])
def test_a_wave_has_its_squared_amplitude_at_its_frequency_however_long_the_window(seconds):
    layer = Spectrogram(8000, window_seconds=seconds)
    power = layer(wave(1000, height=3.0))
    loudest = int(power[0, 0, :, 5].argmax())
    assert float(layer.frequencies[loudest]) == 1000
    assert float(power[0, 0, loudest, 5]) == pytest.approx(9, rel=1e-4)


def test_the_ridge_of_a_chirp_follows_its_law():
    rate, samples = 8000, 8000
    time = torch.arange(samples, dtype=torch.float64) / rate
    chirp = torch.sin(2 * pi * (500 * time + 1500 * time**2)).float()  # its frequency is 500 + 3000 t hertz
    layer = Spectrogram(rate)
    ridge = layer.frequencies[layer(chirp[None, None])[0, 0].argmax(dim=0)]
    assert (ridge - (500 + 3000 * layer.times(samples))).abs().max() < 2 * rate / 256


def test_slow_signals_get_windows_counted_in_samples():
    layer = Spectrogram(100)
    assert layer(torch.zeros(1, 3, 400)).shape == (1, 3, 33, 22)
    assert (layer.window_seconds, layer.hop_seconds) == (0.64, 0.16)
    assert str(layer) == (
        "Spectrogram(100 Hz, hann windows of 64 samples (640 ms) every 16 (160 ms), 33 frequencies up to 50 Hz)"
    )


def test_what_comes_after_it_can_teach_what_comes_before_it():
    x = NOISE[:1, :1, :300].double().requires_grad_()
    assert torch.autograd.gradcheck(Spectrogram(8000).double(), (x,), fast_mode=True)


def test_nothing_of_it_is_saved_with_the_weights():
    assert not Spectrogram(8000).state_dict()


def test_a_signal_shorter_than_a_window_is_told_so():
    with pytest.raises(
        ShapeError, match=r"150 samples is shorter than a window .* 200 samples. Set window_seconds below 0.01875"
    ):
        Spectrogram(8000)(torch.zeros(1, 1, 150))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate=0 is no number of samples a second"),
        ({"window": "haan"}, "window='haan' is no window of a spectrogram. Choose one of hann, hamming"),
        (
            {"rate": 1e9},
            r"window_seconds is 25,000,000 samples at 1e\+09 Hz, more than .*\. Set window_seconds to 0\.00105 or less",
        ),
        ({"hop_seconds": 1e6}, "hop_seconds is 8,000,000,000 samples at 8000 Hz"),
        ({"hop_seconds": 0.0}, "hop_seconds=0.0 is no time of a sample and more. A sample takes 0.000125 seconds"),
    ],
)
def test_bad_settings_are_told(options, message):
    with pytest.raises(SettingError, match=message):
        Spectrogram(**{"rate": 8000, **options})
