"""How many examples are measured at a time: a rule on network and data, and the memory that it keeps to."""

import numpy as np
import pytest
from torch import nn

import deepglass as dg
from deepglass.tasks import Classification
from deepglass.training.measuring import MEASURE_NUMBERS, examples_at_once, measure, train_examples_measured


def task_that_makes(numbers):
    task = Classification()
    task.largest = numbers
    return task


@pytest.mark.parametrize(
    ("largest", "example", "networks", "expected"),
    [
        (100, (1, 28, 28), 1, 1024),
        (32 * 26 * 26, (1, 28, 28), 1, 1024),  # Keras' convolutional network on MNIST
        (64 * 224 * 224, (3, 224, 224), 1, 20),  # VGG: 2^26 / (64 * 224 * 224) = 20.9
        (10, (3, 2000, 2000), 1, 5),  # 2^26 / 12,000,000 = 5.6
        (10, (3, 10_000, 10_000), 1, 1),
        (0, (3, 224, 224), 1, 20),  # not traced: 22 times the example is 3.3 million
        (0, (4,), 1, 1024),
        (1000, (4,), 128, 524),  # 2^26 / 128,000
    ],
)
def test_as_many_are_measured_as_keep_the_largest_layer_within_bounds_and_never_more_than_1024(
    largest, example, networks, expected
):
    assert examples_at_once(task_that_makes(largest), [example], networks) == expected


class Watching(nn.Linear):
    """Keeps how many examples came at once."""

    def forward(self, x):
        self.seen = [*getattr(self, "seen", []), len(x)]
        return super().forward(x)


def test_the_largest_layer_of_a_network_decides_on_how_many_and_batch_size_does_not():
    data = dg.load((np.random.default_rng(0).random((40, 4), dtype=np.float32), np.arange(40) % 3), validation=10)
    training = dg.Training(Watching(4, 3), data, dg.Recipe(batch_size=2, threads=1))
    assert training.task.largest == 3
    for largest, expected in [(3, [10]), (MEASURE_NUMBERS // 8, [8, 2])]:
        training.network.seen, training.task.largest = [], largest
        training.kept.clear()  # the batches stay picked from one measuring to the next
        training.measure("validation")
        assert training.network.seen == expected


def test_what_is_measured_after_each_epoch_is_picked_once_and_gives_the_same():
    digits = dg.load("digits")
    training = dg.Training("mlp", digits, dg.Recipe(batch_size=64, threads=1))
    first = training.measure("validation")
    assert [len(batch) for batch in training.kept["validation"]] == [len(digits.members("validation"))]
    assert training.measure("validation") == first
    streamed = dg.load("digits", streaming=True)
    other = dg.Training("mlp", streamed, dg.Recipe(batch_size=64, threads=1))
    other.measure("validation")
    assert other.kept["validation"] is None


def test_few_examples_are_measured_in_one_pass_and_score_what_each_split_scores_alone():
    iris = dg.load("iris")
    training = dg.Training("mlp", iris, dg.Recipe(epochs=1, threads=1))
    (epoch,) = training
    assert [len(batch) for batch in training.kept["both"]] == [
        len(iris.members("train")) + len(iris.members("validation"))
    ]
    for split, found in [("train", epoch.train), ("validation", epoch.validation)]:
        alone = measure(training.network, training.task, iris, training.measured_ids(split), training.device)
        assert found == pytest.approx(alone, rel=1e-5)
        assert training.measure(split) == found


def test_a_loss_that_is_one_number_for_all_is_measured_split_by_split():
    iris = dg.load("iris")
    training = dg.Training("mlp", iris, dg.Recipe(threads=1), task=Classification(loss=nn.functional.cross_entropy))
    training.measure("validation")
    assert training.kept["both"] is None
    assert len(training.kept["validation"][0]) == len(iris.members("validation"))


def test_the_largest_layer_is_found_wherever_it_stands():
    layers = [{"Conv2d": [8, 3]}, "ReLU", {"MaxPool2d": 2}, "Flatten", {"Linear": 5}]
    assert dg.summary(layers, inputs=(1, 10, 10)).largest == 8 * 8 * 8
    assert dg.summary(nn.Conv2d(3, 64, 3, padding=1), inputs=(3, 224, 224)).largest == 64 * 224 * 224


def test_of_a_large_network_fewer_training_examples_are_measured_but_always_a_thousand():
    task, found = Classification(), []
    for task.multiply_adds in (None, 100_000, 20_000_000, 41_000_000, 1_800_000_000):
        found.append(train_examples_measured(task, 1_000_000))
    assert found == [5000, 5000, 2500, 1219, 1000]


def test_measuring_training_examples_takes_a_hundredth_of_an_epochs_work_and_never_fewer_than_two_thousand():
    task = Classification()
    task.multiply_adds = 100_000
    # 3 multiply-adds a weight and example of an epoch, of which a hundredth: 3 examples in a hundred
    assert [train_examples_measured(task, n) for n in (1000, 60_000, 100_000, 1_000_000)] == [2000, 2000, 3000, 5000]
    task.multiply_adds = 41_000_000
    assert train_examples_measured(task, 100_000) == 1219
