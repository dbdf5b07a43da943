import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.data import Batch
from deepglass.training.gradients import differentiate

IRIS = dg.load("iris")  # 96 training examples
WEIGHTED = dg.load("iris", weights=1 + np.arange(150) % 5)


def weights_after_an_epoch(data=IRIS, **recipe):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    recipe = {"threads": 1, "epochs": 1, "optimizer": "sgd", "early_stopping": False, "clip_norm": 0.5, **recipe}
    training = dg.Training(network, data, dg.Recipe(**recipe))
    steps = list(training.steps())
    return training, steps, list(network.state_dict().values())


@pytest.mark.parametrize("data", [IRIS, WEIGHTED], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("batch_size", "accumulate", "whole"),
    [(8, 4, 32), (10, 5, 50), (7, 3, 21), (32, 3, 96), (40, 100, "all")],  # 96 is no multiple of 10, 50, 7, 21 and 40
)
def test_several_batches_a_step_are_one_batch_of_them_all(data, batch_size, accumulate, whole):
    _, parts, small = weights_after_an_epoch(data, batch_size=batch_size, accumulate=accumulate)
    _, wholes, large = weights_after_an_epoch(data, batch_size=whole)
    assert [s.examples for s in parts] == [s.examples for s in wholes]
    assert [s.loss for s in parts] == pytest.approx([s.loss for s in wholes], rel=1e-5)
    assert_close(small, large, rtol=1e-5, atol=1e-6)


@given(st.lists(st.integers(1, 7), min_size=1, max_size=6), st.booleans())
def test_however_examples_are_parted_their_gradient_is_that_of_the_whole(sizes, weighted):
    random, count = torch.Generator().manual_seed(0), sum(sizes)
    x, w = torch.randn(count, 3, generator=random, dtype=torch.float64), torch.rand(count, generator=random) + 0.1
    layer = nn.Linear(3, 1).double()

    def losses_of(batch):
        each = layer(batch["x"])[:, 0] ** 2
        return {"loss": each.mean() if batch.weights is None else (each * batch.weights).sum() / batch.weights.sum()}

    def gradient(parts):
        layer.zero_grad()
        ids = torch.arange(count).split(parts)
        batches = [Batch({"x": x[i]}, i, w[i].double() if weighted else None) for i in ids]
        loss = differentiate(losses_of, batches, layer.parameters())["loss"]
        return loss.detach(), layer.weight.grad.clone(), layer.bias.grad.clone()

    assert_close(gradient(sizes), gradient([count]))


def test_steps_are_counted_by_updates():
    training, steps, _ = weights_after_an_epoch(batch_size=10, accumulate=4)
    assert [s.number for s in steps] == [1, 2, 3]
    assert training.steps_an_epoch == 3
    assert training.close_epoch().running["loss"] == pytest.approx(
        sum(s.loss * s.examples for s in steps) / 96, rel=1e-6
    )


def test_the_norm_of_the_gradient_before_clipping_is_recorded_where_it_is_clipped():
    training, steps, _ = weights_after_an_epoch(batch_size="all")
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    batch = IRIS.examples("train")
    nn.functional.cross_entropy(network(batch["x"]), batch["species"]).backward()
    norm = torch.cat([p.grad.flatten() for p in network.parameters()]).norm().item()
    assert float(steps[0].losses["gradient_norm"]) == pytest.approx(norm, rel=1e-5)
    assert training.close_epoch().running["gradient_norm"] == pytest.approx(norm, rel=1e-5)
    assert "gradient_norm" not in weights_after_an_epoch(clip_norm=None)[1][0].losses


def test_a_gradient_can_be_clipped_number_by_number():
    torch.manual_seed(0)
    start = [p.detach() for p in nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).parameters()]
    _, _, after = weights_after_an_epoch(clip_norm=None, clip_value=1e-3, learning_rate=1.0, batch_size="all")
    moved = torch.cat([(a - b).abs().flatten() for a, b in zip(after, start)])
    assert moved.max().item() == pytest.approx(1e-3, rel=1e-3)
    assert (moved > 0.99e-3).sum() > 10  # all long numbers are cut to the same length
