"""What a user gets from `deepglass activations`."""

import json
import math
import sys

import pytest
import torch

from deepglass.cli import main
from deepglass.errors import SettingError, UnknownName
from deepglass.inside.activation_curve import activation_curve, known_activations


def test_the_slope_of_a_sigmoid_is_a_quarter_at_0_and_it_is_flat_far_out():
    curve = activation_curve("sigmoid", [0.0, 5.0])
    assert curve.values.tolist() == pytest.approx([0.5, 1 / (1 + math.exp(-5))])
    assert curve.slopes.tolist() == pytest.approx([0.25, math.exp(-5) / (1 + math.exp(-5)) ** 2])
    assert curve.flat.tolist() == [False, True]


def test_relu_has_slope_0_at_0_and_below_it_is_flat():
    curve = activation_curve("relu", [-1.0, 0.0, 2.0])
    assert (curve.slopes.tolist(), curve.flat.tolist()) == ([0.0, 0.0, 1.0], [True, True, False])
    assert activation_curve("leaky_relu", [-1.0]).slopes.item() == pytest.approx(0.01)


@pytest.mark.parametrize("name", known_activations())
def test_every_slope_is_that_of_the_curve(name):
    x = torch.linspace(-2.93, 3.07, 13, dtype=torch.float64)  # beside all corners
    step = 1e-6
    above, below = (activation_curve(name, x + shift).values for shift in (step, -step))
    assert torch.allclose(activation_curve(name, x).slopes, (above - below) / (2 * step), atol=1e-5)


def test_those_of_torch_are_there_and_what_looks_at_neighbours_is_not():
    known = known_activations()
    assert {"sigmoid", "scaled_tanh", "Hardswish", "Mish", "Softsign"} <= set(known)
    assert not {"Softmax", "GLU", "RReLU", "MultiheadAttention", "Threshold"} & set(known)


def test_what_is_no_activation_or_no_number_is_refused_in_words():
    with pytest.raises(UnknownName, match="Did you mean 'sigmoid'"):
        activation_curve("sigmoide")
    with pytest.raises(SettingError, match="a row of finite numbers"):
        activation_curve("relu", [math.inf])


def test_the_command_prints_marks_and_draws(monkeypatch, capsys, tmp_path):
    def said(*words):
        monkeypatch.setattr(sys, "argv", ["deepglass", "activations", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    text = said("sigmoid", "relu", "--at=-5,0", "-o", str(tmp_path / "curves.svg"))
    assert "0.5, 0.25 " in text and "0, 0*" in text
    assert "its slope" in (tmp_path / "curves.svg").read_text(encoding="utf-8")
    rows = json.loads(said("tanh", "--json", "--at", "0"))["activations"]
    assert rows == [{"name": "tanh", "x": [0.0], "values": [0.0], "slopes": [1.0], "flat": [False]}]
