"""Networks with the parameters, the names and the sizes that they were published with."""

import pytest
import torch
from torch import nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import Auxiliary
from deepglass.networks import build, calculator

IMAGENET = (3, 224, 224)
# Parameters for 1,000 classes. VGG, googlenet and the one-tower alexnet: `num_params` of the weights in torchvision's
# documentation; alexnet of the paper: COURSE OR-15; googlenet of the paper: the sum of its table 1, see below.
PUBLISHED = [
    ("alexnet", {"variant": "paper"}, 60_965_224),
    ("alexnet", {"variant": "table"}, 62_378_344),
    ("alexnet", {"variant": "torchvision"}, 61_100_840),
    ("vgg11", {}, 132_863_336),
    ("vgg13", {}, 133_047_848),
    ("vgg16", {}, 138_357_544),
    ("vgg19", {}, 143_667_240),
    ("vgg11", {"batch_norm": True}, 132_868_840),
    ("vgg13", {"batch_norm": True}, 133_053_736),
    ("vgg16", {"batch_norm": True}, 138_365_992),
    ("vgg19", {"batch_norm": True}, 143_678_248),
    ("googlenet", {"auxiliary": False}, 6_624_904),
    ("googlenet", {"variant": "paper", "auxiliary": False}, 6_998_552),
]


def on_meta(name, shape=IMAGENET, outputs=1000, **options):
    with torch.device("meta"):
        return build(name, inputs=shape, outputs=outputs, **options)


@pytest.mark.parametrize(("name", "options", "parameters"), PUBLISHED)
def test_it_has_the_published_parameters(name, options, parameters):
    assert sum(p.numel() for p in on_meta(name, **options).parameters()) == parameters


def test_googlenet_has_the_sizes_and_the_operations_of_the_papers_table():
    found = calculator("googlenet", IMAGENET, 1000, variant="paper")
    pooled = {x.name: x.output_shape for x in found.layers if x.name.startswith(("maxpool", "conv1.conv"))}
    assert pooled == {
        "conv1.conv": (64, 112, 112),
        "maxpool1": (64, 56, 56),
        "maxpool2": (192, 28, 28),
        "maxpool3": (480, 14, 14),
        "maxpool4": (832, 7, 7),
    }
    # Its column "ops", in millions; of 5a, where the paper has 54, its own widths give 51.
    printed = {"3a": 128, "3b": 304, "4a": 73, "4b": 88, "4c": 100, "4d": 119, "4e": 170, "5b": 71}
    for name, millions in printed.items():
        operations = sum(x.multiply_adds for x in found.layers if x.name.startswith(f"inception{name}"))
        assert abs(operations / 1e6 - millions) < 1


@pytest.mark.parametrize(
    ("name", "options", "names"),
    [
        ("vgg11", {}, ["features.0.weight", "features.18.bias", "classifier.0.weight", "classifier.6.bias"]),
        ("vgg11", {"batch_norm": True}, ["features.1.running_mean", "features.25.weight", "classifier.3.weight"]),
        ("alexnet", {"variant": "torchvision"}, ["features.10.weight", "classifier.1.weight", "classifier.6.bias"]),
        (
            "googlenet",
            {},
            [
                *("conv1.conv.weight", "inception3a.branch2.1.bn.running_var", "inception5b.branch4.1.conv.weight"),
                *("aux1.conv.bn.bias", "aux2.fc1.weight", "aux2.fc2.bias", "fc.weight"),
            ],
        ),
    ],
)
def test_weights_are_named_as_in_torchvision(name, options, names):
    assert set(names) <= set(on_meta(name, **options).state_dict())


