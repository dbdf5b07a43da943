"""Worked examples with known answers: back-propagation, dropout, norms, zero weights, epochs."""

import itertools

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.data.order import order_of
from deepglass.networks import build
from deepglass.tasks.losses import LOSSES

F64 = torch.float64


def test_the_gradient_of_a_chain_of_four_units_is_the_product_of_its_slopes():
    b = torch.zeros(4, dtype=F64, requires_grad=True)
    y, slopes = torch.zeros((), dtype=F64), []
    for i in range(4):  # all weights are 1, the input 0
        y = torch.sigmoid(y + b[i])
        slopes.append((y * (1 - y)).item())
    ((y - 1) ** 2 / 2).backward()
    error = y.item() - 1
    assert b.grad[0].item() == pytest.approx(error * slopes[3] * slopes[2] * slopes[1] * slopes[0], abs=1e-15)
    expected = torch.tensor([-0.00103122957, -0.00412491828, -0.01755243, -0.0772335], dtype=F64)
    assert_close(b.grad, expected, rtol=0, atol=1e-6)
    shares = torch.tensor([0.013352094, 0.053408375, 0.227266092], dtype=F64)
    assert_close(b.grad[:3] / b.grad[3], shares, rtol=0, atol=1e-8)
    assert abs(b.grad[0]) <= abs(error) * 0.25**4  # at most a quarter a layer


def test_back_propagation_by_hand_by_autograd_and_by_differences_agree():
    random = torch.Generator().manual_seed(3)
    network = build("mlp", inputs=(4,), outputs=2, hidden=3, activation="sigmoid", initialization="glorot").double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random, dtype=F64))
    x, codes = torch.randn(5, 4, generator=random, dtype=F64), torch.tensor([0, 1, 1, 0, 1])

    def loss():
        return LOSSES["cross_entropy"].function(network(x), codes).mean()

    loss().backward()
    first, second = (m for m in network.modules() if isinstance(m, nn.Linear))
    hidden = torch.sigmoid(x @ first.weight.T + first.bias)
    delta = (network(x).softmax(dim=1) - nn.functional.one_hot(codes, 2)) / 5
    below = delta @ second.weight * hidden * (1 - hidden)
    by_hand = {
        first.weight: below.T @ x,
        first.bias: below.sum(0),
        second.weight: delta.T @ hidden,
        second.bias: delta.sum(0),
    }
    for parameter, expected in by_hand.items():
        assert_close(parameter.grad, expected.detach(), rtol=0, atol=1e-12)
        flat, step = parameter.data.view(-1), 1e-6
        for i in range(len(flat)):
            flat[i] += step
            up = loss().item()
            flat[i] -= 2 * step
            down = loss().item()
            flat[i] += step
            assert (up - down) / (2 * step) == pytest.approx(parameter.grad.view(-1)[i].item(), abs=1e-8)


@pytest.mark.parametrize("name", [n for n in LOSSES if n not in ("mae", "perceptron", "hinge")])  # those have corners
def test_the_gradient_of_a_loss_is_that_of_differences(name):
    loss = LOSSES[name]
    random = torch.Generator().manual_seed(0)
    raw = torch.randn(4, 1 if loss.outputs == "one" else 3, generator=random, dtype=F64)
    output = {"probabilities": raw.sigmoid(), "log_probabilities": raw.log_softmax(1)}.get(loss.takes, raw)
    codes = torch.tensor([0, 1, 1, 0])
    target = codes if loss.target == "category" else (torch.randn(output.shape, generator=random) > 0).to(F64)
    assert torch.autograd.gradcheck(lambda z: loss.function(z, target), output.requires_grad_())


def test_the_squared_frobenius_norm_is_the_sum_of_squares():
    weight = torch.tensor([[1.0, 2], [3, 4], [0, -1]])
    assert (weight**2).sum() == 31
    assert torch.linalg.norm(weight, "fro").item() ** 2 == pytest.approx(31, abs=1e-5)


def dropout_of(network):
    return next(m for m in network.modules() if isinstance(m, nn.Dropout))


def test_dropout_keeps_the_mean_by_scaling_what_is_left():
    drop = dropout_of(build("mlp", inputs=(2,), outputs=1, hidden=4, dropout=0.3))
    torch.manual_seed(0)
    kept = drop(torch.ones(100_000))
    assert sorted(round(v, 4) for v in kept.unique().tolist()) == [0, round(1 / 0.7, 4)]
    assert kept.mean().item() == pytest.approx(1, abs=0.01)
    drop.eval()
    assert torch.equal(drop(torch.ones(5)), torch.ones(5))


