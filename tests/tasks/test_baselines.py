import json
import warnings

import numpy as np
import pytest
import torch

from deepglass.data.builtin import BUILTIN
from deepglass.errors import DataError
from deepglass.tasks.baselines import baselines


def halves(name):
    source = BUILTIN[name]()
    x, y = (np.asarray(source.fields[f].values) for f in (source.inputs[0], source.targets[0]))
    mixed = np.random.default_rng(0).permutation(len(x))
    train, rest = mixed[: len(x) * 3 // 4], mixed[len(x) * 3 // 4 :]
    return x[train], y[train], x[rest], y[rest]


def test_digits_are_known_well_by_a_linear_model_and_badly_by_a_guess():
    found = baselines("category", *halves("digits"), seed=0)
    assert list(found) == ["majority class", "linear model", "small tree"]
    assert found["majority class"]["accuracy"] < 0.15 and found["majority class"]["balanced_accuracy"] == pytest.approx(
        0.1
    )
    assert found["linear model"]["accuracy"] > 0.93
    assert 0.5 < found["small tree"]["accuracy"] < 0.9
    assert json.dumps(found, allow_nan=False)


def test_the_mean_explains_nothing_and_a_line_half_of_diabetes():
    found = baselines("number", *halves("diabetes"), seed=0)
    assert found["mean"]["r2"] == pytest.approx(0, abs=0.05)
    assert 0.3 < found["linear model"]["r2"] < 0.6
    assert found["linear model"]["rmse"] < found["mean"]["rmse"]


def test_the_same_seed_gives_the_same_baselines_on_a_part_that_keeps_the_shares():
    y = np.repeat([0, 1], [900, 100])
    x = np.random.default_rng(0).normal(size=(1000, 3)) + y[:, None]
    found = baselines("category", x, y, x, y, seed=3, limit=100)
    assert found == baselines("category", torch.tensor(x), torch.tensor(y), x, y, seed=3, limit=100)
    assert [found[n]["examples"] for n in found] == [1000, 100, 100]
    assert found["majority class"]["accuracy"] == 0.9
    assert found["linear model"]["balanced_accuracy"] > 0.6


def test_several_numbers_at_once_can_be_predicted():
    x = np.random.default_rng(0).normal(size=(200, 4))
    y = np.stack([x @ [1, 2, 3, 4], x @ [0, 0, 1, 0]], axis=1)
    found = baselines("number", x[:150], y[:150], x[150:], y[150:], seed=0)
    assert found["linear model"]["r2"] > 0.99 and set(found) == {"mean", "linear model", "small tree"}


def test_many_labels_get_the_usual_guess_alone():
    y = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1]])
    found = baselines("labels", np.zeros((3, 2)), y, np.zeros((2, 2)), y[:2], seed=0)
    assert found == {"majority class": {"subset_accuracy": 0.5, "labels_f1": pytest.approx(1 / 3), "examples": 3}}


@pytest.mark.parametrize("examples", [1, 2, 3])
@pytest.mark.parametrize("kind", ["category", "number"])
def test_few_examples_of_one_kind_still_work(kind, examples):
    x, y = np.ones((examples, 2)), np.zeros(examples, dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = baselines(kind, x, y, x[:1], y[:1], seed=0)
    assert len(found) == 3 and json.dumps(found, allow_nan=False)
    if kind == "category":
        assert found["small tree"]["note"] == "only one class to learn from" and found["small tree"]["accuracy"] == 1


def test_without_examples_to_judge_on_the_scores_are_none():
    x, y = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])
    assert baselines("category", x, y, x[:0], y[:0], seed=0)["linear model"]["accuracy"] is None
    assert baselines("number", x, y, x[:0], y[:0], seed=0)["mean"]["r2"] is None


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(DataError, match="Baselines need training examples, and there are none"):
        baselines("category", np.zeros((0, 2)), np.zeros(0), np.zeros((1, 2)), np.zeros(1), seed=0)
    with pytest.raises(DataError, match="an input that is not finite"):
        baselines("category", np.full((2, 2), np.nan), np.arange(2), np.zeros((1, 2)), np.zeros(1), seed=0)
