"""Checks on real data, where they are at hand."""

import deepglass as dg


def test_islands_of_california_are_no_typo(data_folder):
    data = dg.load(data_folder / "tabular" / "california_housing.csv", target="median_house_value", on_missing="fill")
    assert [p for p in data.check() if p.check == "typos"] == []
