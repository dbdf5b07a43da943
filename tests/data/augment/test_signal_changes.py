"""Changes of signals: exact moves, noise of a given strength, and numbers that depend on (seed, epoch, sample) alone."""

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.augment.fits import OF_SIGNALS
from deepglass.data.augment.settings import Augment
from deepglass.data.augment.signals import add_noise, augment_signals, decibels, shift_signals, silence
from deepglass.errors import SettingError
from deepglass.randomness import Noise

ALL = {"time_shift": 0.1, "gain": 6, "snr": 5, "silence": 0.1}


def test_a_shift_moves_whole_samples_and_silence_moves_in():
    signals = torch.arange(1.0, 5).repeat(3, 2, 1)
    moved = shift_signals(signals, torch.tensor([1, -2, 9]))
    assert moved[:, 0].tolist() == [[0, 1, 2, 3], [3, 4, 0, 0], [0, 0, 0, 0]]
    assert torch.equal(moved[:, 0], moved[:, 1])


def test_noise_has_the_ratio_that_is_asked_for_and_a_silent_signal_stays_silent():
    signals = torch.stack([torch.sin(torch.arange(20000) * 0.1), torch.zeros(20000)])[:, None]
    noise = torch.randn(2, 1, 20000, generator=torch.Generator().manual_seed(0))
    noisy = add_noise(signals, noise, torch.tensor([10.0, 10.0]))
    power = (noisy[0] - signals[0]).square().mean()
    assert 10 * math.log10(0.5 / power) == pytest.approx(10, abs=0.1)  # a sine has the power 1/2
    assert not noisy[1].any()


def test_decibels_are_of_amplitudes():
    assert_close(decibels(torch.tensor([0.0, 20, -20])), torch.tensor([1.0, 10, 0.1]))


def test_one_stretch_is_silenced_never_longer_than_asked():
    signals = torch.ones(500, 2, 50)
    numbers = Noise(0, 1, torch.arange(500)).uniform("silence", 2)
    out = silence(signals, numbers, 10)
    blank = (out == 0)[:, 0]
    assert torch.equal(blank, (out == 0)[:, 1])
    assert blank.sum(1).max() == 10 and blank.sum(1).min() == 0
    assert (blank.int().diff(dim=1).abs().sum(1) <= 2).all()  # in one piece
    assert blank.any(0).all()  # anywhere


def test_every_change_of_signals_is_in_these_tests():
    assert set(ALL) == set(OF_SIGNALS)


def test_what_an_example_becomes_depends_on_seed_epoch_and_sample_alone():
    data = dg.load("chirps", options={"signals": 40}, augment=ALL)
    reader = data.reader()

    def read(ids, epoch=1, seed=0):
        return next(reader.read(torch.tensor(ids), 40, epoch=epoch, change=data.settings.augment, seed=seed))["signal"]

    assert torch.equal(read([3, 8, 5])[1], read([8])[0])
    assert not torch.equal(read([8], epoch=2), read([8])) and not torch.equal(read([8], seed=1), read([8]))
    streamed = data.with_(streaming=True)
    batch = next(streamed.reader().read(torch.tensor([8]), 1, epoch=1, change=data.settings.augment))
    assert torch.equal(batch["signal"], read([8]))
    assert torch.equal(data.examples("validation")["signal"], data.with_(augment={}).examples("validation")["signal"])


def test_gain_and_shift_stay_within_what_was_set():
    ones = torch.zeros(400, 1, 100)
    ones[:, :, 50] = 1.0
    out = augment_signals(ones, Augment(time_shift=0.2, gain=6), Noise(0, 1, torch.arange(400)), 100.0)
    places, heights = out[:, 0].argmax(dim=1), out.amax(dim=(1, 2))
    assert places.min() == 30 and places.max() == 70  # 0.2 s at 100 Hz either way
    assert 10 ** (-6 / 20) <= heights.min() < 0.52 and 1.95 < heights.max() <= 10 ** (6 / 20) * 1.0001


def test_a_ratio_of_0_decibels_is_on_and_changes_of_signals_need_signals():
    assert Augment(snr=0).active and Augment(snr=0).chosen() == {"snr": 0} and not Augment().chosen()
    with pytest.raises(SettingError, match=r"data.augment.snr=0.0 changes signals, and the inputs are 'x' \(number\)"):
        dg.load((np.zeros((9, 2)), np.arange(9) % 3), augment={"snr": 0})
    signals = (np.random.default_rng(0).normal(size=(9, 1, 20)), np.arange(9) % 3)
    with pytest.raises(SettingError, match=r"time_shift=0.5 moves 'x' out of sight: it is 0\.2 s long"):
        dg.load(signals, rate=100, augment={"time_shift": 0.5})
