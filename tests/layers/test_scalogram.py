from math import e, pi, sqrt

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import Scalogram

NOISE = torch.randn(1, 2, 1600, generator=torch.Generator().manual_seed(0))
AMPLITUDE = {  # what the spectrum of each wavelet is divided by, and PyWavelets' name of it
    "morlet": (lambda t: np.exp(6j * t - t**2 / 2), 2 / sqrt(2 * pi), f"cmor2.0-{6 / (2 * pi)!r}"),
    "mexican_hat": (lambda t: (1 - t**2) * np.exp(-(t**2) / 2), e / (2 * sqrt(2 * pi)), "mexh"),
}


@pytest.mark.parametrize("wavelet", AMPLITUDE)
def test_it_is_the_sum_of_products_with_the_stretched_wavelet(wavelet):
    layer = Scalogram(8000, wavelet=wavelet, lowest=200.0, highest=800.0, voices=1)
    mother, factor, _ = AMPLITUDE[wavelet]
    x, at = NOISE[0, 0, :400].double().numpy(), np.arange(400)
    expected = []
    for scale in layer.scales.tolist():  # W(n) = factor / s * sum of x(m) conj(psi((m - n) / s))
        expected.append(factor / scale * (np.conj(mother((at[None] - at[:, None]) / scale)) @ x))
    ours = layer.coefficients(NOISE[..., :400])[0, 0]
    assert_close(ours, torch.from_numpy(np.stack(expected)), atol=2e-5, rtol=1e-4, check_dtype=False)


@pytest.mark.parametrize("wavelet", AMPLITUDE)
def test_it_is_that_of_pywavelets_over_the_root_of_the_scale(wavelet):
    pywt = pytest.importorskip("pywt", reason="PyWavelets is the reference here")
    layer = Scalogram(1000, wavelet=wavelet, lowest=1.0, highest=4.0)
    at = torch.arange(6000, dtype=torch.float64) / 1000
    chirp = torch.sin(2 * pi * (at + at**2 / 4)) * torch.exp(-((at - 3) ** 2))  # its frequency is 1 + t / 2 hertz
    _, factor, name = AMPLITUDE[wavelet]
    scales = layer.scales.double().numpy()
    theirs, _ = pywt.cwt(chirp.numpy(), scales, name, method="fft")
    unit = sqrt(2 * pi) if wavelet == "morlet" else sqrt(3) * pi**0.25 / 2  # theirs have the energy 1
    expected = theirs * (factor * unit / np.sqrt(scales))[:, None]
    ours = layer.coefficients(chirp[None, None].float())[0, 0].numpy()
    # They look the wavelet up in a table, which moves it by up to a sample: here by a hundredth of a wave at most.
    assert np.abs(ours - expected).max() < 0.02 * np.abs(ours).max()


@pytest.mark.parametrize("wavelet", AMPLITUDE)
def test_a_hop_holds_the_mean_power_of_its_samples(wavelet):
    layer = Scalogram(8000, wavelet=wavelet, lowest=100.0)
    assert len(set(layer.steps)) > 3
    whole = layer.coefficients(NOISE)
    power = whole.abs().square() * (2 if wavelet == "mexican_hat" else 1)
    expected = power.unflatten(-1, (20, 80)).mean(-1)
    assert_close(layer(NOISE), expected, atol=0.01 * float(expected.max()), rtol=0)
    assert layer.times(1600)[:2].tolist() == pytest.approx([39.5 / 8000, 119.5 / 8000])


@pytest.mark.parametrize("frequency", [100.0, 400.0, 1600.0])
@pytest.mark.parametrize("wavelet", AMPLITUDE)
def test_a_wave_has_its_squared_amplitude_at_its_frequency_at_any_scale(wavelet, frequency):
    layer = Scalogram(8000, wavelet=wavelet, lowest=50.0, highest=3200.0)
    x = 3 * torch.sin(2 * pi * frequency * torch.arange(8000) / 8000)[None, None]
    power = layer(x)[0, 0, :, 30:70].mean(dim=1)
    assert float(power.max()) == pytest.approx(9, rel=0.02)
    assert float(layer.frequencies[int(power.argmax())]) == pytest.approx(frequency)


def test_a_click_is_told_exactly_in_time_at_high_frequencies_and_broadly_at_low_ones():
    layer = Scalogram(8000, hop_seconds=0.002)
    x = torch.zeros(1, 1, 4000)
    x[..., 2008] = 1.0
    power = layer(x)[0, 0]
    loud = (power > 0.1 * power.amax(dim=1, keepdim=True)).sum(dim=1)
    assert loud[-1] == 1 and loud[0] > 10
    assert float(layer.times(4000)[power[-1].argmax()]) == pytest.approx(2008 / 8000, abs=0.001)


def test_the_end_of_a_signal_does_not_reach_round_to_its_start():
    layer = Scalogram(8000, lowest=50.0)
    x = torch.zeros(1, 1, 2000)
    x[..., -40:] = 1.0
    power = layer(x)[0, 0]
    assert float(power[:, :10].max()) < 1e-6 * float(power.max())


def test_several_channels_of_a_slow_signal_make_an_image_each():
    layer = Scalogram(100)
    assert layer(torch.randn(2, 3, 400)).shape == (2, 3, 49, 25)
    assert str(layer).startswith(
        "Scalogram(100 Hz, morlet, 49 frequencies from 0.625 to 40 Hz (8 an octave) every 16 samples"
    )


@pytest.mark.parametrize("wavelet", AMPLITUDE)
def test_what_comes_after_it_can_teach_what_comes_before_it(wavelet):
    layer = Scalogram(100, wavelet=wavelet, voices=1).double()
    x = NOISE[:, :1, :64].double().requires_grad_()
    assert torch.autograd.gradcheck(layer, (x,), fast_mode=True)


def test_a_signal_shorter_than_a_hop_is_told_so():
    with pytest.raises(
        ShapeError, match=r"50 samples is shorter than a hop .* 80 samples. Set hop_seconds below 0.00625"
    ):
        Scalogram(8000)(torch.zeros(1, 1, 50))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wavelet": "haar"}, "wavelet='haar' is no wavelet. Choose one of morlet, mexican_hat"),
        ({"voices": 0}, "voices=0 is no number of frequencies an octave"),
        ({"lowest": 1e-3}, r"lowest=0\.001 Hz reaches over 38,197,187 samples .*\. Set lowest to 0\.0364 or more"),
        ({"lowest": 4000.0}, "lowest=4000 to highest=3200 Hz do not fit"),
    ],
)
def test_bad_settings_are_told(options, message):
    with pytest.raises(SettingError, match=message):
        Scalogram(8000, **options)
