import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.errors import DataError

LONG, SHORT = np.array([[0.0, 10], [2, 10], [4, 10]]), np.array([[6.0, 10]])


def uneven(**settings):
    series = [LONG, SHORT, LONG, SHORT]
    return dg.load((series, [0, 1, 0, 1]), kinds={"x": "series"}, validation=0, test=0, padding="longest", **settings)


def test_series_of_uneven_length_are_padded_with_nan_that_counts_for_nothing():
    data = uneven()
    batch = data.examples("train")
    assert batch["x"].shape == (4, 3, 2) and batch["x"][1, 1:].isnan().all()
    mean = np.concatenate([LONG, SHORT])[:, 0].mean()
    assert data.inputs["x"].encoding["offset"] == pytest.approx([mean, 10])


def test_decoding_gives_the_raw_values_back():
    field = uneven().inputs["x"]
    np.testing.assert_allclose(field.decode(field.encode(torch.from_numpy(LONG)[None]))[0], LONG, atol=1e-6)


def test_series_of_other_variables_are_refused():
    data = dg.load(np.arange(100.0).reshape(50, 2), lookback=4, horizon=1)
    run = dg.train("linear", data, epochs=1, out=None, progress=False)
    with pytest.raises(DataError, match="series of 2 variables were learned"):
        run.predict(np.zeros((3, 4, 5)))


@pytest.fixture(autouse=True)
def _in_tmp(in_tmp):
    """Runs are written into an empty folder."""