def test_googlenet_has_as_many_tensors_as_torchvisions():
    ours, convolutions = on_meta("googlenet").state_dict(), 3 + 9 * 6 + 2
    assert (
        len(ours) == convolutions * (1 + 5) + 2 * 4 + 2
    )  # weight and 5 of batch norm; the dense layers of heads and end


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "googlenet", "allconv", "nin"])
@pytest.mark.parametrize("shape", [(1, 3, 4), (5, 63, 40), (2, 64, 80)])
def test_images_of_any_size_and_channels_are_taken(name, shape):
    network = on_meta(name, shape, 7)
    assert network.eval()(torch.empty(2, *shape, device="meta")).shape == (2, 7)


@pytest.mark.parametrize(
    ("name", "layer", "smallest"),
    [
        ("alexnet", "table", 63),
        ("alexnet", "torchvision", 63),
        ("vgg16", "paper", 32),
        ("googlenet", "torchvision", 15),
    ],
)
def test_an_image_that_is_too_small_for_a_variant_is_told_with_the_layer(name, layer, smallest):
    assert on_meta(name, (3, smallest, smallest), variant=layer) is not None
    with pytest.raises(ShapeError, match=rf"kernels of layer \S+.* of {name} do not fit .*variant=\"small\""):
        on_meta(name, (3, smallest - 1, 200), variant=layer)


def test_a_variant_is_chosen_by_the_size_and_can_be_asked_for():
    small, large = on_meta("vgg11", (3, 63, 63), 10), on_meta("vgg11", (3, 64, 64), 10)
    assert [sum(isinstance(m, nn.Linear) for m in network.modules()) for network in (small, large)] == [1, 3]
    assert sum(isinstance(m, nn.Linear) for m in on_meta("vgg11", (3, 32, 32), 10, variant="paper").modules()) == 3
    with pytest.raises(SettingError, match=r"variant='tiny' does not exist. Choose one of 'auto', 'paper', 'small'"):
        on_meta("vgg11", variant="tiny")


def test_googlenet_speaks_with_its_heads_in_training_only():
    network, x = build("googlenet", inputs=(1, 8, 8), outputs=3, output_activation="softmax"), torch.randn(2, 1, 8, 8)
    said = network(x)
    assert isinstance(said, Auxiliary) and said.weight == 0.3
    for output in (said.output, *said.heads):
        assert output.shape == (2, 3) and torch.allclose(output.sum(dim=1), torch.ones(2))
    assert torch.is_tensor(network.eval()(x))
    network.fc = nn.Linear(1024, 5)  # for other classes, of which the heads know nothing
    assert network.train()(x).shape == (2, 5)
    alone = build("googlenet", inputs=(1, 8, 8), outputs=3, auxiliary=False)
    assert torch.is_tensor(alone.train()(x)) and not hasattr(alone, "aux1")


def test_networks_for_small_images_have_the_parameters_of_their_papers():
    assert calculator("allconv", (3, 32, 32), 10).parameters == 1_369_738  # 1.4 M in table 1 of arXiv:1412.6806
    sides = [x.output_shape[1] for x in calculator("allconv", (3, 32, 32), 10).layers if x.kind == "Conv2d"]
    assert sides == [32, 32, 16, 16, 16, 8, 6, 6, 6]  # section 3.1: averaged over 6x6
    assert calculator("nin", (3, 32, 32), 10).parameters == 966_986


@pytest.mark.parametrize("depth", [1, 10])
def test_a_highway_layer_of_50_units_has_about_the_weights_of_a_plain_one_of_71(depth):
    found = calculator("highway", (1, 28, 28), 10, depth=depth)
    assert found.parameters == 784 * 50 + 50 + (depth - 1) * 2 * 50 * 51 + 510
    assert abs(2 * 50 * 51 - 71 * 72) < 20


def test_a_deep_highway_passes_on_what_it_gets():
    # 58 gates that are open by sigmoid(-16), about 1e-7
    network = build("highway", inputs=(6,), outputs=2, depth=60, gate_bias=-16.0)
    x = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    straight = network.output(network.hidden1(x).relu())
    assert torch.allclose(network(x), straight, atol=1e-3)
