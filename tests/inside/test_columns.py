"""Which encoded numbers belong to which column, and what they stand for."""

import pandas
import torch

import deepglass as dg
from deepglass.inside import by_column, columns_of
from deepglass.inside.columns import values_of


def table():
    frame = pandas.DataFrame(
        {
            "age": [20.0, None, 40.0, 60.0, 30.0] * 8,
            "town": ["Ulm", "Bonn", "Kiel", "Ulm", "Bonn"] * 8,
            "member": ["yes", "no", "no", "yes", "no"] * 8,
            "since": pandas.date_range("2024-01-01", periods=40, freq="9D"),
            "paid": ["a", "b"] * 20,
        }
    )
    return dg.load(frame, target="paid", on_missing="fill")


def test_each_column_has_its_own_numbers_and_all_are_shared_out():
    data = table()
    (field,) = data.inputs.values()
    found = columns_of(field)
    assert [name for name, _, _ in found] == ["age", "town", "member", "since"]
    assert [start for _, start, _ in found][1:] == [end for _, _, end in found][:-1]
    assert found[0][1] == 0 and found[-1][2] == field.shape[0]
    assert found[1][2] - found[1][1] == 3  # a 0/1 for each town


def test_encoded_values_are_told_as_they_were_written():
    data = table()
    (name, field), ids = next(iter(data.inputs.items())), torch.tensor([0, 1])
    first, second = (values_of(field, row) for row in data.read(ids)[name])
    assert round(first[0], 3) == 20.0 and second[0] == "missing"
    assert first[1:] == ["Ulm", "yes", "2024-01-01"]
    assert second[1:] == ["Bonn", "no", "2024-01-10"]


def test_parts_of_a_column_are_added_and_of_slopes_the_steepest_is_taken():
    (field,) = table().inputs.values()
    values = torch.zeros(field.shape)
    _, start, end = columns_of(field)[1]
    values[start:end] = torch.tensor([1.0, -3.0, 0.5])
    assert by_column(field, values, add=True)[1] == -1.5
    assert by_column(field, values, add=False)[1] == -3.0


def test_an_image_has_no_columns():
    (field,) = dg.load("digits").inputs.values()
    assert columns_of(field) == []


def test_the_numbers_of_a_signal_are_named_by_their_seconds():
    (field,) = dg.load((torch.randn(10, 2, 4).numpy(), [0, 1] * 5), rate=8, channels=["up", "north"]).inputs.values()
    names = [name for name, _, _ in columns_of(field)]
    assert names[:2] == ["up at 0 s", "up at 0.125 s"] and names[-1] == "north at 0.375 s" and len(names) == 8
