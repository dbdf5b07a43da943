"""What a user gets from `dg.convolve`."""

import re

import numpy as np
import pytest

import deepglass as dg
from deepglass.errors import SettingError


def texts(svg: str) -> str:
    return " | ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def test_a_small_image_is_shown_with_numbers_who_sees_whom_and_the_matrix():
    found = dg.convolve("11100/01110/00111/00110/01100", "101/010/101", pixel=(0, 1))
    assert found.result.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]  # OR-10
    said = str(found)
    assert "= 1·1 + 1·0" not in said and "1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 0·0 + 1·1 = 4" in said
    assert (
        "pixels come under 1 to 9 weights" in said and "number 1 of the flattened image, touches 2 of 9 results" in said
    )
    assert (
        "as a matrix: 9x25, of whose 225 numbers 45 are not 0" in said
        and "where a slide writes (x, y), take row y" in said
    )
    drawn = texts(found._repr_html_())
    assert "touches 2 of 9 results" in drawn and "The same as one matrix: 9×25, 80 % zeros (white)" in drawn


def test_a_true_convolution_turns_the_kernel():
    plain, turned = dg.convolve("100/000/000", "12/34"), dg.convolve("100/000/000", "12/34", flip=True)
    assert plain.result[0, 0] == 1 and turned.result[0, 0] == 4 and "turned by 180 degrees" in str(turned)


def test_pooling_lets_one_pixel_of_each_window_through_and_a_shift_within_a_window_changes_nothing():
    found = dg.convolve("0000/9000/0000/0000", "max", shift=1)
    assert "as a matrix: 4x16" in str(found) and "4 of 16 pixels are let through" in str(found)
    assert "moved 1 column to the right: 4 of 4 results stay as they are" in str(found)
    assert "change of the result" in texts(found._repr_html_())
    beyond = dg.convolve("0000/0900/0000/0000", "max", shift=1)  # from one window into the next
    assert "2 of 4 results stay as they are" in str(beyond)


def test_a_convolution_moves_along_with_its_image():
    assert "moved along by 1, 30 of 30 are the same" in str(
        dg.convolve(np.arange(64).reshape(8, 8) ** 2 % 13, "sobel-x", shift=1)
    )


def test_settings_of_one_kernel_are_refused_where_all_are_tried_and_so_is_what_is_no_kernel():
    with pytest.raises(
        SettingError, match=r"size, stride, padding and the like go with one\. Name it: kernel='sobel-x'"
    ):
        dg.convolve("digit", padding=1)
    with pytest.raises(SettingError, match=r"stride=0 are counts of pixels from 1"):
        dg.convolve("digit", "blur", stride=0)
    with pytest.raises(SettingError, match=r"\[\[1, 2\], \[3\]\] is no kernel\. Give rows of as many numbers each"):
        dg.convolve("digit", [[1, 2], [3]])


def test_a_large_picture_has_no_matrix():
    found = dg.convolve(np.zeros((30, 40)), "blur")
    with pytest.raises(SettingError, match="Take an image of at most 400"):
        print(found.matrix)
    assert found.to_dict()["matrix"] is None and "as a matrix" not in str(found)
