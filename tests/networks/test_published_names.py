"""What a user gets from weights under torchvision's and timm's names; small files of our own making stand for theirs."""

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.networks import NETWORKS
from deepglass.networks.published_names import in_our_names, section_for

# Tensors as torchvision publishes them (timm's residual networks have the same): how many there are besides the counters of
# batch norms, some of their shapes, and the last layer. resnet18, for one: 20 convolutions, 20 norms of 4, fc of 2 are 102.
PUBLISHED = [
    ("resnet18", {}, 102, {"conv1.weight": (64, 3, 7, 7), "layer2.0.downsample.0.weight": (128, 64, 1, 1)}, "fc"),
    ("resnet34", {}, 182, {"layer3.5.bn2.running_var": (256,), "layer4.2.conv2.weight": (512, 512, 3, 3)}, "fc"),
    ("resnet50", {}, 267, {"layer1.0.downsample.1.weight": (256,), "layer4.2.conv3.weight": (2048, 512, 1, 1)}, "fc"),
    ("resnet101", {}, 522, {"layer3.22.bn3.weight": (1024,)}, "fc"),
    ("resnet152", {}, 777, {"layer3.35.conv3.weight": (1024, 256, 1, 1)}, "fc"),
    (
        "vgg11",
        {},
        22,
        {"features.18.weight": (512, 512, 3, 3), "classifier.0.weight": (4096, 25088)},
        "classifier.6",
    ),
    (
        "vgg16",
        {"batch_norm": True},
        84,
        {"features.40.weight": (512, 512, 3, 3), "features.41.bias": (512,)},
        "classifier.6",
    ),
    (
        "vgg19",
        {"batch_norm": True},
        102,
        {"features.49.weight": (512, 512, 3, 3), "features.50.bias": (512,)},
        "classifier.6",
    ),
    ("alexnet", {"variant": "torchvision"}, 16, {"features.0.weight": (64, 3, 11, 11)}, "classifier.6"),
    (
        "googlenet",
        {"variant": "torchvision"},
        305,
        {"inception3a.branch2.0.conv.weight": (96, 192, 1, 1), "aux1.fc1.weight": (1024, 2048)},
        "fc",
    ),
]


@pytest.mark.parametrize(("name", "options", "count", "shapes", "head"), PUBLISHED, ids=[p[0] for p in PUBLISHED])
def test_our_networks_have_the_names_and_shapes_of_the_published_weights(name, options, count, shapes, head):
    with torch.device("meta"):
        network = dg.build(name, inputs=(3, 224, 224), outputs=1000, initialization="default", **options)
    own = {n: tuple(v.shape) for n, v in network.state_dict().items() if not n.endswith("num_batches_tracked")}
    assert len(own) == count
    assert {n: own.get(n) for n in shapes} == shapes
    assert list(own)[-2:] == [f"{head}.weight", f"{head}.bias"] and own[f"{head}.bias"] == (1000,)


def small_vgg():
    """A network with the layers of VGG that carry weights, named as in ours."""
    network = nn.Module()
    network.features = nn.Sequential(nn.Conv2d(3, 4, 3))
    hidden = [[nn.Linear(arriving, 6), nn.ReLU(), nn.Dropout()] for arriving in (4 * 49, 6)]
    network.classifier = nn.Sequential(*hidden[0], *hidden[1], nn.Linear(6, 10))
    return network


def test_timms_vgg_whose_dense_layers_are_convolutions_gets_our_names_and_shapes():
    torch.manual_seed(0)
    own = small_vgg().state_dict()
    theirs = {
        "features.0.weight": torch.randn(4, 3, 3, 3),
        "features.0.bias": torch.randn(4),
        "pre_logits.fc1.weight": torch.randn(6, 4, 7, 7),
        "pre_logits.fc1.bias": torch.randn(6),
        "pre_logits.fc2.weight": torch.randn(6, 6, 1, 1),
        "pre_logits.fc2.bias": torch.randn(6),
        "head.fc.weight": torch.randn(10, 6),
        "head.fc.bias": torch.randn(10),
    }
    ours = in_our_names(theirs, own)
    assert {n: v.shape for n, v in ours.items()} == {n: v.shape for n, v in own.items()}
    x = torch.randn(2, 4, 7, 7)  # a map of 7x7: the convolution over all of it is the dense layer
    there = nn.functional.conv2d(x, theirs["pre_logits.fc1.weight"]).flatten(1)
    here = nn.functional.linear(x.flatten(1), ours["classifier.0.weight"])
    assert torch.allclose(there, here, atol=1e-4)


def test_what_a_training_tool_has_put_before_every_name_is_left_out():
    own = nn.Sequential(nn.Linear(2, 2)).state_dict()
    for before in ("", "module.", "_orig_mod.", "module._orig_mod.", "model.backbone."):
        assert in_our_names({f"{before}{n}": v for n, v in own.items()}, own).keys() == own.keys()
    several = {"model.0.weight": own["0.weight"], "loss.scale": own["0.bias"]}
    assert in_our_names(several, own).keys() == several.keys()


@pytest.mark.parametrize(
    ("file", "section"),
    [
        ("resnet18.a1_in1k", {"name": "resnet18"}),
        ("resnet50-11ad3fa6.safetensors", {"name": "resnet50"}),
        ("vgg16_bn.tv_in1k@main", {"name": "vgg16", "batch_norm": True}),
        ("alexnet-owt-7be5be79.safetensors", {"name": "alexnet", "variant": "torchvision"}),
        ("googlenet-1378be20.safetensors", {"name": "googlenet", "variant": "torchvision"}),
        ("resnet18d.ra2_in1k", None),
        ("model.safetensors", None),
    ],
)
def test_the_name_of_a_published_file_says_which_network_it_is_of(file, section):
    assert section_for(file, NETWORKS) == section
