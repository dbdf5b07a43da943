import pytest
import torch

from deepglass.errors import RunError
from deepglass.runs import RunFolder, forget_epochs_after, is_due, keep_epoch, kept_epochs, read_state, save_checkpoint


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path / "run").path


def keep(folder, epoch, every):
    if is_due(epoch, every):
        keep_epoch(folder, epoch, every, 10 * epoch, {"w": torch.full((2,), float(epoch))}, {"epoch": epoch})


def test_every_third_epoch_is_kept_and_comes_back(folder):
    for epoch in range(1, 11):
        keep(folder, epoch, 3)
    kept = kept_epochs(folder)
    assert list(kept) == [3, 6, 9]
    state = read_state(kept[6])
    assert state.step == 60 and state.tensors["w"].tolist() == [6, 6] and state.values == {"epoch": 6}


def test_of_a_long_training_ten_to_twenty_are_kept_evenly(folder):
    for epoch in range(1, 89):
        keep(folder, epoch, 1)
        assert epoch < 20 or 10 <= len(kept_epochs(folder)) <= 20
    assert list(kept_epochs(folder)) == list(range(8, 89, 8))  # 1, then 2, 4 and 8 apart


def test_a_checkpoint_at_the_end_of_an_epoch_counts_and_one_in_its_middle_does_not(folder):
    tensors = {"w": torch.zeros(1)}
    save_checkpoint(folder, 10, tensors, {"epoch": 1, "position": 0})
    save_checkpoint(folder, 15, tensors, {"epoch": 1, "position": 32})
    assert [path.name for path in kept_epochs(folder).values()] == ["step-00000010"]


def test_later_epochs_are_forgotten_when_a_training_goes_on_from_an_earlier_one(folder):
    for epoch in range(1, 6):
        keep(folder, epoch, 1)
    forget_epochs_after(folder, 3)
    assert list(kept_epochs(folder)) == [1, 2, 3]
    keep(folder, 3, 1)  # written anew in the place of the old one
    assert list(kept_epochs(folder)) == [1, 2, 3]


def test_a_damaged_one_is_named(folder):
    keep(folder, 1, 1)
    path = kept_epochs(folder)[1] / "tensors.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match=r"tensors\.safetensors is damaged"):
        read_state(kept_epochs(folder)[1])
