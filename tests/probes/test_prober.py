"""A training that is looked into."""

import math

import numpy as np
import pytest
import torch
from driven import NETWORKS, drive, hooks_of, make, prober_of, training_of
from torch import nn
from torch.testing import assert_close

from deepglass.probes.look import Look
from deepglass.probes.prober import Prober


def state(training):
    return {n: v.clone() for n, v in training.state_dict()["tensors"].items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_bits_come_out_with_probes_and_without(name):
    np.random.seed(0)  # noqa: NPY002 (one of the networks draws from it)
    plain = training_of(make(name))
    drive(plain, None)
    np.random.seed(0)  # noqa: NPY002
    probed = training_of(make(name))
    prober = prober_of(probed)
    drive(probed, prober)
    assert not prober.evidence.notes
    assert len(prober.evidence.probes) == 6  # 0, 1, 2, 4, 8 and the end; epochs of 9 steps are too short
    expected, found = state(plain), state(probed)
    assert expected.keys() == found.keys()
    assert [n for n, v in expected.items() if not torch.equal(v, found[n])] == []
    assert [e.to_dict() | {"seconds": 0} for e in plain.history] == [
        e.to_dict() | {"seconds": 0} for e in probed.history
    ]
    assert hooks_of(probed.network) == 0


def test_modes_gradients_and_attributes_are_as_they_were():
    training = training_of(make("own code"))
    network = training.network
    network.out.weight.grad = torch.ones(3, 6)
    network.out.eval()
    mean, weight = network.mean, network.out.weight
    prober = prober_of(training)
    prober.before(0, 1)
    assert network.calls == 0 and network.mean is mean and not mean.any()
    assert network.training and not network.out.training
    assert network.out.weight is weight and torch.equal(weight.grad, torch.ones(3, 6))


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("residual", {"inward": 1, "block": 1, "relu": 1, "out": 1}),
        ("shared", {"inward": 1, "twice": 2, "tanh": 1, "tanh_2": 1, "out": 1}),
        ("lstm", {"lstm": 1, "out": 1}),
        ("in place", {"0": 1, "1": 1, "2": 1, "3": 1, "4": 1}),
        ("compiled", {"0": 1, "1": 1, "2": 1, "3": 1, "4": 1}),
        ("compiled, wrapped", {"0": 1, "1": 1, "2": 1, "3": 1, "4": 1}),
    ],
)
def test_every_layer_is_seen_in_its_order(name, layers):
    training = training_of(make(name))
    prober = prober_of(training)
    drive(training, prober, stop_after=1)
    evidence = prober.evidence
    assert {layer.name: layer.calls for layer in evidence.layers} == layers
    assert sum(layer.parameters for layer in evidence.layers) == sum(p.numel() for p in training.network.parameters())
    for layer in evidence.layers:
        for quantity in (
            "activation_std",
            "backward_rms",
            *(("gradient_norm", "update_ratio") if layer.parameters else ()),
        ):
            assert evidence.series(quantity, layer.name).values[0] > 0, (layer.name, quantity)
    assert all(layer.optimized == layer.parameters for layer in evidence.layers)


class Known(nn.Module):
    """Weights of which everything can be worked out by hand."""

    def __init__(self):
        super().__init__()
        self.hidden, self.act, self.out = nn.Linear(6, 4), nn.Sigmoid(), nn.Linear(4, 3)
        with torch.no_grad():
            self.hidden.weight.zero_()
            self.hidden.bias.copy_(torch.tensor([0.0, 100.0, 1.0, 0.0]))
            self.hidden.weight[0, 0] = 1.0
            self.out.weight.copy_(torch.tensor([[1.0, 2, 0, 0], [1, 2, 0, 0], [0, 0, 0, 3]]))

    def forward(self, x):
        return self.out(self.act(self.hidden(x)))


