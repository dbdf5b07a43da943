"""Which examples an epoch shows, and what cannot be drawn."""

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.tasks import Classification
from deepglass.training.alarms import alarms
from deepglass.training.sampling import order_rule

RARE = dg.load((np.random.default_rng(0).normal(size=(200, 2)), np.where(np.arange(200) % 10, "common", "rare")))


class Watched(Classification):
    """Keeps the ids of the examples that it is asked to learn from."""

    def __init__(self):
        super().__init__()
        self.drawn = []

    def losses(self, network, batch, player, noise):
        self.drawn.append(batch.ids)
        return super().losses(network, batch, player, noise)


def seen(data, **recipe):
    """The ids that two epochs show, one tensor each."""
    task, epochs = Watched(), []
    for _ in dg.Training(dg.build("linear", data), data, dg.Recipe(threads=1, epochs=2, **recipe), task=task):
        epochs.append(torch.cat(task.drawn))
        task.drawn.clear()
    return epochs


def test_balanced_sampling_shows_each_class_equally_often():
    classes = torch.zeros(200, dtype=torch.long)
    classes[RARE.members("train")] = RARE.codes("train")
    first, second = seen(RARE, sampling="balanced")
    assert len(first) == len(RARE.members("train")) == 128
    assert torch.bincount(classes[first]).tolist() == [64, 64]
    assert not torch.equal(first, second)
    assert torch.equal(first, seen(RARE, sampling="balanced")[0])
    assert not torch.equal(first, seen(RARE, sampling="balanced", seed=1)[0])


def test_random_draws_repeat_some_examples_and_leave_others_out():
    first, _ = seen(RARE, sampling="with_replacement")
    assert len(first) == 128 and 60 < len(first.unique()) < 100


def test_without_shuffling_the_order_stays():
    first, second = seen(RARE, shuffle=False)
    assert torch.equal(first, RARE.members("train")) and torch.equal(first, second)


def test_a_balanced_training_stopped_inside_an_epoch_goes_on_with_the_same_bits(tmp_path):
    def training():
        return dg.Training(
            dg.build("linear", RARE), RARE, dg.Recipe(threads=1, epochs=2, sampling="balanced", batch_size=16)
        )

    whole, half, rest = training(), training(), training()
    for _ in whole:
        pass
    steps = half.steps()
    for _ in range(3):
        next(steps)
    rest.load_state_dict(half.state_dict())
    for _ in rest:
        pass
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, rest.network.state_dict()[name])


class Bucketed(Classification):
    order = "bucketed"


def test_draws_that_cannot_be_are_refused():
    with pytest.raises(SettingError, match=r"sampling='balanced' draws at random, and recipe.shuffle=false asks for"):
        seen(RARE, sampling="balanced", shuffle=False)
    with pytest.raises(SettingError, match=r"sampling='with_replacement' draws single .* needs the order 'bucketed'"):
        order_rule(dg.Recipe(sampling="with_replacement"), Bucketed.order, RARE)
    with pytest.raises(SettingError, match=r"'balanced' shows each class equally often, and .* has no classes"):
        order_rule(dg.Recipe(sampling="balanced"), "shuffled", dg.load("diabetes"))
    with pytest.raises(ValueError, match="sampling"):
        dg.Recipe(sampling="balance")


def test_rare_classes_that_are_made_up_for_twice_raise_an_alarm():
    network, task = dg.build("linear", RARE), Classification(class_weight="balanced")
    task.prepare(RARE, network)
    (alarm,) = alarms(network, RARE, task, dg.Recipe(sampling="balanced"))
    assert alarm.startswith("Rare classes are made up for twice") and "Use one of the two" in alarm
    assert alarms(network, RARE, task, dg.Recipe()) == []
