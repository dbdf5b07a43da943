"""Remedies are such as can be tried on the run at hand."""

import pytest

from deepglass.doctor.finding import Remedy
from deepglass.doctor.fitting import fitting

SETTINGS = {
    "data": {"source": "digits"},
    "network": {"name": "mlp", "hidden": [64, 64], "norm": None, "initialization": "auto"},
    "recipe": {"optimizer": "sgd", "learning_rate": 0.1},
}
NORMS = Remedy({"network.norm": "batch"}, "Bring the signal back.")
WORDS = Remedy({}, "Shuffle the rows.", by="data")


def test_a_remedy_that_changes_nothing_is_left_out():
    same = Remedy({"network.initialization": "auto"}, "Start from random weights.")
    assert fitting((same, NORMS, WORDS), SETTINGS) == (NORMS, WORDS)
    half = Remedy(
        {"network.initialization": "auto", "recipe.batch_size": 64}, "Both."
    )  # one of the two changes something
    assert fitting((half,), SETTINGS) == (half,)


def test_a_remedy_that_no_spec_can_say_is_left_out():
    lost = Remedy({"recipe.learning_rate": 0.0}, "No steps.")
    filters = Remedy({"network.filters": [8, 16]}, "More filters.")
    assert fitting((lost, filters), SETTINGS) == ()


@pytest.mark.parametrize(
    "network", [{"module": "Net"}, {"name": "net.py:build"}, {"layers": ["Flatten", {"Linear": 10}]}]
)
def test_what_no_setting_of_a_network_reaches_is_told_in_words(network):
    told = fitting((NORMS,), {**SETTINGS, "network": network})
    assert told == (Remedy({}, "Bring the signal back. (norm = batch)", by="code"),)


def test_a_loop_that_has_no_settings_is_told_everything_in_words():
    rate = Remedy({"recipe.learning_rate": 0.01}, "Shorter steps.")
    assert fitting((rate, WORDS), {}) == (Remedy({}, "Shorter steps. (learning_rate = 0.01)", by="code"), WORDS)


def test_settings_of_another_version_leave_the_remedies_as_they_are():
    assert fitting((NORMS,), {**SETTINGS, "recipe": {"unheard_of": 1}}) == (NORMS,)
