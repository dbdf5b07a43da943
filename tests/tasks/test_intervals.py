"""How far scores, and differences between models, reach by the choice of examples."""

import numpy as np
import pytest
from scipy.stats import bootstrap, norm

from deepglass.tasks.intervals import compared, number_intervals
from deepglass.tasks.metrics import mae, mse, r2, rmse


def numbers(examples, noise=0.5, seed=0):
    """A truth, and the answers of a model that is off by some noise."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=examples)
    return truth + noise * random.normal(size=examples), truth


def test_the_intervals_of_numbers_are_those_of_an_independent_bootstrap():
    def explained(predicted, truth, axis=-1):
        centred = truth - truth.mean(axis=axis, keepdims=True)
        return 1 - ((predicted - truth) ** 2).sum(axis=axis) / (centred**2).sum(axis=axis)

    predicted, truth = numbers(300)
    theirs = bootstrap(
        (predicted, truth), explained, paired=True, method="percentile", n_resamples=5000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert number_intervals(predicted, truth)["r2"] == pytest.approx([theirs.low, theirs.high], abs=0.015)


@pytest.mark.parametrize("examples", [500, 20_000])  # each drawn by itself, and in groups
def test_the_interval_of_a_mean_is_as_wide_as_the_normal_one(examples):
    predicted, truth = numbers(examples)
    low, high = number_intervals(predicted, truth)["mae"]
    errors = abs(predicted - truth)
    assert low < errors.mean() < high
    assert high - low == pytest.approx(2 * norm.ppf(0.975) * errors.std() / examples**0.5, rel=0.12)


def test_each_score_lies_in_its_interval_and_the_same_examples_give_the_same_one():
    predicted, truth = numbers(50)
    found = number_intervals(predicted, truth)
    for name, metric in {"r2": r2, "mae": mae, "rmse": rmse, "mse": mse}.items():
        assert found[name][0] < metric(predicted, truth) < found[name][1]
    assert found == number_intervals(predicted, truth)
    assert found["mse"] == pytest.approx([end**2 for end in found["rmse"]], rel=0.02)


def test_where_an_interval_would_mean_nothing_there_is_none():
    predicted, truth = numbers(19)
    assert number_intervals(predicted, truth) == {}  # too few
    predicted, truth = numbers(40)
    assert set(number_intervals(predicted, np.ones(40))) == {"mae", "rmse", "mse"}  # nothing varies, so no R2
    assert number_intervals(np.where(predicted > 0, np.nan, 1), truth) == {}
    assert number_intervals(np.zeros((40, 101)), np.ones((40, 101))) == {}


def test_several_numbers_an_example_are_drawn_together():
    predicted, truth = numbers(200)
    twice = number_intervals(np.stack([predicted, predicted], axis=1), np.stack([truth, truth], axis=1))
    once = number_intervals(predicted, truth)
    assert all(twice[name] == pytest.approx(once[name]) for name in once)


@pytest.mark.parametrize(
    ("own_alone", "other_alone", "verdict"),
    [(0, 6, "better"), (6, 0, "worse"), (0, 4, "within noise"), (3, 5, "within noise")],
)
def test_classes_are_compared_where_one_model_alone_is_right(own_alone, other_alone, verdict):
    truth = np.zeros(40, dtype=int)
    own, other = truth.copy(), truth.copy()
    own[:other_alone] = 1
    other[-own_alone or 40 :] = 1
    found = compared("category", own, other, truth)
    assert found["metric"] == "accuracy" and found["verdict"] == verdict
    assert found["difference"] == pytest.approx((other_alone - own_alone) / 40)
    # Agresti and Min, by hand
    more, less, total = other_alone + 0.5, own_alone + 0.5, 42
    reach = 1.959964 * ((more + less - (more - less) ** 2 / total) ** 0.5) / total
    assert found["interval"] == pytest.approx([(more - less) / total - reach, (more - less) / total + reach], abs=1e-6)


def test_two_models_can_differ_clearly_though_the_interval_of_each_covers_the_other():
    predicted, truth = numbers(300)
    closer = truth + 0.93 * (predicted - truth)  # wrong in the same examples, each time by a little less
    found = compared("number", predicted, closer, truth)
    low, high = number_intervals(predicted, truth)["r2"]
    assert low < r2(closer, truth) < high
    assert found["metric"] == "r2" and found["verdict"] == "better"
    assert found["difference"] == pytest.approx(r2(closer, truth) - r2(predicted, truth))
    assert compared("number", closer, predicted, truth)["verdict"] == "worse"


def test_a_number_that_never_changes_is_compared_by_its_error_of_which_less_is_better():
    off, _ = numbers(40)
    found = compared("number", off, off / 2, np.zeros(40))
    assert found["metric"] == "mae" and found["difference"] < 0 and found["verdict"] == "better"


def test_labels_are_right_when_all_of_an_example_are():
    truth = np.ones((30, 2), dtype=bool)
    own, other = truth.copy(), truth.copy()
    own[:10, 0] = False
    found = compared("labels", own, other, truth)
    assert (found["metric"], found["difference"], found["verdict"]) == (
        "subset_accuracy",
        pytest.approx(1 / 3),
        "better",
    )


def test_few_examples_and_none_decide_nothing():
    predicted, truth = numbers(5)
    found = compared("number", predicted, truth, truth)
    assert found["interval"] is None and found["verdict"] == "within noise"
    assert compared("category", np.zeros(0), np.zeros(0), np.zeros(0)) == {}


@pytest.mark.parametrize("examples", [20, 60])
def test_of_two_models_that_are_equally_good_few_are_called_better_or_worse(examples):
    decided = 0
    for seed in range(200):
        own, truth = numbers(examples, seed=seed)
        other = truth + 0.5 * np.random.default_rng(1000 + seed).normal(size=examples)
        decided += compared("number", own, other, truth)["verdict"] != "within noise"
    assert decided <= 24  # of 200; 10 are meant, and 20 examples are few
