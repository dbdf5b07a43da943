"""The worked examples of the course, calculated by hand: values, slopes and steps as they are known."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg

F64 = torch.float64
X101 = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


def linear(weight, bias=None):
    """A dense layer with these numbers."""
    w = torch.tensor(weight, dtype=F64)
    layer = nn.Linear(w.shape[1], w.shape[0], bias=bias is not None).double()
    with torch.no_grad():
        layer.weight.copy_(w)
        if bias is not None:
            layer.bias.copy_(torch.tensor(bias, dtype=F64))
    return layer


def kernel(numbers, **settings):
    """A convolution of one map with this kernel."""
    k = torch.tensor(numbers, dtype=F64)
    layer = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[k.ndim](1, 1, k.shape, bias=False, **settings).double()
    with torch.no_grad():
        layer.weight.copy_(k[None, None])
    return layer


def seen(layer, x):
    """What a layer makes of one map, as nested lists."""
    return dg.byhand(layer, np.asarray(x, float)[None]).output[0].tolist()


def rows(text):
    return [[int(c) for c in row] for row in text.split()]


I6 = [[18, 54, 51, 239, 244, 188], [55, 121, 75, 78, 95, 88], [35, 24, 204, 113, 109, 221],
      [3, 154, 104, 235, 25, 130], [15, 253, 225, 159, 78, 233], [68, 85, 180, 214, 245, 0]]  # fmt: skip
M4 = [[429, 505, 686, 856], [261, 792, 412, 640], [633, 653, 851, 751], [608, 913, 713, 657]]


DRAWINGS = {"back": [1, -1, -1, 1], "slash": [-1, 1, 1, -1], "poor": [1, 1, -1, 1], "thin": [-1, -1, 1, -1]}


def test_the_sign_classifier_of_four_pixels():  # OR-01, OR-02
    classifier = linear([[1, -1, -1, 1]])
    assert [dg.byhand(classifier, x).output.item() for x in DRAWINGS.values()] == [4, -4, 2, -2]
    assert dg.byhand(classifier, DRAWINGS["back"]).row("z1[0]").numbers() == "1·1 + (-1)·(-1) + (-1)·(-1) + 1·1"


def test_two_of_the_sixteen_sign_classifiers_get_all_drawings_right():  # OR-03
    every = list(itertools.product([1, -1], repeat=4))
    scores = dg.byhand(linear(every), list(DRAWINGS.values()), batch=True).output  # all of them as units of one layer
    right = (np.sign(scores) == np.array([[1], [-1], [1], [-1]])).sum(axis=0)
    assert [signs for signs, count in zip(every, right) if count == 4] == [(1, 1, -1, 1), (1, -1, -1, 1)]
    assert Counter(right.tolist()) == {0: 8, 2: 6, 4: 2}
    assert Counter(scores[0].tolist()) == {0: 6, 2: 4, -2: 4, 4: 1, -4: 1}
    assert (scores[1] == -scores[0]).all()


def test_the_slope_of_the_slash_classifier_has_one_direction():  # OR-04
    table = dg.byhand(linear([[0.3, -0.2, 0.5, 0.1]]), [[1, -1, -1, 1], [-1, 1, 1, -1]], [1, 0], batch=True)
    step = table.updated["weight"] - torch.tensor([[0.3, -0.2, 0.5, 0.1]], dtype=F64)
    assert step[0, 0] > 0 and torch.allclose(step / step[0, 0], torch.tensor([[1.0, -1, -1, 1]], dtype=F64))


def test_the_image_of_6_by_6_with_its_cross_shaped_filter():  # OR-05
    assert seen(kernel(X101), I6) == M4
    first = dg.byhand(kernel(X101), np.asarray(I6, float)[None]).row("z1[0,0,0]")
    products = [f"{w}·{x}" for w, x in zip([1, 0, 1, 0, 1, 0, 1, 0, 1], [18, 54, 51, 55, 121, 75, 35, 24, 204])]
    assert first.numbers() == " + ".join(products)


def test_pooling_that_map():  # OR-06
    assert seen(nn.MaxPool2d(2), M4) == [[792, 856], [913, 851]]
    assert seen(nn.AvgPool2d(2), M4) == [[496.75, 648.5], [701.75, 743.0]]
    lengths = [[1065.106098, 1335.168904], [1424.896838, 1492.722345]]
    assert np.allclose(seen(nn.LPPool2d(2, 2), M4), lengths, atol=1e-6, rtol=0)


def test_the_single_depth_slice():  # OR-07
    slice4 = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]
    assert seen(nn.MaxPool2d(2), slice4) == [[6, 8], [3, 4]]
    assert seen(nn.AvgPool2d(2), slice4) == [[3.25, 5.25], [2, 2]]


def test_the_happy_face_has_a_zero_in_the_middle_where_a_slide_prints_1():  # OR-08, OR-09
    face = rows("0000000 0100010 0000000 0001000 0100010 0011100 0000000")
    printed = rows("01000 01110 10121 14210 00121")
    found = seen(kernel([[0, 0, 1], [1, 0, 0], [0, 1, 1]]), face)
    assert found == rows("01000 01110 10021 14210 00121")
    assert [(i, j) for i in range(5) for j in range(5) if found[i][j] != printed[i][j]] == [(2, 2)]
    network = nn.Sequential(nn.MaxPool2d(2, ceil_mode=True), nn.Flatten())
    for drawn in (found, printed):
        assert dg.byhand(network, [drawn]).output.tolist() == [1, 1, 0, 4, 2, 1, 0, 2, 1]
        assert seen(nn.MaxPool2d(2), drawn) == [[1, 1], [4, 2]]


def test_the_image_of_5_by_5():  # OR-10
    image = rows("11100 01110 00111 00110 01100")
    assert seen(kernel(X101), image) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_the_volume_of_4_by_4_by_4_ends_in_a_zero_where_a_slide_prints_8():  # OR-11
    volume = [
        rows("1010 1131 1102 0211"),
        rows("1001 2012 3111 0031"),
        rows("2011 3310 2110 3212"),
        rows("1020 1033 3100 1102"),
    ]
    found = seen(kernel([[[0, 1], [0, 0]], [[2, 1], [0, 0]]]), volume)
    assert found == [rows("211 545 835"), rows("414 984 643"), rows("235 549 830")]


def test_a_convolution_along_five_numbers():  # OR-19
    assert seen(kernel([1, 2, 3], padding=1), [1, 2, 3, 4, 5]) == [8, 14, 20, 26, 14]


def test_padding_by_reflection_has_two_zeros_where_a_slide_asks():  # OR-20
    x = [[1, 4, 3], [0, 6, 5], [2, 7, 9]]
    reflected = rows("5606560 3414341 5606560 9727972 5606560")
    assert seen(nn.ReflectionPad2d((2, 2, 1, 1)), x) == reflected
    assert reflected[0][-1] == reflected[4][-1] == 0
    constant = seen(nn.ConstantPad2d((2, 2, 1, 1), -1.0), x)
    assert np.shape(constant) == (5, 7) and constant[1] == [-1, -1, 1, 4, 3, -1, -1] and set(constant[0]) == {-1}


def test_the_operator_is_cross_correlation():  # OR-22, OR-23
    x, k = np.arange(1.0, 37).reshape(6, 6), np.arange(1, 10).reshape(3, 3)
    h = np.array(seen(kernel(k.tolist()), x))
    assert h.shape == (4, 4) and (h[0, 0], h[0, 1], h[1, 0]) == (474, 519, 744)
    assert seen(kernel(k[::-1, ::-1].tolist()), x)[0][0] == 246
    assert np.shape(seen(kernel([[1, 1], [1, 1]]), np.arange(12).reshape(3, 4))) == (2, 3)


def test_pooling_is_only_nearly_blind_to_a_shift():  # OR-23
    pool = nn.MaxPool1d(3, stride=1, padding=1)
    assert seen(pool, [0.1, 1.0, 0.2, 0.1]) == [1, 1, 1, 0.2]
    assert seen(pool, [0.3, 0.1, 1.0, 0.2]) == [0.3, 1, 1, 1]


@pytest.mark.parametrize(
    ("layer", "z", "value", "slope"),
    [
        (nn.Sigmoid(), -2, 0.1192029220, 0.1049935854),
        (nn.Sigmoid(), 0, 0.5, 0.25),
        (nn.Sigmoid(), 1, 0.7310585786, 0.1966119332),
        (nn.Tanh(), -2, -0.9640275801, 0.0706508249),
        (nn.Tanh(), 0, 0, 1),
        (nn.Tanh(), 1, 0.7615941560, 0.4199743416),
        (nn.Softplus(), -2, 0.1269280110, 0.1192029220),
        (nn.Softplus(), 0, 0.6931471806, 0.5),
        (nn.Softplus(), 1, 1.3132616875, 0.7310585786),
        (nn.ReLU(), -2, 0, 0),
        (nn.ReLU(), 0, 0, 0),
        (nn.ReLU(), 1, 1, 1),
        (nn.LeakyReLU(), -2, -0.02, 0.01),
        (nn.LeakyReLU(), 1, 1, 1),
    ],
)
def test_an_activation_and_its_slope(layer, z, value, slope):  # OR-25
    table = dg.byhand(layer, [z], [-10.0], loss="mae")  # far above the target, so that dL/da is 1
    assert table.output.item() == pytest.approx(value, abs=1e-9)
    assert table.row("dL/dx[0]").value == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("shift", [0, 1000])
def test_softmax_of_1_2_3_however_far_it_is_shifted(shift):  # OR-26
    found = dg.byhand(nn.Softmax(dim=-1), [1.0 + shift, 2 + shift, 3 + shift]).output
    assert found.tolist() == pytest.approx([0.09003057, 0.24472847, 0.66524096], abs=1e-8)


def test_softmax_over_the_batch_is_refused():  # OR-26
    with pytest.raises(dg.errors.SettingError, match=r"among the examples.*dim=-1"):
        dg.byhand(nn.Softmax(dim=0), [[1.0, 2, 3]], batch=True)


def test_losses_with_known_values():  # OR-27
    assert dg.byhand(nn.Identity(), [1.0, 2, 3], [1.0, 0, 0]).loss == pytest.approx(13 / 3, abs=1e-12)
    assert dg.byhand(nn.Identity(), [0.0] * 10, 3, loss="cross_entropy").loss == pytest.approx(math.log(10), abs=1e-12)
    two = dg.byhand(nn.Identity(), [[2.0, 0, 1], [0, 3, 0]], [0, 2], batch=True, loss="cross_entropy")
    first, second = math.exp(2) / (math.exp(2) + 1 + math.e), 1 / (2 + math.exp(3))
    assert two.loss == pytest.approx(-math.log(first * second) / 2, abs=1e-12)
    each = [dg.byhand(nn.Identity(), [e], [0.0], loss="huber").loss for e in (0.5, 1.0, 3.0)]
    assert each == [0.125, 0.5, 2.5]


@pytest.mark.parametrize(
    ("rate", "end"), [(0.001, 0.8185668047), (0.01, 0.1326195559), (0.1, 2.037035976e-10), (1, 1.0)]
)
def test_a_hundred_steps_down_a_parabola(rate, end):  # OR-28: (theta · 1 - 0)^2
    theta = linear([[1.0]])
    for _ in range(100):
        theta.load_state_dict(dg.byhand(theta, [1.0], [0.0], learning_rate=rate).updated)
    assert theta.weight.item() == pytest.approx(end, rel=1e-8)


def test_the_chain_of_four_units():  # OR-29
    layers = [layer for _ in range(4) for layer in (linear([[1.0]], [0.0]), nn.Sigmoid())]
    table = dg.byhand(nn.Sequential(*layers), [0.0], [1.0])
    found = [table.row(f"dL/db{k}[0]").value / 2 for k in (1, 2, 3, 4)]  # the course halves the square
    assert found == pytest.approx([-0.00103122957, -0.00412491828, -0.01755243, -0.0772335], abs=1e-6)
    assert [b / found[3] for b in found[:3]] == pytest.approx([0.013352094, 0.053408375, 0.227266092], abs=1e-8)
    slopes = [a * (1 - a) for a in (table.row(f"a{k}[0]").value for k in (1, 2, 3, 4))]
    assert found[0] == pytest.approx((table.row("a4[0]").value - 1) * math.prod(slopes), abs=1e-15)
    assert table.row("dL/dz3[0]").formula() == "dL/da3[0]·a3[0]·(1 - a3[0])"


def test_the_network_of_4_3_2_units():  # OR-30
    r = np.random.default_rng(3)
    w1, b1, w2, b2 = r.normal(size=(4, 3)), r.normal(size=3), r.normal(size=(3, 2)), r.normal(size=2)
    x, codes = r.normal(size=(5, 4)), np.array([0, 1, 1, 0, 1])
    network = nn.Sequential(linear(w1.T.tolist(), b1.tolist()), nn.Sigmoid(), linear(w2.T.tolist(), b2.tolist()))
    table = dg.byhand(network, x, codes, batch=True)
    hidden = 1 / (1 + np.exp(-(x @ w1 + b1)))
    powers = np.exp(hidden @ w2 + b2)
    p = powers / powers.sum(1, keepdims=True)
    delta2 = (p - np.eye(2)[codes]) / 5
    delta1 = (delta2 @ w2.T) * hidden * (1 - hidden)
    assert table.loss == pytest.approx(-np.log(p[range(5), codes]).mean(), abs=1e-12)
    for name, expected in {
        "0.weight": (x.T @ delta1).T,
        "2.weight": (hidden.T @ delta2).T,
        "2.bias": delta2.sum(0),
    }.items():
        assert np.allclose(table.gradients[name], expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    "decay", [0.04, 0.04 / 50, 2 * 0.04]
)  # lambda/2, lambda/(2m) and lambda times the squared norm
def test_a_squared_penalty_shrinks_the_weights(decay):  # OR-31
    x = [-0.3, -0.1, 0.2]  # below its target the absolute error has the slope -x: 0.3, 0.1, -0.2
    layer = linear([[1.0, -2.0, 0.5]])
    table = dg.byhand(layer, x, [100.0], loss="mae", learning_rate=0.1, weight_decay=decay)
    expected = [(1 - 0.1 * decay) * w - 0.1 * g for w, g in ((1.0, 0.3), (-2.0, 0.1), (0.5, -0.2))]
    assert table.updated["weight"][0].tolist() == pytest.approx(expected, abs=1e-12)


def test_dropout_scales_what_it_keeps_and_its_mean_is_the_whole():  # OR-34
    x, masks = [1.0, 2.0, -1.0, 4.0], np.array([[(k >> i) & 1 for i in range(4)] for k in range(16)])
    table = dg.byhand(nn.Sequential(nn.Dropout(0.3)), [x] * 16, batch=True, training=True, masks={"0": masks})
    chances = np.prod(np.where(masks == 1, 0.7, 0.3), axis=1)
    assert np.allclose(chances @ table.output, x)
    assert dg.byhand(nn.Dropout(0.3), x).output.tolist() == x


def test_batch_norm_of_two_examples_gives_plus_and_minus_one():  # OR-35
    x, layer = [[1.0, 2, 3], [3, 6, 9]], nn.BatchNorm1d(3)
    table = dg.byhand(layer, x, [[0.0] * 3] * 2, batch=True, training=True)
    assert [table.row(f"mu0[{c}]").value for c in range(3)] == [2, 4, 6]
    assert [table.row(f"var0[{c}]").value for c in range(3)] == [1, 4, 9]
    assert np.allclose(table.output, [[-1] * 3, [1] * 3], atol=1e-4)
    assert table.updated["running_mean"].tolist() == pytest.approx([0.2, 0.4, 0.6], abs=1e-7)
    assert table.updated["running_var"].tolist() == pytest.approx([1.1, 1.7, 2.7], abs=1e-7)
    assert not np.allclose(dg.byhand(layer, x, batch=True).output, table.output, atol=0.1)


def test_layer_norm_of_two_examples():  # OR-36
    x, layer = [[1.0, 2, 3], [3, 6, 9]], nn.LayerNorm(3)
    found = dg.byhand(layer, x, batch=True).output
    assert np.allclose(found, [[-1.2247, 0, 1.2247]] * 2, atol=1e-3)
    assert np.array_equal(dg.byhand(layer, x, batch=True, training=True).output, found)
    assert np.array_equal(dg.byhand(layer, x[0]).output, found[0])


@pytest.mark.parametrize(("activation", "moves"), [(nn.Sigmoid(), True), (nn.Tanh(), False), (nn.ReLU(), False)])
def test_units_that_start_at_zero_stay_alike(activation, moves):  # OR-37
    x = np.random.default_rng(0).normal(size=(8, 3))
    codes = (x[:, 0] + x[:, 1] > 0).astype(int)
    network = nn.Sequential(linear([[0.0] * 3] * 4, [0.0] * 4), activation, linear([[0.0] * 4] * 2, [0.0] * 2))
    for _ in range(3):
        network.load_state_dict(dg.byhand(network, x, codes, batch=True, learning_rate=0.5).updated)
    w = network[0].weight
    assert torch.equal(w, w[:1].expand_as(w)) and bool(w.norm() > 0) == moves


def test_the_first_steps_from_1_with_a_slope_of_a_half():  # OR-39: (out - 0.75)^2 has the slope 0.5 at 1
    theta = linear([[1.0]])
    assert dg.byhand(theta, [1.0], [0.75], learning_rate=0.1).updated["weight"].item() == pytest.approx(0.95, abs=1e-12)
    first = dg.byhand(theta, [1.0], [0.75], learning_rate=0.1, momentum=0.9)
    theta.load_state_dict(first.updated)
    held = {"learning_rate": 0.1, "momentum": 0.9, "velocity": first.velocity}
    second = dg.byhand(theta, [1.0], [0.95 - 0.25], **held)  # the slope is 0.5 again
    assert second.updated["weight"].item() == pytest.approx(1 - 0.05 - 0.095, abs=1e-12)


def test_without_activations_a_network_is_one_linear_map_and_two_relu_units_solve_xor():  # OR-40
    r = np.random.default_rng(0)
    maps = [linear(r.normal(size=(b, a)).tolist(), r.normal(size=b).tolist()) for a, b in ((4, 5), (5, 6), (6, 2))]
    x = r.normal(size=(3, 4))
    w, b = np.eye(4), np.zeros(4)
    for m in maps:
        w, b = m.weight.detach().numpy() @ w, m.weight.detach().numpy() @ b + m.bias.detach().numpy()
    assert np.allclose(dg.byhand(nn.Sequential(*maps), x, batch=True).output, x @ w.T + b)
    xor = nn.Sequential(linear([[1, 1], [1, 1]], [0, -1]), nn.ReLU(), linear([[1, -2]]))
    points = [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert dg.byhand(xor, points, batch=True).output.ravel().tolist() == [0, 1, 1, 0]


def test_rosenblatts_rule_learns_and():  # OR-41
    unit = linear([[0.0, 0.0]], [0.0])
    examples = [([0, 0], 0), ([0, 1], 0), ([1, 0], 0), ([1, 1], 1)]
    expected_w, expected_b = np.zeros(2), 0.0
    for _ in range(20):
        for x, code in examples:
            side = 2 * code - 1
            if side * (expected_w @ x + expected_b) <= 0:
                expected_w, expected_b = expected_w + side * np.array(x), expected_b + side
            unit.load_state_dict(dg.byhand(unit, x, code, loss="perceptron", learning_rate=1.0).updated)
            assert unit.weight[0].tolist() == expected_w.tolist() and unit.bias.item() == expected_b
    assert [int(dg.byhand(unit, x).output.item() > 0) for x, _ in examples] == [0, 0, 0, 1]


def test_one_recurrent_unit_over_three_steps():  # OR-42: sigmoid of wx·x + 0.8·y(before) + 0.1
    unit, y = nn.Sequential(linear([[0.5, -0.5, 0.8]], [0.1]), nn.Sigmoid()), 0.0
    for x, expected in (([1.0, 0.0], 0.6456563062), ([0.0, 1.0], 0.5290983437), ([1.0, 1.0], 0.6279141100)):
        y = dg.byhand(unit, [*x, y]).output.item()
        assert y == pytest.approx(expected, abs=1e-9)


def test_a_recurrent_layer_obeys_its_equation():  # OR-42
    torch.manual_seed(0)
    layer, x = nn.RNN(3, 4).double(), torch.randn(6, 3, dtype=F64)
    h = torch.zeros(4, dtype=F64)
    found = dg.byhand(layer, x).output
    for t in range(6):
        h = torch.tanh(layer.weight_ih_l0 @ x[t] + layer.bias_ih_l0 + layer.weight_hh_l0 @ h + layer.bias_hh_l0)
        assert np.allclose(found[t], h.detach(), atol=1e-12)


def test_the_six_equations_of_lstm():  # OR-43
    layer = nn.LSTM(1, 1).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(0.5)
        layer.bias_hh_l0.zero_()
    table = dg.byhand(layer, [[1.0], [-1.0]])
    found = [table.row(q).value for q in ("h1[0,0]", "c1[0,0]", "h1[1,0]", "c1[1,0]")]
    assert found == pytest.approx([0.3696063529, 0.5567699411, 0.2092596342, 0.4038173011], abs=1e-9)
    assert table.row("c1[1,0]").formula() == "f1[1,0]·c1[0,0] + i1[1,0]·g1[1,0]"
    assert table.row("h1[1,0]").formula() == "o1[1,0]·tanh(c1[1,0])"


def test_an_open_forget_gate_and_a_closed_input_keep_the_memory():  # OR-43
    layer = nn.LSTM(1, 1).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(0.5)
        layer.bias_ih_l0.copy_(torch.tensor([0.5, 800.0, 0.5, 0.5]))  # i, f, g, o
    x = [[1.0]] + [[-3.0]] * 4
    open_gate = dg.byhand(layer, x)
    assert all(open_gate.row(f"f1[{t},0]").value == 1 for t in range(5))
    with torch.no_grad():
        layer.bias_ih_l0[0] = -800.0
    closed = dg.byhand(layer, x)
    assert all(closed.row(f"c1[{t},0]").value == 0 for t in range(5))


class Residual(nn.Module):
    """y = x + tanh(W x), summed up."""

    def __init__(self, weight):
        super().__init__()
        self.inner = linear(weight)

    def forward(self, x):
        return (x + torch.tanh(self.inner(x))).sum(dim=1, keepdim=True)


def test_a_residual_block_sends_back_the_slope_and_the_slope_through_its_branch():  # OR-33: dl/dx = dl/dy (1 + dF/dx)
    random = np.random.default_rng(0)
    w, x = random.normal(size=(3, 3)), random.normal(size=3)
    table = dg.byhand(Residual(w.tolist()), x, [0.0], loss="mse")
    slope = 2 * (x + np.tanh(w @ x)).sum()
    through = (1 - np.tanh(w @ x) ** 2)[:, None] * w  # dF/dx
    assert np.allclose([table.row(f"dL/dx[{i}]").value for i in range(3)], slope * np.ones(3) @ (np.eye(3) + through))
    identity = dg.byhand(Residual(np.zeros((3, 3)).tolist()), x, [0.0], loss="mse")
    assert [identity.row(f"sum1[{i}]").value for i in range(3)] == x.tolist()  # F = 0 gives the identity
