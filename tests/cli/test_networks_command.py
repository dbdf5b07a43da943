from pathlib import Path

import pytest

from deepglass.cli.networks import SHOWN_ON
from deepglass.networks import NETWORKS


def test_sizes_are_explained_where_they_are_asked_for(deepglass):
    words = ("networks", "resnet20", "--input", "3x32x32", "--outputs", "10")
    assert "floor" not in deepglass(*words).out
    answer = deepglass(*words, "--sizes")
    assert answer.code == 0 and "269,722 parameters" in answer.out
    assert "layer2.0.conv1  32 kernels of 16x3x3: floor((32 + 2*1 - 3) / 2) + 1 = 16" in answer.out
    layers = {layer["name"]: layer for layer in deepglass(*words, "--json").json["layers"]}
    assert layers["conv1"]["rule"] == "16 kernels of 3x3x3: floor((32 + 2*1 - 3) / 1) + 1 = 32"


@pytest.mark.parametrize("name", ["conv1d", "conv3d", "unet", "resnet110"])
def test_a_network_is_shown_on_what_it_was_published_with(deepglass, name):
    assert name in NETWORKS and any(name in names for names in SHOWN_ON.values())
    assert deepglass("networks", name, "--json").json["parameters"] > 10_000


def test_a_network_of_imagenet_is_shown_with_its_thousand_classes(deepglass):
    assert deepglass("networks", "vgg16", "--json").json["parameters"] == 138_357_544  # the paper's 138 million
    assert "134,301,514 parameters" in deepglass("networks", "vgg16", "--input", "3x224x224").out  # 990 * 4097 fewer


def test_a_signal_that_an_image_network_cannot_take_is_told_what_can(deepglass):
    answer = deepglass("networks", "resnet20", "--input", "1x8000")
    assert answer.code == 2 and "or use conv1d, or make an image of a signal first, such as front={mel:" in answer.err


def test_an_image_that_becomes_too_small_is_told_with_the_layer(deepglass, tmp_path):
    (tmp_path / "net.yaml").write_text("[{Conv2d: [4, 3]}, {MaxPool2d: 4}, {Conv2d: [4, 3]}]")
    answer = deepglass("networks", "net.yaml", "--input", "1x8x8")
    assert answer.code == 2
    assert "The 3x3 kernel of layer network[2] (Conv2d) does not fit what arrives, 4x1x1" in answer.err


def test_the_kind_of_a_network_is_told_and_its_graph_drawn(deepglass):
    answer = deepglass("networks", "mlp", "--input", "4", "--outputs", "3", "--loss", "cross_entropy", "-o", "mlp.svg")
    assert answer.code == 0, answer.err
    assert "deep: 2 hidden layers; 3 layers with weights" in answer.out and "picture: mlp.svg" in answer.out
    assert "log_softmax" in Path("mlp.svg").read_text()
    facts = deepglass("networks", "rnn", "--input", "20x3", "--json").json
    assert facts["hidden_layers"] == 1 and facts["weight_layers"] == 2 and facts["recurrent"] == ["rnn1"]
    assert "say into which file" in deepglass("networks", "mlp", "--loss", "mse").err
