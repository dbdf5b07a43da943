import pytest
import torch
from torch import nn

from deepglass.errors import ShapeError
from deepglass.networks import NETWORKS, build, calculator


def shapes(found):
    return {layer.name: layer.output_shape for layer in found.layers}


# Parameters: the documentation of torchvision, https://pytorch.org/vision/stable/models/resnet.html, with the billions of
# multiply-adds that it gives for convolutions and the last layer. Table 1 of the paper rounds them to 1.8, 3.6, 3.8 (its stride
# stands elsewhere), 7.6 and 11.3.
@pytest.mark.parametrize(
    ("name", "parameters", "billions"),
    [
        ("resnet18", 11_689_512, 1.814),
        ("resnet34", 21_797_672, 3.664),
        ("resnet50", 25_557_032, 4.089),
        ("resnet101", 44_549_160, 7.801),
        ("resnet152", 60_192_808, 11.514),
    ],
)
def test_a_network_for_photographs_has_the_published_size(name, parameters, billions):
    found = calculator(name, (3, 224, 224), 1000)
    assert found.parameters == parameters
    products = sum(layer.multiply_adds for layer in found.layers if layer.kind in ("Conv2d", "Linear"))
    assert round(products / 1e9, 3) == billions
    sides = [shapes(found)[n][-1] for n in ("conv1", "maxpool", "layer1.0.relu1", "layer2.1.relu1", "layer4.1.relu1")]
    assert sides == [112, 56, 56, 28, 7]


# Table 6 of the paper: 0.27, 0.46, 0.66, 0.85 and 1.7 million. Exact by hand: the first convolution, 3 n pairs of convolutions,
# two numbers of a batch norm for each of their maps, and the last layer.
@pytest.mark.parametrize(
    ("depth", "parameters"), [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018), (110, 1_727_962)]
)
def test_a_network_for_small_images_has_the_papers_size(depth, parameters):
    n, count = (depth - 2) // 6, 3 * 16 * 9 + 2 * 16
    arriving = 16
    for width in (16, 32, 64):
        for k in range(2 * n):
            count += (arriving if k == 0 else width) * width * 9 + 2 * width
        arriving = width
    found = calculator(f"resnet{depth}", (3, 32, 32), 10)
    assert found.parameters == count + 64 * 10 + 10 == parameters
    assert [shapes(found)[f"layer{k}.0.relu2"] for k in (1, 2, 3)] == [(16, 32, 32), (32, 16, 16), (64, 8, 8)]
    weighted = [layer for layer in found.layers if layer.kind in ("Conv2d", "Linear")]
    assert len(weighted) == depth


@pytest.mark.parametrize(("name", "entries"), [("resnet18", 122), ("resnet50", 320)])
def test_weights_are_named_as_in_torchvision(name, entries):
    with torch.device("meta"):
        names = build(name, inputs=(3, 224, 224), outputs=1000).state_dict()
    assert len(names) == entries
    blocks = {"resnet18": [2, 2, 2, 2], "resnet50": [3, 4, 6, 3]}[name]
    convolutions = 3 if name == "resnet50" else 2
    expected = ["conv1.weight", *_norm("bn1")]
    for stage, count in enumerate(blocks, start=1):
        for k in range(count):
            for c in range(1, convolutions + 1):
                expected += [f"layer{stage}.{k}.conv{c}.weight", *_norm(f"layer{stage}.{k}.bn{c}")]
            if k == 0 and (stage > 1 or convolutions == 3):
                down = f"layer{stage}.{k}.downsample"
                expected += [f"{down}.0.weight", *_norm(f"{down}.1")]
    assert list(names) == [*expected, "fc.weight", "fc.bias"]


def _norm(name):
    return [f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")]


def test_images_below_64_pixels_keep_their_size_at_first():
    small, large = (shapes(calculator("resnet18", (3, side, side), 10)) for side in (63, 64))
    assert (small["conv1"], small["layer4.1.relu2"]) == ((64, 63, 63), (512, 8, 8)) and "maxpool" not in small
    assert (large["maxpool"], large["layer4.1.relu2"]) == ((64, 16, 16), (512, 2, 2))


@pytest.mark.parametrize("name", ["resnet18", "resnet20", "resnet50"])
def test_plain_networks_have_no_other_way_than_through_the_convolutions(name):
    plain, residual = (calculator(name, (3, 32, 32), 10, skips=skips) for skips in (False, True))
    assert not any("downsample" in layer.name for layer in plain.layers)
    projections = sum(layer.parameters for layer in residual.layers if "downsample" in layer.name)
    assert plain.parameters == residual.parameters - projections


def test_shortcut_b_has_the_parameters_of_its_two_projections():
    a, b = (calculator("resnet20", (3, 32, 32), 10, shortcut=s).parameters for s in ("padding", "projection"))
    assert b - a == 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64


def test_with_preactivation_the_last_sum_is_normed_and_activated_once():
    found = calculator("resnet18", (3, 224, 224), 1000, preactivation=True)
    names = [layer.name for layer in found.layers]
    assert names[:6] == ["conv1", "bn1", "relu", "maxpool", "layer1.0.conv1", "layer1.0.bn2"]
    assert names[-6:] == ["layer4.1.conv2", "bn_last", "relu_last", "avgpool", "flatten", "fc"]
    # Three projections without batch norm; a norm of 64 less before and one of 512 more after the blocks, and in three blocks
    # the first norm is of what arrives, half as wide.
    assert found.parameters == 11_689_512 - 2 * (128 + 256 + 512) + 2 * (512 - 64) - 2 * (64 + 128 + 256)


@pytest.mark.parametrize("name", ["resnet18", "resnet20"])
@pytest.mark.parametrize("preactivation", [False, True])
def test_zero_start_outlives_the_initialization(name, preactivation):
    network = build(name, inputs=(3, 8, 8), outputs=2, zero_start=True, preactivation=preactivation)
    last = "conv2" if preactivation else "bn2"
    assert all(not getattr(block, last).weight.any() for block in (*network.layer1, *network.layer3))
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    deviation = (2 / (64 * 9)) ** 0.5 if name == "resnet18" else (2 / (16 * 9)) ** 0.5  # He et al. 2015, equation 10
    assert convolutions[1].weight.std().item() == pytest.approx(deviation, rel=0.05)


def test_bottlenecks_start_as_their_shortcuts_unless_told_otherwise():
    bottlenecks = build("resnet50", inputs=(3, 8, 8), outputs=2).layer3
    assert not any(block.bn3.weight.any() for block in bottlenecks)
    assert build("resnet20", inputs=(3, 8, 8), outputs=2).layer3[0].bn2.weight.all()


def test_only_images_are_taken():
    for name in (n for n in NETWORKS if n.startswith("resnet")):
        with pytest.raises(ShapeError, match=rf"{name} takes images"):
            build(name, inputs=(4,), outputs=2)
