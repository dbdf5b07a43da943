"""Handwriting: what is measured, and that the same seed draws the same."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.data import Batch
from deepglass.errors import SettingError, ShapeError
from deepglass.randomness import Noise
from deepglass.tasks import Handwriting, task_for
from deepglass.tasks.handwriting import draw, drawn_as


class Constant(nn.Module):
    """Expects one standard Gaussian around 0 and each state of the pen alike, whatever it reads."""

    def __init__(self):
        super().__init__()
        sigma = math.log(math.expm1(0.95))
        self.numbers = nn.Parameter(torch.tensor([0.0, 0, 0, sigma, sigma, 0, 0, 0, 0]))

    def forward(self, strokes):
        return self.numbers.expand(len(strokes), strokes.shape[1] + 1, 9)

    def begin(self, inputs, batch):
        return {"count": torch.zeros(batch)}

    def step(self, point, state):
        return self.numbers.expand(len(state["count"]), 9), state


class Silent(nn.Module):
    """Gives what is asked for, and cannot go on point by point."""

    def forward(self, strokes):
        return strokes.new_zeros(len(strokes), strokes.shape[1] + 1, 9)


@pytest.fixture(scope="module")
def data():
    return dg.load("strokes", options={"drawings": 60, "label": "input"})


@pytest.fixture(scope="module")
def trained(data):
    network = dg.build({"name": "handwriting", "hidden": [16], "mixtures": 3}, data, seed=1)
    task = Handwriting()
    training = dg.Training(network, data, dg.Recipe(epochs=2, batch_size=16, threads=1), task=task)
    history = list(training)
    return training.network, training.task, history


def test_the_loss_is_nats_a_point_with_the_end_and_nothing_after_it():
    data = dg.load("strokes", options={"drawings": 30, "label": "none"})
    task, network = Handwriting(), Constant()
    task.prepare(data, network)
    # Two points (one of them lifts the pen) and one; then padding that must not count.
    rows = torch.zeros(2, 4, 5)
    rows[:, :, 4] = 1
    rows[0, 0] = torch.tensor([1.0, 0, 1, 0, 0])
    rows[0, 1] = torch.tensor([0.0, 2, 0, 1, 0])
    rows[1, 0] = torch.tensor([0.0, 0, 0, 1, 0])
    batch = Batch({"strokes": rows}, torch.arange(2))
    losses = {n: v.detach() for n, v in task.losses(network, batch, "network", Noise(0, 0, batch.ids)).items()}
    # Three offsets of log(2 pi) + r^2 / 2, five states of log 3 (three points, two ends), over five.
    offsets, pen = (3 * math.log(2 * math.pi) + 0.5 + 2.0) / 5, math.log(3)
    assert float(losses["offset_loss"]) == pytest.approx(offsets, rel=1e-5)
    assert float(losses["loss"]) == pytest.approx(offsets + pen, rel=1e-5)
    assert float(task.weight_of(batch)) == 5
    weighted = Batch({"strokes": rows}, torch.arange(2), weights=torch.tensor([1.0, 0.0]))
    alone = (2 * math.log(2 * math.pi) + 2.5) / 3 + math.log(3)
    assert float(task.losses(network, weighted, "network", Noise(0, 0, batch.ids))["loss"].detach()) == pytest.approx(
        alone, rel=1e-5
    )
    assert task.measure(network, [batch])["loss"] == pytest.approx(offsets + pen, rel=1e-5)
    found = task.examine(network, [batch] * 20)
    assert (found["examples"], found["points"]) == (40, 60) and found["loss"] == pytest.approx(offsets + pen, rel=1e-5)
    low, high = found["loss_interval"]
    assert low < offsets + pen < high
    said = task.predict(network, {"strokes": rows})
    assert said["points"].tolist() == [2, 1]
    assert float(said["nats_a_point"][0].detach()) == pytest.approx(alone, rel=1e-5)


def test_more_padding_changes_nothing(trained, data):
    network, task, _ = trained
    batch = data.examples("train", 8)
    inputs = batch.pick(list(data.inputs))
    over = torch.tensor([0.0, 0, 0, 0, 1]).expand(len(batch), 7, 5)
    longer = {**inputs, "strokes": torch.cat([inputs["strokes"], over], dim=1)}
    with torch.no_grad():
        for one, other in zip(task.surprises(network, inputs), task.surprises(network, longer), strict=True):
            torch.testing.assert_close(one, other)


def test_training_beats_a_pen_without_memory(trained, data):
    _, task, history = trained
    assert history[-1].train["loss"] < history[0].train["loss"]
    beside = task.beside(data, data.members("validation"), 0)["single Gaussian, without memory"]
    strokes = data.examples("validation")["strokes"]
    points = strokes[strokes[:, :, 4] == 0]
    train = data.examples("train")["strokes"]
    train = train[train[:, :, 4] == 0][:, :2].double().numpy()
    from scipy.stats import multivariate_normal

    normal = multivariate_normal(train.mean(axis=0), np.cov(train.T, bias=True) + 0.05**2 * np.eye(2))
    expected = -normal.logpdf(points[:, :2].numpy()).sum() / (len(points) + len(strokes))
    assert beside["offset_loss"] == pytest.approx(expected, rel=1e-5)


def test_the_same_seed_draws_the_same_however_many_beside_it(trained):
    network, task, _ = trained
    network.train()
    few, many = draw(network, task, 2, seed=3), draw(network, task, 12, seed=3)
    assert network.training  # as it was
    assert [len(a) for a in few] == [len(a) for a in many[:2]]
    for one, other in zip(few, many):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert any(len(a) != len(b) or not np.allclose(a, b) for a, b in zip(few, draw(network, task, 2, seed=4)))


def test_every_drawing_has_a_point_and_at_most_as_many_as_asked(trained):
    network, task, _ = trained
    drawings = draw(network, task, 50, temperature=3.0, most=6)
    assert all(1 <= len(d) <= 6 and d.shape[1] == 3 and np.isin(d[:, 2], [0, 1]).all() for d in drawings)


def test_what_is_told_is_a_class_by_name(trained):
    network, task, _ = trained
    assert drawn_as(task, 3) == ["0", "1", "2"]
    assert drawn_as(task, 2, {"digit": "7"}) == ["7", "7"]
    assert len(draw(network, task, 2, told={"digit": ["3", "8"]})) == 2
    for told, said in (
        ({"digit": "x"}, r"'x' is no digit"),
        ({"letter": "a"}, r"no 'letter' beside the strokes.*told: digit"),
        ({"digit": ["1", "2", "3"]}, "3 values for 2 drawings"),
    ):
        with pytest.raises(SettingError, match=said):
            draw(network, task, 2, told=told)


@pytest.mark.parametrize(
    ("options", "said"), [({"count": 0}, "count=0"), ({"temperature": 0}, "temperature=0"), ({"most": 0}, "most=0")]
)
def test_what_is_out_of_range_is_refused(trained, options, said):
    network, task, _ = trained
    with pytest.raises(SettingError, match=said):
        draw(network, task, **options)


def test_strokes_without_a_target_are_drawn_and_other_data_are_refused():
    data = dg.load("strokes", options={"drawings": 30, "label": "none"})
    assert isinstance(task_for(data), Handwriting)
    with pytest.raises(ShapeError, match="handwriting draws strokes"):
        Handwriting().prepare(dg.load("iris"), nn.Linear(4, 3))
    with pytest.raises(ShapeError, match="the network gives"):
        Handwriting().prepare(data, nn.Linear(5, 9))
    with pytest.raises(ShapeError, match="Silent cannot: it has no begin and step"):
        Handwriting().prepare(data, Silent())
    with pytest.raises(SettingError, match="loss='mse'"):
        Handwriting(loss="mse")
