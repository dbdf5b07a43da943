"""From strokes on paper to offsets and back, and which points may be left out."""

from itertools import pairwise

import numpy as np
import pytest

from deepglass.data.readers.pen import offsets_of, simplified, strokes_of


def test_the_first_offset_leads_from_the_middle_and_lifts_follow_each_stroke():
    strokes = [np.array([[10.0, 10.0], [14.0, 10.0]]), np.array([[12.0, 14.0]])]
    # The box is 10..14 x 10..14, its middle (12, 12).
    assert offsets_of(strokes).tolist() == [[-2, -2, 0], [4, 0, 1], [-2, 4, 1]]


def test_strokes_come_back_around_the_middle():
    strokes = [np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 6.0]]), np.array([[1.0, 2.0]])]
    back = strokes_of(offsets_of(strokes))
    for one, other in zip(strokes, back, strict=True):
        np.testing.assert_allclose(one - [2, 3], other)


def test_points_near_the_line_are_left_out_and_corners_stay():
    line = np.array([[0, 0], [1, 0.3], [2, -0.3], [3, 0], [3, 3.0]])
    assert simplified(line, 0.5).tolist() == [[0, 0], [3, 0], [3, 3]]
    assert len(simplified(line, 0.2)) == 5
    assert simplified(line[:1], 1.0).tolist() == [[0, 0]]


def test_no_point_left_out_lies_further_than_the_tolerance():
    random = np.random.default_rng(0)
    walk = random.normal(size=(80, 2)).cumsum(axis=0)
    kept = simplified(walk, 1.0)
    assert 2 < len(kept) < 80
    places = [int(np.flatnonzero((walk == k).all(axis=1))[0]) for k in kept]
    for start, end in pairwise(places):
        a, b = walk[start], walk[end]
        for point in walk[start : end + 1]:  # the distance by looking at many places of the piece
            line = a + np.linspace(0, 1, 2001)[:, None] * (b - a)
            assert np.hypot(*(line - point).T).min() <= 1.0 + 1e-6


def test_a_walk_back_over_itself_keeps_its_far_end():
    there_and_back = np.array([[0.0, 0.0], [5.0, 0.0], [1.0, 0.0]])
    assert simplified(there_and_back, 0.5).tolist() == there_and_back.tolist()


@pytest.mark.parametrize("points", [[[2.0, 3.0]], [[2.0, 3.0], [2.0, 3.0]]])
def test_a_dot_stays_a_dot(points):
    assert strokes_of(offsets_of([np.array(points)]))[0].tolist() == [[0.0, 0.0]] * len(points)
