"""Texts: strings kept as bytes come back as they were."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from deepglass.data.copy import source_from_tensors, source_to_tensors
from deepglass.data.source import Source, categories, texts
from deepglass.data.texts import Texts


@given(st.lists(st.text(), max_size=6))
def test_every_string_comes_back_as_it_was(strings):
    kept = Texts.from_strings(strings)
    assert list(kept) == strings
    assert kept[np.arange(len(strings))].tolist() == strings
    assert kept[::-1].tolist() == strings[::-1]


def test_single_texts_are_found_from_both_ends_and_by_a_mask():
    kept = Texts.from_strings(["a", "", "čau"])
    assert (kept[0], kept[1], kept[-1], kept[-3]) == ("a", "", "čau", "a")
    assert kept[np.array([True, False, True])].tolist() == ["a", "čau"]


def test_picking_examples_makes_texts_again():
    picked = Texts.from_strings(["a", "bb", "ccc"]).take(torch.tensor([2, 0]))
    assert isinstance(picked, Texts)
    assert picked.tolist() == ["ccc", "a"]


def test_a_list_of_tokens_is_one_text():
    assert texts([["to", "be"], ["or"]]).values.tolist() == ["to be", "or"]


def test_a_run_folder_keeps_texts_with_what_they_share():
    one = texts(["a b", "c"], shares="other")
    other = texts(["d", "e f"], shares="one", aligned=True)
    source = Source("toy", {"one": one, "other": other, "y": categories([0, 1], ["n", "y"])}, ("one", "other"), ("y",))
    again = source_from_tensors(*source_to_tensors(source))
    assert again.fields["one"].values.tolist() == ["a b", "c"]
    assert (again.fields["one"].shares, again.fields["other"].aligned) == ("other", True)
