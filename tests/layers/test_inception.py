import pytest
import torch
from torch import nn

from deepglass.layers import Inception
from deepglass.networks import build, summary


def test_branches_stand_side_by_side_and_keep_the_size():
    block = Inception(3, 4, (5, 6), (2, 3), 7).eval()
    x = torch.randn(2, 3, 9, 7)
    y = block(x)
    assert y.shape == (2, 4 + 6 + 3 + 7, 9, 7) and block.out_channels == 20
    assert torch.equal(y[:, :4], block.branch1(x)) and torch.equal(y[:, 4:10], block.branch2(x))
    assert torch.equal(y[:, 10:13], block.branch3(x)) and torch.equal(y[:, 13:], block.branch4(x))
    assert [block.branch3[1].conv.kernel_size, block.branch4[0].kernel_size] == [(5, 5), 3]


def test_with_batch_norm_convolutions_have_no_bias():
    block = Inception(3, 4, (5, 6), (2, 3), 7, batch_norm=True)
    assert all(m.bias is None for m in block.modules() if isinstance(m, nn.Conv2d))
    assert sum(isinstance(m, nn.BatchNorm2d) for m in block.modules()) == 6


@pytest.mark.parametrize(("wide_kernel", "parameters"), [(5, 163_696), (3, 163_696 - 16 * 32 * 16)])
def test_the_first_block_of_googlenet_has_159_k_parameters(wide_kernel, parameters):  # of 1,024, as the paper counts
    block = {"one": 64, "three": [96, 128], "five": [16, 32], "pooled": 32, "wide_kernel": wide_kernel}
    network = build([{"Inception": block}], inputs=(192, 28, 28))
    found = summary(network, inputs=(192, 28, 28))
    assert found.parameters == parameters
    assert 163_696 // 1024 == 159 and found.output_shape == (256, 28, 28)
