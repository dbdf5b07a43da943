"""The built-in chirps, whose frequency is known at every moment."""

import numpy as np
import pytest

from deepglass.data.builtin.chirps import chirps
from deepglass.errors import SettingError


def test_the_frequency_rises_falls_or_stays_as_the_class_says():
    source = chirps(signals=80, noise_std=0.0, seed=3)
    sound, codes = source.fields["signal"].values[:, 0], source.fields["class"].values
    assert source.fields["signal"].rate == 8000 and sound.shape == (80, 4000)

    def crossings(part):  # twice the frequency, in each second
        return (np.diff(np.signbit(part), axis=1) != 0).sum(axis=1)

    ratio = crossings(sound[:, -1000:]) / crossings(sound[:, :1000])
    # A linear sweep by a factor of 1.5 to 2.5 has, in its last against its first eighth of a second, 1.36 to 2.0.
    assert (np.abs(ratio[codes == 0] - 1) < 0.1).all()
    assert (ratio[codes == 1] > 1.2).all() and (ratio[codes == 2] < 0.85).all()
    assert np.abs(sound).max() < 4


def test_impossible_options_are_refused():
    with pytest.raises(SettingError, match=r"signals=3 is too few for chirps\. Choose 4 or more"):
        chirps(signals=3)
    with pytest.raises(SettingError, match="noise_std=-1"):
        chirps(noise_std=-1)
