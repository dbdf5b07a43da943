import numpy as np
import pytest

import deepglass as dg
from deepglass.errors import TrainingError

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


def make(data=IRIS, epochs=4):
    network = dg.build("mlp", data, hidden=[6], dropout=0.3, norm="batch")
    return dg.Training(network, data, dg.Recipe(epochs=epochs, batch_size=8, threads=1))


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


@pytest.mark.parametrize("streaming", [False, True])
def test_with_every_augmentation_it_is_resumed_bit_for_bit(streaming):
    assert set(CHANGES) == set(dg.data.Augment.model_fields)
    of = {"data": dg.load(COLOURED, augment=CHANGES, streaming=streaming), "epochs": 2}
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