def test_over_all_masks_a_dropped_output_averages_to_one_minus_p():
    p, x = 0.3, torch.tensor([1.0, 2, -1, 4], dtype=F64)
    average = torch.zeros(4, dtype=F64)
    for mask in itertools.product([0, 1], repeat=4):
        kept = torch.tensor(mask, dtype=F64)
        average += torch.where(kept == 1, 1 - p, p).prod() * kept * x
    assert_close(average, (1 - p) * x)
    assert not torch.allclose(average, p * x)  # the rule "times p" holds at one half only


def test_two_inputs_and_two_hidden_units_have_16_sub_networks_of_which_9_connect():
    masks = list(itertools.product([0, 1], repeat=4))
    assert len(masks) == 16 and sum((a or b) and (c or d) for a, b, c, d in masks) == 9


def norm_of(kind, make):
    return next(m for m in build("mlp", inputs=(2,), outputs=1, hidden=3, norm=kind).modules() if isinstance(m, make))


BATCH = torch.tensor([[1.0, 2, 3], [3, 6, 9]])


def test_batch_norm_of_two_examples_gives_plus_and_minus_one():
    norm = norm_of("batch", nn.BatchNorm1d)
    mean, variance = BATCH.mean(0), BATCH.var(0, unbiased=False)
    assert mean.tolist() == [2, 4, 6] and variance.tolist() == [1, 4, 9]
    normed = norm(BATCH)
    assert_close(normed, (BATCH - mean) / (variance + 1e-5).sqrt())
    assert_close(normed, torch.tensor([[-1.0] * 3, [1.0] * 3]), rtol=0, atol=1e-4)
    assert_close(norm.running_mean, torch.tensor([0.2, 0.4, 0.6]))
    assert_close(norm.running_var, torch.tensor([1.1, 1.7, 2.7]))  # from the unbiased variance
    norm.eval()
    assert not torch.allclose(norm(BATCH), normed, atol=0.1)  # training and use differ


def test_batch_norm_of_one_example_is_undefined():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        norm_of("batch", nn.BatchNorm1d)(BATCH[:1])


def test_layer_norm_looks_at_one_example_and_is_the_same_in_training_and_in_use():
    norm = norm_of("layer", nn.LayerNorm)
    normed = norm(BATCH)
    assert_close(normed, torch.tensor([[-1.2247, 0, 1.2247]] * 2), rtol=0, atol=1e-3)
    norm.eval()
    assert torch.equal(norm(BATCH), normed)
    assert_close(norm(BATCH[:1]), normed[:1])


def test_an_epoch_visits_every_example_once():
    examples, batch_size, epochs = 1000, 200, 3
    seen, steps = torch.zeros(examples, dtype=torch.int64), 0
    for epoch in range(epochs):
        order = order_of(torch.arange(examples), "shuffled", seed=0, epoch=epoch, batch_size=batch_size)
        for batch in order.split(batch_size):
            seen[batch] += 1
            steps += 1
    assert steps == epochs * 5 and seen.eq(epochs).all()
    assert seen.sum() == examples * epochs != batch_size * epochs


def test_without_activations_a_deep_network_is_one_linear_map():
    network = build("mlp", inputs=(4,), outputs=2, hidden=[5, 6], activation="identity").double()
    x = torch.randn(7, 4, generator=torch.Generator().manual_seed(0), dtype=F64)
    (w1, c1), (w2, c2), (w3, c3) = ((m.weight, m.bias) for m in network.modules() if isinstance(m, nn.Linear))
    whole, offset = w3 @ w2 @ w1, w3 @ (w2 @ c1 + c2) + c3
    assert_close(network(x), x @ whole.T + offset)


def test_two_relu_units_solve_xor_exactly():
    network = build("mlp", inputs=(2,), outputs=1, hidden=2, activation="relu")
    with torch.no_grad():
        network.hidden1.weight.fill_(1)
        network.hidden1.bias.copy_(torch.tensor([0.0, -1]))
        network.output.weight.copy_(torch.tensor([[1.0, -2]]))
        network.output.bias.zero_()
    assert network(torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]))[:, 0].tolist() == [0, 1, 1, 0]
