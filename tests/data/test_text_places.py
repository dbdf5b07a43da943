"""Files, folders and archives of text: what each is taken for, and what it says when it cannot be read."""

import gzip
import tarfile

import numpy as np
import pandas as pd
import pytest
from refusals import refusal

import deepglass as dg

SENTENCES = [f"this is sentence number {i}, and it says something" for i in range(12)]


def written(folder, **files):
    """Write files, their names with __ for a dot and ___ for a slash."""
    for name, content in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def text(data, index, field="text"):
    return data.source.fields[field].values[index]


def labels(data, field="class"):
    raw = data.source.fields[field]
    return [raw.classes[c] for c in raw.values]


# labelled texts


def test_files_that_are_called_alike_are_a_class_each_with_a_text_on_each_line(tmp_path):
    lines = "\n".join(SENTENCES)
    written(tmp_path, rt__neg=lines + "\n\n", rt__pos=lines.upper(), README__md="about")
    data = dg.load(tmp_path)
    assert labels(data) == ["neg"] * 12 + ["pos"] * 12
    assert text(data, 12) == SENTENCES[0].upper()
    assert "1 empty line" in str(data) and "1 file left out" in str(data)
    assert (
        len(dg.load(str(tmp_path / "rt.*"))) == len(dg.load([str(tmp_path / "rt.neg"), str(tmp_path / "rt.pos")])) == 24
    )


def test_files_called_by_their_class_may_lie_in_folders_of_the_splits(tmp_path):
    lines = "\n".join(SENTENCES)
    data = dg.load(
        written(tmp_path, train___a__txt=lines, train___b__txt=lines, test___a__txt="one\n", test___b__txt="two\n")
    )
    assert [labels(data)[i] for i in data.splits.test] == ["a", "b"]
    assert data.splits.counts()["test"] == 2


def test_folders_are_classes_with_one_text_a_file_also_in_an_archive(tmp_path):
    files = {f"{c}___{i}__txt": f"line one of {c}\nline two {i}" for c in ("neg", "pos") for i in range(5)}
    folder = written(tmp_path / "all", **files, poldata__README__2__0="about")
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as tar:
        tar.add(folder, arcname="top")
    for place in (folder, tmp_path / "all.tar.gz"):
        data = dg.load(place)
        assert labels(data) == ["neg"] * 5 + ["pos"] * 5
        assert text(data, 9) == "line one of pos\nline two 4"


def test_only_line_ends_part_lines(tmp_path):
    odd = "one\x0b two\x1c three\u2028 four\x85 five of them"
    data = dg.load(written(tmp_path, a__txt="\n".join([odd, *SENTENCES]), b__txt="\r\n".join(SENTENCES)))
    assert text(data, 0) == odd
    assert labels(data).count("b") == 12 and text(data, 13) == SENTENCES[0]


def test_another_encoding_is_named_with_file_and_line_and_read_when_it_is_said(tmp_path):
    written(
        tmp_path, x__a="\n".join(SENTENCES), x__b="\n".join([*SENTENCES[:3], "clich\xe9 \x85 dots"]).encode("latin-1")
    )
    message = refusal(tmp_path)
    assert "x.b, row 4" in message and "0xe9" in message and "encoding=" in message and "cp1252" in message
    data = dg.load(tmp_path, encoding="cp1252")
    assert text(data, 15) == "cliché … dots"  # 0x85 is an ellipsis there, and no line end


def test_encoding_is_refused_where_there_is_no_text(tmp_path):
    assert "goes with text; " in refusal(
        written(tmp_path, a___x__png=b"\x89PNG\r\n\x1a\n", b___y__png=b"\x89PNG\r\n\x1a\n"), encoding="cp1252"
    )


def test_one_class_and_files_without_lines_are_refused(tmp_path):
    assert "one class alone, a" in refusal(written(tmp_path / "one", a___1__txt="x", a___2__txt="y", a___3__txt="z"))
    assert "b.txt holds no line of text" in refusal(written(tmp_path / "two", a__txt="some\nlines", b__txt="\n\n"))
    assert "say no classes" in refusal([str(tmp_path / "two" / "a.txt")])


# one text to go on writing


def test_a_running_text_is_parted_in_its_order_and_answered_one_token_later(tmp_path):
    path = (
        written(tmp_path, t__txt="".join(chr(97 + i % 7) for i in range(101)) + "\nSome more, of several words.")
        / "t.txt"
    )
    data = dg.load(path, context=10, test=0.2, validation=0.25)
    assert data.splits.train.tolist() == list(range(len(data.splits.train)))
    assert max(data.splits.train) < min(data.splits.validation) <= max(data.splits.validation) < min(data.splits.test)
    whole = path.read_text()
    assert len(whole) == 130
    pairs = [(text(data, i), text(data, i, "next")) for i in range(len(data))]
    assert all(
        b == whole[whole.index(a, 10 * i) + 1 :][:10] for i, (a, b) in enumerate(pairs[: len(data.splits.train)])
    )
    ends = [0, 78, 104, 130]  # 20 % of 130 to test, a quarter of the other 104 to validate
    assert [whole[ends[k] :][:10] == pairs[i][0] for k, i in enumerate((0, 7, 9))] == [True] * 3
    assert len(pairs) == 7 + 2 + 2  # whole windows with an answer for each token: 77, 25 and 25 tokens
    assert data.every_step and data.fields["text"].tokens == data.fields["next"].tokens


