"""What a user gets from a table by hand: its names, its text, its files, and clear words where it is refused."""

import csv
import json

import numpy as np
import pytest
import torch
from beside_autograd import F64
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, SettingError, ShapeError, UnknownName


def network():
    """Two inputs, two sigmoid units, one output, with round numbers."""
    made = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1)).double()
    with torch.no_grad():
        made[0].weight.copy_(torch.tensor([[0.5, -1.0], [0.25, 0.75]]))
        made[0].bias.copy_(torch.tensor([0.0, -1.0]))
        made[2].weight.copy_(torch.tensor([[1.0, -2.0]]))
        made[2].bias.fill_(0.5)
    return made


def table(**options):
    return dg.byhand(network(), [2.0, 1.0], [1.0], **options)


def test_every_number_stands_with_its_formula_in_symbols_and_in_numbers():
    row = table().row("z1[1]")
    assert (row.layer, row.kind, row.part) == ("0", "Linear", "forward")
    assert row.formula() == "w1[1,0]·x[0] + w1[1,1]·x[1] + b1[1]"
    assert row.numbers() == "0.25·2 + 0.75·1 + (-1)" and row.value == 0.25
    found = {quantity: table().row(quantity).formula() for quantity in ("L", "dL/dz2[0]", "dL/dw1[0,1]", "new b2[0]")}
    assert found == {
        "L": "(z2[0] - y[0])^2",
        "dL/dz2[0]": "2·(z2[0] - y[0])",
        "dL/dw1[0,1]": "dL/dz1[0]·x[1]",
        "new b2[0]": "b2[0] - 0.1·dL/db2[0]",
    }
    parts = [row.part for row in table().rows]
    assert parts.index("loss") < parts.index("backward") < parts.index("update")


def test_without_a_target_it_ends_with_the_output():
    found = dg.byhand(network(), [2.0, 1.0])
    assert {row.part for row in found.rows} == {"given", "forward"}
    assert found.loss is None and found.gradients == {} and found.output.shape == (1,)


def test_several_examples_stand_first_in_an_index():
    found = dg.byhand(network(), [[2.0, 1.0], [0.0, 1.0]], [[1.0], [0.0]], batch=True)
    assert found.row("z1[1;0]").numbers() == "0.5·0 + (-1)·1 + 0"
    assert found.row("dL/db2[0]").formula() == "dL/dz2[0;0] + dL/dz2[1;0]"
    assert found.row("L").formula() == "(L[0] + L[1]) / 2" and found.output.shape == (2, 1)


def test_arrays_tensors_and_float32_networks_are_taken_and_left_as_they_are():
    net = network().float()
    before = {name: p.clone() for name, p in net.named_parameters()}
    for x in (np.array([2, 1]), torch.tensor([2.0, 1.0], requires_grad=True), (2, 1)):
        assert dg.byhand(net, x, 1.0).loss == table().loss
    assert all(torch.equal(p, before[name]) and p.grad is None for name, p in net.named_parameters())


def test_long_sums_are_shortened_in_text_and_whole_in_files(tmp_path):
    long = dg.byhand(nn.Linear(20, 1), [1.0] * 20, 0.0)
    assert "w1[0,4]·x[4] + … (15 more) + b1[0]" in long.row("z1[0]").formula(6)
    assert "more)" in str(long).replace("\n", "") and "(9 more)" in long._repr_html_()
    with long.save(tmp_path / "long.csv").open(newline="", encoding="utf-8") as file:
        formulas = {line["quantity"]: line["formula"] for line in csv.DictReader(file)}
    assert formulas["z1[0]"].count("·") == 20


