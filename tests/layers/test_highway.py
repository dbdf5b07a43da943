import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.layers import Highway, initialize


def test_it_mixes_its_input_with_what_it_makes_of_it():
    layer, x = Highway(4, activation=nn.Tanh), torch.randn(5, 4)
    gate = torch.sigmoid(layer.gate(x))
    assert_close(layer(x), torch.tanh(layer.transform(x)) * gate + x * (1 - gate))


def test_a_closed_gate_passes_everything_by():
    layer, x = Highway(4, gate_bias=-200.0), torch.randn(5, 4)
    assert torch.equal(layer(x), x)


@pytest.mark.parametrize("initialization", ["default", "he", "zeros"])
def test_gates_start_nearly_closed_however_weights_start(initialization):
    layer = initialize(nn.Sequential(Highway(4, gate_bias=-3.0)), initialization)[0]
    assert layer.gate.bias.tolist() == [-3] * 4
    if initialization != "default":
        assert layer.transform.bias.tolist() == [0] * 4
