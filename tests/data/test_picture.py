"""One picture, from bytes to pixels: every kind by the rule that the file states."""

import io

import numpy as np
import pytest
from drawn_pictures import encoded, pixels
from PIL import Image

from deepglass.data.readers.picture import read_picture
from deepglass.errors import DataError


def read(data, **options):
    array, look = read_picture(data, "x.png", **options)
    return array, look


def saved(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "JPEG", "GIF"])
def test_every_format_is_told_by_content(kind):
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    array, look = read(encoded(pixels(3, height=8, width=8), kind, **options), grey=False)
    np.testing.assert_allclose(array.transpose(1, 2, 0).astype(int), pixels(3).astype(int), atol=4)
    assert (f"read as {kind}, which is what it holds" in look.done) == (kind != "PNG")


def test_grey_stays_grey_and_may_become_rgb():
    grey = pixels(1, channels=1)
    array, look = read(encoded(grey))
    assert look.grey
    np.testing.assert_array_equal(array, grey[None])
    np.testing.assert_array_equal(read(encoded(grey), grey=False)[0], np.stack([grey] * 3))


def test_one_bit_is_black_and_white():
    array, look = read(saved(Image.fromarray(pixels(1, channels=1) > 128)))
    assert look.grey
    np.testing.assert_array_equal(array[0], np.where(pixels(1, channels=1) > 128, 255, 0))


def test_a_palette_becomes_rgb():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    array, look = read(saved(image))
    assert array[:, 0, 0].tolist() == [10, 20, 30]
    assert look.done == ("palette turned into RGB",)


def test_cmyk_becomes_rgb():
    array, look = read(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"))
    assert array[:, 0, 0].tolist() == [255, 0, 0]
    assert "CMYK turned into RGB" in look.done


def test_sixteen_bits_keep_their_high_byte():
    deep = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000
    array, look = read(encoded(deep))
    np.testing.assert_array_equal(array[0], deep // 256)
    assert look.done == ("16 bits cut to the high 8",)


@pytest.mark.parametrize("alpha, expected", [(0, 255), (255, 0), (128, 127)])
def test_alpha_is_laid_on_white(alpha, expected):
    array, look = read(saved(Image.new("RGBA", (4, 4), (0, 0, 0, alpha))))
    assert array[:, 0, 0].tolist() == [expected] * 3
    assert look.done == ("alpha laid on white",)
    assert read(saved(Image.new("LA", (4, 4), (0, alpha))))[0][:, 0, 0].tolist() == [expected]


def test_a_transparent_colour_of_a_palette_is_laid_on_white():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert read(saved(image, transparency=1))[0][:, 0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_picture_is_turned_upright_as_exif_says(orientation, depth):
    upright = pixels(1, height=6, width=10, channels=1).astype(depth) * (1 if depth == np.uint8 else 256)
    back = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.T,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a.T[::-1, ::-1],
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(back[orientation](upright))
    array, look = read(saved(Image.fromarray(stored), exif=exif))
    np.testing.assert_array_equal(array[0], pixels(1, height=6, width=10, channels=1))
    assert look.size == (6, 10)
    assert ("turned upright as EXIF says" in look.done) == (orientation > 1)


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.fromarray(pixels(i)) for i in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    array, look = read(out.getvalue())
    np.testing.assert_array_equal(array.transpose(1, 2, 0), pixels(0))
    assert "first frame of several" in look.done


@pytest.mark.parametrize("height, width, box", [(8, 16, (4, 0, 12, 8)), (16, 8, (0, 4, 8, 12)), (8, 8, (0, 0, 8, 8))])
def test_the_shorter_side_is_scaled_and_the_centre_cut_out(height, width, box):
    whole = Image.fromarray(pixels(2, height=height, width=width))
    expected = np.asarray(whole.crop(box).resize((4, 4), Image.Resampling.BILINEAR))
    array, _ = read(saved(whole), size=(4, 4))
    np.testing.assert_allclose(array.transpose(1, 2, 0).astype(int), expected.astype(int), atol=1)  # one rounding


def test_a_large_jpeg_is_scaled_close_to_what_its_pixels_say():
    whole = Image.fromarray(pixels(2, height=400, width=400))
    array, _ = read_picture(saved(whole, "JPEG", quality=95), "x.jpg", size=(32, 32))
    expected = np.asarray(whole.resize((32, 32), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    assert np.abs(array.astype(int) - expected.astype(int)).mean() < 3


@pytest.mark.parametrize("byte", range(8, 400, 7))
def test_no_flipped_bit_of_a_png_passes_unnoticed(byte):
    data = bytearray(encoded(pixels(1, height=16, width=16)))
    data[byte % len(data)] ^= 1
    with pytest.raises(DataError, match=r"x\.png"):
        read(bytes(data))
