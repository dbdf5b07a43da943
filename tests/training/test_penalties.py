import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.training.penalties import Penalty

IRIS = dg.load("iris")


def weights_of(*values):
    return nn.Parameter(torch.tensor(values))


def with_gradients(*weights):
    for weight in weights:
        weight.grad = torch.ones_like(weight)
    return list(weights)


def test_l1_adds_the_sign_of_each_weight_and_nothing_at_zero():
    weight = weights_of(3.0, -0.5, 0.0)
    Penalty(with_gradients(weight), l1=0.1).add_l1_gradient()
    assert weight.grad.tolist() == pytest.approx([1.1, 0.9, 1.0])


def test_what_the_weights_cost_is_counted_by_hand():
    first, second = weights_of(3.0, -0.5), weights_of(2.0)
    assert Penalty([first, second], l1=0.1).value().item() == pytest.approx(0.1 * 5.5)
    assert Penalty([first, second], l2=0.2).value().item() == pytest.approx(0.1 * (9 + 0.25 + 4))
    assert Penalty([first, second], l1=0.1, l2=0.2).value().item() == pytest.approx(0.55 + 1.325)
    assert not Penalty([first]).active


def test_an_objective_with_l2_has_the_gradient_of_the_sum():
    weight = weights_of(3.0, -0.5)
    total = Penalty(with_gradients(weight), l2=0.2).add_l2(torch.tensor(1.0))
    assert total.item() == pytest.approx(1 + 0.1 * 9.25)
    assert weight.grad.tolist() == pytest.approx([1.6, 0.9])


def test_replicas_have_penalties_of_their_own_and_the_record_keeps_the_first():
    weight = nn.Parameter(torch.tensor([[3.0, -1.0], [3.0, -1.0]]))
    penalty = Penalty(with_gradients(weight), l1=torch.tensor([0.1, 0.0], dtype=torch.float64))
    penalty.add_l1_gradient()
    assert_close(weight.grad, torch.tensor([[1.1, 0.9], [1.0, 1.0]]))
    assert penalty.value().item() == pytest.approx(0.4)


def first_step(**recipe):
    network = nn.Linear(4, 3)
    nn.init.constant_(network.weight, 0.5)
    nn.init.constant_(network.bias, 0.5)
    training = dg.Training(
        network, IRIS, dg.Recipe(threads=1, optimizer="sgd", learning_rate=0.1, epochs=1, batch_size="all", **recipe)
    )
    next(training.steps())
    return training


def test_penalties_pull_at_weights_only_and_are_not_clipped():
    plain, sparse = first_step(), first_step(l1=0.3)
    assert_close(plain.network.weight - sparse.network.weight, torch.full((3, 4), 0.1 * 0.3))
    assert_close(plain.network.bias, sparse.network.bias)
    clipped = [first_step(clip_norm=0.01, l1=l1).network.weight for l1 in (0.0, 0.3)]
    assert_close(clipped[0] - clipped[1], torch.full((3, 4), 0.1 * 0.3))


def test_the_penalty_is_its_own_part_of_the_objective():
    training = first_step(l1=0.3, weight_decay=0.2)
    train = training.close_epoch().train
    weight = training.network.weight.detach()
    assert train["penalty"] == pytest.approx((0.3 * weight.abs().sum() + 0.1 * weight.square().sum()).item())
    network, x = training.network, IRIS.examples("train")
    with torch.no_grad():
        assert train["loss"] == pytest.approx(
            nn.functional.cross_entropy(network(x["x"]), x["species"]).item(), rel=1e-5
        )


def test_without_a_penalty_none_is_recorded_and_decay_apart_from_the_gradient_is_none():
    assert "penalty" not in first_step().close_epoch().train
    apart = dg.Training(nn.Linear(4, 3), IRIS, dg.Recipe(threads=1, optimizer="adamw", epochs=1))
    assert apart.players[0].optimizer.param_groups[0]["weight_decay"] == 0.01  # adamw decays unless told otherwise
    assert "penalty" not in next(iter(apart)).train


def test_a_penalty_on_weights_that_are_all_frozen_is_none():
    network = nn.Linear(4, 3)
    recipe = dg.Recipe(threads=1, epochs=1, l1=0.1, weight_decay=0.1, freeze=["weight"])
    assert "penalty" not in next(iter(dg.Training(network, IRIS, recipe))).train


def test_l1_leaves_fewer_weights_that_matter():
    def small(l1):
        network = dg.build("linear", IRIS)
        list(
            dg.Training(network, IRIS, dg.Recipe(threads=1, epochs=30, l1=l1, learning_rate=0.05, early_stopping=False))
        )
        return int(sum((p.abs() < 0.02).sum() for n, p in network.named_parameters() if "weight" in n))

    assert small(0.1) > small(0.0) + 3
