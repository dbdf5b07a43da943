"""Every layer by hand gives the numbers that autograd gives, over sizes and seeds."""

import copy

import numpy as np
import pytest
import torch
from beside_autograd import F64, assert_formulas, by_autograd, drawn, same
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.by_hand import RULES
from deepglass.layers import PartialConv2d, ScaledTanh, Subsampling
from deepglass.layers.attention import DotProductAttention, SelfAttention
from deepglass.layers.residual import PaddedShortcut

# A layer, what it takes (of one example), whether what follows it is flattened first.
LAYERS = {
    "linear": (lambda n: nn.Linear(n + 1, n), lambda n: (n + 1,)),
    "linear without bias": (lambda n: nn.Linear(n, 2, bias=False), lambda n: (n,)),
    "linear on each step": (lambda n: nn.Linear(n, 2), lambda n: (3, n)),
    "convolution 1d": (lambda n: nn.Conv1d(2, n, 2, stride=2, padding=1), lambda n: (2, n + 3)),
    "convolution 2d": (lambda n: nn.Conv2d(2, n, (2, 3), padding=(1, 0)), lambda n: (2, n + 1, n + 3)),
    "convolution same": (lambda n: nn.Conv2d(1, n, (1, 3), padding="same"), lambda n: (1, n + 1, n + 1)),
    "convolution in groups": (lambda n: nn.Conv2d(2, 2 * n, 2, groups=2, dilation=2), lambda n: (2, 4, n + 2)),
    "convolution reflected": (lambda n: nn.Conv1d(1, n, 3, padding=2, padding_mode="reflect"), lambda n: (1, n + 3)),
    "convolution replicated": (lambda n: nn.Conv1d(1, n, 3, padding=2, padding_mode="replicate"), lambda n: (1, n + 3)),
    "convolution circular": (lambda n: nn.Conv2d(1, n, 3, padding=1, padding_mode="circular"), lambda n: (1, 3, n + 2)),
    "convolution 3d": (lambda n: nn.Conv3d(1, n, 2), lambda n: (1, 2, 3, 2)),
    "transposed 1d": (lambda n: nn.ConvTranspose1d(2, n, 3, 2, 1, output_padding=1), lambda n: (2, n + 1)),
    "transposed 2d": (lambda n: nn.ConvTranspose2d(n, 2, (2, 3), dilation=(1, 2)), lambda n: (n, 2, 2)),
    "transposed in groups": (lambda n: nn.ConvTranspose2d(2, 2 * n, 2, stride=2, groups=2, bias=False), lambda n: (2, 2, n)),
    "max pooling 1d": (lambda n: nn.MaxPool1d(2, ceil_mode=True), lambda n: (2, n + 2)),
    "max pooling 2d": (lambda n: nn.MaxPool2d(3, stride=2, padding=1), lambda n: (1, n + 2, 4)),
    "max pooling dilated": (lambda n: nn.MaxPool2d(2, stride=1, dilation=2), lambda n: (1, n + 2, 4)),
    "average pooling 1d": (lambda n: nn.AvgPool1d(2, stride=1), lambda n: (2, n + 1)),
    "average pooling 2d": (lambda n: nn.AvgPool2d(2, padding=1, ceil_mode=True), lambda n: (1, n + 2, 5)),
    "average pooling inside": (lambda n: nn.AvgPool2d(2, padding=1, count_include_pad=False), lambda n: (1, n + 2, 5)),
    "l2 pooling": (lambda n: nn.LPPool2d(2, 2, ceil_mode=True), lambda n: (1, n + 2, 3)),
    "adaptive max": (lambda n: nn.AdaptiveMaxPool2d((n, 2)), lambda n: (1, n + 2, 3)),
    "adaptive average": (lambda n: nn.AdaptiveAvgPool2d(1), lambda n: (2, n, 3)),
    "padding": (lambda n: nn.ConstantPad2d((1, 0, 2, 1), 0.5), lambda n: (1, n, 2)),
    "reflection": (lambda n: nn.ReflectionPad2d((2, 1, 0, 1)), lambda n: (1, n + 1, 3)),
    "replication": (lambda n: nn.ReplicationPad1d((2, 3)), lambda n: (2, n)),
    "wrapped around": (lambda n: nn.CircularPad1d((2, 1)), lambda n: (2, n + 1)),
    "enlarged": (lambda n: nn.Upsample(scale_factor=2, mode="bilinear"), lambda n: (1, n, 2)),
    "enlarged by a half": (lambda n: nn.Upsample(scale_factor=1.5), lambda n: (2, n, 2)),
    "enlarged to a size": (lambda n: nn.Upsample(size=7, mode="linear"), lambda n: (2, n)),
    "subsampling": (lambda n: Subsampling(2), lambda n: (2, n + 1, 3)),
    "partial convolution": (lambda n: PartialConv2d(3, [(0, 2), (1,)], 2, padding=1), lambda n: (3, n, 2)),
    "batch norm in evaluation": (lambda n: nn.BatchNorm1d(n), lambda n: (n,)),
    "layer norm": (lambda n: nn.LayerNorm(n + 1), lambda n: (n + 1,)),
    "rms norm": (lambda n: nn.RMSNorm(n + 1), lambda n: (n + 1,)),
    "rms norm of maps": (lambda n: nn.RMSNorm((n, 2), eps=0.3, elementwise_affine=False), lambda n: (2, n, 2)),
    "self-attention": (lambda n: SelfAttention(2 * n, 2), lambda n: (3, 2 * n)),
    "causal self-attention": (lambda n: SelfAttention(n, 1, causal=True), lambda n: (3, n)),
    "padded shortcut": (lambda n: PaddedShortcut(n, n + 2, stride=2), lambda n: (n, 3, 2)),
    "group norm": (lambda n: nn.GroupNorm(2, 2 * n), lambda n: (2 * n, 2)),
    "instance norm": (lambda n: nn.InstanceNorm1d(n, affine=True), lambda n: (n, 3)),
    "instance norm of maps": (lambda n: nn.InstanceNorm2d(2), lambda n: (2, n, 2)),
    "layer norm of maps": (lambda n: nn.LayerNorm((n, 2)), lambda n: (2, n, 2)),
    "dropout in evaluation": (lambda n: nn.Dropout(0.5), lambda n: (n,)),
    "flatten": (lambda n: nn.Flatten(), lambda n: (2, n)),
    "softmax": (lambda n: nn.Softmax(dim=-1), lambda n: (n + 1,)),
    "log softmax": (lambda n: nn.LogSoftmax(dim=1), lambda n: (n + 1, 2)),
    "sigmoid": (lambda n: nn.Sigmoid(), lambda n: (n,)),
    "tanh": (lambda n: nn.Tanh(), lambda n: (n,)),
    "relu": (lambda n: nn.ReLU(), lambda n: (n,)),
    "relu6": (lambda n: nn.ReLU6(), lambda n: (n,)),
    "hard tanh": (lambda n: nn.Hardtanh(-0.5, 1.5), lambda n: (n,)),
    "leaky relu": (lambda n: nn.LeakyReLU(0.1), lambda n: (n,)),
    "elu": (lambda n: nn.ELU(0.7), lambda n: (n,)),
    "softplus": (lambda n: nn.Softplus(), lambda n: (n,)),
    "softplus steeper": (lambda n: nn.Softplus(3.0, 2.0), lambda n: (n,)),
    "gelu": (lambda n: nn.GELU(), lambda n: (n,)),
    "gelu by tanh": (lambda n: nn.GELU("tanh"), lambda n: (n,)),
    "silu": (lambda n: nn.SiLU(), lambda n: (n,)),
    "scaled tanh": (lambda n: ScaledTanh(), lambda n: (n,)),
    "identity": (lambda n: nn.Identity(), lambda n: (n,)),
    "parametric relu": (lambda n: nn.PReLU(), lambda n: (n,)),
    "parametric relu of channels": (lambda n: nn.PReLU(n), lambda n: (n, 2)),
    "response norm": (lambda n: nn.LocalResponseNorm(3, alpha=0.5, k=1.5), lambda n: (n + 1, 2)),
    "recurrent": (lambda n: nn.RNN(2, n, batch_first=True), lambda n: (3, 2)),
    "recurrent with relu": (lambda n: nn.RNN(2, n, nonlinearity="relu", bias=False, batch_first=True), lambda n: (3, 2)),
    "lstm": (lambda n: nn.LSTM(2, n, batch_first=True), lambda n: (3, 2)),
    "gru": (lambda n: nn.GRU(2, n, batch_first=True), lambda n: (3, 2)),
    "two layers of lstm": (lambda n: nn.LSTM(2, n, num_layers=2, batch_first=True), lambda n: (2, 2)),
    "both ways": (lambda n: nn.GRU(2, n, bidirectional=True, batch_first=True), lambda n: (3, 2)),
    "two layers both ways": (lambda n: nn.RNN(1, n, 2, bidirectional=True, batch_first=True), lambda n: (3, 1)),
    "lstm without bias": (lambda n: nn.LSTM(1, n, bias=False), lambda n: (2, 1)),
    "gru without bias": (lambda n: nn.GRU(1, n, bias=False), lambda n: (2, 1)),
}  # fmt: skip