def test_the_numbers_are_those_worked_out_by_hand():
    training = training_of(Known(), optimizer="sgd", learning_rate=0.5)
    prober = prober_of(training)
    drive(training, prober, stop_after=1)
    evidence = prober.evidence

    def value(quantity, layer=None):
        return evidence.series(quantity, layer).values[0]

    batch = torch.cat([b[training.task.inputs[0]] for b in prober._rows()])
    assert evidence.facts["rows"] == len(batch) == 72  # all training rows, in two halves
    first = batch[:, 0].double()
    sums = torch.stack([first, *(torch.full_like(first, v) for v in (100.0, 1.0, 0.0))])  # (units, rows)
    assert_close(value("activation_mean", "hidden"), sums.mean().item(), rtol=1e-5, atol=0)
    assert_close(value("activation_std", "hidden"), sums.std(correction=0).item(), rtol=1e-5, atol=0)
    assert_close(
        value("activation_unit_std", "hidden"), math.sqrt(first.var(correction=0).item() / 4), rtol=1e-5, atol=0
    )
    assert value("activation_zero", "hidden") == 0.25  # one unit of four, for all rows
    assert value("dead_units", "hidden") == 0.25 and value("constant_units", "hidden") == 0.5
    assert (
        value("saturated_units", "act") == 0.25
    )  # sigmoid(100) is 1; the steepness 4 s (1 - s) of the others is above 0.05
    assert value("activation_quantiles", "hidden")[-1] == 100.0
    assert value("weight_norm", "hidden") == 1.0 and value("weight_zero", "hidden") == pytest.approx(23 / 24, rel=1e-5)
    assert value("weight_std", "hidden") == pytest.approx(math.sqrt(1 / 24 - 1 / 24**2), rel=1e-5)
    assert value("twin_units", "hidden") == 0.75  # three rows of zeros
    assert value("twin_units", "out") == pytest.approx(2 / 3, rel=1e-5)


def test_gradients_updates_and_the_landing_are_those_of_autograd():
    training = training_of(make("residual"), optimizer="sgd", learning_rate=0.5, clip_norm=0.1)
    network, prober = training.network, prober_of(training)
    before = {n: p.detach().clone() for n, p in network.named_parameters()}
    drive(training, prober, stop_after=1)
    evidence = prober.evidence
    x = torch.cat([b[training.task.inputs[0]] for b in prober._rows()])
    y = torch.cat([training.task.target_of(b) for b in prober._rows()])
    after = {n: p.detach().clone() for n, p in network.named_parameters()}

    def loss_and_gradient(weights):
        network.load_state_dict(weights)
        loss = nn.functional.cross_entropy(network(x), y)
        return loss.item(), dict(zip(weights, torch.autograd.grad(loss, list(network.parameters()))))

    loss, gradient = loss_and_gradient(before)
    loss_after, gradient_after = loss_and_gradient(after)
    flat = {k: torch.cat([v.flatten() for v in d.values()]) for k, d in (("g", gradient), ("h", gradient_after))}
    step = torch.cat([(after[n] - before[n]).flatten() for n in before])
    expected = {
        "loss": loss,
        "loss_evaluated": loss,
        "loss_after": loss_after,
        "gradient_norm": flat["g"].norm(),
        "slope_before": flat["g"] @ step,
        "slope_after": flat["h"] @ step,
        "gradient_cosine": nn.functional.cosine_similarity(flat["g"], flat["h"], dim=0),
        "clipped_gradient_norm": 0.1,
        "learning_rate": 0.5,
    }
    for quantity, value in expected.items():
        assert evidence.series(quantity).values[0] == pytest.approx(float(value), rel=1e-4), quantity
    assert evidence.series("step_gradient_norm").values[0] > 0.1
    block = [gradient["block.weight"], gradient["block.bias"]]
    assert evidence.series("gradient_norm", "block").values[0] == pytest.approx(
        float(torch.cat([g.flatten() for g in block]).norm()), rel=1e-4
    )
    change = (after["block.weight"] - before["block.weight"]).norm()
    assert evidence.series("update_ratio", "block").values[0] == pytest.approx(
        float(change / before["block.weight"].norm()), rel=1e-4
    )
    network.load_state_dict(before)
    first, second = (
        torch.autograd.grad(nn.functional.cross_entropy(network(a), b), [network.block.weight, network.block.bias])
        for a, b in zip(x.chunk(2), y.chunk(2))
    )
    mean = torch.cat([(a + b).flatten() for a, b in zip(first, second)]).norm()
    noise = torch.cat([(a - b).flatten() for a, b in zip(first, second)]).norm()
    assert evidence.series("gradient_snr", "block").values[0] == pytest.approx(float(mean / noise), rel=1e-3)


