import json
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import prune

from deepglass.errors import SettingError, ShapeError, TrainingError
from deepglass.networks import build, summary

LAYERS = [{"Conv2d": [4, 3]}, "ReLU", {"MaxPool2d": 2}, {"Conv2d": [2, 3]}, "Flatten", {"Linear": 5}]


def test_each_layer_has_its_shape_parameters_multiply_adds_and_receptive_field():
    found = summary(build(LAYERS, inputs=(1, 10, 10)), inputs=(1, 10, 10))
    rows = [(y.kind, y.output_shape, y.parameters, y.multiply_adds, y.receptive_field) for y in found.layers]
    assert rows == [
        ("Conv2d", (4, 8, 8), 40, 4 * 64 * 9, 3),
        ("ReLU", (4, 8, 8), 0, 0, 3),
        ("MaxPool2d", (4, 4, 4), 0, 0, 4),
        ("Conv2d", (2, 2, 2), 74, 8 * 36, 8),
        ("Flatten", (8,), 0, 0, None),
        ("Linear", (5,), 45, 40, None),
    ]
    assert (found.parameters, found.trainable, found.bytes) == (159, 159, 159 * 4)
    assert found.multiply_adds == 2304 + 288 + 40 and found.output_shape == (5,)
    assert found.last.kind == "Linear"


def test_the_network_stays_as_it_is():
    network = build(["BatchNorm1d", {"Linear": 3}, "Dropout"], inputs=(4,))
    network[2].eval()
    network[1].weight.requires_grad_(False)
    seen = []
    network[1].register_forward_hook(lambda *_: seen.append(1))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = summary(network, inputs=(4,))
    assert [m.training for m in network] == [True, True, False] and network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert found.trainable == found.parameters - 12 and not network[1].weight.requires_grad
    assert not seen and all(len(m._forward_hooks) == (m is network[1]) for m in network.modules())


def test_a_module_called_twice_has_two_rows_and_is_counted_once():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.inside = nn.Linear(4, 4)

        def forward(self, x):
            return F.relu(self.inside(self.inside(x)))

    found = summary(Twice(), inputs=(4,))
    assert [layer.parameters for layer in found.layers] == [20, 0]
    assert (found.parameters, found.multiply_adds) == (20, 32)


def test_rows_add_up_also_with_own_tied_and_uncalled_parameters():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(4))
            self.one, self.tied, self.idle = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(2, 2)
            self.tied.weight = self.one.weight

        def forward(self, x):
            return self.tied(self.one(x * self.scale))

    found = summary(Odd(), inputs=(4,))
    assert found.parameters == sum(layer.parameters for layer in found.layers) == 4 + 16 + 4 + 4 + 6
    assert "not called" in str(found) and found.last.output_shape == (4,)


def test_inputs_by_name_and_several_outputs():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.out = nn.Embedding(9, 4), nn.Linear(7, 2)

        def forward(self, age, words):
            joined = torch.cat([self.words(words).mean(dim=1), age], dim=1)
            return {"a": self.out(joined), "b": joined}

    data = SimpleNamespace(input_shapes={"words": (5,), "age": (3,)}, input_dtypes={"words": torch.int64}, outputs=2)
    assert summary(Two(), data).output_shape == {"a": (2,), "b": (7,)}


def test_a_network_that_looks_at_numbers_is_followed_on_zeros():
    class Picky(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(4, 2)

        def forward(self, x):
            return self.out(x) if x.sum().item() == 0 else x

    assert summary(Picky(), inputs=(4,)).output_shape == (2,)


def test_recurrent_and_attention_layers_are_counted():
    lstm = summary(nn.LSTM(3, 4, batch_first=True), inputs=(5, 3))
    assert (lstm.parameters, lstm.multiply_adds) == (4 * 4 * (3 + 4 + 2), 5 * 4 * 4 * (3 + 4))
    block = summary(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), inputs=(5, 8))
    assert block.parameters == sum(layer.parameters for layer in block.layers)
    assert block.layers[0].multiply_adds == 5 * 4 * 8 * 8 + 2 * 5 * 5 * 8


def test_pruned_networks_can_be_followed():
    network = nn.Sequential(nn.Linear(4, 3))
    prune.l1_unstructured(network[0], "weight", amount=0.5)
    assert summary(network, inputs=(4,)).output_shape == (3,)


def test_it_prints_as_a_table_and_as_html_and_as_json():
    network = nn.Sequential()
    network.add_module("<b>", nn.Linear(4, 3))
    found = summary(network, inputs=(4,))
    assert str(found).splitlines()[0].split() == [
        "layer",
        "kind",
        "output",
        "shape",
        "parameters",
        "multiply-adds",
        "sees",
    ]
    assert "15 parameters (15 trainable, 60 bytes), 12 multiply-adds" in str(found)
    assert "<td>&lt;b&gt;</td>" in found._repr_html_()
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["parameters"] == 15 and plain["multiply_adds"] == 12
    assert (
        plain["layers"][0].items() >= {"name": "<b>", "kind": "Linear", "output_shape": [3], "parameters": 15}.items()
    )


def test_a_name_can_be_summed_up_without_building_it_first():
    data = SimpleNamespace(input_shapes={"x": (784,)}, outputs=10)
    assert summary("linear", data).parameters == 7850


def test_what_does_not_fit_is_said():
    with pytest.raises(ShapeError, match=r"Linear does not fit an example of x \(5,\)"):
        summary(nn.Linear(4, 3), inputs=(5,))
    with pytest.raises(SettingError, match="A summary follows an example"):
        summary(nn.Linear(4, 3))
    with pytest.raises(ShapeError, match="lazy layers"):
        summary(nn.LazyLinear(3), inputs=(5,))


def test_a_shortage_of_memory_is_called_by_its_name():
    class Greedy(nn.Linear):
        def forward(self, x):
            torch.empty(1 << 50 if x.device.type == "cpu" else 1, dtype=torch.uint8)
            return super().forward(x)

    with pytest.raises(TrainingError, match=r"Memory ran out while Greedy was given one example of x \(4,\)\. Give it"):
        summary(Greedy(4, 3), inputs=(4,))
