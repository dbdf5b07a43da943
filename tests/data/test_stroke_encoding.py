"""Drawings as a network is given them: one scale, the state of the pen, and padding that is over."""

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.data.ragged import Ragged
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.data.stroke_encoding import decode_strokes, encode_strokes, fit_strokes
from deepglass.errors import DataError

# Two drawings: a corner in one stroke, and two dots. The first row leads to where a drawing begins and is not scaled by.
CORNER = [[-5.0, -5.0, 0], [3.0, 0.0, 0], [0.0, 4.0, 1]]
DOTS = [[-9.0, 0.0, 1], [5.0, 0.0, 1]]


def raw(*drawings):
    return Raw("strokes", Ragged.of([torch.tensor(d, dtype=torch.float64) for d in drawings]))


def test_offsets_are_divided_by_their_root_mean_square_and_the_pen_is_one_of_three():
    shape, encoding = fit_strokes("strokes", raw(CORNER, DOTS), "input", np.array([0, 1]), DataSettings())
    # Offsets that count: (3, 0), (0, 4), (5, 0): sqrt((9 + 16 + 25) / 6).
    assert shape == (3, 5) and encoding["scale"] == pytest.approx((50 / 6) ** 0.5)
    encoded = encode_strokes(encoding, shape, raw(DOTS).values)
    scale = (50 / 6) ** 0.5
    expected = [[-9 / scale, 0, 0, 1, 0], [5 / scale, 0, 0, 1, 0], [0, 0, 0, 0, 1]]
    assert encoded.dtype == torch.float32
    torch.testing.assert_close(encoded[0], torch.tensor(expected))


def test_the_scale_comes_from_the_training_drawings_alone_and_longer_ones_are_cut():
    shape, encoding = fit_strokes("strokes", raw(CORNER, DOTS), "input", np.array([1]), DataSettings())
    assert shape == (2, 5) and encoding["scale"] == pytest.approx((25 / 2) ** 0.5) and encoding["cut"] == 1
    assert fit_strokes("s", raw(CORNER, DOTS), "input", np.array([0]), DataSettings(scaling="none"))[1]["scale"] == 1
    assert fit_strokes("s", raw(CORNER, DOTS), "input", np.array([0]), DataSettings(scaling="unit"))[1]["scale"] == 4


def test_drawings_come_back_as_they_were_each_as_long_as_it_is():
    values = raw(CORNER, DOTS)
    shape, encoding = fit_strokes("strokes", values, "input", np.array([0, 1]), DataSettings())
    back = decode_strokes(encoding, encode_strokes(encoding, shape, values.values))
    np.testing.assert_allclose(back[0], CORNER, atol=1e-6)
    np.testing.assert_allclose(back[1], DOTS, atol=1e-6)


def test_one_point_is_a_drawing_and_none_is_refused():
    shape, encoding = fit_strokes("strokes", raw([[0.0, 0.0, 1]]), "input", np.array([0]), DataSettings())
    assert shape == (1, 5) and encoding["scale"] == 1
    with pytest.raises(DataError, match="drawing 1 \\(counted from 0\\) has no point"):
        encode_strokes(encoding, shape, [CORNER, []])


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        ([[0.0, float("nan"), 0]], "missing or not finite"),
        ([[0.0, 1.0, 0.5]], "the pen at 0.5"),
        ([[0.0, 1.0]], r"\(points, 3\)"),
        ([["a", 1, 0]], "no array"),
    ],
)
def test_what_is_no_drawing_is_named(drawing, said):
    with pytest.raises(DataError, match=said):
        encode_strokes({"scale": 1.0}, (4, 5), [CORNER, drawing] if len(drawing[0]) == 3 else [drawing])


def test_batches_are_cut_to_their_longest_drawing_and_lengths_are_known():
    data = dg.load("strokes", options={"drawings": 60})
    lengths = data.lengths("train")
    short = data.members("train")[lengths.argsort()[:5]]
    assert data.read(short)["strokes"].shape[1] == int(lengths.sort().values[4]) < data.fields["strokes"].shape[0]


def test_arrays_of_points_are_drawings_when_that_is_said():
    drawings = [np.array(CORNER), np.array(DOTS)] * 10
    data = dg.load({"pen": drawings, "kind": ["corner", "dots"] * 10}, kinds={"pen": "strokes"})
    assert data.fields["pen"].kind == "strokes" and data.fields["pen"].shape == (3, 5)
    assert "strokes, up to 3 points of dx, dy and pen; offsets divided by" in str(data)