def squares(output, y):
    return ((output - y) ** 2).flatten(1).mean(1).mean()


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=6)
@given(size=st.integers(1, 3), examples=st.integers(1, 2), seed=st.integers(0, 10**6))
def test_a_layer_by_hand_is_as_by_autograd(name, size, examples, seed):
    make, shape = LAYERS[name]
    network, x, random = drawn(make(size), shape(size), examples, seed)
    first = not isinstance(network, nn.RNNBase) or network.batch_first
    with torch.no_grad():
        shown = network(x if first else x.transpose(0, 1))
    shown = (shown[0] if first else shown[0].transpose(0, 1)) if isinstance(shown, tuple) else shown
    y = torch.randn(shown.shape, generator=random, dtype=F64)
    table = dg.byhand(network, x, y, batch=True, limit=10**5)
    same(table, by_autograd(network, x, y, squares, batch_first=first), x)
    assert_formulas(table)


def test_every_rule_is_held_beside_autograd():
    tried = {type(make(2)) for make, _ in LAYERS.values()}
    beside = {nn.BatchNorm2d, nn.BatchNorm3d, nn.Embedding}  # below, and in test_by_hand_tokens
    beside |= {nn.MultiheadAttention, DotProductAttention}  # in test_by_hand_ways
    beside |= {nn.RNNCell, nn.LSTMCell, nn.GRUCell}  # in test_by_hand_shared
    left = {kind.__name__ for kind in RULES if kind not in tried | beside}
    # These are the same rule along another number of axes.
    assert left == {"InstanceNorm3d", "AdaptiveMaxPool3d", "AdaptiveAvgPool3d", "Dropout1d", "Dropout2d", "Dropout3d",
                    "MaxPool3d", "AvgPool3d", "AdaptiveMaxPool1d", "AdaptiveAvgPool1d", "LPPool1d",
                    "ConvTranspose3d",
                    "ConstantPad1d", "ZeroPad1d", "ZeroPad2d", "ReflectionPad1d", "ReplicationPad2d", "CircularPad2d"}  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.MaxPool3d(2), (1, 2, 3, 2)),
        (nn.AvgPool3d(2, stride=1), (1, 2, 3, 2)),
        (nn.AdaptiveMaxPool1d(2), (2, 5)),
        (nn.AdaptiveAvgPool1d(3), (2, 5)),
        (nn.LPPool1d(2, 2), (2, 5)),
        (nn.AdaptiveMaxPool3d(1), (2, 1, 2, 2)),
        (nn.AdaptiveAvgPool3d((1, 2, 1)), (1, 2, 3, 2)),
        (nn.Dropout2d(0.5), (2, 2, 2)),
        (nn.ConstantPad1d((1, 2), -1.0), (2, 3)),
        (nn.ZeroPad1d(2), (2, 3)),
        (nn.ZeroPad2d((1, 0, 2, 1)), (1, 2, 3)),
        (nn.ReflectionPad1d((2, 1)), (1, 4)),
        (nn.ReplicationPad2d((2, 1, 0, 3)), (1, 2, 3)),
        (nn.CircularPad2d((2, 1, 1, 2)), (1, 2, 3)),
        (nn.BatchNorm2d(2), (2, 2, 2)),
        (nn.BatchNorm3d(1), (1, 2, 2, 1)),
        (nn.InstanceNorm3d(2), (2, 1, 2, 2)),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, nn.Module) else "",
)
def test_the_same_rule_along_other_axes(layer, shape):
    network, x, random = drawn(layer, shape, 2, 0)
    y = torch.randn(network(x).shape, generator=random, dtype=F64)
    same(dg.byhand(network, x, y, batch=True), by_autograd(network, x, y, squares), x)