@pytest.mark.parametrize("level", ["words", "pieces"])
def test_windows_of_words_and_pieces_are_aligned_with_their_answers(tmp_path, level):
    path = written(tmp_path, t__txt="\n".join(SENTENCES * 4)) / "t.txt"
    data = dg.load(path, level=level, context=7, vocabulary=80)
    batch = data.examples("train")
    x, y = batch["text"], batch["next"]
    assert x.shape[1] == 7 and (x > 3).all() and (y > 3).all()
    assert (x[:, 1:] == y[:, :-1]).all()
    assert (x[1:, 0] == y[:-1, -1]).all()  # each window goes on where the one before stopped


def test_windows_overlap_when_a_stride_is_said(tmp_path):
    path = written(tmp_path, t__txt="abcdefghijklmnopqrstuvwxyz " * 4) / "t.txt"
    data = dg.load(path, context=6, context_stride=2, test=0, validation=0)
    assert [text(data, i) for i in range(3)] == ["abcdef", "cdefgh", "efghij"]


def test_a_list_of_names_is_read_line_by_line_and_equal_lines_stay_in_one_split(tmp_path):
    names = [f"name{chr(97 + i % 20)}" for i in range(60)]
    path = written(tmp_path, names__txt="\n".join(names)) / "names.txt"
    data = dg.load(path)
    splits = [{text(data, int(i)) for i in getattr(data.splits, s)} for s in ("train", "validation", "test")]
    assert sum(map(len, splits)) == 20
    assert data.fields["text"].encoding["start"] and data.fields["next"].encoding["end"]
    assert len(dg.load(path, texts="running", context=8)) < 60


def test_too_short_a_text_is_refused(tmp_path):
    path = written(tmp_path, t__txt="ab c d") / "t.txt"
    assert "too few to part" in refusal(path, texts="running")
    assert "holds no line of text" in refusal(written(tmp_path, e__txt=" \n \n") / "e.txt", texts="lines")
    assert "parted by shares" in refusal(path, texts="running", test="other.txt")


# tagged sentences


CONLL = "Ana B-PER\nlives O\nin O\nOslo B-LOC\n. O\n\nShe O\nworks O\n. O\n\n" * 4


def test_a_token_and_its_tag_on_each_line_are_aligned(tmp_path):
    data = dg.load(written(tmp_path, ner__txt=CONLL) / "ner.txt")
    assert (text(data, 0), text(data, 0, "tags")) == ("Ana lives in Oslo .", "B-PER O O B-LOC O")
    assert data.every_step and data.fields["tags"].tokens[4:] == ["O", "B-LOC", "B-PER"]
    both = dg.load(written(tmp_path / "f", train__conll=CONLL, test__conll=CONLL))
    assert both.splits.counts()["test"] == 8


def test_a_line_with_a_column_too_few_is_named(tmp_path):
    assert "x.conll, line 2: 1 columns" in refusal(written(tmp_path, x__conll="a X\nb\n\nc Y\n") / "x.conll")


# DNA


def test_records_of_fasta_take_their_class_from_the_title_or_the_file(tmp_path):
    records = "".join(f">seq{i} {'plus' if i % 2 else 'minus'}\nACGT\nTT\n" for i in range(10))
    data = dg.load(written(tmp_path, x__fa=records) / "x.fa")
    assert (text(data, 1), labels(data)[:2]) == ("ACGTTT", ["minus", "plus"])
    assert data.fields["text"].encoding["level"] == "characters"
    files = dg.load(
        written(tmp_path / "two", pos__fa=">1\nACGTA\n>2\nTT\n>3\nACG\n", neg__fa=">1\nGGGG\n>4\nCC\n>5\nTTA\n")
    )
    assert labels(files) == ["neg"] * 3 + ["pos"] * 3
    assert "x.fa, line 1: letters stand before the first title" in refusal(
        written(tmp_path, x__fa="ACGT\n>a\n") / "x.fa"
    )


# a .txt file that is a table stays one


def test_a_txt_file_with_columns_is_a_table(tmp_path):
    rows = "a\tb\ty\n" + "".join(f"{i}\t{i * i}\t{'xy'[i % 2]}\n" for i in range(20))
    assert dg.load(written(tmp_path, t__txt=rows) / "t.txt").input_shapes == {"features": (2,)}


# parallel text


def parallel(folder, **more):
    english = "\n".join(f"the man {i} goes" for i in range(10)) + "\n"
    french = "\n".join(f"l'homme {i} va" for i in range(10)) + "\n"
    return written(folder, train__en=english, train__fr=french, **more)


