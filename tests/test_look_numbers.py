"""What a user gets from `run.look(what="numbers")`."""

import re

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError, UnknownName

QUICK = {"threads": 1, "progress": False, "epochs": 1}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    network = [{"Conv2d": [2, 3]}, {"MaxPool2d": 2}, "Flatten", {"Linear": "outputs"}]
    return dg.train(network, "digits", out=tmp_path_factory.mktemp("numbers") / "digits", **QUICK)


def test_a_picture_is_shown_as_the_numbers_that_were_read(digits):
    seen = digits.look(what="numbers", unit=37)
    raw = digits.data.store.take(torch.tensor([digits.look().seen.example]), 0)["image"][0]
    assert np.array_equal(seen.values, np.asarray(raw, dtype=float).reshape(1, 8, 8))
    assert seen.place == (0, 4, 5) and seen.values.ravel()[37] == seen.values[seen.place]
    said = str(seen)
    assert (
        "1x8x8 = 64 numbers, from 0 to 1" in said
        and "number 37 of the flattened vector is channel 0, row 4, column 5" in said
    )
    assert "number = 64·channel + 8·row + column = 64·0 + 8·4 + 5 = 37" in said
    assert "the marked one is number 37" in " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", seen._repr_html_()))


def test_the_maps_of_a_layer_are_shown_in_the_order_in_which_flatten_takes_them(digits):
    seen = digits.look(what="numbers", layer="1", unit=10)
    flat = digits.look(what="numbers", layer="2", unit=10)
    assert seen.values.shape == (2, 3, 3) and flat.values.shape == (18,)  # pooled 3x3 maps become a vector
    assert seen.place == (1, 0, 1) and np.array_equal(seen.values.ravel(), flat.values)
    assert seen.to_dict()["value"] == flat.to_dict()["value"] and seen.to_dict()["place"] == [1, 0, 1]


def test_without_a_number_the_strongest_is_marked(digits):
    seen = digits.look(what="numbers", layer="0")
    assert abs(seen.values[seen.place]) == np.abs(seen.values).max()


def test_a_number_that_is_not_there_is_told(digits):
    with pytest.raises(SettingError, match=r"image has 64 numbers\. Take one from 0 to 63"):
        digits.look(what="numbers", unit=64)
    with pytest.raises(UnknownName, match="There is no layer 'pool'"):
        digits.look(what="numbers", layer="pool")


def test_of_a_large_picture_the_part_around_the_marked_number_is_drawn():
    from deepglass.report.pictures.array import array_picture

    values = np.arange(2 * 40 * 40.0).reshape(2, 40, 40)
    figure = array_picture(values, "large", 1600 + 40 * 20 + 30, ("channel", "row", "column"))
    drawn = [text.get_text() for panel in figure.subfigs[0].axes for text in panel.texts]
    assert "2430" not in drawn and "2.43e+03" in drawn and len(drawn) == 2 * 13 * 13
