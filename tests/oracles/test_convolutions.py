"""Worked examples with known answers: sizes, counts and borders of convolutional layers and networks."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.functional import jacobian

from deepglass.layers import (
    GlobalMaxPool,
    LocallyConnected1d,
    PaddedConv1d,
    PaddedConv2d,
    RotatedConv2d,
    TiledConv1d,
)
from deepglass.networks import build, calculator
from deepglass.networks.windows import Window


def with_weight(layer, numbers):
    """A layer with these numbers as its weight."""
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(numbers, dtype=torch.float32).reshape(layer.weight.shape))
    return layer


def rows(text):
    return [[float(c) for c in row] for row in text.split()]


def size(layer, n):
    return layer(torch.zeros(1, layer.in_channels, n, n)).shape[2:]


def test_a_filter_that_is_alike_from_all_sides_answers_alike_in_all_directions():  # OR-10
    image = torch.tensor(rows("11100 01110 00111 00110 01100"))[None, None]
    layer = with_weight(RotatedConv2d(1, 1, 3, bias=False), rows("101 010 101"))
    assert layer(image)[0, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_sizes_are_rounded_down_and_the_one_is_no_bias():  # OR-12: a slide has ceil((n + 2p - f + 1) / s + 1), one too many
    for n, p, f, s in itertools.product((6, 7, 10), range(3), range(1, 6), range(1, 5)):
        right = (n + 2 * p - f) // s + 1
        assert size(PaddedConv2d(1, 1, f, s, padding=p, bias=False), n) == (right, right)
        assert right == math.ceil((n + 2 * p - f + 1) / s) == Window(f, s, (p, p)).places(n)
    slide = math.ceil((6 - 3 + 1) / 1 + 1)
    assert slide == 5 and size(PaddedConv2d(1, 1, 3, padding="valid"), 6) == (4, 4)
    assert size(PaddedConv2d(1, 1, 3, padding=1), 7) == (7, 7)


def test_the_printed_call_without_padding_gives_62_and_read_by_a_later_keras_21():  # OR-12, OR-14: a slide has 64
    assert size(nn.Conv2d(3, 32, 3), 64) == (62, 62)
    assert size(PaddedConv2d(3, 32, 3, padding=1), 64) == (64, 64)
    assert size(nn.Conv2d(3, 32, 3, stride=3), 64) == (21, 21)
    read_later = calculator([{"Conv2d": [32, 3, 3]}], (3, 64, 64), 1)  # the third number is the stride
    assert read_later.output_shape == (32, 21, 21)


def test_filters_of_5_by_5_over_three_channels():  # OR-13
    six = calculator([{"Conv2d": [6, 5]}], (3, 32, 32), 1)
    assert six.parameters == 456 and six.output_shape == (6, 28, 28)
    ten = calculator([{"PaddedConv2d": {"out_channels": 10, "kernel_size": 5, "padding": 2}}], (3, 32, 32), 1)
    assert ten.parameters == 10 * (5 * 5 * 3 + 1) == 760 and ten.output_shape == (10, 32, 32)


def test_alexnet_layer_by_layer():  # OR-15: a slide has 456 outputs of the ninth layer, and its count proves 4,096
    found = calculator("alexnet", (3, 224, 224), 1000, variant="table")
    counts = [layer.parameters for layer in found.layers if layer.parameters]
    assert counts == [34_944, 614_656, 885_120, 1_327_488, 884_992, 37_752_832, 16_781_312, 4_097_000]
    assert sum(counts) == found.parameters == 62_378_344 and len(counts) == 8  # dropout is no layer with weights
    assert (6 * 6 * 256 + 1) * 456 != counts[5] == (6 * 6 * 256 + 1) * 4096
    shapes = [x.output_shape for x in found.layers if x.kind in ("Conv2d", "MaxPool2d", "Linear")]
    assert shapes == [
        *((96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13)),
        *((384, 13, 13), (384, 13, 13), (256, 13, 13), (256, 6, 6)),
        *((4096,), (4096,), (1000,)),
    ]


def test_alexnets_two_towers_make_it_the_one_of_60_million():  # OR-15
    found = calculator("alexnet", (3, 224, 224), 1000, variant="paper")
    counts = [layer.parameters for layer in found.layers if layer.parameters]
    assert counts[:5] == [34_944, 307_456, 885_120, 663_936, 442_624] and found.parameters == 60_965_224


def test_alexnets_poolings_have_no_padding():  # OR-15: a slide says that they have, which would give 28, 14 and 7
    def sizes(padding):
        return [nn.MaxPool2d(3, 2, padding=padding)(torch.zeros(1, 1, n, n)).shape[-1] for n in (55, 27, 13)]

    assert sizes(0) == [27, 13, 6] and sizes(1) == [28, 14, 7]
    assert [Window(3, 2, (0, 0)).places(n) for n in (55, 27, 13)] == sizes(0)


def test_relu_before_or_after_pooling_is_the_same():  # OR-15
    x = torch.randn(1, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    pool = nn.MaxPool2d(3, 2)
    assert torch.equal(pool(x).relu(), pool(x.relu()))


def test_vgg16_has_13_convolutions_and_3_dense_layers():  # OR-16: a slide says 16 convolutions
    found = calculator("vgg16", (3, 224, 224), 1000)
    kinds = [layer.kind for layer in found.layers if layer.parameters]
    assert kinds == ["Conv2d"] * 13 + ["Linear"] * 3
    assert sum(x.parameters for x in found.layers if x.kind == "Conv2d") == 14_714_688
    assert found.parameters == 138_357_544
    assert [x.output_shape for x in found.layers if x.kind == "MaxPool2d"][-1] == (512, 7, 7)


def test_a_convolution_is_a_matrix_with_few_numbers_that_repeat():  # OR-19
    layer = with_weight(PaddedConv1d(1, 1, 3, bias=False), [1.0, 2.0, 3.0])
    matrix = jacobian(lambda x: layer(x[None, None])[0, 0], torch.zeros(5))
    assert matrix.tolist() == [[2, 3, 0, 0, 0], [1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3], [0, 0, 0, 1, 2]]
    assert (matrix != 0).sum() == 13 and len(set(matrix[matrix != 0].tolist())) == 3 and matrix.numel() == 25
    assert (matrix[:, 2] != 0).sum() == 3  # the third input reaches three outputs, of a dense layer all five
    x = torch.arange(1.0, 6)
    assert torch.equal(layer(x[None, None])[0, 0], matrix @ x)
    assert (matrix @ x).tolist() == [8, 14, 20, 26, 14]


def test_shared_tiled_and_unshared_kernels_have_3_6_and_24_weights():  # OR-19: 8 places
    def weights(layer):
        assert layer(torch.zeros(1, 1, 10)).shape[-1] == 8
        return sum(p.numel() for p in layer.parameters())

    assert weights(nn.Conv1d(1, 1, 3, bias=False)) == 3
    assert weights(LocallyConnected1d((1, 10), 1, 3, bias=False)) == 24
    assert [weights(TiledConv1d(1, 1, 3, tiles=t, bias=False)) for t in (1, 2, 8)] == [3, 6, 24]


def test_borders_in_a_mirror_and_of_a_constant():  # OR-20: the two question marks of the slide are zeros
    x = torch.tensor(rows("143 065 279"))[None, None]
    mirror = with_weight(PaddedConv2d(1, 1, 1, padding=(1, 2), padding_mode="reflect", bias=False), [1.0])
    assert mirror(x)[0, 0].tolist() == rows("5606560 3414341 5606560 9727972 5606560")
    constant = PaddedConv2d(1, 1, 1, padding=(1, 2), padding_mode="constant", value=-1, bias=False)
    bordered = with_weight(constant, [1.0])(x)[0, 0]
    assert bordered.shape == (5, 7)
    assert bordered[0].tolist() == [-1] * 7  # a slide loses one c in each row of the border
    assert bordered[1].tolist() == [-1, -1, 1, 4, 3, -1, -1]


@pytest.mark.parametrize(
    ("padding", "mode", "first_row", "side"),
    [
        ("valid", "zeros", [1, 2, 3, 3, 2, 1], 4),
        ("same", "zeros", [4, 6, 6, 6, 6, 4], 6),
        ("full", "zeros", [9] * 6, 8),
        ("same", "circular", [9] * 6, 6),
    ],
)
def test_how_often_each_pixel_is_seen(padding, mode, first_row, side):  # OR-21
    layer = with_weight(PaddedConv2d(1, 1, 3, padding=padding, padding_mode=mode, bias=False), [1.0] * 9)
    x = torch.zeros(1, 1, 6, 6, requires_grad=True)
    y = layer(x)
    assert y.shape[2:] == (side, side)
    (seen,) = torch.autograd.grad(y.sum(), x)
    assert seen[0, 0, 0].tolist() == first_row and seen.max() == 9
    assert bool((seen == 9).all()) == (first_row == [9] * 6)


def test_with_a_stride_sizes_are_rounded_down():  # OR-21
    sizes = [size(PaddedConv2d(1, 1, 3, s, padding=p), 6)[0] for s, p in ((1, 0), (2, 0), (1, 1), (1, 2))]
    assert sizes == [4, 2, 6, 8]


def test_a_shifted_image_gives_a_shifted_map():  # OR-23
    random = np.random.default_rng(1)
    x = np.zeros((12, 12))
    x[3:7, 3:7] = random.normal(size=(4, 4))
    layer = with_weight(nn.Conv2d(1, 1, 3, bias=False).double(), random.normal(size=(3, 3)).tolist())

    def maps(image):
        return layer(torch.tensor(image)[None, None])[0, 0].detach().numpy()

    shift = {"shift": (2, 1), "axis": (0, 1)}
    assert np.array_equal(maps(np.roll(x, **shift)), np.roll(maps(x), **shift))


@pytest.mark.parametrize("pooling", [["GlobalMaxPool"], [{"AdaptiveMaxPool2d": 3}, "Flatten"]])
def test_pooling_to_one_size_takes_images_of_any(pooling):  # OR-24
    network = build([{"Conv2d": [4, 3]}, "ReLU", *pooling, {"Linear": 10}], inputs=(1, 28, 28))
    assert {network(torch.randn(2, 1, h, w)).shape for h, w in ((28, 28), (40, 36), (17, 60))} == {(2, 10)}


def test_adaptive_pooling_leaves_as_many_parameters_whatever_the_image():  # OR-24
    layers = [{"Conv2d": [4, 3]}, "ReLU", {"AdaptiveMaxPool2d": 3}, "Flatten", {"Linear": "outputs"}]
    assert {calculator(layers, (1, *size), 10).parameters for size in ((28, 28), (40, 36), (17, 60))} == {40 + 370}


def test_a_pattern_is_found_wherever_it_is():  # OR-23: exactly, where pooling goes over the whole map
    layer = nn.Sequential(nn.Conv2d(1, 3, 3), GlobalMaxPool())
    x = torch.zeros(1, 1, 12, 12)
    x[0, 0, 3:6, 3:6] = torch.randn(3, 3, generator=torch.Generator().manual_seed(0)).abs()
    assert torch.equal(layer(x), layer(x.roll((2, 4), dims=(2, 3))))
