import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from deepglass.errors import SettingError
from deepglass.layers import BasicBlock, Bottleneck, PaddedShortcut, ResidualDense
from deepglass.networks import build

F64 = torch.float64


def normed(x, bn):
    """Batch norm by its definition, of one batch."""
    mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), unbiased=False, keepdim=True)
    scaled = (x - mean) / (variance + bn.eps).sqrt()
    return scaled * bn.weight[:, None, None] + bn.bias[:, None, None]


def drawn(block, *shape):
    """The block in double precision with random weights everywhere, and an input for it."""
    random = torch.Generator().manual_seed(0)
    block = block.double().train()
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random, dtype=F64))
    return block, torch.randn(shape, generator=random, dtype=F64)


def test_the_original_block_is_relu_of_shortcut_and_branch():
    block, x = drawn(BasicBlock(3, 4, stride=2), 5, 3, 7, 6)
    inside = normed(F.conv2d(x, block.conv1.weight, stride=2, padding=1), block.bn1).relu()
    branch = normed(F.conv2d(inside, block.conv2.weight, padding=1), block.bn2)
    shortcut = normed(F.conv2d(x, block.downsample[0].weight, stride=2), block.downsample[1])
    assert_close(block(x), (shortcut + branch).relu())


def test_a_block_that_keeps_the_size_hands_its_input_on():
    block, x = drawn(BasicBlock(3, 3), 5, 3, 4, 4)
    inside = normed(F.conv2d(x, block.conv1.weight, padding=1), block.bn1).relu()
    branch = normed(F.conv2d(inside, block.conv2.weight, padding=1), block.bn2)
    assert block.downsample is None
    assert_close(block(x), (x + branch).relu())


def test_with_preactivation_the_sum_is_passed_on_and_a_projection_begins_after_the_first_relu():
    block, x = drawn(BasicBlock(3, 4, stride=2, preactivation=True), 5, 3, 6, 6)
    begun = normed(x, block.bn1).relu()
    inside = normed(F.conv2d(begun, block.conv1.weight, stride=2, padding=1), block.bn2).relu()
    shortcut = F.conv2d(begun, block.downsample[0].weight, stride=2)
    assert_close(block(x), shortcut + F.conv2d(inside, block.conv2.weight, padding=1))


def test_behind_a_stem_nothing_is_activated_twice():
    block, x = drawn(BasicBlock(3, 3, preactivation=True, activated=True), 5, 3, 6, 6)
    inside = normed(F.conv2d(x, block.conv1.weight, padding=1), block.bn2).relu()
    assert_close(block(x), x + F.conv2d(inside, block.conv2.weight, padding=1))


def test_a_bottleneck_has_its_stride_in_the_3x3_convolution_and_gives_four_times_its_width():
    block = Bottleneck(8, 2, stride=2)
    assert [tuple(c.weight.shape) for c in (block.conv1, block.conv2, block.conv3)] == [
        (2, 8, 1, 1),
        (2, 2, 3, 3),
        (8, 2, 1, 1),
    ]
    assert [c.stride[0] for c in (block.conv1, block.conv2, block.conv3)] == [1, 2, 1]
    assert block(torch.randn(2, 8, 5, 5)).shape == (2, 8, 3, 3)


def test_a_padded_shortcut_takes_every_other_pixel_and_adds_channels_of_zeros():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    found = PaddedShortcut(1, 3, stride=2)(x)
    assert found[0].tolist() == [[[0, 2], [8, 10]], [[0, 0], [0, 0]], [[0, 0], [0, 0]]]
    assert not list(BasicBlock(3, 6, stride=2, shortcut="padding").downsample.parameters())


@pytest.mark.parametrize("preactivation", [False, True])
def test_a_block_that_starts_at_zero_starts_as_its_shortcut_and_learns(preactivation):
    block = BasicBlock(3, 3, zero_start=True, preactivation=preactivation)
    x = torch.rand(4, 3, 5, 5)  # not below 0, so that the last ReLU leaves it
    assert_close(block(x), x)
    block(x).square().sum().backward()
    last = block.conv2 if preactivation else block.bn2
    assert last.weight.grad.abs().max() > 0


def test_without_skip_a_block_is_plain():
    block, x = drawn(BasicBlock(3, 4, stride=2, skip=False), 5, 3, 6, 6)
    inside = normed(F.conv2d(x, block.conv1.weight, stride=2, padding=1), block.bn1).relu()
    assert_close(block(x), normed(F.conv2d(inside, block.conv2.weight, padding=1), block.bn2).relu())


def test_blocks_can_stand_in_a_list_of_layers():
    layers = [
        {"BasicBlock": {"width": 4, "stride": 2}},
        {"Bottleneck": 3},
        "Flatten",
        {"ResidualDense": {}},
        {"Linear": 2},
    ]
    network = build(layers, inputs=(3, 8, 8))
    assert network[0].conv1.in_channels == 3 and network[1].conv1.in_channels == 4
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 2)


def test_shortcuts_that_cannot_be_are_refused():
    with pytest.raises(SettingError, match=r"shortcut='zeros' does not exist. Choose one of 'projection', 'padding'"):
        BasicBlock(3, 4, shortcut="zeros")
    with pytest.raises(SettingError, match=r"adds channels, and here 8 become 4. Use shortcut='projection'"):
        BasicBlock(8, 4, shortcut="padding")


def test_a_dense_block_starts_as_relu_of_its_input_and_adds_what_it_learns():
    block, x = ResidualDense(4), torch.randn(3, 4)
    assert_close(block(x), x.relu())
    nn.init.normal_(block.second.weight)
    first = F.linear(x, block.first.weight, block.first.bias).relu()
    second = F.linear(first, block.second.weight, block.second.bias)
    assert_close(block(x), (x + second).relu())
    block.skip = False
    assert_close(block(x), second.relu())