@settings(max_examples=15)
@given(units=st.integers(1, 3), examples=st.integers(2, 4), seed=st.integers(0, 10**6), maps=st.booleans())
def test_batch_norm_in_training_goes_back_through_its_mean_and_variance(units, examples, seed, maps):
    layer = nn.BatchNorm2d(units) if maps else nn.BatchNorm1d(units, momentum=None)
    network, x, random = drawn(layer, (units, 2, 1) if maps else (units,), examples, seed)
    y = torch.randn(x.shape, generator=random, dtype=F64)
    table = dg.byhand(network, x, y, batch=True, training=True)
    trained = copy.deepcopy(network).train()
    same(table, by_autograd(trained, x, y, squares), x)
    for name in ("running_mean", "running_var"):
        assert_close(table.updated[name], trained.get_buffer(name), rtol=1e-9, atol=1e-9)
    assert_formulas(table)


def test_batch_norm_of_one_example_in_training_is_refused():
    with pytest.raises(dg.errors.SettingError, match=r"needs several examples.*batch=True"):
        dg.byhand(nn.BatchNorm1d(2), [1.0, 2.0], [0.0, 0.0], training=True)


def test_dropout_keeps_what_its_mask_keeps_and_scales_it_up():
    network = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.2), nn.Linear(4, 1)).double()
    x, y, mask = torch.tensor([1.0, -2.0], dtype=F64), [0.5], torch.tensor([1.0, 0, 1, 1], dtype=F64)
    table = dg.byhand(network, x, y, training=True, masks={"1": mask})
    assert table.row("d1[0]").value == pytest.approx(table.row("z1[0]").value / 0.8)
    assert table.row("d1[1]").value == 0 and table.row("d1[1]").formula() == "z1[1]·m1[1] / 0.8"
    loss = ((network[2](network[0](x) * mask / 0.8) - 0.5) ** 2).mean()
    for name, gradient in zip(dict(network.named_parameters()), torch.autograd.grad(loss, list(network.parameters()))):
        assert_close(table.gradients[name], gradient)
    with pytest.raises(dg.errors.SettingError, match="say which, such as masks="):
        dg.byhand(network, x, y, training=True)
    with pytest.raises(dg.errors.ShapeError, match="mask of Dropout"):
        dg.byhand(network, x, y, training=True, masks={"1": [1, 0]})
    with pytest.raises(dg.errors.UnknownName, match=r"no dropout layer 'drop'.*Those are: 1"):
        dg.byhand(network, x, y, masks={"drop": [1, 0]})


