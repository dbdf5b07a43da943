"""What is shown of drawings, and of images with their captions."""

import numpy as np

import deepglass as dg
from deepglass.data.portrait import portrait


def test_drawings_are_shown_by_class_with_how_long_they_are():
    data = dg.load("strokes", options={"drawings": 60})
    shown = portrait(data).strokes
    assert [name for name, _ in shown.rows] == ["0", "2", "4", "5", "7", "9"]  # six of ten, evenly spread
    lengths = data.store.values["strokes"].lengths.numpy()
    seen = np.sort(np.concatenate([data.splits.train, data.splits.validation]))
    assert shown.points.tolist() == lengths[seen].tolist() and shown.used == lengths[data.splits.train].max()
    codes = np.asarray(data.source.fields["digit"].values)[seen]
    assert (shown.strokes == np.where(np.isin(codes, [4, 5]), 2, 1)).all()


def test_a_class_that_is_told_names_the_rows_too():
    shown = portrait(dg.load("strokes", options={"drawings": 60, "label": "input"})).strokes
    assert [name for name, _ in shown.rows] == ["0", "2", "4", "5", "7", "9"]
    assert {
        name for name, _ in portrait(dg.load("strokes", options={"drawings": 60, "label": "none"})).strokes.rows
    } == {""}


def test_images_are_shown_with_what_is_said_of_them(tmp_path):
    data = dg.load("scenes", options={"scenes": 30})
    pairs = portrait(data).captions
    said = {
        image.tobytes(): text
        for image, text in zip(data.source.fields["image"].values, data.source.fields["caption"].values)
    }
    assert len(pairs) == 6 and all(said[np.asarray(image).tobytes()] == text for image, text in pairs)
    figure = data.show(tmp_path / "scenes.svg")
    assert figure is not None and "What is said" in (tmp_path / "scenes.svg").read_text()


def test_drawings_and_scenes_are_checked_without_a_word():
    for name in ("strokes", "scenes"):
        problems = dg.load(name, options={"drawings": 60} if name == "strokes" else {"scenes": 60}).check()
        assert not [p for p in problems if p.severity == "alarm"]
