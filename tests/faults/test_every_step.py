import deepglass as dg
import soak
from deepglass.runs import RunFolder, checkpoint_folders, save_checkpoint
from deepglass.training import Epoch
from deepglass.training.reopen import load_newest

STEPS = 48  # 4 epochs of 96 examples, 8 a step


def make():
    network = dg.build("mlp", IRIS, hidden=[6], dropout=0.3, norm="batch")
    return dg.Training(network, IRIS, dg.Recipe(epochs=4, batch_size=8, schedule="cosine", threads=1))


IRIS = dg.load("iris")


def save(training, path):
    state = training.state_dict()
    save_checkpoint(path, training.step_number, state["tensors"], state["values"])


def finish(training, folder):
    """Train to the end, and keep every epoch and the last state."""
    while not training.finished:
        list(training.steps())
        folder.append_history(training.close_epoch().to_dict())
    save(training, folder.path)


def test_gone_on_from_the_folder_at_every_step_a_run_ends_with_the_same_bits(tmp_path):
    straight = RunFolder.create(tmp_path / "straight")
    finish(make(), straight)
    expected = soak.bits(straight.path)
    for stop in range(STEPS + 1):
        folder, training = RunFolder.create(tmp_path / str(stop)), make()
        while training.step_number < stop:
            for step in training.steps():
                if step.number == stop:
                    break
            else:
                folder.append_history(training.close_epoch().to_dict())
        save(training, folder.path)
        resumed = make()
        assert load_newest(resumed, folder) == ()
        assert resumed.step_number == stop
        finish(resumed, folder)
        assert soak.differing(soak.bits(folder.path), expected) == "", stop
        assert [Epoch.from_dict(line).number for line in folder.history()] == [1, 2, 3, 4]
        assert len(checkpoint_folders(folder.path)) == 2
