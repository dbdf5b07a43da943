"""Views of convolutional networks: the same function on the same weights."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.networks.transformer import transformer
from deepglass.training.execution.execution import made_of_known
from deepglass.training.execution.masks import QuickDropout, dropout_mask
from deepglass.training.execution.pooling import PairwiseMax, PositiveMax
from deepglass.training.execution.relu import QuickReLU
from deepglass.training.execution.view import View

DIGITS = dg.load("digits")


def network():
    torch.manual_seed(0)
    block = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.Tanh(), nn.MaxPool2d(2), block, nn.Flatten(), nn.Dropout(0.5), nn.Linear(6, 10)
    )


def test_a_view_gives_the_outputs_and_gradients_of_the_network():
    plain = network()
    view = View(plain, rewrites=True)
    assert view.rewrites == [
        *("2 before 1", "2 by pairs"),
        "3.3 with 3.2",
        "5 by 16 bits a unit",
    ]
    plain[5].eval()  # dropout would draw other numbers
    view.follow()
    x = torch.randn(8, 1, 9, 9)
    plain(x).square().sum().backward()
    expected = [p.grad.clone() for p in plain.parameters()]
    output = plain(x)
    plain.zero_grad()
    quick = view.module(x)
    quick.square().sum().backward()
    assert_close(quick, output)
    for parameter, gradient in zip(plain.parameters(), expected):
        assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-4)


def test_batch_norm_of_the_network_itself_measures_what_its_view_sees():
    plain = network()
    View(plain, rewrites=True).module(torch.randn(8, 1, 9, 9))
    assert plain[3][1].num_batches_tracked == 1 and plain[3][1].running_mean.any()


def test_the_network_keeps_its_layers_its_names_and_its_hooks():
    plain = dg.build("convnet", DIGITS)
    names = [n for n, _ in plain.named_modules()]
    training = dg.Training(plain, DIGITS, dg.Recipe(epochs=1))
    seen = []
    handle = plain.conv1.register_forward_hook(lambda *_: seen.append(1))
    steps = training.steps()
    next(steps)
    handle.remove()
    next(steps)
    assert seen == [1] and [n for n, _ in plain.named_modules()] == names
    assert "channels last" in training.execution.rewrites


@pytest.mark.parametrize("height, width", [(8, 8), (7, 9), (2, 3), (1, 1)])
def test_the_first_of_equal_numbers_in_a_window_takes_the_gradient_as_in_torch(height, width):
    x = torch.randint(0, 3, (4, 5, height, width)).float().to(memory_format=torch.channels_last)  # many are equal
    own, torchs = x.clone().requires_grad_(), x.clone().requires_grad_()
    if min(height, width) < 2:
        assert PairwiseMax.apply(own).numel() == 0
        return
    expected = nn.functional.max_pool2d(torchs, 2)
    found = PairwiseMax.apply(own)
    assert torch.equal(found, expected)
    weight = torch.randn_like(expected)
    (found * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.equal(own.grad, torchs.grad)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_a_quick_mask_drops_its_share_and_keeps_the_expected_value(p):
    torch.manual_seed(0)
    mask = dropout_mask(torch.empty(1000, 1001), p)
    assert abs((mask == 0).float().mean() - p) < 0.002
    kept = float((mask > 0).double().mean())
    assert float(mask.max()) == pytest.approx(1 / (1 - p), rel=1e-4)
    assert abs(float(mask.max()) * kept - 1) < 0.005


def test_dropout_draws_the_same_after_the_same_seed_and_nothing_in_evaluation():
    layer, x = QuickDropout(0.5), torch.ones(6, 7)
    torch.manual_seed(1)
    first = layer(x)
    torch.manual_seed(1)
    assert torch.equal(layer(x), first) and not torch.equal(layer(x), first)
    assert torch.equal(layer.eval()(x), x)


def test_without_rewrites_only_the_layout_in_memory_differs():
    training = dg.Training(dg.build("convnet", DIGITS), DIGITS, dg.Recipe(rewrites=False))
    assert training.execution.rewrites == ["channels last"]


def test_a_hook_that_was_there_first_and_is_removed_is_heard_no_more():
    plain, seen = dg.build("convnet", DIGITS), []
    handle = plain.conv1.register_forward_hook(lambda *_: seen.append(1))
    steps = dg.Training(plain, DIGITS, dg.Recipe(epochs=1)).steps()
    seen.clear()
    next(steps)
    handle.remove()
    next(steps)
    assert seen == [1]


def test_an_activation_that_does_not_rise_stays_before_pooling():
    row = nn.Sequential(nn.Conv2d(1, 2, 3), nn.LeakyReLU(-0.5), nn.MaxPool2d(2))
    view, x = View(row, rewrites=True), torch.randn(3, 1, 8, 8)
    assert view.rewrites == ["2 by pairs"]
    assert_close(view.module(x), row(x))


def test_networks_of_ours_are_viewed_whatever_their_class_and_those_of_others_are_not():
    class Own(nn.Sequential):
        def forward(self, x):
            return super().forward(x).relu()

    with torch.device("meta"):
        branching = dg.build("googlenet", inputs=(3, 32, 32), outputs=10)
    assert type(branching) is not nn.Sequential and made_of_known(branching)
    assert not made_of_known(Own(nn.Conv2d(1, 4, 3))) and not made_of_known(nn.Sequential(Own(nn.Conv2d(1, 4, 3))))


def test_a_view_of_a_network_that_hears_lays_out_the_images_that_its_front_makes():
    data = dg.load("chirps")
    plain = dg.build({"name": "convnet", "front": "mel"}, data)
    view = View(plain, rewrites=True)
    plain.eval()
    view.follow()
    x = torch.randn(4, *next(iter(data.input_shapes.values())))
    assert [type(part).__name__ for part in view.module.front] == ["Sequential", "ChannelsLast"]
    assert_close(view.module(x), plain(x), rtol=1e-4, atol=1e-4)


def test_dropout_inside_a_transformer_is_drawn_quickly_and_nothing_else_differs():
    plain = transformer((5, 3), 2, width=8, heads=2, dropout=0.5)
    view = View(plain, rewrites=True, channels_last=False)
    assert [name for name in view.rewrites if "blocks.0.dropout" in name]
    assert not [m for m in view.module.modules() if type(m) is nn.Dropout]
    x = torch.randn(4, 5, 3)
    plain.eval()
    view.follow()
    assert torch.equal(view.module(x), plain(x))
    plain.train()
    view.follow()
    assert not torch.equal(view.module(x), view.module(x))
    view.module(x).sum().backward()
    assert all(p.grad is not None for p in plain.parameters())  # the copy has the network's own parameters


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("height, width", [(8, 8), (7, 9), (2, 3)])
def test_relu_and_pooling_in_one_pass_give_what_they_give_one_after_the_other(kind, height, width):
    x = torch.randint(-2, 3, (4, 5, height, width)).to(kind, memory_format=torch.channels_last)  # many are equal, or 0
    own, torchs = x.clone().requires_grad_(), x.float().clone().requires_grad_()
    found, expected = PositiveMax.apply(own), nn.functional.max_pool2d(torchs.relu(), 2)
    assert torch.equal(found.float(), expected)
    weight = torch.randint(-3, 4, expected.shape).float()
    (found * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.equal(own.grad.float(), torchs.grad)


def test_relu_on_bits_of_bfloat16_is_relu():
    values = torch.tensor(
        [0.0, -0.0, 1.5, -1.5, 1e-39, -1e-39, 3e38, float("inf"), -float("inf")], dtype=torch.bfloat16
    )
    own, torchs = values.clone().requires_grad_(), values.clone().requires_grad_()
    found, expected = QuickReLU()(own), torchs.relu()
    assert torch.equal(found, expected)
    weight = torch.arange(1, 10).to(torch.bfloat16)
    found.backward(weight)
    expected.backward(weight)
    assert torch.equal(own.grad, torchs.grad)
