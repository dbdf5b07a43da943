"""Check mine: a learner is told the first value that is wrong, by how much, and what the formula gives with their numbers."""

import json

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, UnknownName


@pytest.fixture
def table():
    made = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1)).double()
    with torch.no_grad():
        made[0].weight.copy_(torch.tensor([[0.5, -1.0], [0.25, 0.75]]))
        made[0].bias.copy_(torch.tensor([0.0, -1.0]))
        made[2].weight.copy_(torch.tensor([[1.0, -2.0]]))
        made[2].bias.fill_(0.5)
    return dg.byhand(made, [2.0, 1.0], [1.0])


def test_right_values_are_said_to_be_right(table):
    found = table.check({row.quantity: row.value for row in table.rows})
    assert found and found.right == len(table) and found.left_out == 0
    assert found.sentence == f"All {len(table)} values are right."
    some = table.check({"z1": [0.0, 0.25], "L": table.loss})
    assert some.right == 3 and f"{len(table) - 3} numbers of the table were not given" in some.sentence


def test_the_first_wrong_value_is_shown_with_its_formula_and_ones_own_numbers(table):
    # a1[1] = sigmoid(0.25) = 0.5622; z2 = 0.5 - 2 · 0.5622 + 0.5
    mine = {"new b2[0]": 99, "z2[0]": 2.12, "a1": [0.5, 0.562], "z1[1]": 0.25}
    found = table.check(mine)
    assert not found and found.wrong.quantity == "z2[0]" and found.right == 3
    assert found.expected == pytest.approx(0.5 - 2 * 0.562 + 0.5) and found.mine == 2.12
    lines = str(found).splitlines()
    assert lines[0].startswith(
        "z2[0] (2, forward) is the first that is wrong. The 3 before it are right. You have 2.12"
    )
    assert "it is -0.124: off by 2.24." in lines[0]
    assert [line.strip() for line in lines[1:]] == [
        "z2[0] = w2[0,0]·a1[0] + w2[0,1]·a1[1] + b2[0]",
        "= 1·0.5 + (-2)·0.562 + 0.5",
        "= -0.124",
    ]
    assert found.to_dict()["wrong"]["off_by"] == pytest.approx(2.244)


def test_rounding_that_is_passed_on_is_no_mistake(table):
    z2 = 0.5 - 2 * 0.562 + 0.5  # from a1[1] rounded to three places
    assert table.check({"a1[1]": 0.562, "z2[0]": z2, "L": (z2 - 1) ** 2})
    assert table.check({"dL/dw2[0,1]": f"{table.row('dL/dw2[0,1]').value:.3f}"})


@pytest.mark.parametrize(
    ("value", "right"), [("0.562", True), ("0.56", True), ("0.6", False), ("0.5622", True), ("-0.562", False), ("nan", False)]
)  # fmt: skip
def test_a_value_may_be_off_by_one_percent_or_rounded_to_three_places(table, value, right):
    assert bool(table.check({"a1[1]": value})) is right  # 0.5621765


def test_a_given_number_that_was_copied_wrongly_is_told(table):
    assert str(table.check({"w1[1,0]": 0.52})).endswith("off by 0.27. It is given.")


def test_values_are_read_from_csv_with_and_without_a_heading(table, tmp_path):
    plain, headed = tmp_path / "plain.csv", tmp_path / "headed.csv"
    plain.write_text("z1[0],0\nw1[1,0],0.25\n\nnew b2[0],7\na1[0],\n", encoding="utf-8")
    headed.write_text('layer,quantity,value\n0,"w1[1,0]",0.25\n0, z1[1] ,0.25\n', encoding="utf-8")
    assert table.check(plain).wrong.quantity == "new b2[0]" and table.check(str(headed)).right == 2
    assert table.check(table.save(tmp_path / "own.csv")).right == len(table)


def test_what_a_spreadsheet_wrote_with_semicolons_and_decimal_commas_is_read(table, tmp_path):
    path = tmp_path / "mine.csv"
    row = table.row("w1[0,1]")
    path.write_text(f"quantity;value\nw1[0,1];{row.value:.6f}\n".replace(".", ","), encoding="utf-8")
    assert table.check(path).right == 1
    two = dg.byhand(nn.Linear(2, 1), [[1.0, 2.0], [0.5, 0.25]], [[1.0], [0.0]], batch=True)
    path.write_text("x[1;0];0,5\nx[1;1];0,3\n", encoding="utf-8")
    found = two.check(path)
    assert (found.right, found.wrong.quantity, found.mine) == (1, "x[1;1]", 0.3)


def test_values_are_read_from_json_with_nested_lists(table, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"w1": [[0.5, -1], [0.25, 0.75]], "z1": [0.0, 0.3]}), encoding="utf-8")
    assert table.check(path).wrong.quantity == "z1[1]"


def test_values_of_several_examples_are_found_by_their_index():
    several = dg.byhand(nn.Linear(1, 2), [[1.0], [2.0]], batch=True)
    assert several.check({"z1": several.output.tolist()}).right == 4
    assert several.check({"z1[1; 0]": several.output[1, 0]}).right == 1


@pytest.mark.parametrize(
    ("text", "name", "error", "word"),
    [
        ("z9[0],1\n", "a.csv", UnknownName, r"no 'z9\[0\]'. Did you mean"),
        ("z1[0],one\n", "a.csv", DataError, r"z1\[0\] is 'one', which is no number"),
        ("z1[0]\n", "a.csv", DataError, r"line 1: 'z1\[0\]' is no quantity and value"),
        ("", "a.csv", DataError, "there are none"),
        ("[1]", "a.json", DataError, "holds no object"),
        ("{", "a.json", DataError, "is no JSON"),
        ("\xff", "a.csv", DataError, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(table, tmp_path, text, name, error, word):
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(error, match=word):
        table.check(path)


def test_a_missing_file_and_something_else_are_told(table, tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        table.check(tmp_path / "none.csv")
    with pytest.raises(DataError, match="Your values are of type list"):
        table.check([1.0])
