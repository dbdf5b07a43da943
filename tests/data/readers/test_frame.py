import numpy as np
import pandas as pd
import pytest
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import DataError, SettingError


def frame(**columns):
    return pd.DataFrame({"a": np.arange(10.0), "b": list("xy") * 5, "y": [0, 1] * 5, **columns})


def test_without_a_target_the_last_column_is_taken_and_that_is_said():
    data = dg.load(frame())
    assert list(data.targets) == ["y"]
    assert "target: the last column, 'y', because none was named" in data.describe().notes


def test_missing_values_are_named_with_column_and_rows():
    values = np.arange(10.0)
    values[[1, 4]] = np.nan
    with pytest.raises(
        DataError, match=r"DataFrame, column 'a': 2 of 10 values are missing \(rows 2, 5\).*on_missing=fill"
    ):
        dg.load(frame(a=values), target="y")
    with pytest.raises(DataError, match=r"column 'y': 1 of 10 values are missing \(row 10\)"):
        dg.load(frame(y=[0, 1] * 4 + [1, None]), target="y")


def test_values_that_are_not_finite_are_named_with_column_and_rows():
    with pytest.raises(DataError, match=r"DataFrame, column 'a': 1 of 10 values are not finite \(row 4\)"):
        dg.load(frame(a=[0, 1, 2, np.inf, *range(6)]), target="y")


def test_free_text_is_left_out_and_that_is_said():
    data = dg.load(frame(b=[f"comment {i}" for i in range(10)]), target="y")
    assert "b: left out, free text (10 different values)" in data.describe().notes
    assert data.input_shapes == {"features": (1,)}
    kept = dg.load(
        frame(b=[f"comment {i}" for i in range(10)]), target="y", kinds={"b": "category"}, test=0, validation=0
    )
    assert kept.input_shapes == {"features": (11,)}


def test_a_column_can_be_left_out_by_its_kind():
    assert dg.load(frame(), target="y", kinds={"a": "none"}).input_shapes == {"features": (2,)}
    with pytest.raises(SettingError, match=r"kinds=\{'a': 'numbr'\}: no such kind of column\. Did you mean 'number'\?"):
        dg.load(frame(), target="y", kinds={"a": "numbr"})


def test_numbers_can_be_taken_as_classes_and_the_other_way_round_is_refused():
    assert dg.load(frame(), target="y", kinds={"a": "category"}, test=0, validation=0).input_shapes["features"] == (12,)
    with pytest.raises(DataError, match=r"DataFrame, row 1, column 'b': 'x' is not a number, nor are 9 more"):
        dg.load(frame(), target="y", kinds={"b": "number"})


def test_the_columns_to_learn_from_can_be_chosen():
    data = dg.load(frame(), target="y", inputs=["b"])
    assert [c["name"] for c in data.inputs["features"].encoding["columns"]] == ["b"]


def test_a_wrong_column_gets_a_suggestion():
    with pytest.raises(SettingError, match=r"DataFrame has no column 'incme'\. Did you mean 'income'\?"):
        dg.load(frame(income=np.arange(10)), target="incme")


def test_two_columns_of_one_name_are_refused():
    double = pd.concat([frame(), frame()[["a"]]], axis=1)
    with pytest.raises(DataError, match="has the column 'a' twice"):
        dg.load(double, target="y")


def test_several_columns_can_be_learned_at_once():
    data = dg.load(frame(z=np.arange(10) / 3), target=["a", "z"])
    assert list(data.targets) == ["a", "z"]
    assert data.outputs == 2


def test_large_identifiers_are_not_rounded_beside_a_gap():
    ids = pd.array([10**17 + i if i != 3 else None for i in range(10)], dtype="Int64")
    data = dg.load(frame(id=ids), target="y")
    assert "id: left out (identifiers: 17 digits and more, kept as they are written)" in data.describe().notes


def test_types_of_columns_are_kept():
    data = dg.load(
        frame(
            flag=[True, False] * 5,
            day=pd.date_range("2024-01-01", periods=10, tz="Europe/Berlin"),
            kind=pd.Categorical(list("uv") * 5),
            gap=pd.array([1, None, 2, 3, 4, 5, 6, 7, 8, 9], dtype="Int64"),
        ),
        target="y",
        on_missing="fill",
    )
    kinds = {c["name"]: c["kind"] for c in data.inputs["features"].encoding["columns"]}
    assert kinds == {
        "a": "number",
        "b": "category",
        "flag": "boolean",
        "day": "date",
        "kind": "category",
        "gap": "number",
    }
    with pytest.raises(DataError, match=r"column 'z' holds timedelta64"):
        dg.load(frame(z=pd.to_timedelta(np.arange(10), unit="s")), target="y")


def test_a_frame_and_its_csv_give_the_same_numbers(tmp_path):
    frame().to_csv(tmp_path / "same.csv", index=False)
    ours, theirs = dg.load(tmp_path / "same.csv").examples(), dg.load(frame()).examples()
    assert_close(ours["features"], theirs["features"])
    assert_close(ours["y"], theirs["y"])
