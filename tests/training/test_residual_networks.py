"""Residual networks in training: stacked, resumed, probed, in a quicker form, kept."""

import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.training.execution.view import View
from deepglass.training.replicas import Replicas

DATA = dg.load("digits", test=0.6, validation=40, classes=[0, 1])
SMALL = {
    "layers": [
        {"Conv2d": [4, 3]},
        {"BasicBlock": {"width": 8, "stride": 2}},
        {"BasicBlock": 8},
        "Flatten",
        {"Linear": "outputs"},
    ]
}


def training(seed=0, **settings):
    recipe = {
        "epochs": 2,
        "batch_size": 32,
        "threads": 1,
        "precision": "float32",
        "early_stopping": False,
        "seed": seed,
    }
    return dg.Training(dg.build(SMALL, DATA, seed=seed), DATA, dg.Recipe(**{**recipe, **settings}))


def tensors(one):
    return one.network.state_dict()


def test_replicas_end_with_the_weights_and_running_statistics_that_they_would_have_alone():
    alone, stacked = ([training(seed, optimizer="sgd", learning_rate=0.05) for seed in range(2)] for _ in range(2))
    for one in alone:
        list(one)
    list(Replicas(stacked))
    for one, other in zip(alone, stacked):
        for name, value in tensors(one).items():
            assert_close(tensors(other)[name], value, rtol=1e-3, atol=1e-4, msg=lambda m, n=name: f"{n}: {m}")
        assert one.history[-1].validation == pytest.approx(other.history[-1].validation, rel=1e-2, abs=1e-2)
    assert tensors(stacked[0])["1.bn1.num_batches_tracked"] > 0


def test_resumed_in_the_middle_of_an_epoch_it_ends_with_the_same_bits():
    whole, first, second = training(), training(), training()
    list(whole)
    for number, _ in enumerate(first.steps(), start=1):
        if number == 2:
            break
    second.load_state_dict(first.state_dict())
    list(second)
    assert all(torch.equal(value, tensors(second)[name]) for name, value in tensors(whole).items())


def test_the_quicker_form_gives_the_same_outputs_and_gradients():
    network = dg.build(SMALL, DATA)
    view = View(network, rewrites=True)
    view.follow()
    x = torch.randn(8, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    found = []
    for module in (network, view.module):
        network.zero_grad()
        output = module(x)
        output.square().sum().backward()
        found.append([output, *(p.grad.clone() for p in network.parameters())])
    for one, other in zip(*found):
        assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_a_kept_run_looks_inside_every_block_and_predicts_as_its_network(in_tmp):
    run = dg.train("resnet20", DATA, epochs=1, out="run", progress=False)
    assert run.spec.recipe.optimizer == "momentum" and run.spec.recipe.learning_rate == 0.1
    assert {"conv1", "layer2.0.conv1", "layer3.2.bn2", "fc"} <= {
        layer.name for layer in dg.Evidence.from_run("run").layers
    }
    again = dg.Run("run")
    x = torch.randn(4, 1, 8, 8)
    assert torch.equal(run.network.eval()(x), again.network.eval()(x))
