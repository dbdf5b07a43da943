import os
import random
import shutil

import pytest
from power import Recorder
from test_every_step import make

from deepglass.runs import RunFolder, checkpoint_folders, save_checkpoint
from deepglass.training.reopen import load_newest

EPOCHS = 4  # from the third on, a checkpoint goes for each that comes


def train_and_save(recorder, run):
    """Train, keeping every epoch and saving after it; the recorder is told which one is safe."""
    training, states = make(), {}
    for epoch in range(1, EPOCHS + 1):
        list(training.steps())
        run.append_history(training.close_epoch().to_dict())
        state = training.state_dict()
        states[epoch] = state
        save_checkpoint(run.path, training.step_number, state["tensors"], state["values"])
        recorder.note = epoch
        run.update_facts(epochs=epoch)
    return states


@pytest.mark.skipif(os.name == "nt", reason="files have no numbers there")
def test_whatever_a_power_failure_leaves_of_a_save_is_gone_on_from_as_it_was_saved(tmp_path):
    run = RunFolder.create(tmp_path / "run")
    recorder = Recorder(run.path)
    with recorder.watch():
        states = train_and_save(recorder, run)
        recorder.take()
    seen, training = set(), make()
    for number, (image, promised) in enumerate(recorder.images(random.Random(0))):
        folder = tmp_path / str(number)
        image.write(folder)
        left = RunFolder(folder)
        assert left.facts.get("epochs", 0) >= promised - 1, number
        if checkpoint_folders(folder):
            assert load_newest(training, left) == (), number
            epoch = len(training.history)
            assert epoch >= promised, number
            assert same(training.state_dict(), states[epoch]), number
            seen.add((promised, epoch))
        else:
            assert promised == 0, number
            assert load_newest(make(), left) == () or left.history(), number
        shutil.rmtree(folder)
    assert number > 200
    assert {(3, 3), (3, 4)} <= seen  # the old one and the new one are both among what may be left


def same(one, other):
    return one["values"] == other["values"] and all(
        value.equal(other["tensors"][name]) for name, value in one["tensors"].items()
    )