def test_two_files_are_source_and_target_with_the_splits_of_their_names(tmp_path):
    packed = gzip.compress(b"one here\ntwo here\n")
    data = dg.load(
        parallel(tmp_path, val__en="a b\n", val__fr="c d\n", test_2016__en__gz=packed, test_2016__fr__gz=packed)
    )
    assert data.splits.counts() == {"train": 10, "validation": 1, "test": 2}
    assert (text(data, 0, "source"), text(data, 0, "target")) == ("the man 0 goes", "l'homme 0 va")
    assert text(data, 12, "target") == "two here"
    pair = dg.load((tmp_path / "train.fr", tmp_path / "train.en"))
    assert text(pair, 0, "source") == "l'homme 0 va"
    assert pair.fields["target"].encoding["end"] and not pair.fields["source"].encoding["end"]
    assert dg.load(tmp_path, share_vocabulary=True).fields["source"].tokens[4:7] == ["goes", "l'homme", "man"]


def test_of_three_languages_two_are_named(tmp_path):
    folder = parallel(tmp_path, train__de="\n".join("abcdefghij"))
    assert "holds the languages de, en, fr" in refusal(folder)
    data = dg.load(folder, inputs=["fr"], target="de")
    assert (text(data, 0, "source"), text(data, 0, "target")) == ("l'homme 0 va", "a")
    assert "does not translate en into es" in refusal(folder, inputs=["en"], target="es")


def test_files_of_different_numbers_of_lines_are_refused_with_where(tmp_path):
    message = refusal(parallel(tmp_path, val__en="a\n\nc\n", val__fr="a\nb\nc\nd\n"))
    assert "val.en has 3 lines and" in message and "val.fr 4" in message
    assert "line 2, which is empty in one of them" in message and "ends after line 3" in message


# arrays and tables


def test_lists_of_strings_and_frames_hold_texts_where_most_differ_and_have_several_words():
    y = ["a", "b"] * 6
    for data in (
        dg.load({"text": SENTENCES, "y": y}),
        dg.load((SENTENCES, y)),
        dg.load(pd.DataFrame({"t": SENTENCES, "y": y})),
    ):
        (field,) = data.inputs.values()
        assert field.kind == "text" and field.shape == (10,)
    cities = dg.load({"city": ["New York", "San Jose"] * 6, "y": y})
    assert cities.fields["city"].kind == "category"
    assert dg.load({"city": ["New York", "San Jose"] * 6, "y": y}, kinds={"city": "text"}).fields["city"].kind == "text"


def test_beside_a_text_other_columns_are_left_out_unless_they_are_named():
    frame = pd.DataFrame({"id": range(12), "t": SENTENCES, "size": np.arange(12) % 5, "y": [0, 1] * 6})
    data = dg.load(frame)
    assert list(data.inputs) == ["t"] and "left out beside the text: id, size" in str(data)
    both = dg.load(frame, kinds={"t": "text"}, inputs=["t", "size"])
    assert {n: f.kind for n, f in both.inputs.items()} == {"features": "table", "t": "text"}
    assert [text(both, i, "t") for i in range(12)] == SENTENCES


def test_a_name_of_a_few_words_beside_other_columns_is_no_text():
    frame = pd.DataFrame({"name": [f"Mr John Smith {i}" for i in range(12)], "age": np.arange(12) % 7, "y": [0, 1] * 6})
    assert list(dg.load(frame).inputs) == ["features"]


def test_rows_that_are_left_out_take_their_texts_with_them(tmp_path):
    frame = pd.DataFrame({"t": SENTENCES, "y": ["a", None, "b", ""] * 3})
    frame.loc[0, "t"] = ""
    frame.to_csv(tmp_path / "x.csv", index=False)
    data = dg.load(tmp_path / "x.csv", on_missing="drop", validation=2, test=0)
    assert [text(data, i, "t") for i in range(6)] == ["", *(SENTENCES[i] for i in (2, 4, 6, 8, 10))]
    assert "1 of 6 are empty" in str(data)


def test_two_columns_of_text_are_a_translation_and_as_many_tags_are_tags():
    frame = pd.DataFrame({"en": SENTENCES, "de": [f"dies ist der Satz Nummer {i}" for i in range(12)]})
    data = dg.load(frame)
    assert data.fields["de"].kind == "text" and not data.every_step
    words = ["a b c d", "c a e", "d e a b"] * 4
    tags = ["X Y X X", "X X Y", "X Y X Y"] * 4
    assert dg.load({"w": words, "t": tags}, kinds={"w": "text", "t": "text"}).every_step
    assert dg.load({"w": [w.split() for w in words], "t": [t.split() for t in tags]}).every_step


def test_strings_alone_are_lines_to_go_on_writing():
    data = dg.load(SENTENCES)
    assert data.every_step and data.fields["text"].encoding["start"]


def test_a_test_file_of_a_table_with_texts_is_read(tmp_path):
    frame = pd.DataFrame({"t": SENTENCES, "y": ["a", "b"] * 6})
    frame.to_csv(tmp_path / "train.csv", index=False)
    frame[::-1].to_csv(tmp_path / "test.csv", index=False)
    data = dg.load(tmp_path / "train.csv", test=str(tmp_path / "test.csv"))
    assert data.splits.test.tolist() == list(range(12, 24)) and text(data, 12, "t") == SENTENCES[-1]
