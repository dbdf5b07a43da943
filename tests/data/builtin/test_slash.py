import itertools
from collections import Counter

import numpy as np

from deepglass.data.builtin import BUILTIN


def test_the_sign_classifier_scores_4_and_minus_4_on_the_clean_drawings():
    source = BUILTIN["slash"]()
    drawings, strokes = source.fields["image"], source.fields["stroke"]
    assert drawings.values.shape == (4, 1, 2, 2)
    assert [strokes.classes[code] for code in strokes.values] == ["\\", "/", "\\", "/"]
    scores = drawings.values.reshape(4, 4) @ [1, -1, -1, 1]
    assert scores.tolist() == [4, -4, 2, -2]


def test_two_of_the_sixteen_sign_classifiers_get_all_four_drawings_right():
    fields = BUILTIN["slash"]().fields
    pixels, sign = fields["image"].values.reshape(4, 4), 1 - 2 * fields["stroke"].values
    right = {c: int((np.sign(pixels @ c) == sign).sum()) for c in itertools.product([1, -1], repeat=4)}
    assert sorted(c for c, count in right.items() if count == 4) == [(1, -1, -1, 1), (1, 1, -1, 1)]
    assert Counter(right.values()) == {0: 8, 2: 6, 4: 2}
