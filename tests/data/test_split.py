import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import deepglass as dg
from deepglass.data import DataSettings, Splits
from deepglass.data.split import MOST_VALIDATION, _first_interleaved, _interleaved, folds, split
from deepglass.errors import DataError

shares = st.floats(0, 0.45)


def members(splits):
    return np.concatenate([splits.train, splits.validation, splits.test])


@given(
    classes=st.lists(st.integers(0, 4), min_size=5, max_size=80),
    test=shares,
    validation=shares,
    stratify=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_every_example_is_in_one_split_exactly(classes, test, validation, stratify, seed):
    settings = DataSettings(test=test, validation=validation, stratify=stratify, split_seed=seed)
    splits = split(np.arange(len(classes)), settings, classes=np.array(classes))
    assert sorted(members(splits)) == list(range(len(classes)))
    assert len(splits.test) == round(test * len(classes))
    assert len(splits.validation) == round(validation * (len(classes) - len(splits.test)))


@given(
    classes=st.lists(st.integers(0, 4), min_size=5, max_size=80),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 1000),
)
def test_every_class_has_its_share_within_two_examples(classes, share, seed):  # several classes of one draw together
    codes = np.array(classes)
    splits = split(np.arange(len(codes)), DataSettings(test=share, validation=0, split_seed=seed), classes=codes)
    exact = len(splits.test) / len(codes)
    for kind in set(classes):
        assert abs((codes[splits.test] == kind).sum() - exact * (codes == kind).sum()) <= 2


@given(count=st.integers(4, 60), k=st.integers(2, 4), seed=st.integers(0, 1000))
def test_folds_validate_each_example_once_and_never_touch_the_test_split(count, k, seed):
    settings = DataSettings(split_seed=seed)
    before = split(np.arange(count + 4), settings)
    parts = folds(before, k, settings, classes=np.arange(count + 4) % 2)
    pool = sorted([*before.train, *before.validation])
    assert sorted(np.concatenate([p.validation for p in parts])) == pool
    for part in parts:
        assert sorted([*part.train, *part.validation]) == pool
        assert part.test.tolist() == before.test.tolist()
    sizes = [len(p.validation) for p in parts]
    assert max(sizes) - min(sizes) <= 1


@given(
    classes=st.lists(st.integers(0, 4), min_size=3, max_size=80), share=st.floats(0.1, 0.9), seed=st.integers(0, 1000)
)
def test_validation_is_drawn_as_a_test_split_of_its_size_would_be(classes, share, seed):
    # what is drawn last is found without an order of all that remains
    codes, order = np.array(classes), np.random.default_rng(seed).permutation(len(classes))
    count = max(1, int(share * len(classes)))
    chosen, others = _first_interleaved(order, codes, count)
    whole = _interleaved(order, codes)
    assert sorted(chosen) == sorted(whole[:count]) and sorted(others) == sorted(whole[count:])


def test_shares_are_of_all_and_then_of_the_rest():
    assert split(np.arange(1000), DataSettings()).counts() == {"train": 640, "validation": 160, "test": 200}


def test_a_whole_number_is_a_number_of_examples():
    assert split(np.arange(50), DataSettings(test=5, validation=1)).counts() == {
        "train": 44,
        "validation": 1,
        "test": 5,
    }


def test_a_share_asks_for_no_more_validation_than_is_of_use():
    counts = split(np.arange(100_000), DataSettings(test=0)).counts()
    assert counts["validation"] == MOST_VALIDATION


def test_the_seed_decides_and_nothing_else_does():
    one, same = (split(np.arange(100), DataSettings(split_seed=1)) for _ in range(2))
    other = split(np.arange(100), DataSettings(split_seed=2))
    assert members(one).tolist() == members(same).tolist()
    assert one.test.tolist() != other.test.tolist()


def test_a_class_with_one_example_is_kept_for_training():
    splits = split(np.arange(41), DataSettings(), classes=np.array([0] * 40 + [1]))
    assert 40 in splits.train


def test_too_small_a_rest_or_too_large_a_part_is_refused():
    with pytest.raises(DataError, match=r"No example is left to train on: 10 examples, test=5, validation=5"):
        split(np.arange(10), DataSettings(test=5, validation=5))
    with pytest.raises(DataError, match=r"test=11 asks for more than the 10 examples"):
        split(np.arange(10), DataSettings(test=11))
    with pytest.raises(DataError, match=r"9 folds of 8 examples are impossible\. Choose 2 to 8"):
        folds(Splits(np.arange(8), np.arange(0), np.arange(0)), 9, DataSettings())


@pytest.mark.parametrize("stated", [["test"], ["validation"], ["train", "test"], ["train", "validation"], ["train"]])
def test_what_a_source_leaves_open_is_drawn_from_its_training_examples(stated):
    parts = {"train": np.arange(60), "validation": np.arange(60, 80), "test": np.arange(80, 100)}
    own = {name: parts[name] for name in stated}
    splits = split(np.arange(100), DataSettings(), own=own)
    assert len(set(members(splits))) == len(members(splits))  # disjoint
    for name in {"validation", "test"} & own.keys():
        assert getattr(splits, name).tolist() == own[name].tolist()
    if "train" in own:
        drawn = {"validation", "test"} - own.keys()
        assert set(np.concatenate([splits.train, *(getattr(splits, n) for n in drawn)])) == set(range(60))
    assert all(splits.counts().values())


def test_a_source_that_states_an_example_twice_is_refused():
    with pytest.raises(DataError, match=r"1 examples are in train and in test \(first: 3, counted from 0\)"):
        split(np.arange(9), DataSettings(), own={"train": np.arange(4), "test": np.arange(3, 9)})


def test_folds_of_a_dataset_fit_their_own_encodings():
    data = dg.load("iris")
    offsets = [fold.fields["x"].encoding["offset"][0] for fold in data.folds(3)]
    raw = data.store.values["x"][:, 0].numpy()
    assert offsets == pytest.approx([raw[fold.splits.train].mean() for fold in data.folds(3)])
    assert len(set(offsets)) == 3
