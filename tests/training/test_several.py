"""A list of recipes, and seeds: which trainings are asked for, and what is said of them together."""

import pytest

import deepglass as dg
from deepglass.errors import SettingError

RATES = (1e-3, 3e-2)


def trained(**asked):
    return dg.train("mlp", "iris", progress=False, threads=1, epochs=2, **asked)


def test_a_list_of_recipes_trains_once_with_each_as_alone(tmp_path):
    runs = trained(recipe=[dg.Recipe(learning_rate=RATES[0]), {"learning_rate": RATES[1]}], out=tmp_path)
    assert [run.path.name for run in runs] == ["recipe-0", "recipe-1"]
    assert [run.spec.recipe.learning_rate for run in runs] == list(RATES)
    for run, rate in zip(runs, RATES):
        alone = trained(learning_rate=rate, out=tmp_path / f"alone-{rate}")
        assert run.history[-1].train["loss"] == pytest.approx(alone.history[-1].train["loss"], rel=1e-4)
    assert runs.intervals() == []  # one training of each says nothing of chance
    assert list(runs.compare()["recipe.learning_rate"]) == list(RATES)


def test_with_seeds_each_recipe_has_intervals_of_its_own(tmp_path):
    runs = trained(recipe=[{"learning_rate": rate} for rate in RATES], seeds=[3, 7], out=tmp_path)
    assert [run.path.name for run in runs] == [f"recipe-{k}-seed-{n}" for k in (0, 1) for n in (3, 7)]
    first, *_ = runs.intervals()
    assert first.startswith("learning_rate 0.001: validation loss: mean ") and first.endswith(
        "over 2 seeds (the same data)"
    )
    assert len(runs.intervals()) == 4


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"recipe": []}, r"recipe=\[\] holds none"),
        ({"recipe": ["slow"]}, r"recipe: 'slow' is none"),
        ({"recipe": "slow"}, r"recipe: 'slow' is none"),
        ({"seeds": 0}, r"seeds=0 names no seed"),
        ({"seeds": [3, 3]}, r"seeds=\[3, 3\] names no seed, or one twice"),
        ({"seeds": 2.5}, r"seeds=2.5 names no seed"),
    ],
)
def test_what_names_no_training_is_refused(asked, words):
    with pytest.raises(SettingError, match=words):
        trained(**asked)
