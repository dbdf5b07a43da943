import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import deepglass as dg
from deepglass.data.readers.series_arrays import read_long_array
from deepglass.data.settings import DataSettings
from deepglass.data.split import split
from deepglass.data.windows import Windows
from deepglass.errors import DataError


def test_windows_hold_the_rows_once():
    rows = torch.arange(20.0).reshape(10, 2)
    windows = Windows(rows, torch.arange(8), 3)
    assert windows.numel() == 20 and windows.shape == (8, 3, 2)
    np.testing.assert_array_equal(windows[torch.tensor([7, 0])], torch.stack([rows[7:10], rows[0:3]]))
    assert windows.to("cpu").values.data_ptr() == rows.data_ptr()


def test_a_long_series_stays_small_when_it_is_encoded(data_folder):
    data = dg.load(data_folder / "timeseries/ETTh1.csv", target="OT", time="date", lookback=336, horizon=96)
    held = sum(v.numel() * 4 for v in data.reader().encoded.values())
    written_out = sum(int(np.prod(v.shape)) * 4 for v in data.reader().encoded.values())
    assert held < 1_000_000 < 150_000_000 < written_out


@settings(max_examples=40)
@given(
    points=st.integers(20, 120),
    lookback=st.integers(1, 12),
    horizon=st.integers(1, 8),
    stride=st.integers(1, 5),
    validation=st.floats(0.1, 0.4),
    test=st.floats(0.1, 0.4),
)
def test_no_step_is_to_be_forecast_in_two_splits(points, lookback, horizon, stride, validation, test):
    asked = DataSettings(validation=validation, test=test, lookback=lookback, horizon=horizon, stride=stride)
    source = read_long_array(np.arange(points, dtype=float), asked)
    try:
        splits = split(np.arange(len(source)), asked, times=source.times, spans=source.spans)
    except DataError as error:
        assert "smaller" in str(error)
        return
    target, seen = (source.fields[n].values for n in ("x0", "series"))
    steps = {}
    for name in ("train", "validation", "test"):
        ids = torch.from_numpy(getattr(splits, name))
        steps[name] = {int(v) for v in target[ids].flatten()}
        assert torch.equal(seen[ids][:, -1, 0], target[ids][:, 0, 0] - 1)  # what is looked back on ends right before
    assert not steps["train"] & steps["validation"] and not steps["validation"] & steps["test"]
    assert max(steps["train"]) < min(steps["validation"]) and max(steps["validation"]) < min(steps["test"])


def test_a_run_of_windows_in_memory_is_opened_again_with_its_data(in_tmp):
    data = dg.load(np.sin(np.arange(80.0)), lookback=6, horizon=2)
    run = dg.train("linear", data, epochs=1, out="run", progress=False)
    again = dg.Run("run")
    assert again.data.fingerprint == data.fingerprint and again.standing() == run.standing()
