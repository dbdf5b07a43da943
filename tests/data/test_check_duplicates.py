from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import deepglass as dg
from deepglass.data import Ragged
from deepglass.data.checks.content import equal_groups
from deepglass.data.checks.near import near_pairs

VALUES = st.sampled_from([0.0, -0.0, 1.0, float("nan"), 1e-300])


@given(rows=st.lists(st.tuples(VALUES, VALUES, st.integers(0, 2)), min_size=1, max_size=40))
def test_two_examples_share_a_group_exactly_when_all_values_are_equal(rows):
    floats = torch.tensor([r[:2] for r in rows], dtype=torch.float64)
    codes = torch.tensor([r[2] for r in rows])
    groups = equal_groups([floats, codes])
    named = [str([v + 0.0 for v in r]) for r in rows]  # nan is "nan", and -0.0 + 0.0 is 0.0
    for i in range(len(rows)):
        assert (groups == groups[i]).tolist() == [named[i] == other for other in named]


@given(lengths=st.lists(st.integers(0, 3), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_so_do_examples_of_uneven_length(lengths, seed):
    random = torch.Generator().manual_seed(seed)
    examples = [torch.randint(0, 2, (n,), generator=random).float() for n in lengths]
    groups = equal_groups([Ragged.of(examples)])
    for i, one in enumerate(examples):
        assert (groups == groups[i]).tolist() == [one.tolist() == other.tolist() for other in examples]


@given(seed=st.integers(0, 999), dimensions=st.integers(1, 6), radius=st.floats(0.05, 2))
def test_all_near_pairs_are_found_and_no_others(seed, dimensions, radius):
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(30, dimensions)), random.normal(size=(40, dimensions))
    i, j = near_pairs(a, b, radius)
    distance = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))
    assert set(zip(i.tolist(), j.tolist())) == {tuple(p) for p in np.argwhere(distance <= radius).tolist()}


@given(values=st.lists(st.integers(0, 30), min_size=10, max_size=60), seed=st.integers(0, 99))
def test_the_counts_are_those_of_comparing_each_with_each(values, seed):
    x = np.stack([np.array(values) * 1.0, np.array(values) % 7], axis=1)
    data = dg.load((x, np.linspace(0, 1, len(values))), split_seed=seed)
    found = {p.sentence.split(" examples")[0].split()[-1]: p.count for p in data.check() if p.check == "duplicates"}
    train, validation, test = ([values[i] for i in ids] for ids in vars(data.splits).values())
    expected = {
        "training": len(train) - len(Counter(train)),
        "validation": sum(v in train for v in validation),
        "test": sum(v in train + validation for v in test),
    }
    assert found == {split: count for split, count in expected.items() if count}


def points(examples=200, columns=5):
    return np.random.default_rng(0).normal(size=(examples, columns))


def only(data, check):
    """The problems of one check, when there are no others."""
    problems = data.check()
    assert {p.check for p in problems} <= {check}
    return problems


def test_a_test_example_that_was_trained_on_is_named():
    x, y = points(), np.linspace(0, 1, 200)
    splits = dg.load((x, y)).splits
    x[splits.test[:6]] = x[splits.train[:6]]
    (problem,) = only(dg.load((x, y)), "duplicates")
    assert (problem.severity, problem.count, problem.of) == ("alarm", 6, 40)
    assert problem.places[0] == (splits.train[0], splits.test[0])
    assert "what was learned by heart makes the test score too good" in problem.sentence


def test_a_row_with_fewer_digits_is_a_near_duplicate():
    x = points()
    splits = dg.load((x, x[:, 0])).splits
    x[splits.validation[:5]] = x[splits.train[:5]].round(4)
    (problem,) = only(dg.load((x, x @ [1, 2, 3, 4, 5])), "near_duplicates")
    assert (problem.count, problem.of) == (5, 32)
    assert problem.places == tuple(zip(splits.train[:5].tolist(), splits.validation[:5].tolist()))


def test_an_image_that_was_saved_again_is_a_near_duplicate():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (100, 3, 12, 12)).astype(np.uint8)
    y = np.arange(100) % 2
    splits = dg.load((images, y)).splits
    again = images[splits.train[:4]].astype(int) + random.integers(-3, 4, (4, 3, 12, 12))
    images[splits.test[:4]] = again.clip(0, 255)
    (problem,) = only(dg.load((images, y)), "near_duplicates")
    assert (problem.severity, problem.count, problem.of) == ("alarm", 4, 20)
    assert problem.places == tuple(zip(splits.train[:4].tolist(), splits.test[:4].tolist()))


def test_equal_inputs_with_different_classes_cannot_both_be_right():
    x, y = points(), np.arange(200) % 2
    train = dg.load((x, y)).splits.train
    one, two = train[y[train] == 0][0], train[y[train] == 1][0]
    x[two] = x[one]
    problems = {p.check: p for p in dg.load((x, y)).check()}
    assert set(problems) == {"duplicates", "contradictions"}
    assert problems["contradictions"].count == 1  # one of the two is answered wrongly, whatever the answer
    assert problems["contradictions"].places == (tuple(sorted([one, two])),)
    assert problems["duplicates"].severity == "remark"


def test_equal_inputs_with_different_numbers_are_told():
    x, y = points(), np.linspace(0, 1, 200)
    train = dg.load((x, y)).splits.train
    x[train[1]] = x[train[0]]
    (problem,) = [p for p in dg.load((x, y)).check() if p.check == "contradictions"]
    assert (problem.severity, problem.count) == ("remark", 2)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_file_that_lies_in_two_splits_is_named_whether_it_is_decoded_or_not(tmp_path, streaming):
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (60, 8, 8, 3)).astype(np.uint8)
    pictures[59] = pictures[0]
    for i, pixels in enumerate(pictures):
        folder = tmp_path / ("test" if i >= 40 else "train") / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{i:02}.png")
    data = dg.load(tmp_path, streaming=streaming)
    problems = {p.check: p for p in data.check() if p.check in ("duplicates", "near_duplicates")}
    assert set(problems) == {"duplicates"}
    assert (problems["duplicates"].count, problems["duplicates"].of) == (1, 20)
