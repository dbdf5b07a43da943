"""New texts for a network that has learned from texts: strings, files, folders and tables."""

import pandas as pd
import pytest

import deepglass as dg
from deepglass.data.inputs import encode_inputs
from deepglass.errors import DataError, DeepglassWarning

SENTENCES = [f"this is sentence number {i}, and it says something" for i in range(12)]
LABELS = ["a", "b"] * 6


def back(data, new):
    (name,) = data.inputs
    return data.fields[name].decode(encode_inputs(new, data.fields)[name]).tolist()


def test_strings_and_the_lines_of_a_file_are_encoded_as_those_that_were_learned(tmp_path):
    data = dg.load((SENTENCES, LABELS))
    (tmp_path / "new.txt").write_bytes(b"This is it\r\n\r\nnumber something\r\n")
    assert back(data, "This is it") == ["this is it"]
    assert back(data, ["it says", "an unseen word"]) == ["it says", "<unknown> <unknown> <unknown>"]
    assert back(data, str(tmp_path / "new.txt")) == ["this is it", "", "number something"]


def test_a_text_that_is_longer_than_those_learned_from_is_cut_and_that_is_said():
    data = dg.load((SENTENCES, LABELS))
    with pytest.warns(
        DeepglassWarning, match="1 of 2 texts is longer than the 10 tokens .* the last ones are left out"
    ):
        assert back(data, ["it " * 12, "it"]) == ["it it it it it it it it it it", "it"]


def test_a_file_and_a_folder_hold_one_text_a_file_where_these_were_learned(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(5):
            (tmp_path / label / f"{i}.txt").write_bytes(f"caf\xe9 number {i}\nand {label}".encode("cp1252"))
    data = dg.load(tmp_path, encoding="cp1252")
    assert back(data, str(tmp_path / "a" / "3.txt")) == [back(data, ["café number 3\nand a"])[0]]
    assert len(back(data, str(tmp_path / "b"))) == 5  # in the encoding of those that were learned


def test_the_column_of_a_table_is_found_by_its_name(tmp_path):
    frame = pd.DataFrame({"id": range(12), "review": SENTENCES, "label": LABELS})
    frame.to_csv(tmp_path / "x.csv", sep=";", index=False)
    data = dg.load(tmp_path / "x.csv")
    assert back(data, str(tmp_path / "x.csv")) == back(data, SENTENCES) == back(data, frame.drop(columns="label"))
    with pytest.raises(DataError, match="needed: review"):
        encode_inputs(frame[["id", "label"]], data.fields)


def test_two_texts_are_given_by_name():
    data = dg.load("stories", options={"examples": 60})
    encoded = encode_inputs({"story": ["rai went to the beach ."], "question": ["where is rai ?"]}, data.fields)
    assert data.fields["question"].decode(encoded["question"]).tolist() == ["where is rai ?"]
    with pytest.raises(DataError, match="The input 'question' is missing"):
        encode_inputs({"story": ["rai went to the beach ."]}, data.fields)


@pytest.mark.parametrize("new", [3, [1, 2], "no_such.txt"])
def test_what_is_no_text_is_refused(new):
    with pytest.raises(DataError, match=r"Give strings|There is no file no_such\.txt"):
        encode_inputs(new, dg.load((SENTENCES, LABELS)).fields)


def test_more_data_can_be_encoded_like_those_that_were_learned():
    frame = pd.DataFrame({"size": range(12), "review": SENTENCES, "label": LABELS})
    data = dg.load(frame, level="characters")
    more = dg.load(
        pd.DataFrame({"size": [1, 2], "review": ["short", "one"], "label": ["a", "b"]}), like=data, test=0, validation=0
    )
    assert more.fields["review"].tokens == data.fields["review"].tokens
    assert more.fields["review"].decode(more.examples()["review"]).tolist() == ["short", "one"]
