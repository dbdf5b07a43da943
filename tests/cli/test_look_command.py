"""What a user gets from `deepglass look`."""

from pathlib import Path

import pandas
import pytest

import deepglass as dg


@pytest.fixture
def iris(deepglass):
    dg.train("mlp", "iris", epochs=2, out="mine", threads=1, progress=False)
    return deepglass


def test_the_layers_are_listed_and_the_picture_written(iris):
    answer = iris("look", "mine")
    assert answer.code == 0, answer.err
    assert answer.out.splitlines()[0] == "mine: example 2 of the validation split"
    assert "what speaks for" in answer.out and "hidden1" in answer.out
    assert answer.out.splitlines()[-1] == "picture: look.png"
    assert Path("look.png").read_bytes().startswith(b"\x89PNG")


def test_a_unit_and_a_plane_are_shown_and_told_as_json(iris):
    answer = iris(
        "look", "mine", "--layer", "activation1", "--unit", "3", "--embedding", "pca", "-o", "unit.svg", "--json"
    )
    assert answer.code == 0, answer.err
    assert answer.json["exciting"]["unit"] == 3 and len(answer.json["exciting"]["examples"]) == 9
    assert [layer["name"] for layer in answer.json["layers"]] == ["activation1"]
    assert "What excites unit 3 of activation1 most" in Path("unit.svg").read_text()


def test_a_row_of_a_file_is_looked_at(iris):
    columns = ["sepal length", "sepal width", "petal length", "petal width"]
    pandas.DataFrame([[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]], columns=columns).to_csv("new.csv", index=False)
    answer = iris("look", "mine", "--input", "new.csv", "--example", "1", "--json", "--saliency", "occlusion")
    assert answer.code == 0, answer.err
    assert answer.json["example"] is None and set(answer.json["saliency"]["columns"]) == set(columns)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--layer", "hiden1"], "There is no layer 'hiden1'. Did you mean 'hidden1'?"),
        (
            ["--saliency", "grad_cam"],
            "this network has none with more than one place. Use method='integrated_gradients'",
        ),
        (["--unit", "3"], "unit=3 of which layer? Name it: layer='...' (--layer NAME)."),
        (["--input", "no.csv"], "There is no file no.csv"),
        (["--example", "150"], "Example 150 of iris is not there"),
        (["-o", "look.gif"], "look.gif does not end in a format of pictures"),
        (["--embedding", "pac"], "There is no embedding 'pac'. Did you mean 'pca'?"),
        (["--split", "test"], "The test split is behind glass"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(iris, words, said):
    answer = iris("look", "mine", *words)
    assert answer.code == 2
    assert said in answer.err and len(answer.err.splitlines()) == 1


def test_what_is_left_out_of_a_new_text_is_a_note_without_a_place_in_our_code(deepglass):
    texts = {"text": ["good film", "bad film"] * 20, "label": ["yes", "no"] * 20}
    data = dg.load(texts, target="label", kinds={"text": "text"})
    dg.train(dg.build("bag", data, embedding=2), data, epochs=1, out="read", threads=1, progress=False)
    Path("new.csv").write_text("text\na very good film indeed\n", encoding="utf-8")
    answer = deepglass("look", "read", "--what", "words", "--input", "new.csv")
    assert answer.code == 0, answer.err
    assert answer.err.startswith("note: ") and "longer than the 2 tokens" in answer.err and ".py" not in answer.err
