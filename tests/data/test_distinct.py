"""Values that are counted instead of sorted are those that sorting finds."""

import numpy as np
import pytest

from deepglass.data.distinct import coded, distinct


@pytest.mark.parametrize(
    "array",
    [
        np.array([3, 1, 3, -2, 1]),
        np.array([200, 7, 255], dtype=np.uint8),
        np.array([-128, 127, 0, 127], dtype=np.int8),
        np.array([0, 2**63 + 5], dtype=np.uint64),
        np.array([-(2**63), 2**63 - 1]),
        np.array([2**63 - 1, 2**63 - 3]),
        np.array([0.5, -1.0, 0.5]),
        np.array(["b", "a", "b"]),
        np.array([True, False, True]),
        np.array([], dtype=np.int64),
    ],
)
def test_values_and_places_are_those_of_sorting(array):
    values, places = np.unique(array, return_inverse=True)
    found, codes = coded(array)
    assert found.tolist() == values.tolist() == distinct(array).tolist()
    assert found.dtype == values.dtype and codes.dtype == np.int64
    assert codes.tolist() == places.tolist()


def test_labels_that_are_their_own_places_take_no_memory_of_their_own():
    labels = np.array([2, 0, 1, 0])
    assert coded(labels)[1] is labels
    assert coded(labels + 1)[1] is not labels
