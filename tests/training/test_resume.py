import numpy as np
import pytest

import deepglass as dg
from deepglass.errors import TrainingError
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.schedules import SCHEDULES

IRIS = dg.load("iris")
STEPS = 48  # 4 epochs of 96 examples, 8 a step


COLOURED = (np.random.default_rng(0).integers(0, 256, (40, 3, 6, 7), dtype=np.uint8), np.arange(40) % 3)
CHANGES = {
    "flip": True,
    "flip_vertical": True,
    "crop": 2,
    "shift": 1,
    "rotate": 20,
    "scale": 0.2,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.3,
    "erase": 0.3,
    "noise": 0.1,
    "mixup": 0.4,
}
SIGNALS = (np.random.default_rng(1).normal(size=(40, 2, 50)).astype(np.float32), np.arange(40) % 3)
OF_SIGNALS = {"time_shift": 0.05, "gain": 6, "snr": 10, "silence": 0.1}


def make(data=IRIS, epochs=4, recipe=None):
    network = dg.build("mlp", data, hidden=[6], dropout=0.3, norm="batch")
    return dg.Training(network, data, dg.Recipe(**{"epochs": epochs, "batch_size": 8, "threads": 1, **(recipe or {})}))


def bits(state):
    """All of a state but the seconds, in a form that can be compared exactly."""
    tensors = {name: (value.dtype, value.shape, value.numpy().tobytes()) for name, value in state["tensors"].items()}
    history = [{**epoch.to_dict(), "seconds": 0} for epoch in state["history"]]
    return tensors, {**state["values"], "seconds": 0}, history


def states(**of):
    """The states of one training at every step, before and after an epoch is closed, and at the end."""
    training = make(**of)
    found = [training.state_dict()]
    while not training.finished:
        for _step in training.steps():
            found.append(training.state_dict())
        training.close_epoch()
        found.append(training.state_dict())
    training.restore_best()
    return found, bits(training.state_dict())


def test_resumed_at_any_step_it_ends_where_the_uninterrupted_one_ends():
    found, end = states()
    assert len(found) == 1 + STEPS + 4
    for state in found:
        resumed = make()
        resumed.load_state_dict(state)
        if resumed.finished:
            resumed.restore_best()
        list(resumed)
        assert bits(resumed.state_dict()) == end, f"resumed at step {state['values']['step']}"


@pytest.mark.parametrize("kind", ["pictures", "streamed pictures", "signals"])
def test_with_every_augmentation_it_is_resumed_bit_for_bit(kind):
    assert set(CHANGES) | set(OF_SIGNALS) == set(dg.data.Augment.model_fields)
    if kind == "signals":
        data = dg.load(SIGNALS, rate=100, augment=OF_SIGNALS)
    else:
        data = dg.load(COLOURED, augment=CHANGES, streaming=kind.startswith("streamed"))
    of = {"data": data, "epochs": 2}
    found, end = states(**of)
    for state in found:
        resumed = make(**of)
        resumed.load_state_dict(state)
        if resumed.finished:
            resumed.restore_best()
        list(resumed)
        assert bits(resumed.state_dict()) == end, f"resumed at step {state['values']['step']}"


def test_a_state_is_a_copy_that_later_steps_leave_alone():
    training = make()
    state = training.state_dict()
    before = bits(state)
    list(training)
    assert bits(state) == before
    other = make()
    other.load_state_dict(state)
    list(other)
    assert bits(state) == before


def test_a_history_that_does_not_belong_to_the_state_is_refused():
    found, _ = states()
    state = found[-1]
    with pytest.raises(TrainingError, match=r"The history does not belong to this state \(epoch 4\)"):
        make().load_state_dict({**state, "history": state["history"][::-1]})
    longer = {**found[20], "history": state["history"]}  # lines after the checkpoint are cut off
    make().load_state_dict(longer)