def test_it_is_written_as_csv_html_and_json(tmp_path):
    made = table()
    with made.save(tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["quantity"] for line in lines] == [row.quantity for row in made.rows]
    assert [float(line["value"]) for line in lines] == [row.value for row in made.rows]
    held = json.loads(made.save(tmp_path / "t.json").read_text(encoding="utf-8"))
    assert held["loss"] == made.loss and held["rows"][-1]["quantity"] == "new b2[0]"
    page = made.save(tmp_path / "t.html").read_text(encoding="utf-8")
    assert (
        "<td>w1[1,0]·x[0] + w1[1,1]·x[1] + b1[1]</td>" in page and "http" not in page and page.startswith("<!doctype")
    )
    assert len(made.to_frame()) == len(made) and "0 (Linear): forward" in str(made)
    with pytest.raises(SettingError, match=r"t.xlsx: a table is written as .csv, .html, .json"):
        made.save(tmp_path / "t.xlsx")


def test_a_network_that_would_drown_its_reader_is_refused_with_its_rows_counted():
    large = dg.build("mlp", inputs=(30,), outputs=3, hidden=[20])
    rows = 30 + 3 * (30 * 20 + 20) + 2 * 20 + 2 * 20 + 3 * (20 * 3 + 3) + 3 + 30  # given, forward, back, update, x
    rows += 1 + 3 + 1 + 3 + 1 + 3  # y, e, S, p, L, dL/dz
    with pytest.raises(SettingError, match=rf"has {rows:,} rows .*hidden1 1,9.*layers=\['output'\].*limit={rows}"):
        dg.byhand(large, [1.0] * 30, 2)
    assert len(dg.byhand(large, [1.0] * 30, 2, limit=rows)) == rows
    one = dg.byhand(large, [1.0] * 30, 2, layers=["output"])
    assert {row.layer for row in one.rows} == {"output", "loss"} and len(one) < 300
    whole = dg.byhand(large, [1.0] * 30, 2, limit=rows)
    assert one.row("dL/dw2[1,4]").value == whole.row("dL/dw2[1,4]").value
    assert one.row("z2[0]").formula().startswith("w2[0,0]·a1[0]")
    first = dg.byhand(large, [1.0] * 30, 2, layers=["activation1"])
    assert first.row("dL/dz1[3]").value == whole.row("dL/dz1[3]").value


def test_one_layer_of_a_larger_network_is_shown_alone():
    layers = [{"Upsample": {"scale_factor": 2}}, {"Conv2d": [2, 3]}, "ReLU", {"MaxPool2d": 2}, "Flatten", {"Linear": 3}]
    net = dg.build(layers, inputs=(1, 5, 5), outputs=3)
    x = torch.linspace(-1, 1, 25).reshape(1, 5, 5)
    found = dg.byhand(net, x, 2, layers=["5"], momentum=0.9)
    with torch.no_grad():
        assert np.allclose(found.output, net(x[None])[0], atol=1e-6)
    assert {row.layer for row in found.rows} == {"5", "loss"} and set(found.gradients) == {"5.weight", "5.bias"}
    whole = dg.byhand(net, x, 2, limit=2000, momentum=0.9)
    assert torch.equal(found.updated["5.weight"], whole.updated["5.weight"]) and "1.weight" in whole.gradients
    again = dg.byhand(net, x, 2, layers=["5"], momentum=0.9, velocity=whole.velocity)
    assert torch.allclose(again.velocity["5.bias"], 1.9 * whole.gradients["5.bias"])


def test_a_network_of_millions_of_products_is_refused_before_the_first():
    huge = nn.Sequential(nn.Conv2d(1, 64, 5, padding=2), nn.Flatten(), nn.Linear(64 * 28 * 28, 100))
    with pytest.raises(
        SettingError, match=r"multiplies and adds 6,272,000 times, 5,017,600 of them in 2, .*at most 500,000"
    ):
        dg.byhand(huge, torch.zeros(1, 28, 28), 3)


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        (
            nn.Sequential(nn.Linear(2, 2), nn.Mish()),
            r"1 \(Mish\) is not calculated by hand. Put one .* Known: .*BatchNorm1d",
        ),
        (nn.Sequential(nn.Sequential(nn.GLU())), r"0.0 \(GLU\)"),
        (nn.MultiheadAttention(2, 1), "MultiheadAttention"),
        (nn.LSTM(2, 2, proj_size=1), "by a projection .* Make it without"),
        (nn.Sequential(nn.LPPool2d(3, 2)), "only L2 pooling"),
    ],
)
def test_a_layer_that_is_not_known_is_named(layer, word):
    with pytest.raises((SettingError, ShapeError), match=word):
        dg.byhand(layer, torch.ones(2, 2, 2) if "L2" in word else torch.ones(2, 2), 0)


