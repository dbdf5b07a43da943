import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from deepglass.errors import ShapeError
from deepglass.layers import BasicBlock
from deepglass.networks import build, calculator, summary
from deepglass.networks.windows import Window


def told(layer, shape):
    """What the summary says of a network of one layer."""
    return summary(nn.Sequential(layer), inputs=shape).sizes().partition("  ")[2]


@pytest.mark.parametrize(
    ("layer", "shape", "rule"),
    [
        (
            nn.Conv2d(3, 64, 7, stride=2, padding=3),
            (3, 224, 224),
            "64 kernels of 3x7x7: floor((224 + 2*3 - 7) / 2) + 1 = 112",
        ),
        (nn.Conv2d(3, 2, 3), (3, 9, 6), "2 kernels of 3x3x3: floor((9 - 3) / 1) + 1 = 7, floor((6 - 3) / 1) + 1 = 4"),
        (
            nn.Conv1d(4, 6, 3, dilation=2, groups=2),
            (4, 9),
            "6 kernels of 2x3 in 2 groups: floor((9 - 2*(3 - 1) - 1) / 1) + 1 = 5",
        ),
        (nn.Conv2d(1, 1, 4, padding="same"), (1, 5, 5), "1 kernel of 1x4x4: floor((5 + 1 + 2 - 4) / 1) + 1 = 5"),
        (nn.MaxPool2d(3, 2, ceil_mode=True), (1, 6, 6), "windows of 3x3: ceil((6 - 3) / 2) + 1 = 3"),
        (nn.LPPool1d(2, 2), (1, 7), "windows of 2: floor((7 - 2) / 2) + 1 = 3"),
        (nn.AdaptiveAvgPool2d((2, 3)), (1, 9, 9), "windows of any size: always 2x3"),
        (nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1), (2, 5, 5), "3 kernels of 2x4x4: (5 - 1)*2 - 2*1 + 4 = 10"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
@pytest.mark.filterwarnings("ignore:Using padding=.same.:UserWarning")
def test_the_size_of_a_map_is_explained_with_its_numbers(layer, shape, rule):
    assert told(layer, shape) == rule


def test_places_are_those_that_torch_finds():
    for size, kernel, stride, padding, dilation in itertools.product((5, 8, 11), (1, 2, 3), (1, 2, 3), (0, 1), (1, 2)):
        for ceil in (False, True):
            if padding > kernel // 2:
                continue
            found = F.max_pool1d(torch.zeros(1, 1, size), kernel, stride, padding, dilation, ceil_mode=ceil)
            assert Window(kernel, stride, (padding, padding), dilation, ceil).places(size) == found.shape[2]


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            nn.Sequential(
                nn.Conv2d(3, 8, 3, stride=4), nn.Sequential(BasicBlock(8, 8), nn.Conv2d(8, 4, 5, dilation=2))
            ),
            r"The 5x5 kernel of layer 1\.1 \(Conv2d\) does not fit what arrives, 8x4x5: it reaches over 9 where there are 4\. Use",
        ),
        (
            nn.Sequential(nn.Conv2d(3, 8, 3, 4), nn.MaxPool2d(7, padding=1)),
            r"layer 1 \(MaxPool2d\) .* 8x4x5 with a padding of 1: it is 7",
        ),
        (nn.Sequential(nn.AvgPool2d(2, stride=0)), r"Layer 0 \(AvgPool2d\) has a stride of 0\. Give 1 or more"),
    ],
)
def test_a_map_that_is_smaller_than_a_kernel_is_told_before_training_with_the_layers_name(network, message):
    with pytest.raises(ShapeError, match=message):
        summary(network, inputs=(3, 17, 20))


def test_other_misfits_are_told_with_the_layers_name():
    network = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(9, 3)))
    with pytest.raises(ShapeError, match=r"1x6 and 9x3\)\. It is layer 1\.0 \(Linear\), where 6 arrives"):
        summary(network, inputs=(2, 3))


def test_a_subclass_that_pads_by_itself_is_let_through():
    class Padding(nn.Conv2d):
        def forward(self, x):
            return super().forward(F.pad(x, (2, 2, 2, 2)))

    found = summary(nn.Sequential(Padding(1, 1, 5)), inputs=(1, 3, 3))
    assert found.output_shape == (1, 3, 3) and found.layers[0].rule == ""


@pytest.mark.parametrize(
    ("layer", "shape", "products"),
    [
        (nn.Conv1d(4, 6, 3, padding=1), (4, 10), 6 * 10 * 4 * 3),
        (nn.Conv3d(2, 3, (1, 2, 3)), (2, 4, 5, 6), 3 * 4 * 4 * 4 * 2 * 6),
        (nn.Conv2d(4, 8, 3, groups=4), (4, 5, 5), 8 * 9 * 9),
        (nn.Conv2d(4, 8, 3, dilation=2), (4, 7, 7), 8 * 9 * 4 * 9),
        (nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), (4, 5, 5), 4 * 25 * 3 * 9),
        (nn.BatchNorm2d(4), (4, 5, 5), 100),
        (nn.LayerNorm(8), (3, 8), 2 * 24),
        (nn.GroupNorm(2, 4), (4, 5), 2 * 20),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_multiply_adds_are_counted_for_every_kind_of_convolution_and_norm(layer, shape, products):
    assert summary(layer, inputs=shape).multiply_adds == products


def field_by_gradient(network, shape, side):
    """How many pixels of the input change the middle number of the network's map, along its height."""
    network = network.double().eval()
    for parameter in network.parameters():
        nn.init.ones_(parameter)
    x = torch.rand(1, *shape, dtype=torch.float64, requires_grad=True)
    network(x)[0, 0, side // 2, side // 2].backward()
    return int((x.grad[0].abs().sum((0, 2)) > 0).sum())


@pytest.mark.parametrize("options", [{}, {"preactivation": True}, {"shortcut": "projection"}, {"skips": False}])
def test_the_receptive_field_of_a_residual_network_is_the_one_that_gradients_find(options):
    whole = build("resnet20", inputs=(1, 96, 96), outputs=2, **options)
    layers = dict(whole.named_children())
    network = nn.Sequential(*(layers[name] for name in ("conv1", "bn1", "relu", "layer1", "layer2")))
    found = summary(network, inputs=(1, 96, 96)).layers[-1].receptive_field
    # 3 + 6 convolutions by 2, one more before the stride, then 5 by 2 * 2
    assert found == field_by_gradient(network, (1, 96, 96), 48) == 37


def test_where_branches_meet_the_field_is_that_of_the_one_which_sees_most():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.near, self.far, self.last = nn.Conv2d(1, 2, 1), nn.Conv2d(1, 2, 5, padding=2), nn.Conv2d(4, 1, 3)

        def forward(self, x):
            return self.last(F.relu(torch.cat([self.near(x), self.far(x)], dim=1)))

    assert [layer.receptive_field for layer in summary(Branches(), inputs=(1, 9, 9)).layers] == [1, 5, 7]
    assert field_by_gradient(Branches(), (1, 9, 9), 7) == 7


def test_a_gate_from_the_whole_map_leaves_the_field_unknown():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Conv2d(1, 2, 3), nn.Conv2d(2, 1, 3)

        def forward(self, x):
            y = self.first(x)
            return self.last(y * y.mean((2, 3), keepdim=True).sigmoid())

    assert [layer.receptive_field for layer in summary(Gated(), inputs=(1, 9, 9)).layers] == [3, None]


def test_sizes_of_a_network_without_maps_are_none():
    assert calculator("mlp", (4,), 3).sizes() == "No convolution, no pooling."
