import pytest

import deepglass as dg
from deepglass.errors import TrainingError

IRIS = dg.load("iris")
STEPS = 48  # 4 epochs of 96 examples, 8 a step


def make(seed=0):
    network = dg.build("mlp", IRIS, hidden=[6], dropout=0.3, norm="batch")
    return dg.Training(network, IRIS, dg.Recipe(epochs=4, batch_size=8, seed=seed, threads=1))


def bits(state):
    """All of a state but the seconds, in a form that can be compared exactly."""
    tensors = {name: (value.dtype, value.shape, value.numpy().tobytes()) for name, value in state["tensors"].items()}
    history = [{**epoch.to_dict(), "seconds": 0} for epoch in state["history"]]
    return tensors, {**state["values"], "seconds": 0}, history


def states():
    """The states of one training at every step, before and after an epoch is closed, and at the end."""
    training = make()
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