class Reader(nn.Module):
    """A recurrent layer whose last step is judged, with functions between the layers."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell(2, 3, batch_first=True)
        self.middle = nn.Linear(3, 2)
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        out, _ = self.cell(x)
        return self.head(torch.tanh(self.middle(out[:, -1])))


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_the_last_step_of_a_series_sends_its_slope_back_through_time(cell):
    network, x, _ = drawn(Reader(cell), (4, 2), 2, 1)
    y = torch.tensor([1, 0])
    table = dg.byhand(network, x, y, batch=True, limit=10**5)
    assert table.loss_name == "cross_entropy"
    same(table, by_autograd(network, x, y, nn.functional.cross_entropy), x)
    assert_formulas(table)
    assert any(row.layer == "last step after cell" for row in table.rows) is False  # it makes no number of its own
    assert table.row("dL/dh1[0;3,0]").layer == "middle"


def test_a_small_convolutional_network_from_the_pixels_to_the_step():
    layers = [nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 3)]
    network, x, _ = drawn(nn.Sequential(nn.Sequential(*layers[:4]), *layers[4:]), (1, 3, 3), 2, 5)
    y = torch.tensor([2, 0])
    table = dg.byhand(network, x, y, batch=True, momentum=0.9, learning_rate=0.2, weight_decay=0.01)
    same(table, by_autograd(network, x, y, nn.functional.cross_entropy), x)
    assert [row.quantity for row in table.rows if row.quantity.startswith("p1[1;")] == ["p1[1;0,0,0]", "p1[1;1,0,0]"]
    assert_formulas(table)
    assert np.isfinite([row.value for row in table.rows]).all()
