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


def test_boosted_trees_see_what_a_line_and_a_small_tree_cannot():
    random = np.random.default_rng(0)
    x = random.uniform(-3, 3, size=(600, 4))
    waves = np.sin(2 * x).sum(axis=1)  # six turns of a tree for each of the four
    for kind, y, score in (("number", waves, "r2"), ("category", (waves > 0).astype(int), "accuracy")):
        found = baselines(kind, x[:400], y[:400], x[400:], y[400:], seed=0, boosted=True)
        trees = found.pop("boosted trees")
        assert all(trees[score] > other[score] for other in found.values())
        assert "boosted trees" not in baselines(kind, x[:400], y[:400], x[400:], y[400:], seed=0)


def test_boosted_trees_do_not_depend_on_the_number_of_threads():
    from threadpoolctl import threadpool_limits

    x = np.random.default_rng(0).normal(size=(300, 3))
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="openmp"):
            found.append(baselines("number", x, x[:, 0] * x[:, 1], x, x[:, 0], seed=0, boosted=True)["boosted trees"])
    assert found[0] == found[1]


def test_of_large_tables_a_part_is_seen_and_that_is_said(monkeypatch):
    monkeypatch.setattr("deepglass.tasks.baselines.BOOSTED_ROWS", 200)
    x = np.random.default_rng(0).normal(size=(300, 3))
    found = baselines("number", x, x[:, 0], x[:50], x[:50, 0], seed=0, boosted=True, limit=100)
    assert found["boosted trees"]["note"] == "learned from 200 of the 300 training examples, to stay quick"
    assert found["linear model"]["note"] == "learned from 100 of the 300 training examples, to stay quick"
    assert "note" not in found["mean"]


def test_wide_tables_get_fewer_rounds_with_a_note_and_the_widest_no_boosted_trees():
    x, y = np.random.default_rng(0).normal(size=(40, 400)), np.arange(40) % 2
    found = baselines("category", x, y, x, y, seed=0, boosted=True)["boosted trees"]
    assert found["note"] == "30 rounds of boosting instead of 100, to stay quick"  # 12,000 / 400
    wider = np.concatenate([x, x], axis=1)
    assert "boosted trees" not in baselines("category", wider, y, wider, y, seed=0, boosted=True)


def test_each_model_is_compared_with_the_network_on_the_same_examples():
    x, y, new, actual = halves("iris")
    perfect = baselines("category", x, y, new, actual, seed=0, own=torch.tensor(actual), boosted=True)
    for name in ("majority class", "linear model", "small tree", "boosted trees"):
        one = perfect[name]["compared"]
        assert one["difference"] == pytest.approx(perfect[name]["accuracy"] - 1)
    assert perfect["majority class"]["compared"]["verdict"] == "worse"
    assert perfect["linear model"]["compared"]["verdict"] == "within noise"  # at most a flower or two of 38
    useless = baselines("category", x, y, new, actual, seed=0, own=np.full_like(actual, 9))
    assert useless["linear model"]["compared"]["verdict"] == "better"
    assert json.dumps([perfect, useless], allow_nan=False)


def test_scores_of_numbers_have_their_intervals():
    found = baselines("number", *halves("diabetes"), seed=0)["linear model"]
    for name in ("r2", "mae", "rmse"):
        low, high = found[f"{name}_interval"]
        assert low < found[name] < high


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
        found = baselines(kind, x, y, x[:1], y[:1], seed=0, own=y[:1], boosted=True)
    assert len(found) == 4 and json.dumps(found, allow_nan=False)
    if kind == "category":
        assert found["small tree"]["note"] == "only one class to learn from" and found["small tree"]["accuracy"] == 1


def test_without_examples_to_judge_on_the_scores_are_none():
    x, y = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])
    beside = {"seed": 0, "own": y[:0], "boosted": True}
    assert baselines("category", x, y, x[:0], y[:0], **beside)["linear model"]["accuracy"] is None
    assert baselines("number", x, y, x[:0], y[:0], **beside)["boosted trees"]["r2"] is None


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(DataError, match="Baselines need training examples, and there are none"):
        baselines("category", np.zeros((0, 2)), np.zeros(0), np.zeros((1, 2)), np.zeros(1), seed=0)
    with pytest.raises(DataError, match="an input that is not finite"):
        baselines("category", np.full((2, 2), np.nan), np.arange(2), np.zeros((1, 2)), np.zeros(1), seed=0)
