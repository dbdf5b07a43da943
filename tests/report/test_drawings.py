"""Pictures of drawings: every stroke a line of its own, downwards where the pen went down."""

from xml.etree import ElementTree

import numpy as np

from deepglass.report.pictures.captioned import captioned_pictures
from deepglass.report.pictures.drawings import drawing_svg, drawings

# Two strokes: right and down, then a dot; around the middle of its box, which is 4 x 6.
TWO = np.array([[-2.0, -3, 0], [4, 0, 0], [0, 6, 1], [-3, -2, 1]])


def test_an_svg_has_a_path_for_each_stroke_and_shows_all_of_it():
    root = ElementTree.fromstring(drawing_svg(TWO, "a <b>"))
    paths = [p.get("d") for p in root.iter("{http://www.w3.org/2000/svg}path")]
    assert paths == ["M-2 -3 L2 -3 2 3", "M-1 1 l0 0"]
    left, top, width, height = map(float, root.get("viewBox").split())
    assert left < -2 and top < -3 and left + width > 2 and top + height > 3
    assert root.get("aria-label") == "a <b>"


def test_a_single_point_can_be_written():
    ElementTree.fromstring(drawing_svg(np.array([[0.0, 0.0, 1.0]])))


def drawn_lines(figure):
    (panel,) = figure.axes
    (lines,) = panel.collections
    return panel, lines.get_segments()


def test_a_picture_draws_real_ones_above_those_that_were_drawn():
    panel, lines = drawn_lines(drawings([("Real", [TWO] * 9, []), ("Drawn", [TWO], ["x"])]))
    assert len(lines) == 20  # two strokes each
    words = {t.get_text(): t.get_position()[1] for t in panel.texts}
    assert set(words) == {"Real", "Drawn", "x"} and words["Real"] < words["Drawn"]
    bottom, top = panel.get_ylim()
    assert bottom > top  # y points downwards
    assert lines[0].mean(axis=0)[1] < words["Drawn"] < lines[-1].mean(axis=0)[1]
    np.testing.assert_allclose(lines[0] - lines[0][0], [[0, 0], [4, 0], [4, 6]])
    width = lines[2][0] - lines[0][0]  # the next cell
    np.testing.assert_allclose(lines[4][0] - lines[2][0], width)
    assert width[1] == 0 and width[0] > 6  # so drawings do not touch


def test_one_that_runs_away_does_not_make_the_others_dots():
    away = TWO * [100, 100, 1]
    panel, _ = drawn_lines(drawings([("", [TWO, TWO, TWO, away], [])]))
    assert panel.get_xlim()[1] < 4 * 20


def test_what_was_said_of_an_image_stands_below_it_and_what_is_true_above_where_it_differs():
    images = [np.zeros((3, 4, 4)), np.full((3, 4, 4), 255)]
    figure = captioned_pictures(images, ["a dark one", "a cat"], ["A dark one", "A bright one."], [True, False])
    dark, bright = figure.axes[:2]
    assert (dark.get_xlabel(), dark.get_title()) == ("a dark one", "")
    assert (bright.get_xlabel(), bright.get_title()) == ("a cat", "true: A bright one.")
    assert dark.xaxis.label.get_color() != bright.xaxis.label.get_color()
