"""What a user gets from `deepglass generate` of a run that has learned strokes, and from `deepglass predict` of it."""

from pathlib import Path

import numpy as np
import pytest

import deepglass as dg
from deepglass.errors import RunError, SettingError


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    where = tmp_path_factory.mktemp("runs") / "mine"
    data = dg.load("strokes", options={"drawings": 40, "label": "input"})
    network = {"name": "handwriting", "hidden": [8], "mixtures": 2}
    dg.train(network, data, epochs=1, out=where, threads=1, progress=False)
    return where


def test_drawings_are_shown_beside_real_ones_and_given_as_json(deepglass, place):
    answer = deepglass("generate", str(place), "--count", "3", "--told", "digit=4", "-o", "four.svg", "--json")
    assert answer.code == 0, answer.err
    assert len(answer.json["drawings"]) == 3 and answer.json["picture"] == "four.svg"
    assert all(len(point) == 2 for d in answer.json["drawings"] for stroke in d["strokes"] for point in stroke)
    assert "Real, of the validation split" in Path("four.svg").read_text()
    again = deepglass("generate", str(place), "--count", "3", "--told", "digit=4", "-o", "again.svg", "--json")
    assert again.json["drawings"] == answer.json["drawings"]


def test_one_drawing_is_a_plain_svg(deepglass, place):
    answer = deepglass("generate", str(place), "--count", "1", "-o", "one.svg")
    assert answer.out.strip() == "1 drawing: one.svg"
    assert Path("one.svg").read_text().count("<path") >= 1 and "Real" not in Path("one.svg").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--told", "digit=x"], "'x' is no digit"),
        (["--told", "four"], "write NAME=CLASS"),
        (["--count", "0"], "count=0"),
        (["--temperature", "-1"], "temperature=-1"),
        (["--start", "a"], "--start goes with writing a text"),
        (["-o", "x.doc"], "does not end in a format of pictures"),
    ],
)
def test_what_cannot_be_drawn_is_said(deepglass, place, words, said):
    answer = deepglass("generate", str(place), *words)
    assert answer.code == 2 and said in answer.err


def test_the_report_shows_what_it_draws(place):
    page = dg.Run(place).report(place / "page.html").read_text()
    assert "What it draws" in page and "Drawn by the network, temperature 0.7" in page
    assert "single Gaussian, without memory" in page


def test_other_settings_and_other_runs_are_refused(place, tmp_path):
    with pytest.raises(SettingError, match="no setting 'top_k' of drawing"):
        dg.Run(place).generate(top_k=3)
    run = dg.train("mlp", "iris", epochs=1, out=tmp_path / "iris", threads=1, progress=False)
    with pytest.raises(RunError, match="This run has learned classification, and only handwriting draws"):
        run.draw()


def test_new_drawings_are_told_apart_out_of_files_and_arrays(tmp_path):
    data = dg.load("strokes", options={"drawings": 40})
    run = dg.train({"name": "lstm", "units": 8}, data, epochs=1, out=tmp_path / "told", threads=1, progress=False)
    (tmp_path / "new").mkdir()
    for i in range(2):
        (tmp_path / "new" / f"{i}.txt").write_text("START\n0,0,0\n5,0,1\n0,-20,2\nBREAK\n")
    answers = run.predict(tmp_path / "new")
    assert list(answers["file"]) == ["0.txt", "1.txt"]
    drawing = np.array([[-2.5, -10, 0], [5, 0, 0], [-5, 20, 1]])
    same = run.predict([drawing, drawing[:1]])
    np.testing.assert_allclose(same.iloc[0, -1], answers.iloc[0, -1], rtol=1e-5)
