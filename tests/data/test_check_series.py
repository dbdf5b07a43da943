import numpy as np

import deepglass as dg


def found(values, **settings):
    data = dg.load(values, **{"lookback": 5, "horizon": 2, **settings})
    return {p.check: p for p in data.check()}


def test_a_series_that_comes_and_goes_is_sound():
    assert not found(np.sin(np.arange(200.0)) + np.random.default_rng(0).standard_normal(200))


def test_a_constant_target_is_an_alarm_and_a_constant_input_a_warning():
    walk = np.random.default_rng(0).standard_normal(200)
    problem = found(np.stack([walk, np.ones(200)], axis=1))["constant_variables"]
    assert problem.severity == "alarm" and "nothing to forecast" in problem.sentence
    problem = found(np.stack([np.ones(200), walk], axis=1))["constant_variables"]
    assert problem.severity == "warning" and problem.places == ("x0",)


def test_a_level_that_leaves_the_training_past_is_told_with_the_mend():
    problem = found(np.arange(200.0))["level_shift"]
    assert "32 (100 %)" in problem.sentence or "all 32" in problem.sentence
    assert "task.from_last=true" in problem.sentence


def test_many_holes_that_were_kept_are_told():
    values = np.sin(np.arange(200.0))
    values[::3] = np.nan
    assert "holes" in found(values, horizon=0, on_missing="keep")
