"""Stacked dense networks: the gradients of all at once are those of each, in float32 and in bfloat16."""

import pytest
import torch

import deepglass as dg
from deepglass.training.execution import stacked
from deepglass.training.execution.precision import Precision
from deepglass.training.execution.product import product
from deepglass.training.execution.stacked import stacked_chain
from deepglass.training.replicas import Replicas
from deepglass.training.stack import Stack

LAYERS = ["Flatten", {"Linear": 24}, "ReLU", {"Linear": 16}, "ReLU", {"Linear": 12}, "Tanh", {"Linear": "outputs"}]


@pytest.fixture(scope="module")
def digits():
    return dg.load("digits", test=0, validation=300)


def trainings(data, count=3, **settings):
    wanted = {"threads": 1, "batch_size": 64, "epochs": 2, **settings}
    recipes = [dg.Recipe(seed=seed, **wanted) for seed in range(count)]
    return [dg.Training(dg.build(LAYERS, data, seed=r.seed), data, r) for r in recipes]


def chain_of(stack, precision, examples=64):
    lead = stack.trainings[0]
    tensors = {**stack.fixed, **stack.parameters}
    return stacked_chain(lead.execution.chain, lead.network, tensors, precision, examples)


@pytest.mark.parametrize(("low", "tolerance"), [(False, 1e-5), (True, 0.1)])
def test_gradients_are_those_of_autograd(digits, low, tolerance):
    made = trainings(digits)
    batch = next(iter(made[0]._batches()))
    losses, wanted = [], []
    for training in made:
        loss = training.task.losses_of(training.network(batch["image"]), batch)["loss"]
        loss.backward()
        losses.append(loss.item())
        wanted.append([p.grad.clone() for p in training.network.parameters()])
    stack = Stack(made)
    chain = chain_of(stack, Precision(low))
    assert chain.low == low and [link.gives_low for link in chain.links if hasattr(link, "gives_low")] == [
        low,
        low,
        False,
        False,
    ]
    assert chain.differentiate(batch).tolist() == pytest.approx(losses, rel=tolerance)
    for number, parameter in enumerate(stack.parameters.values()):
        assert parameter.grad.dtype == torch.float32
        for found, own in zip(parameter.grad, wanted):
            assert (found - own[number]).norm() <= tolerance * own[number].norm()


def test_what_is_measured_is_in_float32_whatever_the_steps_are_taken_in(digits):
    stack = Stack(trainings(digits))
    x = digits.examples("validation", limit=50)["image"]
    said = [chain_of(stack, Precision(low)).judge(x) for low in (False, True)]
    assert torch.equal(*said)
    for output, training in zip(said[0], stack.trainings):
        torch.testing.assert_close(output.mT, training.network(x), rtol=1e-5, atol=1e-5)


def test_products_of_all_networks_together_decide_on_the_precision(digits):
    stack = Stack(trainings(digits))
    products = [3 * 64 * 64 * 24, 3 * 64 * 24 * 16]  # the two largest, of all three networks
    chains = [chain_of(stack, Precision(True, least)) for least in (products[0] + 1, products[0], products[1])]
    assert [chain.low for chain in chains] == [False, True, True]
    assert [[link.low for link in chain.links if hasattr(link, "low")] for chain in chains[1:]] == [
        [True, False, False, False],
        [True, True, False, False],
    ]


@pytest.mark.parametrize("same_order", [True, False])
def test_a_stack_in_bfloat16_learns_as_its_networks_alone_in_float32(digits, same_order):
    settings = {"epochs": 4, "learning_rate": 3e-3, "early_stopping": False}
    alone, low = trainings(digits, precision="float32", **settings), trainings(digits, precision="bfloat16", **settings)
    if same_order:
        for training in low:
            training.recipe = training.recipe.model_copy(update={"seed": 0})
    replicas = Replicas(low)
    list(replicas)
    assert replicas.precision == "bfloat16"
    for one, other in zip(alone, low, strict=True):
        list(one)
        assert other.history[-1].validation["accuracy"] > one.history[-1].validation["accuracy"] - 0.05
        assert other.history[-1].validation["loss"] == pytest.approx(one.history[-1].validation["loss"], rel=0.2)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_a_product_is_that_of_torch_by_whichever_library(kind, monkeypatch):
    random = torch.Generator().manual_seed(0)
    a, b = (torch.randn(shape, generator=random).to(kind) for shape in ((70, 33), (33, 20)))
    wanted = (a.double() @ b.double()).float()
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if kind == torch.float32 else {"rtol": 1e-2, "atol": 1e-1}
    for turned in (b, b.T.contiguous().T):  # as it lies, and across
        torch.testing.assert_close(product(a, turned).float(), wanted, **tolerance)
    monkeypatch.setattr("deepglass.training.execution.product._has_onednn", lambda: False)
    torch.testing.assert_close(product(a, b).float(), wanted, **tolerance)


def test_losses_that_are_measured_are_those_that_are_learned():
    assert {name for name, _ in stacked_losses()} == set(stacked.LOSS_OF_EACH)


def stacked_losses():
    from deepglass.training.execution.chain import CLOSED_FORMS

    return CLOSED_FORMS
