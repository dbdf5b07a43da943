"""What a user gets from `deepglass predict` on pictures and on tables."""

import zipfile
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

QUICK = ("--epochs", "1", "--set", "recipe.threads=1")


@pytest.fixture
def skin(deepglass):
    """A run on dark and light pictures, and new ones in a folder and a zip."""
    random = np.random.default_rng(0)
    for folder, light in (("skin/mole", 20), ("skin/melanoma", 140), ("new/today", 20), ("new", 140)):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for i in range(3 if folder.startswith("new") else 12):
            Image.fromarray((random.integers(0, 90, (8, 8, 3)) + light).astype("uint8")).save(f"{folder}/{i}.png")
    with zipfile.ZipFile("new.zip", "w") as archive:
        for path in sorted(Path("new").rglob("*.png")):
            archive.write(path, path.relative_to("new").as_posix())
    assert deepglass("train", "skin", "--network", "linear", *QUICK, "--out", "run").code == 0
    return deepglass


NAMES = ["0.png", "1.png", "2.png", "today/0.png", "today/1.png", "today/2.png"]


@pytest.mark.parametrize("place", ["new", "new.zip"])
def test_a_folder_or_a_zip_of_pictures_gives_a_row_for_each_with_its_name(skin, place):
    answer = skin("predict", "run", place, "-o", "out.csv")
    assert answer.code == 0 and "6 predictions: out.csv" in answer.out
    table = pandas.read_csv("out.csv")
    assert list(table.columns) == ["file", "class", "probability", "p(melanoma)", "p(mole)"]
    assert table["file"].tolist() == NAMES
    assert [row["file"] for row in skin("predict", "run", place, "--json").json["predictions"]] == NAMES


def test_pictures_that_cannot_be_read_end_with_code_2_or_are_left_out_and_counted(skin):
    Path("new/1.png").write_bytes(b"no picture")
    Path("new/today/2.png").write_bytes(b"")
    refused = skin("predict", "run", "new", "-o", "out.csv")
    assert refused.code == 2 and not Path("out.csv").exists()
    assert "2 of 6 pictures cannot be read" in refused.err and "--skip-unreadable" in refused.err
    assert "1.png is no picture" in refused.err and "2.png is empty" in refused.err
    answer = skin("predict", "run", "new", "-o", "out.csv", "--skip-unreadable")
    assert answer.code == 0 and "note: 2 of 6 pictures cannot be read and were left out" in answer.err
    assert pandas.read_csv("out.csv")["file"].tolist() == ["0.png", "2.png", "today/0.png", "today/1.png"]


def test_a_table_of_pictures_shows_what_was_given_beside_what_is_predicted(skin):
    Path("list.csv").write_text("image,class\nnew/2.png,mole\nnew/today/1.png,melanoma\n")
    rows = skin("predict", "run", "list.csv", "--json").json["predictions"]
    assert [(row["file"], row["given"]) for row in rows] == [("new/2.png", "mole"), ("new/today/1.png", "melanoma")]


def test_a_column_of_targets_with_gaps_is_shown_as_it_is(deepglass):
    Path("c.csv").write_text("x,z,y\n" + "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(40)))
    Path("new.csv").write_text("x,z,y\n3,1,\n4,2,a\n")
    assert deepglass("train", "c.csv", *QUICK, "--out", "run").code == 0
    rows = deepglass("predict", "run", "new.csv", "--json").json["predictions"]
    assert [row["given"] for row in rows] == [None, "a"]


def test_one_column_is_enough_where_one_was_learned(deepglass):
    Path("one.csv").write_text("x,y\n" + "".join(f"{i},{i + 0.25}\n" for i in range(40)))
    Path("new.csv").write_text("x\n3\n4\n")
    assert deepglass("train", "one.csv", *QUICK, "--out", "run").code == 0
    assert len(deepglass("predict", "run", "new.csv", "--json").json["predictions"]) == 2
    Path("new.csv").write_text("z\n3\n4\n")
    answer = deepglass("predict", "run", "new.csv")
    assert answer.code == 2 and "x" in answer.err and "Traceback" not in answer.err


def test_a_table_of_values_for_a_network_of_pictures_is_refused_with_what_to_give(skin):
    pandas.DataFrame({"age": [30, 41], "height": [1.7, 1.8]}).to_csv("people.csv", index=False)
    answer = skin("predict", "run", "people.csv")
    assert answer.code == 2 and "Traceback" not in answer.err
    assert (
        "trained on pictures, and this table has no column 'image' that names their files; it has age, height."
        in answer.err
    )
    assert "or give the pictures themselves: files, a folder, a .zip or .tar." in answer.err


def test_the_likeliest_labels_are_ranked_and_drawn_beside_the_pictures(skin):
    answer = skin("predict", "run", "new", "--top", "2", "-o", "top.svg")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("the 2 likeliest of 2 labels\n  0.png") and "picture: top.svg" in answer.out
    svg = Path("top.svg").read_text()
    assert "today/2.png" in svg and "melanoma" in svg
    rows = skin("predict", "run", "new", "--top", "5", "--json").json["predictions"]
    plain = skin("predict", "run", "new", "--json").json["predictions"]
    for row, said in zip(rows, plain):
        best, other = row["likeliest"]
        assert row["example"] == said["file"] and best["label"] == said["class"]
        assert best["probability"] == pytest.approx(said["probability"])
        assert row["close"] == (best["probability"] - other["probability"] <= 0.1)
    assert "leave out --threshold" in skin("predict", "run", "new", "--top", "2", "--threshold", "0.3").err


def test_where_there_are_no_classes_nothing_is_ranked(deepglass):
    assert deepglass("train", "diabetes", "--network", "linear", *QUICK, "--out", "run").code == 0
    Path("new.csv").write_text("age,sex,bmi,bp,s1,s2,s3,s4,s5,s6\n" + ",".join(["0.01"] * 10) + "\n")
    answer = deepglass("predict", "run", "new.csv", "--top", "3")
    assert answer.code == 2 and "gives no probabilities of classes" in answer.err
