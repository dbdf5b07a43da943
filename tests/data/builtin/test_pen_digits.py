"""The built-in strokes: digits as a pen draws them."""

import numpy as np
import pytest

from deepglass.data.builtin.strokes import strokes
from deepglass.data.readers.pen import strokes_of
from deepglass.errors import SettingError


def test_digits_are_shared_evenly_have_their_strokes_and_are_their_size():
    source = strokes(drawings=50, noise_std=0.0)
    values, codes = source.fields["strokes"].values, source.fields["digit"].values
    assert np.bincount(codes).tolist() == [5] * 10
    for i, code in enumerate(codes):
        parts = strokes_of(values[i].numpy())
        assert len(parts) == (2 if code in (4, 5) else 1)  # four and five lift the pen once
        height = np.ptp(np.concatenate(parts)[:, 1])
        assert 0.75 * 20 < height < 1.4 * 20


def test_a_seven_without_noise_goes_right_and_then_down_to_the_left():
    source = strokes(drawings=10, noise_std=0.0, seed=2)
    (seven,) = strokes_of(source.fields["strokes"].values[7].numpy())
    corner = int(seven[:, 0].argmax())
    assert 0 < corner < len(seven) - 1
    assert seven[corner, 0] > seven[0, 0] and seven[-1, 1] > seven[corner, 1] and seven[-1, 0] < seven[corner, 0]


def test_the_digit_is_learned_told_or_left_out():
    kinds = {label: strokes(drawings=10, label=label) for label in ("target", "input", "none")}
    assert kinds["target"].targets == ("digit",) and kinds["target"].inputs == ("strokes",)
    assert kinds["input"].inputs == ("strokes", "digit") and not kinds["input"].targets
    assert list(kinds["none"].fields) == ["strokes"]


def test_the_same_seed_draws_the_same_and_impossible_options_are_refused():
    one, other = (strokes(drawings=20, seed=4).fields["strokes"].values for _ in range(2))
    assert (one.values == other.values).all()
    for options, said in (
        ({"drawings": 9}, "drawings=9"),
        ({"noise_std": -1}, "noise_std"),
        ({"label": "x"}, "label='x'"),
    ):
        with pytest.raises(SettingError, match=said):
            strokes(**options)
