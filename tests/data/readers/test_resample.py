"""Resampling, against sines that are known at every moment, and against scipy's polyphase filter with our weights."""

import numpy as np
import pytest

from deepglass.data.readers.resample import _phases, resample

RATES = [(44100, 8000), (8000, 44100), (16000, 8000), (8000, 16000), (22050, 16000), (100, 40), (48000, 44100)]


@pytest.mark.parametrize(("rate", "wanted"), RATES)
def test_a_tone_that_both_rates_can_hold_stays_the_same_tone(rate, wanted):
    hertz, seconds = 0.3 * min(rate, wanted), 4000 / max(rate, wanted)

    def at(time):
        return np.sin(2 * np.pi * hertz * time) * np.sin(np.pi * time / seconds) ** 2

    before = np.arange(round(seconds * rate)) / rate
    after = resample(at(before)[:, None].astype(np.float32), rate, wanted)
    expected = at(np.arange(len(after)) / wanted)
    assert len(after) == -(-len(before) * wanted // rate) and after.dtype == np.float32
    assert np.abs(after[:, 0] - expected).max() < 1e-4


@pytest.mark.parametrize(("rate", "wanted"), [(44100, 8000), (8000, 16000), (3, 2)])
def test_the_samples_are_those_of_scipy_with_the_same_weights(rate, wanted):
    signal = pytest.importorskip("scipy.signal")
    up, down = wanted // np.gcd(rate, wanted), rate // np.gcd(rate, wanted)
    weights, reach = _phases(up, down)
    x = np.random.default_rng(0).standard_normal(900)
    taps = np.zeros(2 * reach * up + 1)  # one filter at the common rate, of which a phase takes every up-th weight
    for place in range(-reach * up, reach * up + 1):
        back, phase = divmod(place, up)
        taps[place + reach * up] = weights[phase][reach - back]
    expected = signal.resample_poly(x, up, down, window=taps / up)  # scipy multiplies a given window by up
    np.testing.assert_allclose(resample(x[:, None].astype(np.float32), rate, wanted)[:, 0], expected, atol=2e-5)


def test_what_the_lower_rate_cannot_hold_is_gone_and_nothing_folds_back():
    time = np.arange(16000) / 16000

    def left(hertz):
        out = resample(np.sin(2 * np.pi * hertz * time)[:, None].astype(np.float32), 16000, 8000)[500:-500]
        return 20 * np.log10(np.sqrt(2 * (out**2).mean()) + 1e-12)

    assert left(3000) == pytest.approx(0, abs=0.01)  # decibels
    assert max(left(f) for f in (4100, 4500, 6000, 7900)) < -85


def test_channels_are_brought_to_the_rate_alike_and_a_constant_stays_one():
    x = np.stack([np.full(2000, 0.5), np.arange(2000) / 2000], axis=1).astype(np.float32)
    out = resample(x, 1000, 300)
    assert out.shape == (600, 2)
    np.testing.assert_allclose(out[100:-100, 0], 0.5, atol=1e-6)
    np.testing.assert_allclose(out[100:-100, 1], np.arange(600)[100:-100] / 600, atol=1e-4)
    assert resample(x, 1000, 1000) is x
