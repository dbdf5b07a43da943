import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import deepglass as dg
from deepglass.data.order import order_of
from deepglass.errors import SettingError, UnknownName

IDS = torch.arange(100, 150)


def order(rule, ids=IDS, *, seed=0, epoch=1, batch_size=8, **about):
    return order_of(ids, rule, seed=seed, epoch=epoch, batch_size=batch_size, **about)


@given(
    count=st.integers(1, 60),
    batch_size=st.integers(1, 20),
    seed=st.integers(0, 99),
    rule=st.sampled_from(["shuffled", "sequential", "bucketed"]),
)
def test_every_example_comes_once_an_epoch(count, batch_size, seed, rule):
    ids = torch.arange(count) * 3
    found = order(rule, ids, seed=seed, batch_size=batch_size, lengths=torch.arange(count) % 5)
    assert found.sort().values.tolist() == ids.tolist()


def test_shuffling_is_a_function_of_seed_and_epoch():
    torch.manual_seed(5)
    first = order("shuffled")
    torch.manual_seed(6)
    assert torch.equal(first, order("shuffled"))
    assert not torch.equal(first, order("shuffled", epoch=2))
    assert not torch.equal(first, order("shuffled", seed=1))


def test_of_millions_the_order_is_the_same_in_half_the_memory_and_batches_are_too(monkeypatch):
    data = dg.load("iris", streaming=True)
    few = order_of(torch.arange(7, 60), "shuffled", seed=3, epoch=2, batch_size=8)
    batches = list(data.reader().read(few, 8))
    monkeypatch.setattr("deepglass.data.order.MANY", 10)
    many = order_of(torch.arange(7, 60), "shuffled", seed=3, epoch=2, batch_size=8)
    assert many.dtype == torch.int32 and torch.equal(many.long(), few)
    for streaming in (True, False):
        again = list(data.with_(streaming=streaming).reader().read(many, 8))
        for one, other in zip(batches, again, strict=True):
            assert other.ids.dtype == torch.int64 and torch.equal(one.ids, other.ids)
            assert all(torch.equal(one[name], other[name]) for name in one.fields)


def test_sequential_leaves_the_order_as_it_is():
    assert torch.equal(order("sequential"), IDS)


def test_bucketed_puts_like_lengths_together_and_the_short_batch_last():
    lengths = torch.arange(50) % 10
    batches = order("bucketed", lengths=lengths).split(8)
    assert len(batches[-1]) == 2
    assert all(lengths[b - 100].max() - lengths[b - 100].min() <= 2 for b in batches)
    assert not torch.equal(order("bucketed", lengths=lengths), order("bucketed", epoch=2, lengths=lengths))


def test_bucketed_needs_lengths():
    with pytest.raises(SettingError, match="order 'bucketed' needs examples of uneven length"):
        order("bucketed")


def test_random_draws_visit_an_example_as_often_as_poisson_says():
    ids = torch.arange(20_000)
    visits = torch.bincount(order("with_replacement", ids), minlength=len(ids))
    assert visits.sum() == len(ids)
    shares = torch.bincount(visits)[:4] / len(ids)
    expected = [math.exp(-1) / math.factorial(k) for k in range(4)]  # mean 1: 0.368, 0.368, 0.184, 0.061
    assert shares.tolist() == pytest.approx(expected, abs=0.01)
    assert torch.bincount(order("shuffled", ids), minlength=len(ids)).eq(1).all()


@given(counts=st.lists(st.integers(1, 40), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_balanced_draws_show_each_class_equally_often_and_its_examples_as_evenly_as_can_be(counts, seed):
    classes = torch.repeat_interleave(torch.arange(len(counts)) * 2, torch.tensor(counts))
    ids = torch.arange(len(classes)) + 7
    found = order("balanced", ids, seed=seed, classes=classes) - 7
    assert len(found) == len(ids)
    shown = torch.bincount(classes[found], minlength=2 * len(counts))[::2]
    assert shown.max() - shown.min() <= 1
    visits = torch.bincount(found, minlength=len(ids))
    for code in classes.unique():
        own = visits[classes == code]
        assert own.max() - own.min() <= 1


def test_balanced_draws_need_classes():
    with pytest.raises(SettingError, match="order 'balanced' needs the class of each example"):
        order("balanced")


def test_in_lanes_each_example_follows_the_one_before_it():
    found = order("lanes", batch_size=4).reshape(-1, 4)  # 50 examples: 12 steps of 4 lanes, 2 left out
    assert found[0].tolist() == [100, 112, 124, 136]
    assert torch.equal(found[1:], found[:-1] + 1)
    assert torch.equal(order("lanes"), order("lanes", epoch=9))


def test_more_lanes_than_examples_are_refused():
    with pytest.raises(SettingError, match=r"batch_size=64 lanes need at least as many examples; there are 50"):
        order("lanes", batch_size=64)


def test_an_unknown_order_is_told_the_known_ones():
    with pytest.raises(
        UnknownName, match=r"no order 'shufled'\. Did you mean 'shuffled'\? Known: balanced, bucketed, lanes"
    ):
        order("shufled")
