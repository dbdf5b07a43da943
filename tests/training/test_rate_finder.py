"""The rate finder says where the loss falls and where it grows, and leaves the network as it is."""

import json

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.training.rate_finder import RateCurve, find_rate


@pytest.fixture(scope="module")
def digits():
    return dg.load("digits")


def network(data, seed=0):
    return dg.build("mlp", data, hidden=[32], seed=seed)


def test_a_training_at_the_suggested_rate_learns_and_at_a_hundred_times_it_does_not(digits):
    found = find_rate(network(digits), digits, dg.Recipe(optimizer="sgd"))

    def reached(rate):
        recipe = dg.Recipe(optimizer="sgd", learning_rate=rate, epochs=5, early_stopping=False)
        return list(dg.Training(network(digits), digits, recipe))[-1].validation["accuracy"]

    assert reached(found.suggestion) > 0.85
    assert reached(100 * found.suggestion) < 0.5
    assert found.steepest < 10 * found.suggestion


def test_the_rates_grow_evenly_on_a_logarithmic_scale_and_stop_when_the_loss_explodes(digits):
    found = find_rate(network(digits), digits, {"optimizer": "sgd"}, lowest=1e-4, highest=1e4, steps=81)
    np.testing.assert_allclose(found.rates[:3], [1e-4, 10**-3.9, 10**-3.8])
    assert len(found.rates) < 81
    assert len(found.rates) == len(found.losses) == len(found.smoothed)


def test_the_network_stays_as_it_is_and_the_same_seed_finds_the_same(digits):
    made = network(digits)
    before = {name: value.clone() for name, value in made.state_dict().items()}
    first, again = (find_rate(made, digits, {"seed": 3}, steps=40) for _ in range(2))
    assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())
    np.testing.assert_array_equal(first.losses, again.losses)


def test_the_suggestion_is_where_the_loss_falls_most_but_a_tenth_of_the_rate_of_the_least_loss_at_most():
    rates = np.array([0.001, 0.01, 0.1, 1.0])
    falling = RateCurve(rates, np.zeros(4), np.array([3.0, 2.5, 1.0, 5.0]))
    assert falling.suggestion == pytest.approx(0.01)
    late = RateCurve(rates, np.zeros(4), np.array([3.0, 2.9, 2.8, 1.0]))
    assert late.steepest == late.suggestion == pytest.approx(0.1)
    early = RateCurve(rates, np.zeros(4), np.array([3.0, 1.0, 0.9, 0.8]))
    assert early.suggestion == pytest.approx(0.001)
    assert str(falling) == "suggested learning rate 1.0e-02 (the loss falls most at 1.0e-02, is lowest at 1.0e-01)"


@pytest.mark.parametrize("options", [{"lowest": 0.0}, {"lowest": 1.0, "highest": 0.1}, {"steps": 3}])
def test_an_empty_range_is_refused(digits, options):
    with pytest.raises(SettingError, match="give 0 < lowest < highest, and 10 steps or more"):
        find_rate(network(digits), digits, **options)


def test_an_optimizer_that_searches_has_no_rate_to_find(digits):
    with pytest.raises(SettingError, match="lbfgs searches along each step"):
        find_rate(network(digits), digits, {"optimizer": "lbfgs"})


def test_the_command_draws_and_says_it(tmp_path, monkeypatch, capsys):
    from deepglass.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["deepglass", "rates", "iris", "--steps", "30", "--json"])
    with pytest.raises(SystemExit):
        main()
    facts = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < facts["suggestion"] < 10
    assert (tmp_path / "rates.png").is_file()
