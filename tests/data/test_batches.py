import numpy as np
import pandas as pd
import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.data import Augment
from deepglass.errors import ShapeError

random = np.random.default_rng(0)
SOURCES = {
    "arrays": (random.normal(5, 3, (50, 3)), np.arange(50) % 3),
    "images": (random.integers(0, 256, (50, 3, 5, 5), dtype=np.uint8), np.arange(50) / 7),
    "frame": pd.DataFrame({"a": random.normal(size=50), "b": list("xyz") * 16 + ["x", "y"], "c": [1, 2] * 25}),
    "ragged": {"x": dg.Ragged.of([torch.rand(i % 4, 2) for i in range(50)]), "y": np.arange(50) % 2},
}


@pytest.mark.parametrize("name", SOURCES)
def test_streamed_batches_are_those_from_memory_bit_for_bit(name):
    resident, streamed = (dg.load(SOURCES[name], streaming=s, weights=np.arange(50)).reader() for s in (False, True))
    assert resident.encoded is not None
    assert streamed.encoded is None
    order = torch.randperm(50)
    settings = {"epoch": 2, "change": Augment(shift=1), "seed": 3}
    for one, other in zip(resident.read(order, 8, **settings), streamed.read(order, 8, **settings), strict=True):
        assert torch.equal(one.ids, other.ids)
        assert torch.equal(one.weights, other.weights)
        for field in one.fields:
            parts = [(v.values, v.offsets) if isinstance(v, dg.Ragged) else (v,) for v in (one[field], other[field])]
            assert all(torch.equal(a, b) for a, b in zip(*parts, strict=True))


def test_batches_follow_the_order_and_the_last_one_may_be_short():
    reader = dg.load(SOURCES["arrays"]).reader()
    batches = list(reader.read(torch.tensor([4, 2, 9, 7, 1]), 2))
    assert [b.ids.tolist() for b in batches] == [[4, 2], [9, 7], [1]]
    assert [len(b) for b in batches] == [2, 2, 1]
    assert list(reader.read(torch.tensor([], dtype=torch.int64), 2)) == []


def test_a_batch_gives_its_fields_by_name_in_the_order_asked_for():
    batch = dg.load(SOURCES["arrays"]).read(torch.tensor([0, 1]))
    assert list(batch.pick(["y", "x"])) == ["y", "x"]
    assert batch.to("cpu")["x"].shape == (2, 3)


def test_examples_are_limited_evenly():
    data = dg.load(SOURCES["arrays"], test=0, validation=0)
    assert data.examples("train", limit=3).ids.tolist() == [0, 24, 49]


def test_ragged_examples_are_picked_in_any_order():
    ragged = dg.Ragged.of([torch.tensor([[1.0]]), torch.empty(0, 1), torch.tensor([[2.0], [3.0]])])
    assert ragged.lengths.tolist() == [1, 0, 2]
    assert ragged.owners.tolist() == [0, 2, 2]
    taken = ragged.take(torch.tensor([2, 1, 2]))
    assert taken.values.flatten().tolist() == [2, 3, 2, 3]
    assert_close(taken[2], ragged[2])
    assert len(ragged.take(torch.tensor([], dtype=torch.int64))) == 0
    with pytest.raises(ShapeError, match="The last offset of a Ragged is the number of its values, 3"):
        dg.Ragged(torch.zeros(3, 1), torch.tensor([0, 2]))
