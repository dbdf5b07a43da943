"""What a user gets from `dg.embedding`."""

import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import DataError, SettingError, UnknownName


@pytest.fixture(scope="module")
def iris():
    data = dg.load("iris")
    return dg.build("mlp", data), data


def test_pca_of_two_numbers_turns_them_and_nothing_more():
    x = np.random.default_rng(0).normal(size=(50, 2)) * [3.0, 1.0]
    data = dg.load((x, np.arange(50) % 2), scaling="none")
    found = dg.embedding(nn.Linear(2, 1), data, "input", split="train")
    raw = torch.tensor(x[data.members("train").numpy()], dtype=torch.float32)
    assert_close(torch.pdist(found.points), torch.pdist(raw), atol=1e-4, rtol=1e-4)
    assert sum(found.explained) == pytest.approx(1) and found.explained[0] > 0.8


def test_without_a_layer_it_is_the_one_before_the_output(iris):
    found = dg.embedding(*iris)
    assert (found.layer, found.features, found.split) == ("activation2", 64, "validation")
    assert found.ids.tolist() == iris[1].members("validation").tolist()
    assert dg.embedding(dg.build("linear", iris[1]), iris[1]).layer == "input"


def test_the_same_call_gives_the_same_points_and_leaves_random_numbers_alone(iris):
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    once, again = (dg.embedding(*iris, method="tsne").points for _ in range(2))
    assert torch.equal(once, again) and once.shape == (24, 2)
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1] == np.random.get_state()[1]).all()  # noqa: NPY002


def test_of_many_examples_some_are_taken_evenly(iris):
    found = dg.embedding(*iris, split="train", limit=10)
    ids = iris[1].members("train")
    assert len(found.points) == 10 and found.examples == len(ids)
    assert found.ids[0] == ids[0] and found.ids[-1] == ids[-1]


def test_a_layer_that_says_the_same_of_all_examples_is_one_point(iris):
    network = dg.build("mlp", iris[1])
    nn.init.zeros_(network.output.weight)
    found = dg.embedding(network, iris[1], "output")
    assert not found.points.any() and found.explained == (0.0, 0.0)


def test_one_number_an_example_lies_on_a_line(iris):
    network = nn.Sequential(nn.Linear(4, 1), nn.Linear(1, 3))
    assert not dg.embedding(network, iris[1], "0").points[:, 1].any()


def test_umap_asks_for_its_extra_when_it_is_not_installed(iris, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(SettingError, match=r'needs umap-learn. Install it: pip install "deepglass\[explain\]"'):
        dg.embedding(*iris, method="umap")


def test_umap_is_given_the_layer_and_the_seed(iris, monkeypatch):
    asked = {}

    class Stub:
        def __init__(self, **options):
            asked.update(options)

        def fit_transform(self, rows):
            asked["shape"] = rows.shape
            return rows[:, :2]

    module = ModuleType("umap")
    module.UMAP = Stub
    monkeypatch.setitem(sys.modules, "umap", module)
    found = dg.embedding(*iris, method="umap", seed=3)
    assert asked == {"n_neighbors": 15, "init": "spectral", "random_state": 3, "shape": (24, 64)}
    assert found.points.shape == (24, 2) and found.explained is None


def test_umap_itself_lays_out_three_examples_and_all_the_same_each_time(iris):
    pytest.importorskip("umap", reason="umap-learn is not installed")
    assert dg.embedding(*iris, method="umap", limit=3).points.isfinite().all()
    first, again = (dg.embedding(*iris, method="umap", seed=1).points for _ in range(2))
    assert torch.equal(first, again)


def test_what_cannot_be_laid_out_is_refused(iris):
    with pytest.raises(UnknownName, match=r"There is no embedding 'pac'\. Did you mean 'pca'"):
        dg.embedding(*iris, method="pac")
    with pytest.raises(DataError, match="behind glass"):
        dg.embedding(*iris, split="test")
    with pytest.raises(SettingError, match="A plane needs 3 examples or more; the validation split of iris has 2"):
        dg.embedding(iris[0], iris[1], limit=2)