def test_dead_units_and_running_statistics_are_found():
    network = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3))
    network[1].bias.data[:2] = -100.0
    network[1].running_mean.fill_(5.0)
    training = training_of(network)
    prober = prober_of(training)
    drive(training, prober, stop_after=1)
    evidence = prober.evidence
    assert evidence.series("dead_units", "2").values == (0.5,)
    assert evidence.series("activation_zero", "2").values[0] >= 0.5
    assert evidence.series("norm_mean_gap", "1").values[0] > 3  # 5 against about 0, in units of about 1
    assert evidence.series("mode_gap").values[0] > 0
    assert evidence.series("loss_evaluated").values[0] != evidence.series("loss").values[0]


def test_frozen_parts_show_no_change_and_those_that_learn_do():
    training = training_of(make("residual"), freeze=["inward"])
    prober = prober_of(training)
    drive(training, prober)
    evidence = prober.evidence
    assert len(set(evidence.series("fingerprint", "inward").values)) == 1
    assert len(set(evidence.series("fingerprint", "block").values)) == len(evidence.probes)
    inward = evidence.layer("inward")
    assert (inward.parameters, inward.trainable, inward.optimized) == (56, 0, 0)


def test_a_value_that_is_not_finite_is_counted_and_kept():
    network = make("in place")
    network[2].weight.data[0, 0] = math.inf
    training = training_of(network)
    prober = prober_of(training)
    prober.before(0, 1)
    prober._conclude({}, None, landed=False)
    evidence = prober.evidence
    assert evidence.series("weight_nonfinite", "2").values == (1.0,)
    assert evidence.series("weight_nonfinite", "0").values == (0.0,)
    assert evidence.series("activation_nonfinite", "2").values[0] >= 1
    assert not math.isfinite(evidence.series("weight_norm", "2").values[0])


def test_shares_of_classes_and_the_output_are_measured():
    training = training_of(make("residual"))
    prober = prober_of(training)
    drive(training, prober, stop_after=1)
    evidence = prober.evidence
    assert sum(evidence.series("predicted_shares").values[0]) == pytest.approx(1, abs=1e-4)
    codes = training.data.codes("train").bincount() / 72
    assert evidence.series("target_shares").values[0] == pytest.approx(codes.tolist(), abs=1e-5)
    assert evidence.series("output_spread").values[0] > 0 and evidence.series("output_row_sums_to_one").values[0] == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_no_hook_is_left_behind_by_an_exception(error, monkeypatch):
    training = training_of(make("own code"))
    network = training.network
    true, mean, calls = network.forward, network.mean, []

    def fail(x):
        calls.append(x)
        if len(calls) == 1:  # inside the look at the first step
            raise error("stop")
        return true(x)

    monkeypatch.setattr(network, "forward", fail)
    prober = prober_of(training)
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            prober.before(0, 1)
    else:
        drive(training, prober)  # the training goes on, and a note says why nothing was measured
        assert prober.evidence.notes == ["Nothing is measured inside the network from step 0 on: stop."]
        assert training.finished
    assert hooks_of(network) == 0 and network.training
    assert error is not KeyboardInterrupt or network.mean is mean


def test_nothing_is_fetched_before_the_end_of_a_look(monkeypatch):
    fetched = []
    monkeypatch.setattr(torch.Tensor, "item", lambda self: fetched.append(self) or 0.0)
    monkeypatch.setattr(torch.Tensor, "__bool__", lambda self: fetched.append(self) or True)
    training = training_of(make("batch norm and dropout"))
    prober = prober_of(training)
    rows = prober._rows()
    look = Look(training.network, training.task, rows, 0, set())
    look.before()
    look.after()
    assert not fetched


def test_probes_that_are_never_asked_cost_nothing():
    training = training_of(make("residual"))
    prober = prober_of(training)
    drive(training, None)
    assert prober.seconds == 0 and isinstance(prober, Prober) and prober.evidence.probes == []
