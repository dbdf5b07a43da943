"""What a user gets from the graph of a network."""

import pytest
import torch
from torch import Tensor, nn

from deepglass.errors import SettingError, UnknownName
from deepglass.networks import build, graph
from deepglass.report.pictures.graph import graph_picture
from deepglass.report.pictures.laid_out import laid_out


def of(name, shape, outputs=10, **options):
    with torch.device("meta"):
        network = build(name, inputs=shape, outputs=outputs, **options)
    return graph(network, inputs=shape)


@pytest.mark.parametrize(
    ("name", "shape", "layers"),
    [
        ("linear", (4,), 1), ("lenet5", (1, 28, 28), 5), ("alexnet", (3, 224, 224), 8), ("vgg16", (3, 224, 224), 16),
        ("googlenet", (3, 224, 224), 22), ("resnet20", (3, 32, 32), 20), ("resnet50", (3, 224, 224), 50),
    ],
)  # fmt: skip
def test_the_layers_on_the_longest_way_are_those_that_the_papers_count(name, shape, layers):
    found = of(name, shape)
    assert found.weight_layers == layers and found.hidden_layers == layers - 1 and not found.recurrent


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ([], "no hidden layer; 1 layer with weights"),
        ([30], "shallow: 1 hidden layer; 2 layers with weights on the longest way (the input is not counted)"),
        ([30, 30], "deep: 2 hidden layers; 3 layers with weights"),
    ],
)
def test_hidden_layers_and_layers_with_weights_are_both_told(hidden, said):
    assert said in str(of("mlp", (784,), hidden=hidden) if hidden else of("linear", (784,)))


def test_a_multilayer_perceptron_has_no_cycles_and_a_recurrent_network_has():
    assert str(of("mlp", (4,))).endswith("feed-forward: no cycles, all layers dense (a multilayer perceptron)")
    assert "multilayer" not in str(of("convnet", (1, 28, 28)))
    found = of("gru", (20, 3))
    assert found.recurrent == ["gru1"] and "recurrent, with cycles: gru1" in str(found)


class Skipping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(-1, 4) + self.second(self.first(x).relu())


def test_functions_between_layers_are_boxes_and_changes_of_shape_are_none():
    found = graph(Skipping(), inputs=(4,))
    assert [n.name for n in found.nodes] == ["x", "first", "relu", "second", "add"]
    assert [n.parents for n in found.nodes] == [(), (0,), (1,), (2,), (0, 3)]


def test_the_steps_of_a_loss_stand_behind_the_network():
    found = graph(nn.Linear(2, 1), inputs=(2,), loss="mse")
    names = [n.name for n in found.nodes]
    assert names == ["x", "network", "target", "sub", "square", "mean"]
    assert found.nodes[3].parents == (1, 2) and found.nodes[-1].shape == ()
    with pytest.raises(UnknownName, match="no loss with steps to draw 'msa'"):
        graph(nn.Linear(2, 1), inputs=(2,), loss="msa")


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "mae"])
def test_the_target_goes_into_the_loss(loss):
    nodes = graph(nn.Linear(2, 3), inputs=(2,), loss=loss).nodes
    target = [n.name for n in nodes].index("target")
    assert any(target in n.parents for n in nodes)


def test_each_box_stands_below_its_parents_and_a_long_arrow_has_a_way_of_its_own():
    laid = laid_out([(), (0,), (1,), (2,), (0, 3)])  # a skip over three boxes
    assert [row for _, row in laid.places] == [0, 1, 2, 3, 4]
    way = laid.ways[0, 4]
    assert [row for _, row in way] == [1, 2, 3]
    assert all(abs(x - laid.places[k + 1][0]) > 0.5 for k, (x, _) in enumerate(way))


def test_a_recurrent_network_is_drawn_folded_and_unfolded():
    figure = graph_picture(of("lstm", (20, 3)), "lstm")
    said = [text.get_text() for panel in figure.axes for text in panel.texts]
    assert "LSTM, 17,664 weights" in said and "20×3" in said
    assert {"x(1)", "x(2)", "x(3)", "…", "x(20)", "h(20)", "θ"} <= set(said)


def test_a_graph_that_is_too_large_to_draw_is_told():
    with pytest.raises(SettingError, match="387 boxes, and a picture at most 260"):
        graph_picture(of("resnet110", (3, 32, 32)), "resnet110")
