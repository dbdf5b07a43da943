"""Worked examples with known answers: sizes of maps, kernels as matrices, and who sees what."""

import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from deepglass.networks import calculator
from deepglass.networks.windows import Window

F64 = torch.float64


def out(size, kernel, stride=1, padding=0):
    return Window(kernel, stride, (padding, padding)).places(size)


def test_the_size_rule_counts_the_places_of_a_kernel():  # OR-12
    for n, p, f, s in itertools.product(range(3, 40), range(3), range(1, 6), range(1, 5)):
        if n + 2 * p >= f:
            assert out(n, f, s, p) == math.ceil((n + 2 * p - f + 1) / s) == len(range(0, n + 2 * p - f + 1, s))
    assert out(7, 3, 1, 1) == 7 and out(6, 3) == 4 and out(64, 3, 1, 1) == 64 and out(64, 3) == 62


@pytest.mark.parametrize(("n", "p", "f", "s", "printed", "right"), [(6, 0, 3, 1, 5, 4), (7, 1, 3, 1, 8, 7)])
def test_the_formula_of_a_slide_is_one_too_many(
    n, p, f, s, printed, right
):  # OR-12, errata 1 and 9: the 1 is added outside
    assert math.ceil((n + 2 * p - f + 1) / s + 1) == printed
    assert out(n, f, s, p) == right


def test_kernels_of_5_by_5_on_colour_images():  # OR-13
    six = calculator([{"Conv2d": [6, 5]}], (3, 32, 32), 1)
    assert six.output_shape == (6, 28, 28) and six.parameters == 456
    ten = calculator([{"Conv2d": {"out_channels": 10, "kernel_size": 5, "padding": 2}}], (3, 32, 32), 1)
    assert ten.output_shape == (10, 32, 32) and ten.parameters == 760 == 10 * (5 * 5 * 3 + 1)


def test_three_numbers_of_an_old_call_would_make_the_last_one_the_stride():  # OR-14, errata 12
    assert calculator([{"Conv2d": [32, 3, 3]}], (3, 64, 64), 1).output_shape == (32, 21, 21)
    assert calculator([{"Conv2d": [32, 3]}], (3, 64, 64), 1).output_shape == (32, 62, 62)  # where a slide has 64


def test_overlapping_pooling_of_the_large_maps_has_no_padding():  # OR-15, errata 38
    assert [out(55, 3, 2), out(27, 3, 2), out(13, 3, 2)] == [27, 13, 6]
    assert [out(55, 3, 2, 1), out(27, 3, 2, 1), out(13, 3, 2, 1)] == [28, 14, 7]
    x = torch.randn(1, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    assert_close(F.max_pool2d(x, 3, 2).relu(), F.max_pool2d(x.relu(), 3, 2))  # ReLU after pooling or before it


def test_a_convolution_is_a_matrix_of_few_repeated_numbers():  # OR-19
    kernel = torch.tensor([[[1.0, 2.0, 3.0]]], dtype=F64)
    matrix = F.conv1d(torch.eye(5, dtype=F64)[:, None], kernel, padding=1)[:, 0].T
    assert matrix.tolist() == [[2, 3, 0, 0, 0], [1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3], [0, 0, 0, 1, 2]]
    assert (matrix[:, 2] != 0).sum() == 3 and (matrix != 0).sum() == 13 and matrix.numel() == 25
    x = torch.arange(1.0, 6, dtype=F64)
    assert_close(matrix @ x, F.conv1d(x[None, None], kernel, padding=1)[0, 0])


def coverage(size, kernel, padding, mode="constant"):
    """In how many places of the kernel each pixel is seen: the gradient of the sum of a map whose kernel is all 1."""
    x = torch.zeros(1, 1, size, size, dtype=F64, requires_grad=True)
    F.conv2d(F.pad(x, (padding,) * 4, mode=mode), torch.ones(1, 1, kernel, kernel, dtype=F64)).sum().backward()
    return x.grad[0, 0]


def test_only_full_or_circular_padding_lets_every_pixel_be_seen_as_often():  # OR-21
    assert coverage(6, 3, 0)[0].tolist() == [1, 2, 3, 3, 2, 1] and coverage(6, 3, 0).max() == 9
    assert coverage(6, 3, 1)[0].tolist() == [4, 6, 6, 6, 6, 4]
    assert (coverage(6, 3, 2) == 9).all() and (coverage(6, 3, 1, "circular") == 9).all()
    assert [out(6, 3), out(6, 3, 2), out(6, 3, 1, 1), out(6, 3, 1, 2)] == [4, 2, 6, 8]


def test_a_shifted_image_gives_a_shifted_map():  # OR-23
    random = torch.Generator().manual_seed(1)
    x = torch.zeros(1, 1, 12, 12, dtype=F64)
    x[:, :, 3:7, 3:7] = torch.randn(4, 4, generator=random, dtype=F64)
    convolution = nn.Conv2d(1, 2, 3, bias=False).double()
    assert_close(convolution(x.roll((2, 1), (2, 3))), convolution(x).roll((2, 1), (2, 3)))


def test_adaptive_pooling_takes_images_of_any_size():  # OR-24
    for height, width in ((28, 28), (40, 36), (17, 60)):
        layers = [{"Conv2d": [4, 3]}, "ReLU", {"AdaptiveMaxPool2d": 3}, "Flatten", {"Linear": "outputs"}]
        found = calculator(layers, (1, height, width), 10)
        assert found.output_shape == (10,) and found.parameters == 40 + 370
