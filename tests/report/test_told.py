"""What the pictures of texts show."""

import numpy as np

from deepglass.report.pictures.figure import to_svg
from deepglass.report.pictures.generated import generated_picture
from deepglass.report.pictures.translated import translated_picture
from deepglass.report.told import Row, Told


def test_a_passage_is_darker_where_a_token_was_more_surprising():
    figure = generated_picture(
        Told("language_modelling", "character", list("ab\nc"), [0.0, 5.0, 9.0, 2.5], [(0.5, "x < y")])
    )
    first, second, third, last = (patch.get_alpha() for patch in figure.axes[0].patches)
    assert first == 0
    assert second == third == 0.75  # from 5 nats on it is darkest
    assert last == 0.375
    svg = to_svg(figure)
    assert "written at temperature 0.5" in svg and "x &lt; y" in svg and "↵" in svg


def test_words_stand_apart_and_lines_are_filled():
    words = ["word"] * 60
    figure = generated_picture(Told("language_modelling", "word", words, [1.0] * 60))
    rows = {patch.get_y() for patch in figure.axes[0].patches}
    assert len(rows) == 4  # 96 letters a line hold 19 words of 4 letters and a blank
    assert len(figure.axes) == 1


def test_a_translation_shows_the_truth_only_where_it_is_wrong_and_where_it_looked():
    right = Row(["a", "cat"], ["un", "chat"], ["un", "chat"], np.eye(2))
    wrong = Row(["a", "dog"], ["un", "chien"], ["un", "chat"], None)
    svg = to_svg(translated_picture(Told("translation", rows=[right, wrong])))
    assert svg.count(">true<") == 1 and svg.count(">said<") == 2
    assert "un chien" in svg
    figure = translated_picture(Told("translation", rows=[right, wrong]))
    shown = [a for a in figure.axes if a.images]
    assert [[t.get_text() for t in a.get_xticklabels()] for a in shown] == [["a", "cat"]]


def test_tags_stand_below_their_words():
    row = Row(["in", "Rome"], ["O", "B-place"], ["O", "O"])
    svg = to_svg(translated_picture(Told("tagging", rows=[row])))
    assert ">tags<" in svg and "O B-place" in svg
