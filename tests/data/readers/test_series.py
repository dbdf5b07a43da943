from pathlib import Path

import numpy as np
import pandas
import pytest

import deepglass as dg
from deepglass.errors import DataError, SettingError

DAYS = pandas.date_range("2024-01-01", periods=60, freq="D")


def table(path, **columns):
    frame = pandas.DataFrame({"day": DAYS.strftime("%Y-%m-%d"), "sold": np.arange(60.0), **columns})
    frame.to_csv(path / "shop.csv", index=False)
    return str(path / "shop.csv")


def load(source, **settings):
    return dg.load(source, **{"target": "sold", "time": "day", "lookback": 5, "horizon": 2, **settings})


def test_a_window_is_the_rows_before_and_its_target_the_rows_after(tmp_path):
    data = load(table(tmp_path, rain=np.arange(60.0) * 10), scaling="none", target_scaling="none")
    assert data.inputs["series"].encoding["variables"] == ["sold", "rain"]
    batch = data.examples("train", limit=1)
    np.testing.assert_array_equal(batch["series"][0], [[0, 0], [1, 10], [2, 20], [3, 30], [4, 40]])
    np.testing.assert_array_equal(batch["sold"][0], [[5], [6]])


def test_the_usual_split_of_numbers_of_steps_gives_the_usual_numbers_of_windows(tmp_path):
    counts = load(table(tmp_path), steps=[30, 10, 10]).splits.counts()
    assert counts == {"train": 30 - 5 - 2 + 1, "validation": 10 - 2 + 1, "test": 10 - 2 + 1}


def test_etth1_parts_as_the_benchmark_does(data_folder):
    data = dg.load(
        data_folder / "timeseries/ETTh1.csv",
        target="OT",
        time="date",
        lookback=96,
        horizon=24,
        steps=[8640, 2880, 2880],
    )
    assert data.splits.counts() == {"train": 8521, "validation": 2857, "test": 2857}
    assert data.target.encoding["period"] == 24
    values = pandas.read_csv(data_folder / "timeseries/ETTh1.csv")["OT"][:8640]
    assert data.target.encoding["offset"] == pytest.approx([values.mean()])
    assert data.target.encoding["scale"] == pytest.approx([values.std(ddof=0)])


def test_unsorted_rows_are_put_in_order_and_told(tmp_path):
    path = table(tmp_path)
    lines = (tmp_path / "shop.csv").read_text().splitlines()
    lines[3], lines[4] = lines[4], lines[3]
    (tmp_path / "shop.csv").write_text("\n".join(lines))
    data = load(path, scaling="none", target_scaling="none")
    np.testing.assert_array_equal(data.examples("train", limit=1)["series"][0, :, 0], [0, 1, 2, 3, 4])
    assert any("1 row after a later one (row 5)" in note for note in data.source.notes)


def test_a_doubled_time_is_refused_or_averaged(tmp_path):
    path = table(tmp_path)
    Path(path).write_text(Path(path).read_text() + "2024-01-03,6\n")
    with pytest.raises(
        DataError, match=r"shop.csv, row 62, column 'day': 2024-01-03 stands in row 4 already .*doubled=mean"
    ):
        load(path)
    data = load(path, doubled="mean", scaling="none", target_scaling="none")
    np.testing.assert_array_equal(data.examples("train", limit=1)["series"][0, :, 0], [0, 1, 4, 3, 4])


def without(path, *rows):
    lines = (path / "shop.csv").read_text().splitlines()
    (path / "shop.csv").write_text("\n".join(line for i, line in enumerate(lines) if i not in rows))
    return str(path / "shop.csv")


def test_a_gap_is_refused_with_its_row_or_filled_or_parts_the_series(tmp_path):
    table(tmp_path)
    path = without(tmp_path, 11, 12)  # the values 10 and 11
    with pytest.raises(
        DataError, match=r"row 12, column 'day': 2024-01-13 follows 2024-01-10, which leaves out 2 steps of 1 day"
    ):
        load(path)
    plain = {"scaling": "none", "target_scaling": "none"}
    filled = load(path, gaps="fill", **plain).source.fields["sold"].values.values[:, 0].tolist()
    assert filled[8:14] == [8, 9, 9, 9, 12, 13]
    parted = load(path, gaps="part", **plain).source.fields["series"].values
    runs = [parted[i][:, 0].tolist() for i in range(len(parted))]
    assert all(run == list(range(int(run[0]), int(run[0]) + 5)) for run in runs)
    assert len(load(path, gaps="ignore").source) == 58 - 7 + 1


def test_months_are_a_step_whatever_their_length(tmp_path):
    months = pandas.date_range("2020-01-01", periods=48, freq="MS").strftime("%Y-%m")
    pandas.DataFrame({"month": months, "x": range(48)}).to_csv(tmp_path / "m.csv", index=False)
    data = dg.load(str(tmp_path / "m.csv"), time="month", lookback=6, horizon=3)
    assert data.target.encoding["step"] == {"unit": "months", "size": 1.0}


def test_uneven_times_are_refused_with_their_row(tmp_path):
    hours = [0, 1, 2, 3.5, 4, 5, 6, 7, 8, 9, 10, 11]
    pandas.DataFrame({"hour": hours, "x": range(12)}).to_csv(tmp_path / "h.csv", index=False)
    with pytest.raises(DataError, match=r"row 5, column 'hour': 3.5 follows 2, which is no whole number of steps of 1"):
        dg.load(str(tmp_path / "h.csv"), target="x", time="hour", lookback=2)


