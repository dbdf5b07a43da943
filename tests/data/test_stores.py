"""A torch Dataset that processes of its own read: what goes wrong there arrives here in the same words."""

import multiprocessing

import pytest
import torch

import deepglass as dg
from deepglass.errors import DataError
from deepglass.training.shortage import or_say


class Uneven(torch.utils.data.Dataset):
    """Examples whose shapes differ in two axes."""

    def __len__(self):
        return 12

    def __getitem__(self, index):
        return torch.zeros(3 + index % 2, 2 + index % 2), index % 3


class Faulty(Uneven):
    def __getitem__(self, index):
        if index == 7:
            raise RuntimeError("a bug of the user's own")
        return torch.zeros(3), index % 3


class Empty(Uneven):
    def __getitem__(self, index):
        return torch.zeros(0, 3), index % 3


def read(dataset, workers=2):
    data = dg.load(dataset, target="y", workers=workers, validation=0, test=0)
    return list(data.reader().read(torch.arange(12), 4))


@pytest.mark.parametrize("workers", [0, 2])
def test_examples_that_do_not_fit_together_are_named_without_a_traceback(workers):
    before = multiprocessing.active_children()
    with pytest.raises(DataError) as caught:
        read(Uneven(), workers)
    assert str(caught.value) == (
        "Field 'x': examples of shapes (3, 2) and (4, 3) cannot stand in one batch. Make them alike in the dataset."
    )
    assert multiprocessing.active_children() == before


def test_a_bug_of_the_users_own_shows_the_users_own_lines_and_leaves_no_process_behind():
    before = multiprocessing.active_children()
    Faulty.targets = [i % 3 for i in range(12)]
    training = dg.Training("linear", dg.load("iris"))
    with pytest.raises(RuntimeError, match=r"(?s)in __getitem__.*a bug of the user's own") as caught:
        or_say(lambda: read(Faulty()), training)  # which says it when a process has died, and this one has not
    assert type(caught.value) is RuntimeError
    assert multiprocessing.active_children() == before


def test_examples_without_any_entry_are_read_by_processes_too():
    assert [tuple(batch["x"].shape) for batch in read(Empty())] == [(4, 0, 3)] * 3
