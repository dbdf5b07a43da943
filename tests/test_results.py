"""What an evaluation says in words."""

import json

import pytest

import deepglass as dg
from deepglass.results import Evaluation


@pytest.mark.usefixtures("in_tmp")
def test_a_regression_is_evaluated_with_intervals_and_beside_simple_models():
    run = dg.train("linear", "diabetes", epochs=3, threads=1, progress=False, out="mine")
    found = run.evaluate()
    for name in ("r2", "mae", "rmse"):
        low, high = found.test[f"{name}_interval"]
        assert low < found[name] < high
        assert f"{found[name]:.4f}   95 % interval {low:.4f} to {high:.4f}" in repr(found)
    assert list(found.baselines) == ["mean", "linear model", "small tree", "boosted trees"]
    for scores in found.baselines.values():
        one = scores["compared"]
        assert one["difference"] == pytest.approx(scores["r2"] - found["r2"], abs=1e-4)
        assert (one["verdict"] == "within noise") == (one["interval"][0] <= 0 <= one["interval"][1])
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_a_simple_model_is_called_better_with_its_interval_and_a_note_follows():
    compared = {"metric": "accuracy", "difference": 0.03, "interval": [0.01, 0.05], "verdict": "better"}
    trees = {"accuracy": 0.93, "examples": 10_000, "compared": compared, "note": "learned from a part"}
    said = repr(Evaluation("run", {"accuracy": 0.9, "examples": 50}, {"boosted trees": trees}, 1))
    assert "beside it: boosted trees    accuracy 0.9300; better by 0.030 (95 % interval 0.010 to 0.050)" in said
    assert said.endswith("learned from a part")


@pytest.mark.usefixtures("in_tmp")
def test_pictures_are_not_laid_beside_boosted_trees():
    run = dg.train("linear", "digits", epochs=1, threads=1, progress=False, out="mine")
    assert list(run.evaluate().baselines) == ["majority class", "linear model", "small tree"]