class Difference(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        return self.second(x - torch.sinh(self.first(x)))


class Functions(Difference):
    def forward(self, x):
        return torch.relu(self.second(torch.sigmoid(self.first(x).flatten(1)))).softmax(-1)


class OwnLinear(nn.Linear):
    def forward(self, x):
        return torch.celu(super().forward(x))


def test_a_forward_of_ones_own_is_followed_where_it_is_a_chain():
    net = Functions().double()
    net.second.bias.data.fill_(-0.1)
    found = dg.byhand(net, [0.5, -1.0], 1)
    x = torch.tensor([[0.5, -1.0]], dtype=F64)
    assert np.allclose(found.output, net(x)[0].detach())
    loss = -net(x)[0, 1].log()
    for (name, _), gradient in zip(net.named_parameters(), torch.autograd.grad(loss, list(net.parameters()))):
        assert torch.allclose(found.gradients[name], gradient)
    assert {"sigmoid after first", "softmax after second"} & {row.layer for row in found.rows}


@pytest.mark.parametrize(
    ("net", "word"),
    [
        (Difference(), "After first, forward of Difference does something that is not calculated by hand: sinh"),
        (OwnLinear(2, 2), "After linear after the input, forward of OwnLinear does something .*: celu"),
        (nn.Sequential(nn.Linear(2, 2), OwnLinear(2, 2)), r"forward of 1 \(OwnLinear\) does something .*: celu"),
    ],
)
def test_what_is_not_known_is_named_with_its_place(net, word):
    with pytest.raises(SettingError, match=word):
        dg.byhand(net.double(), [1.0, 2.0], 0)


@pytest.mark.parametrize(
    ("x", "options", "error", "word"),
    [
        (["a"], {}, DataError, "x is no array of numbers"),
        ([float("nan"), 1.0], {}, DataError, "x holds what is no finite number"),
        ([1.0, 2.0, 3.0], {}, ShapeError, r"does not fit an example of x \(3,\)"),
        ([[1.0, 2.0]] * 3, {}, ShapeError, "output has 3 numbers an example, and y has 1"),
        ([1.0, 2.0], {"layers": ["outptu"]}, UnknownName, "no layer 'outptu'.*Known: input, 0, 1, 2"),
        ([1.0, 2.0], {"layers": "2"}, SettingError, r"Give a list of names: layers=\['2'\]"),
        ([1.0, 2.0], {"limit": 0}, SettingError, "limit=0 is no number of rows"),
        ([1.0, 2.0], {"learning_rate": -1}, SettingError, "learning_rate=-1 is no number from 0 on"),
        ([1.0, 2.0], {"momentum": float("nan")}, SettingError, "momentum=nan"),
        ([1.0, 2.0], {"velocity": {"2.wait": [0]}}, UnknownName, "no parameter '2.wait'. Did you mean '2.weight'"),
        ([1.0, 2.0], {"momentum": 0.9, "velocity": {"2.weight": [0.0]}}, ShapeError, r"shape \(1,\), and the parameter"),
        ([1.0, 2.0], {"masks": {"1": [1, 1]}}, UnknownName, "no dropout layer '1'. It has none"),
    ],
)  # fmt: skip
def test_what_cannot_be_calculated_is_told(x, options, error, word):
    with pytest.raises(error, match=word):
        dg.byhand(network(), x, [1.0], **options)


def test_a_quantity_that_is_not_there_is_told():
    with pytest.raises(UnknownName, match=r"no 'z1\[7\]'. Did you mean"):
        table().row("z1[7]")
