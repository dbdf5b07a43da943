import time

import numpy as np
import pytest

import deepglass as dg
from deepglass.data.builtin import BUILTIN
from deepglass.data.checks import CHECKS, Problem, Summary, check

# What is true of these sets, and no fault: a doubled flower, a long tail, classes that one axis parts, four examples, a trend.
REMARKS = {
    "iris": {"duplicates"},
    "breast-cancer": {"outliers"},
    "gaussians": {"leaks"},
    "seasonal": {"level_shift"},
    "slash": {"rare_classes"},
    "logic": {"rare_classes"},
}


@pytest.mark.parametrize("name", BUILTIN)
def test_sound_data_get_no_more_than_remarks_that_are_true(name):
    problems = dg.load(name).check()
    assert {p.severity for p in problems} <= {"remark"}
    assert {p.check for p in problems} == REMARKS.get(name, set())


def test_the_two_flowers_that_are_equal_are_named():
    (problem,) = dg.load("iris").check()
    assert problem.places == ((142, 101),)  # rows 102 and 143 of Fisher's table, counted from 1
    assert (problem.count, problem.of) == (1, 30)
    assert "too few to move the test score beyond chance" in problem.sentence


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_sound_however_it_is_split(seed):
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(600, 12)), random.integers(0, 3, 600)
    assert dg.load((x, y), split_seed=seed).check() == []


def test_the_gravest_comes_first_and_sounds_like_it():
    x = np.random.default_rng(0).normal(size=(200, 3))
    x[:, 1] = 7
    x[:, 2] = y = np.arange(200) % 2
    data = dg.load((x, y))
    assert [(p.severity, p.check) for p in data.check()] == [("alarm", "leaks"), ("warning", "constant")]
    said = str(check(data))
    assert said.startswith(f"1 alarm, 1 warning in {len(CHECKS)} checks:\n  alarm   leaks: column 'x2' is the target")


def test_no_more_of_one_check_are_printed_than_a_person_reads():
    many = [Problem("missing", "remark", f"column {i}") for i in range(9)]
    said = str(Summary(many, len(CHECKS)))
    assert said.count("column") == 5
    assert "... and 4 more of missing (--json has all)" in said
    assert str(Summary([], 3)) == "No problems found in 3 checks."


def test_20_000_rows_of_20_columns_take_less_than_two_seconds():
    random = np.random.default_rng(0)
    data = dg.load((random.normal(size=(20_000, 20)), random.integers(0, 2, 20_000)))
    start = time.process_time()
    assert data.check() == []
    assert time.process_time() - start < 2


def test_of_larger_data_a_sample_is_looked_at_and_that_is_said():
    x = np.random.default_rng(0).normal(size=(50_000, 2))
    x[::10, 0] = 1e6
    (problem,) = [p for p in dg.load((x, x[:, 1])).check() if p.check == "outliers"]
    assert problem.sentence.endswith("(Looked at 20,000 of 50,000 examples.)")
    assert problem.of == 16_000  # of the training and validation examples of the sample
    assert 0.08 < problem.count / problem.of < 0.12


def test_that_only_a_part_was_looked_at_is_said_also_when_nothing_was_found():
    x = np.random.default_rng(0).normal(size=(300, 130))
    data = dg.load((x, np.arange(300) % 2))
    assert str(check(data)) == f"No problems found in {len(CHECKS)} checks. Looked at 128 of 130 columns of 'x'."
