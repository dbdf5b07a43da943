"""Scores of all: one pass over several networks gives what each would be given alone."""

import math

import pytest
import torch

import deepglass as dg
from deepglass.tasks import Classification, Regression
from deepglass.tasks.metrics import METRICS
from deepglass.tasks.scores_of_all import IN_ONE_PASS, CollectedOfAll, largest, scores_of_all

COUNT, EXAMPLES = 4, 30
OF_CLASSES = [name for name, metric in METRICS.items() if metric.target == "category"]
OF_NUMBERS = [name for name, metric in METRICS.items() if metric.target == "number"]


def prepared(task, data, outputs):
    task.prepare(data, dg.build("mlp", data, hidden=[3], outputs=outputs))
    return task


def assert_as_alone(task, said):
    together = scores_of_all(task, said)
    alone = [task.score(said.one(place, task)) for place in range(len(said.outputs))]
    assert len(together) == len(alone)
    for one, other in zip(together, alone):
        assert list(one) == list(other)
        assert one == pytest.approx(other, rel=1e-6, abs=1e-9)
    return together


@pytest.fixture(scope="module")
def iris():
    return dg.load("iris")


def of_classes(classes, target=None, weights=None):
    random = torch.Generator().manual_seed(classes)
    outputs = torch.randn(COUNT, EXAMPLES, classes, generator=random)
    target = torch.randint(0, max(2, classes), (EXAMPLES,), generator=random) if target is None else target
    losses = torch.rand(COUNT, EXAMPLES, generator=random)
    return CollectedOfAll(outputs, target, losses, torch.arange(EXAMPLES), weights)


@pytest.mark.parametrize("weighted", [False, True])
def test_every_metric_of_classes(iris, weighted):
    names = [n for n in OF_CLASSES if n not in ("specificity", "top_5_accuracy")]
    task = prepared(Classification(metrics=names), iris, 3)
    scores = assert_as_alone(task, of_classes(3, weights=torch.rand(EXAMPLES) if weighted else None))
    assert set(names) <= set(scores[0])


@pytest.mark.parametrize("outputs", [1, 2])
def test_two_classes_of_one_output_or_two(outputs):
    data = dg.load("iris", classes=["setosa", "virginica"])
    task = prepared(Classification(metrics=["specificity", "recall_binary", "f1_binary"]), data, outputs)
    assert_as_alone(task, of_classes(outputs))


def test_a_class_that_nobody_names_and_none_is_of(iris):
    task = prepared(Classification(metrics=["f1", "balanced_accuracy", "specificity", "precision"]), iris, 3)
    said = of_classes(3, target=torch.ones(EXAMPLES, dtype=torch.int64))
    said.outputs[..., 2] = -9
    scores = assert_as_alone(task, said)
    assert "specificity" not in scores[0]  # no example is of class 0


def test_several_numbers():
    x = torch.linspace(-1, 1, 60).reshape(-1, 1)
    data = dg.load((x.numpy(), torch.cat([x**2, 5 - x], 1).numpy()), test=0)
    task = prepared(Regression(metrics=OF_NUMBERS), data, 2)
    batch = data.examples("validation")
    target = task.target_of(batch)
    outputs = target + torch.randn(COUNT, *target.shape, generator=torch.Generator().manual_seed(0))
    said = CollectedOfAll(outputs, target, outputs.square().mean(2), batch.ids)
    assert_as_alone(task, said)
    outputs[1] = math.inf
    assert set(assert_as_alone(task, said)[1]) == {"loss"}  # what is not finite is left out


def test_a_metric_of_your_own_is_asked_for_each_network(iris):
    task = prepared(
        Classification(metrics={"accuracy": lambda p, t: 0.25, "firsts": lambda p, t: (p == 0).mean()}), iris, 3
    )
    scores = assert_as_alone(task, of_classes(3))
    assert scores[0]["accuracy"] == 0.25 and "accuracy" in IN_ONE_PASS


def test_a_part_is_scored_as_those_examples_alone(iris):
    task, said = prepared(Classification(), iris, 3), of_classes(3)
    part = said.part(10, 25)
    right = said.outputs[:, 10:25].argmax(2) == said.target[10:25]
    assert [s["accuracy"] for s in assert_as_alone(task, part)] == right.double().mean(1).tolist()


def test_the_largest_is_the_first_of_equals_and_the_first_of_all_where_one_is_no_number():
    scores = torch.tensor([[0.0, 1.0, 2.0], [0.0, 5.0, math.nan], [0.0, 5.0, 3.0]])[
        None
    ]  # one network, classes x examples
    assert largest(scores).tolist() == [[0, 1, 0]]
    many = torch.randn(3, 255, 40, generator=torch.Generator().manual_seed(0))
    assert torch.equal(largest(many), many.argmax(1))
