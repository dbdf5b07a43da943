"""An ordinary JPEG takes a short way, and gives the same pixels as Pillow does."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from deepglass.data.readers import picture
from deepglass.data.readers.picture import MOST_PIXELS, read_picture
from deepglass.data.readers.plain_jpeg import decode_plain_jpeg
from deepglass.errors import DataError


def jpeg(width=20, height=12, mode="RGB", seed=0, **options):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, "JPEG", **options)
    return file.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    mode=st.sampled_from(["RGB", "L"]),
    quality=st.integers(5, 100),
    progressive=st.booleans(),
    subsampling=st.integers(0, 2),
    grey=st.sampled_from([None, True, False]),
    seed=st.integers(0, 1000),
)
def test_pixels_and_look_are_those_of_the_long_way(width, height, mode, quality, progressive, subsampling, grey, seed):
    data = jpeg(width, height, mode, seed, quality=quality, progressive=progressive, subsampling=subsampling)
    assert decode_plain_jpeg(data, "a.jpg", MOST_PIXELS) is not None
    short, seen = read_picture(data, "a.jpg", grey=grey)
    long, looked = read_picture(data, "a.jpe", grey=grey)  # an ending that is left to Pillow
    assert decode_plain_jpeg(data, "a.jpe", MOST_PIXELS) is None
    np.testing.assert_array_equal(short, long)
    assert seen == looked


@pytest.mark.parametrize(
    "data",
    [jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"), jpeg(mode="CMYK"), jpeg()[:300], jpeg()[:6], b"\xff\xd8\xff"],
    ids=["EXIF", "CMYK", "broken off", "head alone", "start alone"],
)
def test_what_is_out_of_the_ordinary_is_left_to_pillow(data):
    assert decode_plain_jpeg(data, "a.jpg", MOST_PIXELS) is None


def test_another_size_or_too_many_pixels_are_not_decoded():
    assert decode_plain_jpeg(jpeg(20, 12), "a.jpg", MOST_PIXELS, (12, 20)) is not None
    assert decode_plain_jpeg(jpeg(20, 12), "a.jpg", MOST_PIXELS, (20, 12)) is None
    assert decode_plain_jpeg(jpeg(20, 12), "a.jpg", 239) is None


def test_damage_is_found_on_the_short_way_as_well():
    data = bytearray(jpeg(64, 64, quality=95))
    middle = data.find(b"\xff\xda") + 500
    data[middle : middle + 2] = b"\xff\xc0"
    with pytest.raises(DataError, match=r"a\.jpg: the JPEG is damaged at byte"):
        read_picture(bytes(data), "a.jpg")


def test_an_ordinary_picture_takes_the_short_way(monkeypatch):
    monkeypatch.setattr(picture, "_open", None)
    assert read_picture(jpeg(), "a.jpg", size=(12, 20))[0].shape == (3, 12, 20)
