"""Checks of texts: what is wrong with them is said, and healthy ones give nothing."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.data.portrait import portrait
from deepglass.report.pictures import portrait_picture, save

WORDS = ["the", "of", "and", "to", "in", "is", "that", "it"]
WORDS += ["was", "for", "on", "are", "with", "as", "they", "at", "be"]


def sentences(count, words=12, seed=0):
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, words)) for _ in range(count)]


def loaded(strings, **settings):
    return dg.load(
        {"text": strings, "y": [["a", "b"][i % 2] for i in range(len(strings))]}, kinds={"text": "text"}, **settings
    )


def found(data):
    return {p.check: p for p in data.check()}


def test_healthy_texts_give_no_problem():
    assert not loaded(sentences(300)).check()


def test_empty_texts_are_counted():
    problem = found(loaded([*sentences(300), *[" "] * 40]))["empty_texts"]
    assert problem.severity == "warning" or problem.severity == "remark"
    assert "are empty" in problem.sentence and problem.count > 20


def test_texts_in_the_wrong_encoding_are_found():
    strings = sentences(200)
    strings[3:60] = [s + " clichÃ©" for s in strings[3:60]]
    problem = found(loaded(strings))["mojibake"]
    assert problem.severity == "warning" and "'Ã©'" in problem.sentence
    assert "mojibake" not in found(loaded([s + " São Âme â" for s in sentences(200)]))  # real letters, no signs of it


def test_many_cut_texts_and_a_few_very_long_ones_are_told():
    assert found(loaded(sentences(200), length=5))["cut_texts"].severity == "warning"
    problem = found(loaded([*sentences(200), *sentences(8, words=90)], length=90))["cut_texts"]
    assert problem.severity == "remark" and "more than 4 times as long" in problem.sentence


def test_a_vocabulary_of_words_that_stand_once_is_told():
    strings = [" ".join(f"w{i}x{j}" for j in range(9)) for i in range(200)]
    problems = [p for p in loaded(strings).check() if p.check == "rare_words"]
    assert [p.severity for p in problems] == ["warning", "remark"]
    assert "100% of the words in validation are unknown" in problems[1].sentence


def test_equal_texts_in_two_splits_are_found():
    strings = sentences(100)
    assert "duplicates" in found(loaded(strings + strings))


# the picture


@pytest.mark.parametrize("name", ["stories", "reversal", "next_symbol", "motif"])
def test_the_portrait_of_texts_is_drawn(name, tmp_path):
    data = dg.load(name, options={"examples": 60})
    shown = portrait(data)
    assert len(shown.text_rows) == 6 and [t.name for t in shown.texts]
    save(portrait_picture(shown), tmp_path / "x.svg", name)
    assert "Most frequent" in (svg := (tmp_path / "x.svg").read_text()) or "most frequent" in svg


def test_the_portrait_counts_tokens_and_what_is_unknown():
    data = dg.load(
        {"text": ["a a b a", "a b b", "c a a", "c c a"] * 10, "y": ["n", "y"] * 20},
        kinds={"text": "text"},
        level="words",
    )
    (shown,) = portrait(data).texts
    assert shown.lengths.max() == 4 and shown.known == 3
    assert [t for t, _ in shown.frequent] == ["a", "b", "c"] or shown.frequent[0][0] == "a"
    assert sum(share for _, share in shown.frequent) == pytest.approx(1)
    assert shown.unknown == {"training": 0.0, "validation": 0.0}


def test_of_running_text_one_picture_stands_for_both_fields():
    data = dg.load(sentences(40), level="words")
    shown = portrait(data)
    assert [t.name for t in shown.texts] == ["text"] and all(len(row) == 1 for row in shown.text_rows)
