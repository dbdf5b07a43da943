"""The built-in sequences of symbols: what is to be found stands where it is said."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.data.builtin import BUILTIN
from deepglass.errors import SettingError


def rows(name, **options):
    source = BUILTIN[name](**options)
    columns = []
    for raw in source.fields.values():
        columns.append(raw.values.tolist() if raw.kind == "text" else [raw.classes[c] for c in raw.values])
    return list(zip(*columns))


def test_the_class_is_the_first_symbol():
    assert all(text.split()[0] == label and len(text.split()) == 7 for text, label in rows("first_symbol", length=7))


def test_each_symbol_is_marked_with_the_next_one():
    assert all(tags.split() == [*text.split()[1:], "end"] for text, tags in rows("next_symbol", examples=50))


def test_the_target_is_the_source_reversed():
    found = rows("reversal", shortest=2, length=5)
    assert all(target.split() == source.split()[::-1] for source, target in found)
    assert {len(source.split()) for source, _ in found} == {2, 3, 4, 5}


def test_the_motif_stands_in_every_second_sequence_and_nowhere_else():
    found = rows("motif", word="ACGT", length=60)
    assert all(("ACGT" in text) == (label == "motif") for text, label in found)
    assert [label for _, label in found[:2]] == ["motif", "none"]


def test_in_the_unseen_split_the_year_stands_where_training_never_had_it():
    data = dg.load("dates", options={"unseen": "validation", "length": 10}, test=0)
    for split, places in (("train", range(5)), ("validation", range(5, 10))):
        for i in getattr(data.splits, split):
            words = data.source.fields["text"].values[int(i)].split()
            year = data.source.fields["year"].classes[data.source.fields["year"].values[i]]
            assert len(words) == 10 and words.count(year) == 1 and words.index(year) in places


def told(story, question):
    """Answer a question by playing the story."""
    been, held, lying = {}, {}, {}
    for words in (line.split() for line in story.split(" .") if line):
        person, verb, last = words[0], words[1], words[-1]
        if verb == "took":
            held[last] = person
        elif verb == "dropped":
            del held[last]
            lying[last] = been[person][-1]
        else:
            been.setdefault(person, []).append(last)
    *_, asked, _ = question.split()
    if "before" in question:
        person = question.split()[2]
        return been[person][been[person].index(asked) - 1]
    return been[asked][-1] if asked in been else been[held[asked]][-1] if asked in held else lying[asked]


def test_the_answer_is_what_the_story_tells():
    found = rows("stories", examples=300)
    assert all(told(story, question) == answer for story, question, answer in found)
    assert {question.split()[0] for _, question, _ in found} == {"where"}
    assert sum("before" in question for _, question, _ in found) == 100


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("first_symbol", {"symbols": 1}, "symbols=1 cannot be for first_symbol. Choose 2 to 26"),
        ("next_symbol", {"length": 1.5}, "length=1.5 cannot be"),
        ("reversal", {"shortest": 9}, "shortest=9 cannot be for reversal. Choose 1 to 6"),
        ("motif", {"word": "XY"}, "word='XY' cannot be planted"),
        ("motif", {"errors": 2}, "errors=2 is no share"),
        ("dates", {"unseen": "train"}, "unseen='train' cannot hold"),
        ("stories", {"questions": ["why"]}, "are no questions of stories"),
        ("stories", {"seed": -1}, "seed=-1 cannot seed stories"),
    ],
)
def test_options_that_cannot_be_are_refused(name, options, message):
    with pytest.raises(SettingError, match=message):
        BUILTIN[name](**options)


def test_sequences_differ_where_there_are_enough_of_them():
    texts = [text for text, _ in rows("next_symbol")]
    assert len(set(texts)) == len(texts) == 2000
    assert np.unique([text for text, _ in rows("first_symbol", length=2, symbols=2, examples=40)]).size <= 4