def test_missing_values_are_refused_filled_from_the_past_dropped_or_kept(tmp_path):
    sold = np.arange(60.0)
    sold[[7, 20]] = -99.99
    table(tmp_path, sold=sold)
    path, missing = str(tmp_path / "shop.csv"), {"missing": ["-99.99"]}
    with pytest.raises(DataError, match=r"column 'sold': 2 of 60 values are missing \(rows 9, 22\).*on_missing=fill"):
        load(path, **missing)
    plain = {"scaling": "none", "target_scaling": "none", **missing}
    assert load(path, on_missing="fill", **plain).source.fields["sold"].values.values[7] == 6
    whole = load(path, on_missing="drop", **plain)
    batch = whole.examples("train")
    assert batch["series"].isfinite().all() and batch["sold"].isfinite().all()
    kept = dg.load(path, time="day", inputs=["sold"], lookback=10, horizon=0, on_missing="keep", **plain)
    first = kept.examples("train", limit=1)["series"][0]
    assert first[7].tolist() == [0, 0] and first[6].tolist() == [6, 1]
    ahead = load(path, on_missing="keep", **plain).examples("train")
    assert (ahead["series"][..., 1] == 0).any() and ahead["sold"].isfinite().all()  # a hole may be seen, never learned


def test_several_series_are_told_apart_and_no_window_runs_across(tmp_path):
    rows = [(day, shop, 100 * k + i) for k, shop in enumerate("ab") for i, day in enumerate(DAYS[:30])]
    pandas.DataFrame(rows, columns=["day", "shop", "sold"]).sample(frac=1, random_state=0).to_csv(
        tmp_path / "s.csv", index=False
    )
    with pytest.raises(DataError, match="name the column that tells them apart with series="):
        load(str(tmp_path / "s.csv"))
    data = load(str(tmp_path / "s.csv"), series="shop", scaling="none", target_scaling="none")
    windows = data.source.fields["series"].values
    assert len(windows) == 2 * (30 - 7 + 1)
    assert all(len({int(v) // 100 for v in windows[i].flatten()}) == 1 for i in range(len(windows)))
    latest = data.source.times[data.splits.train].max()
    assert latest < data.source.times[data.splits.validation].min()  # both series are parted on the same day


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        (
            {"time": None},
            SettingError,
            r"which column of .*shop.csv holds the time: data.time=COLUMN. Columns that hold dates: day",
        ),
        ({"horizon": 100}, DataError, r"a window takes 105 time steps .* the longest series has 60"),
        ({"lookback": 0}, SettingError, "lookback=0"),
        ({"target": "price"}, SettingError, "no column 'price'"),
        ({"target": "day"}, SettingError, "'day' is the time"),
        ({"stratify": True}, SettingError, "shuffles the examples"),
        ({"group": "sold"}, SettingError, "series="),
        ({"test": "other.csv"}, SettingError, "steps="),
        ({"steps": [50, 20, 20]}, DataError, "asks for 90 time steps, and the series has 60"),
        ({"steps": [5, 20, 20]}, DataError, "The train split has 5 time steps"),
        ({"scaling": "peak"}, SettingError, "peak"),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path, settings, error, says):
    with pytest.raises(error, match=says):
        load(table(tmp_path), **settings)


def test_text_in_a_column_of_numbers_is_told_with_its_row(tmp_path):
    sold = [str(i) for i in range(60)]
    sold[9] = "many"
    with pytest.raises(DataError, match=r"row 11, column 'sold': 'many' is not a number"):
        load(table(tmp_path, sold=sold))


def test_one_row_is_no_series(tmp_path):
    (tmp_path / "one.csv").write_text("day,sold\n2024-01-01,3\n")
    with pytest.raises(DataError, match="one row in time"):
        load(str(tmp_path / "one.csv"), lookback=1, horizon=1)


def test_series_of_one_row_each_are_told(tmp_path):
    with pytest.raises(DataError, match="each of 60 series has one row in time"):
        load(table(tmp_path, name=[f"n{i}" for i in range(60)]), series="name")


def test_a_constant_series_trains_on(tmp_path):
    data = load(table(tmp_path, sold=np.full(60, 7.0)))
    assert data.target.encoding["scale"] == [1.0] and float(data.examples("train")["sold"].abs().max()) == 0


def test_windows_settings_are_refused_for_other_data():
    with pytest.raises(SettingError, match=r"data\.horizon=5 goes with"):
        dg.load("iris", horizon=5)


def test_a_frame_and_an_array_make_the_same_windows(tmp_path):
    frame = pandas.read_csv(table(tmp_path))
    one = load(frame).examples("train")["series"]
    other = dg.load(np.arange(60.0), lookback=5, horizon=2).examples("train")["series"]
    np.testing.assert_allclose(one, other)


def test_the_rows_of_equal_names_are_one_example_each(tmp_path):
    frame = pandas.DataFrame(
        {"id": [1, 1, 1, 2, 2, 3, 3, 3] * 1, "a": range(8), "kind": ["x"] * 3 + ["y"] * 2 + ["x"] * 3}
    )
    data = dg.load(frame, target="kind", series="id", validation=0, test=0)
    batch = data.examples("train")
    assert batch["series"].shape == (3, 3, 1) and bool(batch["series"][1, 2].isnan())
