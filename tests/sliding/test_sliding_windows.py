"""What a user gets from a window that slides over an image."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.functional import jacobian

from deepglass.errors import DataError, SettingError, ShapeError, UnknownName
from deepglass.layers import PaddedConv2d
from deepglass.sliding import KERNELS, image_of, kernel_of, slide

IMAGE = np.random.default_rng(0).integers(0, 9, size=(6, 7)).astype(float)
KERNEL = np.random.default_rng(1).integers(-3, 4, size=(3, 2)).astype(float)


def by_torch(layer: nn.Module, image: np.ndarray) -> np.ndarray:
    return layer(torch.tensor(image)[None, None])[0, 0].detach().numpy()


@pytest.mark.parametrize(
    ("padding", "mode"),
    [
        *itertools.product((0, 1, (1, 1), "valid", "full"), ("zeros",)),
        *itertools.product(("same", 1), ("reflect", "replicate", "circular")),
    ],
)
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_convolution_is_that_of_the_layer(padding, mode, stride):
    layer = PaddedConv2d(1, 1, (3, 2), stride, padding=padding, padding_mode=mode, bias=False).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(KERNEL)[None, None])
    found = slide(IMAGE, KERNEL, stride=stride, padding=1 if padding == (1, 1) else padding, padding_mode=mode)
    assert np.allclose(found.result, by_torch(layer, IMAGE))
    slopes = jacobian(lambda x: layer(x[None, None])[0, 0], torch.tensor(IMAGE)).reshape(found.result.size, -1)
    assert np.allclose(found.matrix, slopes.numpy())


@pytest.mark.parametrize(
    ("size", "stride", "padding", "ceil"), [(2, 2, 0, True), (3, 2, 0, False), (3, 2, 1, True), (2, 3, 0, True)]
)
def test_the_largest_of_each_window_is_that_of_the_layer_and_a_slope_goes_back_to_it_alone(size, stride, padding, ceil):
    image = np.random.default_rng(2).permutation(42).reshape(6, 7) + 1.0  # no two alike
    layer = nn.MaxPool2d(size, stride, padding, ceil_mode=ceil)
    found = slide(image, "max", size=size, stride=stride, padding=padding, ceil=ceil)
    assert np.array_equal(found.result, by_torch(layer, image))
    x = torch.tensor(image, requires_grad=True)
    layer(x[None, None]).sum().backward()
    assert np.array_equal(found.let_through, x.grad.numpy())


@pytest.mark.parametrize("pooling", ["max", "mean", "norm"])
def test_a_pooling_is_a_matrix_times_its_own_image(pooling):
    found = slide(IMAGE, pooling, size=3, stride=2, ceil=True)
    assert np.allclose(found.matrix @ IMAGE.ravel(), found.result.ravel())


def test_windows_that_stick_out_are_kept_only_when_asked_for():  # 5x5 to 3x3, which a printed call makes 2x2
    image = image_of("00000/01000/00010/01110/00000")
    assert slide(image, "max", size=2, stride=2).result.shape == (2, 2)
    found = slide(image, "max", size=2, stride=2, ceil=True)
    assert found.result.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]] and found.sticking_out == 5


@pytest.mark.parametrize(
    ("padding", "mode", "first_row"),
    [
        ("valid", "zeros", [1, 2, 3, 3, 2, 1]),
        ("same", "zeros", [4, 6, 6, 6, 6, 4]),
        ("full", "zeros", [9] * 6),
        ("same", "circular", [9] * 6),
    ],
)
def test_how_often_each_pixel_is_seen(padding, mode, first_row):  # OR-21
    seen = slide(np.zeros((6, 6)), np.ones((3, 3)), padding=padding, padding_mode=mode).seen
    assert seen[0].tolist() == first_row and seen.max() == 9


def test_one_row_makes_the_matrix_of_the_course_and_the_third_number_touches_three_results():  # OR-19
    found = slide(image_of("1 2 3 4 5"), kernel_of("1 2 3"), padding="same")
    assert found.matrix.tolist() == [
        [2, 3, 0, 0, 0],
        [1, 2, 3, 0, 0],
        [0, 1, 2, 3, 0],
        [0, 0, 1, 2, 3],
        [0, 0, 0, 1, 2],
    ]
    assert found.result.tolist() == [[8, 14, 20, 26, 14]]
    assert found.touched(0, 2).tolist() == [[False, True, True, True, False]]


def test_of_four_pixels_one_kernel_tells_both_diagonals_apart_by_the_sign():
    signs = {
        keys: np.sign(slide(image_of(keys), kernel_of("1 -1/-1 1")).result.item())
        for keys in ("10/01", "01/10", "11/11")
    }
    assert signs == {"10/01": 1, "01/10": -1, "11/11": 0}


def test_kernels_of_edges_see_nothing_in_an_even_picture_and_the_others_leave_it_as_it_is():
    even = np.full((4, 4), 7.0)
    for name in KERNELS:
        expected = 0.0 if name in ("sobel-x", "sobel-y", "laplace") else 7.0
        assert np.allclose(slide(even, kernel_of(name)).result, expected), name


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: slide(IMAGE, np.ones((9, 2))), ShapeError, "A window of 9x2 does not fit an image of 6x7"),
        (lambda: slide(IMAGE, KERNEL, padding="half"), SettingError, "padding='half' is no padding"),
        (lambda: slide(IMAGE, KERNEL, padding_mode="mirror"), SettingError, "'mirror' does not exist"),
        (
            lambda: slide(IMAGE, KERNEL, padding=6, padding_mode="reflect"),
            SettingError,
            "6x7 is too small for a border of 6",
        ),
        (lambda: slide(IMAGE, "max", size=2, stride=1, padding=3), SettingError, "without any number to pool"),
        (lambda: slide(IMAGE, "least"), UnknownName, "no way to pool 'least'"),
        (lambda: slide(IMAGE, KERNEL).touched(6, 0), SettingError, "no pixel in row 6, column 0 of 6x7"),
        (lambda: kernel_of("sobelx"), UnknownName, "Did you mean 'sobel-x'"),
        (lambda: kernel_of(np.ones(3)), SettingError, "A kernel has rows and columns"),
        (lambda: image_of("111/00"), DataError, "have 3, 2 numbers"),
        (lambda: image_of("photos"), DataError, "Did you mean 'photo'"),
        (lambda: image_of("1-/00"), DataError, "holds something that is no number"),
        (lambda: image_of(np.ones((3, 4, 4))), DataError, "Take a channel"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_file_that_is_no_picture_is_told(tmp_path):
    path = tmp_path / "mine.png"
    path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="cannot be read as a picture"):
        image_of(path)
