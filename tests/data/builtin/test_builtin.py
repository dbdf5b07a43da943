import random

import numpy as np
import pytest
import torch

from deepglass.data.builtin import BUILTIN
from deepglass.data.source import KINDS
from deepglass.errors import SettingError

DRAWN = ["circles", "xor", "gaussians", "moons", "spirals", "plane", "gaussian"]


def assert_same_fields(one, other):
    assert list(one.fields) == list(other.fields)
    for name, raw in one.fields.items():
        np.testing.assert_array_equal(plain(raw), plain(other.fields[name]))


def plain(raw):
    """The numbers of a field in one array: of uneven examples those of all, of texts their bytes."""
    return raw.values.values.numpy() if hasattr(raw.values, "values") else raw.values


@pytest.mark.parametrize("name", BUILTIN)
def test_the_same_call_gives_the_same_examples(name):
    assert_same_fields(BUILTIN[name](), BUILTIN[name]())


@pytest.mark.parametrize("name", BUILTIN)
def test_changing_what_was_given_does_not_change_the_next_call(name):
    first = BUILTIN[name]()
    for raw in first.fields.values():
        plain(raw)[:] = 1
    assert any((plain(raw) != 1).any() for raw in BUILTIN[name]().fields.values())


@pytest.mark.parametrize("name", BUILTIN)
def test_the_random_state_of_the_caller_is_left_alone(name):
    before = (random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist())  # noqa: NPY002
    BUILTIN[name]()
    assert before == (random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist())  # noqa: NPY002


@pytest.mark.parametrize("name", BUILTIN)
def test_every_set_says_what_it_is_and_where_it_comes_from(name):
    source = BUILTIN[name]()
    assert source.name == name
    assert set(source.facts) >= {"description", "licence", "source"}
    assert all(fact.strip() and "\n" not in fact for fact in source.facts.values())
    assert all(note.endswith(".") for note in source.notes)


@pytest.mark.parametrize("name", BUILTIN)
def test_the_fields_of_every_set_are_whole(name):
    source = BUILTIN[name]()
    assert set(source.inputs) | set(source.targets) == set(source.fields)
    for raw in source.fields.values():
        assert raw.kind in KINDS
        assert len(raw) == len(source)
        assert np.isfinite(plain(raw)).all()
        if raw.kind == "category":
            assert set(raw.values.tolist()) == set(range(len(raw.classes)))
        if raw.kind == "number" and raw.values.ndim == 2:
            assert len({column.name for column in raw.columns}) == raw.values.shape[1]


@pytest.mark.parametrize("name", DRAWN)
def test_another_seed_draws_other_points(name):
    one, other = (BUILTIN[name](points=20, seed=seed).fields["x"].values for seed in (0, 1))
    assert one.shape == other.shape == (20, 2)
    assert (one != other).all()


@pytest.mark.parametrize("name", DRAWN)
def test_options_that_cannot_be_are_refused(name):
    with pytest.raises(SettingError, match=f"points=0 is too few for {name}"):
        BUILTIN[name](points=0)
    with pytest.raises(SettingError, match=r"noise_std=-1 .* 0 or more"):
        BUILTIN[name](noise_std=-1)
    with pytest.raises(SettingError, match=r"noise_std=nan"):
        BUILTIN[name](noise_std=float("nan"))
    with pytest.raises(SettingError, match=r"seed=-1 .* 0 or more"):
        BUILTIN[name](seed=-1)
