"""Drawings out of folders, archives, text, JSON and tables; mistakes are named with file and line."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

import deepglass as dg
from deepglass.errors import DataError, SettingError

TICK = b"START\n0,0,0\n1,-2,10\n4,2,30\nBREAK\n"


def folder(tmp_path, drawings=8, characters=("a", "b")):
    """Alphabets of characters, each drawn by several people, as Omniglot keeps them."""
    for alphabet in ("Greek", "Latin"):
        for character in characters:
            place = tmp_path / "set" / alphabet / character
            place.mkdir(parents=True)
            for drawer in range(drawings):
                (place / f"07_{drawer:02}.txt").write_bytes(TICK if drawer % 2 else TICK + b"2,-2,40\nBREAK\n")
    return tmp_path / "set"


def test_a_folder_gives_characters_of_alphabets_and_keeps_each_drawer_in_one_split(tmp_path):
    data = dg.load(folder(tmp_path))
    assert data.fields["character"].classes == ["Greek/a", "Greek/b", "Latin/a", "Latin/b"]
    drawers = np.array([int(name[-6:-4]) for name in data.source.names])
    parts = [set(drawers[ids].tolist()) for ids in (data.splits.train, data.splits.validation, data.splits.test)]
    assert sum(map(len, parts)) == 8 and parts[0] & parts[1] == parts[0] & parts[2] == set()
    assert dg.load(tmp_path / "set", target="alphabet").fields["alphabet"].classes == ["Greek", "Latin"]


def test_offsets_point_downwards_and_say_where_the_pen_is_lifted(tmp_path):
    data = dg.load(folder(tmp_path))
    # Upwards in the file are (0, 0), (1, -2), (4, 2); downwards (0, 0), (1, 2), (4, -2); the middle is (2, 0).
    odd = int(np.flatnonzero([name.endswith("01.txt") for name in data.source.names])[0])
    assert data.store.values["strokes"][odd].tolist() == [[-2, 0, 0], [1, 2, 0], [3, -4, 1]]


def test_a_zip_says_the_same_as_the_folder(tmp_path):
    place = folder(tmp_path)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted(place.rglob("*.txt")):
            archive.write(path, path.relative_to(tmp_path).as_posix())
    one, other = dg.load(place), dg.load(tmp_path / "set.zip")
    assert one.fingerprint == other.fingerprint and one.fields["character"].classes == other.fields["character"].classes


def test_with_inputs_named_there_is_nothing_to_predict_but_the_drawing(tmp_path):
    data = dg.load(folder(tmp_path), inputs=["strokes", "alphabet"], simplify=10)
    assert list(data.inputs) == ["strokes", "alphabet"] and not data.targets
    assert data.fields["strokes"].shape == (3, 5)  # only ends of strokes are left
    assert data.fields["strokes"].encoding["reading"] == {"simplify": 10}
    with pytest.raises(SettingError, match=r"no field 'alphabets'\. Did you mean 'alphabet'"):
        dg.load(tmp_path / "set", inputs=["strokes", "alphabets"])
    with pytest.raises(SettingError, match="simplify"):
        data.with_(simplify=2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"START\n1,2,3\n1,x,3\nBREAK\n", "07_00.txt, line 3: '1,x,3' holds something that is no number"),
        (b"START\n1,2,3\n1;2;3\n", "line 3: '1;2;3' is no point"),
        (b"START\n1,nan,3\n", "line 2: '1,nan,3' is not finite"),
        (b"START\nBREAK\n", "line 1: the drawing that begins here has no point"),
        (TICK + TICK, "holds 2 drawings"),
        (b"", "is empty"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path, content, said):
    place = folder(tmp_path)
    (place / "Latin" / "b" / "07_00.txt").write_bytes(content)
    with pytest.raises(DataError, match=said):
        dg.load(place)


def test_a_file_without_start_among_others_is_named(tmp_path):
    place = folder(tmp_path)
    (place / "Latin" / "b" / "07_05.txt").write_bytes(b"1,2,3\nBREAK\n")
    with pytest.raises(DataError, match=r"07_05\.txt, line 1: '1,2,3' stands before START"):
        dg.load(place)


def test_one_file_of_several_drawings_is_read(tmp_path):
    (tmp_path / "notes.txt").write_bytes(TICK * 12)
    data = dg.load(tmp_path / "notes.txt")
    assert len(data) == 12 and not data.targets


def test_json_in_both_forms_gives_the_same_drawings(tmp_path):
    drawings = [
        {"strokes": [[[0, 0], [2, 2]], [[1, 3]]], "label": "ab"[i % 2], "drawer": str(i // 2)} for i in range(12)
    ]
    (tmp_path / "by_point.json").write_text(json.dumps(drawings))
    lines = [{"drawing": [[[0, 2], [0, 2]], [[1], [3]]], "word": d["label"], "drawer": d["drawer"]} for d in drawings]
    (tmp_path / "by_axis.ndjson").write_text("\n".join(map(json.dumps, lines)))
    one, other = (dg.load(tmp_path / name) for name in ("by_point.json", "by_axis.ndjson"))
    assert one.fingerprint == other.fingerprint and one.target.classes == ["a", "b"]
    assert len(np.unique(one.source.groups)) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"strokes": [[[0, "x"]]]}]', r"drawing 0 \(counted from 0\), stroke 0 is no list of points"),
        ('[{"strokes": []}]', "has no point"),
        ('[{"points": []}]', "there are no strokes"),
        ('[{"strokes": [[[0, 1], [1]]]}]', "no list of points"),
        ("{oops", "line 1 is no JSON"),
        ("[]", "holds no drawings"),
        ('{"images": [], "annotations": []}', "holds captions. Load the folder"),
    ],
)
def test_json_that_is_no_drawing_is_named(tmp_path, text, said):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match=said):
        dg.load(tmp_path / "x.json")


def test_a_table_of_pen_points_is_joined_by_drawing_and_stroke(tmp_path):
    rows = ["drawing,stroke,x,y,label"]
    for i in range(10):
        rows += [f"d{i},1,0,0,{i % 2}", f"d{i},1,2,2,{i % 2}", f"d{i},2,1,3,{i % 2}"]
    (tmp_path / "pen.csv").write_text("\n".join(rows))
    data = dg.load(tmp_path / "pen.csv")
    assert data.store.values["strokes"][3].tolist() == [[-1, -1.5, 0], [2, 2, 1], [-1, 1, 1]]
    (tmp_path / "pen.csv").write_text("\n".join([*rows[:5], "d9,1,zero,1,1", *rows[5:]]))
    with pytest.raises(DataError, match=r"row 6.*'zero' is not a number"):
        dg.load(tmp_path / "pen.csv")


def test_simplify_goes_with_drawings_alone():
    with pytest.raises(SettingError, match="simplify=2 goes with files of drawings; iris is none"):
        dg.load("iris", simplify=2)


@pytest.fixture
def real() -> Path:
    place = Path(os.environ.get("DEEPGLASS_DATA", "nowhere")) / "strokes"
    if not place.is_dir():
        pytest.skip("DEEPGLASS_DATA does not name a folder with strokes/")
    return place


def test_omniglot_is_read_as_it_comes(real):
    data = dg.load(real / "strokes_background_small1.zip", simplify=2)
    assert len(data) == 2720 and len(data.target.classes) == 136
    assert data.splits.counts() == {"train": 1768, "validation": 408, "test": 544}  # 20 drawers: 13, 3 and 4


def test_pickled_drawings_are_refused_with_what_to_do(real):
    with pytest.raises(DataError, match=r"holds Python objects, which could run code when read.*as JSON"):
        dg.load(real / "omniglot.npz")