RECIPES = {
    **{name: {"optimizer": name} for name in OPTIMIZERS if name not in ("lbfgs", "rosenblatt")},
    **{f"schedule {name}": {"schedule": name, "warmup_steps": 2} for name in SCHEDULES if name != "plateau"},
    "plateau": {"schedule": "plateau", "schedule_epochs": 1, "min_change": 1.0, "patience": 2},
    "lbfgs": {"optimizer": "lbfgs", "batch_size": "all", "epochs": 7, "weight_decay": 0.01},
    "average": {"average": 0.9},
    "average to the end": {"average": 0.9, "early_stopping": False, "optimizer": "momentum"},
    "accumulation": {"batch_size": 7, "accumulate": 4, "clip_norm": 0.1},
    "all at once": {
        "optimizer": "nesterov",
        "average": 0.8,
        "batch_size": 10,
        "accumulate": 3,
        "l1": 0.01,
        "weight_decay": 0.1,
        "clip_value": 0.05,
        "rates": {"output": 2},
        "schedule": "one_cycle",
        "warmup_steps": 1,
        "tolerance": 1e-9,
    },
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_whatever_the_recipe_says_it_is_resumed_bit_for_bit(recipe):
    found, end = states(recipe={"epochs": 3, "batch_size": 24, **recipe})
    assert len(found) > 6
    for state in found:
        resumed = make(recipe={"epochs": 3, "batch_size": 24, **recipe})
        resumed.load_state_dict(state)
        if resumed.finished:
            resumed.restore_best()
        list(resumed)
        assert bits(resumed.state_dict()) == end, f"resumed at step {state['values']['step']}"


def test_rosenblatts_rule_is_resumed_bit_for_bit():
    data = dg.load("gaussians", options={"points": 30})

    def perceptron():
        return dg.Training("perceptron", data, dg.Recipe(optimizer="rosenblatt", epochs=3, threads=1))

    whole, begun = perceptron(), perceptron()
    list(whole)
    steps = begun.steps()
    for _ in range(7):
        next(steps)
    resumed = perceptron()
    resumed.load_state_dict(begun.state_dict())
    list(resumed)
    assert bits(resumed.state_dict()) == bits(whole.state_dict())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"optimizer": "adam"}, {"optimizer": "adagrad"}),
        ({"optimizer": "adadelta"}, {"optimizer": "lbfgs", "batch_size": "all"}),
        ({"optimizer": "lbfgs", "batch_size": "all"}, {"optimizer": "rmsprop"}),
        ({"optimizer": "adagrad", "freeze": ["hidden1"]}, {"optimizer": "adagrad"}),
        ({"optimizer": "adam", "freeze": ["hidden1"]}, {"optimizer": "adam"}),
        (
            {"optimizer": "lbfgs", "batch_size": "all", "freeze": ["hidden1"]},
            {"optimizer": "lbfgs", "batch_size": "all"},
        ),
        ({}, {"average": 0.9, "schedule": "plateau"}),
        ({"average": 0.9, "schedule": "plateau"}, {"schedule": "cosine"}),
    ],
)
def test_a_training_can_go_on_with_another_recipe(before, after):
    first = make(recipe={"epochs": 2, **before})
    while len(first.history) < 2:
        list(first.steps())
        first.close_epoch()
    second = make(recipe={"epochs": 8, **after})
    second.load_state_dict(first.state_dict())
    losses = [epoch.train["loss"] for epoch in second]
    assert len(losses) == 6
    assert losses[-1] < first.history[-1].train["loss"]


def test_a_state_can_be_put_back_into_the_training_that_it_came_from():
    for optimizer in ("adam", "adagrad", "rmsprop", "momentum"):
        training = make(recipe={"optimizer": optimizer})
        start = training.state_dict()
        list(training)
        end = bits(training.state_dict())
        training.load_state_dict(start)
        list(training)
        assert bits(training.state_dict()) == end
