import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from deepglass.data.builtin import BUILTIN
from deepglass.errors import DataError
from deepglass.tasks.separability import best_found, explain_separability, separable

SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def test_a_line_separates_and_but_not_xor():
    assert separable(SQUARE, [0, 0, 0, 1], 1) is True and best_found(SQUARE, [0, 0, 0, 1], 1) == (4, 4)
    assert separable(SQUARE, [0, 1, 1, 0], 1) is False and best_found(SQUARE, [0, 1, 1, 0], 1) == (3, 4)


def test_what_a_line_does_not_separate_a_product_does():
    with_product = np.column_stack([SQUARE, SQUARE[:, 0] * SQUARE[:, 1]])
    assert separable(torch.tensor(with_product), torch.tensor([0, 1, 1, 0]), 1) is True


def test_iris_is_explained_in_sentences():
    source = BUILTIN["iris"]()
    found = explain_separability(source.fields["x"].values, source.codes(), source.fields["species"].classes)
    assert found[0] == "A plane can separate setosa from the others."
    assert found[1].startswith(
        "No plane separates versicolor from virginica: wherever it lies, examples stay on the wrong side"
    )
    assert "has 98 of 100 on the right side" in found[1] and found[1].endswith(
        "so the perceptron rule never comes to rest."
    )
    assert len(found) == 2


def test_two_classes_get_one_sentence():
    assert explain_separability(SQUARE, [0, 0, 0, 1], ["no", "yes"]) == [
        "A line can separate no from yes, so a perceptron can learn them."
    ]
    (sentence,) = explain_separability(SQUARE, [0, 1, 1, 0], ["same", "different"])
    assert "No line separates same from different" in sentence and "3 of 4" in sentence


def test_a_class_between_others_is_apart_from_each_but_not_from_all():
    x = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    found = explain_separability(x, [0, 0, 1, 1, 2, 2], ["low", "middle", "high"])
    assert found[:2] == ["A value can separate low from the others.", "A value can separate high from the others."]
    assert found[2].startswith(
        "No value separates middle from all others at once (the best one found has 4 of 6 examples"
    )


def test_when_all_are_apart_that_is_said_at_once():
    corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    assert explain_separability(corners, [0, 1, 2], "abc") == [
        "For each class, a line can separate it from the others, so a perceptron can learn them all."
    ]


def test_what_is_too_large_is_not_checked_and_that_is_said():
    x = np.random.default_rng(0).normal(size=(300, 1000))
    assert separable(x, np.arange(300) % 2, 1) is None
    assert explain_separability(x, np.arange(300) % 2, "ab") == [
        "Whether a plane separates the classes was not checked: 300 examples of 1,000 numbers."
    ]


def test_one_class_leaves_nothing_to_separate():
    assert separable(SQUARE, [1, 1, 1, 1], 1) is True
    assert explain_separability(SQUARE, [1, 1, 1, 1], "ab") == [
        "All examples are of one class, so there is nothing to separate."
    ]


def test_the_same_point_in_two_classes_cannot_be_separated():
    assert separable([[1.0, 2.0], [1.0, 2.0]], [0, 1], 1) is False
    assert separable([[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]], [0, 1, 1], 1) is False


def test_a_hole_in_the_numbers_is_named():
    with pytest.raises(DataError, match="an input that is not finite"):
        separable([[1.0, np.nan]], [0], 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 14))
def test_the_answer_agrees_with_whether_the_hulls_of_the_classes_meet(seed, examples):
    random = np.random.default_rng(seed)
    x, codes = random.normal(size=(examples, 2)), np.arange(examples) % 2
    a, b = x[codes == 0], x[codes == 1]
    # The hulls meet when one point is a mean of both, with weights from 0 to 1 that sum to 1 in each.
    rows = np.vstack([np.hstack([a.T, -b.T]), np.repeat([[1, 0], [0, 1]], [len(a), len(b)], axis=1)])
    meet = linprog(np.zeros(examples), A_eq=rows, b_eq=[0, 0, 1, 1], bounds=(0, 1)).status == 0
    assert separable(x, codes, 1) is (not meet)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_best_plane_found_is_never_better_than_the_best_there_is(seed):
    random = np.random.default_rng(seed)
    x, codes = random.normal(size=(7, 2)), random.permutation([0, 0, 0, 1, 1, 1, 1])
    angles = np.linspace(0, np.pi, 2000)
    heights = x @ np.array([np.cos(angles), np.sin(angles)])
    sides = heights[None] >= heights[:, None]  # every cut at every angle
    right = (sides == (codes == 1)[None, :, None]).sum(axis=1)
    best = max(right.max(), (7 - right).max())
    found, of = best_found(x, codes, 1)
    assert of == 7 and best - 1 <= found <= best
