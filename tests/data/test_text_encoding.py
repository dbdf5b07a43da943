"""Texts as rows of codes: the vocabulary, the length, the marks around a text, and the way back."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deepglass as dg
from deepglass.data import DataSettings, Source, make
from deepglass.data.source import categories, texts
from deepglass.data.text_encoding import decode_text, encode_text, fit_text
from deepglass.data.text_levels import word_spans, words_of
from deepglass.data.text_pieces import learn_pieces, piece_spans, pieces_of
from deepglass.errors import DataError, SettingError

KNOWN = "Hello there, it is 3.14 o'clock.\nIt is what it is; hello again."


def fitted(strings, train=None, role="input", beside=None, aligned=False, reading=None, **asked):
    raw = texts(strings, aligned=aligned, shares="other" if beside else "", **(reading or {}))
    ids = np.arange(len(strings)) if train is None else np.array(train)
    shape, encoding = fit_text("text", raw, role, ids, DataSettings(**asked), beside=beside)
    return shape, encoding


def test_words_are_told_from_punctuation_in_any_script():
    assert words_of("Don't pay $3.50, Ana: e.g. 10:30...") == [
        "Don't",
        "pay",
        "$",
        "3.50",
        ",",
        "Ana",
        ":",
        "e",
        ".",
        "g",
        ".",
        "10:30",
        "...",
    ]
    assert words_of("ಕನ್ನಡ ಭಾಷೆ, 日本語") == ["ಕನ್ನಡ", "ಭಾಷೆ", ",", "日本語"]  # vowel signs belong to their word
    assert words_of("a\nb", lines=True) == ["a", "\n", "b"]


def test_the_vocabulary_stands_by_falling_frequency_with_ties_by_code_point_and_is_that_of_training_alone():
    _, encoding = fitted(["b a b", "c a b", "zebra zebra zebra zebra"], train=[0, 1])
    assert encoding["tokens"] == ["<pad>", "<unknown>", "<start>", "<end>", "b", "a", "c"]
    codes = encode_text(encoding, (4,), ["a zebra b", "", "c c c c c c"])
    assert codes.tolist() == [[5, 1, 4, 0], [0, 0, 0, 0], [6, 6, 6, 6]]
    assert decode_text(encoding, codes).tolist() == ["a <unknown> b", "", "c c c c"]


def test_a_token_that_is_written_like_a_special_one_is_unknown_and_no_padding():
    _, encoding = fitted(["<pad> <end> a"], level="tokens")
    assert encode_text(encoding, (3,), ["<pad> <end> a"]).tolist() == [[1, 1, 4]]


def test_rare_words_are_left_out_when_it_is_said_and_counted():
    _, encoding = fitted(["a a a b b c", "a b d d d d"], vocabulary=2)
    assert encoding["tokens"][4:] == ["a", "d"]
    assert encoding["unknown"] == pytest.approx(4 / 12)  # three b and one c
    _, encoding = fitted(["a a b", "a c"], least_count=2)
    assert encoding["tokens"][4:] == ["a"]


def test_the_length_is_what_99_percent_of_the_training_texts_do_not_exceed():
    shape, encoding = fitted(["a " * n for n in [*[5] * 199, 50]])
    assert (shape, encoding["longest"]) == ((5,), 50)
    assert encoding["shortened"] == pytest.approx(1 / 200)
    assert fitted(["a " * n for n in [*[5] * 199, 6]])[0] == (6,)  # hardly longer: kept whole
    assert fitted(["a b c", "a"], length=2)[0] == (2,)
    with pytest.raises(SettingError, match=r"length=1 leaves no room for a token in 'text'\. Choose 2 or more"):
        fitted(["a b c"], role="target", length=1)


def test_a_text_to_predict_ends_in_end_also_where_it_is_cut():
    _, encoding = fitted(["a b", "b"], role="target")
    assert encode_text(encoding, (3,), ["a", "a b a b a"]).tolist() == [[5, 3, 0], [5, 4, 3]]
    assert decode_text(encoding, [[5, 3, 4]]).tolist() == ["a"]


def test_lines_begin_with_start_and_are_answered_one_token_later():
    data = dg.load(["ab", "b", "abba"], texts="lines", level="characters", test=0, validation=0, length=3)
    x, y = (data.fields[n].encode(data.source.fields[n].values) for n in ("text", "next"))
    a, b = (data.fields["text"].tokens.index(c) for c in "ab")
    assert x.tolist() == [[2, a, b], [2, b, 0], [2, a, b]]
    assert y.tolist() == [[a, b, 3], [b, 3, 0], [a, b, b]]  # what is cut goes on: no end is put there


def test_of_a_long_story_the_last_whole_sentences_are_kept():
    _, encoding = fitted(["a a . b b . c ."], level="tokens", reading={"cut": "sentences"})
    rows = encode_text(encoding, (6,), ["a a . b b . c .", "b . c .", "a a a a a a a a"])
    assert decode_text(encoding, rows).tolist() == ["b b . c .", "b . c .", "a a a a a a"]


def test_two_fields_that_share_have_one_vocabulary_of_both():
    other = texts(["x x x y"])
    _, encoding = fitted(["a a"], beside=other)
    assert encoding["tokens"][4:] == ["x", "a", "y"]


def test_tags_are_neither_lowered_nor_too_rare():
    _, encoding = fitted(["B-PER O", "O O"], role="target", aligned=True, lowercase=True, least_count=2, level="tokens")
    assert encoding["tokens"][4:] == ["O", "B-PER"]
    assert not encoding["end"]


@given(st.lists(st.text(alphabet=KNOWN, max_size=30), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_characters_come_back_as_they_were(strings):
    _, encoding = fitted([KNOWN], level="characters")
    assert decode_text(encoding, encode_text(encoding, (30,), strings)).tolist() == strings


PIECES = learn_pieces([KNOWN] * 3, 60)


@given(st.text(alphabet=KNOWN, max_size=40))
@settings(max_examples=60, deadline=None)
def test_pieces_of_known_characters_come_back_as_they_were(text):
    _, encoding = fitted([KNOWN], level="pieces", reading={"pieces": PIECES})
    assert decode_text(encoding, encode_text(encoding, (60,), [text])).tolist() == [text]


@given(st.text(alphabet=KNOWN, min_size=2, max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_a_text_that_is_cut_between_two_tokens_has_the_same_tokens_on_both_sides(text, data):
    pieces, spans = pieces_of([text], PIECES)[0], piece_spans(text, PIECES)
    at = data.draw(st.integers(0, len(spans) - 1))
    assert pieces_of([text[: spans[at][0]], text[spans[at][0] :]], PIECES) == [pieces[:at], pieces[at:]]
    words, spans = words_of(text, lines=True), word_spans(text, lines=True)
    if spans:
        at = min(at, len(spans) - 1)
        assert words_of(text[spans[at][0] :], lines=True) == words[at:]


def test_an_unseen_character_is_one_unknown_piece():
    _, encoding = fitted([KNOWN], level="pieces", vocabulary=40)
    assert decode_text(encoding, encode_text(encoding, (20,), ["it isΩ"])).tolist() == ["it is<unknown>"]


def test_pieces_without_their_library_are_refused_with_the_mend(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(DataError, match=r"pip install deepglass\[text\], or choose level=words"):
        fitted(["a b"], level="pieces")


@pytest.mark.parametrize(
    ("strings", "level"),
    [
        (["the first text", "and another one"], "words"),
        (["emma", "olivia"], "characters"),
        (["ACGTACGTTTGACA", "ACGTAGCTAGCAT"], "characters"),
        (["これはペンです。", "私は学生です。"], "characters"),
    ],
)
def test_the_level_is_found_by_whether_there_are_blanks(strings, level):
    assert fitted(strings)[1]["level"] == level


def test_texts_that_are_all_empty_are_refused():
    with pytest.raises(DataError, match="all 2 training texts are empty"):
        fitted(["", "  "])


def test_what_goes_with_texts_is_refused_for_other_data():
    with pytest.raises(
        SettingError, match=r"data\.level='words' goes with texts, and these data hold category, number"
    ):
        dg.load("iris", level="words")


def test_windows_and_tags_cannot_be_cut_at_another_level():
    data = dg.load("next_symbol")
    with pytest.raises(SettingError, match="level=characters cannot be for 'text': each token has a tag of its own"):
        data.with_(level="characters")


def test_the_share_of_unknown_words_is_told():
    source = Source(
        "toy",
        {"text": texts(["a b", "a b", "c d", ""]), "y": categories([0, 1, 0, 1], ["n", "y"])},
        ("text",),
        ("y",),
        splits={"train": np.array([0, 1, 3]), "validation": np.array([2])},
    )
    told = str(make(source, DataSettings(test=0)))
    assert "unknown are 0 % of the words in training, 100 % of the words in validation" in told
    assert "1 training text empty, kept as padding alone" in told
