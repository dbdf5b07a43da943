import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.training.averaging import Average

IRIS = dg.load("iris")


def layers():
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3))


def training(network=None, **recipe):
    return dg.Training(network or layers(), IRIS, dg.Recipe(**{"threads": 1, "epochs": 3, "average": 0.9, **recipe}))


def state(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_the_mean_follows_its_formula():
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 1.0)
    average, expected = Average(network, 0.5), 1.0
    for step, weight in enumerate([3.0, 5.0, -2.0, 4.0, 0.0, 1.0, 2.0, 6.0, 1.0, 3.0, 2.0], start=1):
        nn.init.constant_(network.weight, weight)
        average.follow(step)
        kept = min(0.5, step / (9 + step))  # 1/10, 2/11, 3/12, ...: from the ninth step on one half
        expected = kept * expected + (1 - kept) * weight
    assert average.values["weight"].item() == pytest.approx(expected, rel=1e-6)


def test_once_it_has_begun_it_is_torchs_exponential_average():
    network = layers()
    average = Average(network, 0.9)
    theirs = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9), use_buffers=True
    )
    theirs.update_parameters(network)  # the first call copies
    for step in range(100, 110):
        network(torch.randn(8, 4)).sum().backward()
        with torch.no_grad():
            for p in network.parameters():
                p += torch.randn_like(p)
        average.follow(step)
        theirs.update_parameters(network)
    expected = theirs.module.state_dict()
    assert_close(average.values, {n: expected[n] for n in average.values}, rtol=1e-5, atol=1e-6)


def test_training_goes_on_with_the_raw_weights_to_the_last_bit():
    network = layers()
    start = state(network)
    plain = training(network, average=None, early_stopping=False)
    list(plain)
    raw = state(network)
    network.load_state_dict(start)
    averaged = training(network, early_stopping=False)
    while not averaged.finished:
        list(averaged.steps())
        averaged.close_epoch()
    assert same(raw, state(network))
    assert not same(raw, averaged.average.values)


def test_what_is_measured_and_kept_is_the_mean():
    averaged = training()
    list(averaged.steps())
    raw = state(averaged.network)
    epoch = averaged.close_epoch()
    assert same(raw, state(averaged.network))
    expected = layers()
    expected.load_state_dict({**raw, **averaged.average.values})
    alone = training(expected, average=None)
    assert alone.measure("validation") == epoch.validation
    assert alone.measure("train") == epoch.train
    assert same(averaged.best, state(expected))


@pytest.mark.parametrize("early_stopping", [True, False])
def test_the_network_ends_with_the_mean(early_stopping, tmp_path):
    run = dg.train(
        layers(),
        IRIS,
        epochs=2,
        average=0.9,
        early_stopping=early_stopping,
        threads=1,
        out=tmp_path / "run",
        progress=False,
    )
    in_memory = state(run.network)
    opened = dg.Run(tmp_path / "run", network=layers(), data=IRIS)
    assert same(in_memory, state(opened.network))
    checkpoint = dg.runs.load_checkpoint(tmp_path / "run").tensors
    part = "average." if not early_stopping else "best."
    assert all(torch.equal(in_memory[n], checkpoint[part + n]) for n, v in in_memory.items() if v.is_floating_point())
    assert not torch.equal(in_memory["0.weight"], checkpoint["network.0.weight"])


def test_whole_numbers_are_the_networks_own():
    assert set(Average(layers(), 0.9).values) == {n for n, v in layers().state_dict().items() if v.is_floating_point()}
