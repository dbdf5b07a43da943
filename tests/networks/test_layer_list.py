from types import SimpleNamespace

import pytest
import torch
from torch import nn

from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.networks import build

KERAS = [{"Conv2d": [32, 3]}, "ReLU", {"MaxPool2d": 2}, "Flatten", {"Linear": 10}]


def test_input_sizes_are_found_out():
    network = build(KERAS, inputs=(3, 8, 8))
    assert network[0].in_channels == 3 and network[4].in_features == 32 * 3 * 3
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 10)


def test_entries_are_names_classes_modules_dicts_or_lists():
    shared = nn.Linear(6, 6)
    entries = ["BatchNorm1d", nn.Tanh, {"Linear": {"out_features": 6, "bias": False}}, shared, ["relu", {nn.Linear: 2}]]
    network = build(entries, inputs=(4,))
    assert network[0].num_features == 4 and network[2].bias is None and network[3] is shared
    assert network(torch.randn(5, 4)).shape == (5, 2)


def test_a_size_that_stands_alone_is_taken_as_the_size():
    network = build([{"Conv2d": [8, 3]}, {"BatchNorm2d": 8}, {"GroupNorm": 4}, "LayerNorm"], inputs=(1, 6, 6))
    assert network[1].num_features == 8 and network[2].num_channels == 8 and network[3].normalized_shape == (8, 4, 4)


def test_our_own_layers_can_be_listed():
    network = build([{"PartialConv2d": [[[0], [0, 1]], 3]}, "ScaledTanh", "Subsampling"], inputs=(2, 6, 6))
    assert network(torch.zeros(1, 2, 6, 6)).shape == (1, 2, 2, 2)


def test_an_embedding_takes_whole_numbers():
    data = SimpleNamespace(input_shapes={"words": (7,)}, input_dtypes={"words": torch.int64}, outputs=2)
    network = build([{"Embedding": [50, 8]}, "Flatten", {"Linear": "outputs"}], data)
    assert network(torch.zeros(3, 7, dtype=torch.int64)).shape == (3, 2)


def test_the_same_seed_gives_the_same_weights():
    one, two = build(KERAS, inputs=(1, 8, 8), seed=4), build(KERAS, inputs=(1, 8, 8), seed=4)
    assert torch.equal(one[4].weight, two[4].weight)


def test_a_module_in_the_list_is_not_changed_by_sizing_it():
    norm = nn.BatchNorm1d(4)
    build([norm], inputs=(4,))
    assert norm.training and norm.num_batches_tracked == 0 and norm.weight.device.type == "cpu"


def test_a_layer_that_looks_at_numbers_runs_too():
    class Picky(nn.Module):
        def forward(self, x):
            return x[:, :1] if x.sum() > 0 else x

    assert build([Picky(), {"Linear": 2}], inputs=(4,))[1].in_features == 4


@pytest.mark.parametrize(
    ("layers", "shape", "error", "message"),
    [
        ([{"Linear": 8}, {"Conv2d": [3, 3]}], (4,), ShapeError, r"network\[1\] \(Conv2d\) does not fit .*, \(8,\)"),
        (
            [{"Conv2d": [3, 9]}],
            (1, 8, 8),
            ShapeError,
            r"The 9x9 kernel of layer network\[0\] \(Conv2d\) does not fit what arrives, 1x8x8: it is 9 long where there are 8\.",
        ),
        ([{"MaxPool2d": 1}], (3, 28), ShapeError, r"\(3, 28\): it takes 3 axes, channels first\. Use MaxPool1d, or"),
        ([{"Conv3d": [4, 1]}], (1, 8, 8), ShapeError, r"\(1, 8, 8\): it takes 4 axes, channels first\. Use Conv2d, or"),
        ([{"Conv2d": [4, 3, "same"]}], (1, 8, 8), SettingError, "stride='same' is no number; give options by name"),
        ([{"Conv2d": [3, 3]}], (1, 28), ShapeError, r"network\[0\] \(Conv2d\) does not fit what arrives, \(1, 28\)"),
        ([nn.GRU(4, 5)], (3, 4), ShapeError, r"network\[0\] \(GRU\) gives a tuple"),
        ([{"Linear": [4, 3]}], (4,), SettingError, "bias=3 is neither true nor false; leave the input size out"),
        ([{"Linear": 8, "ReLU": None}], (4,), SettingError, "a layer has one name"),
        (
            [{"Conv1d": {"out_channels": 4, "kernel_size": 3, "stride": "a"}}],
            (1, 9),
            SettingError,
            "stride='a' is no whole number",
        ),
        ([{"Conv2d": [4, 3, None]}], (1, 8, 8), SettingError, "stride=None is no whole number"),
        (
            [{"Conv2d": {"out_channels": 4, "kernel_size": 3, "padding": None}}],
            (1, 8, 8),
            ShapeError,
            r"\(Conv2d\) does not fit",
        ),
        (
            [{"MaxPool2d": None}, {"MaxPool2d": 2.5}],
            (1, 8, 8),
            SettingError,
            r"network\[0\] \(MaxPool2d\) cannot be made",
        ),
        ([{"LPPool2d": {"norm_type": 0, "kernel_size": 3}}], (1, 8, 8), ShapeError, "a size of 0"),
        ([{"GroupNorm": {"num_groups": 0}}], (4, 8, 8), SettingError, "a size of 0"),
        ([{"ResponseNorm": {"groups": 0}}], (4, 8, 8), SettingError, "has to be 1 or more"),
        (
            [{"PaddedConv2d": {"out_channels": 4, "kernel_size": 3, "stride": 0}}],
            (1, 8, 8),
            SettingError,
            "stride=0 .* above 0",
        ),
        ([{"Inception": [4, {}, [4, 4], 4]}], (3, 8, 8), SettingError, r"cannot be made from .*: KeyError"),
        (
            [{"PReLU": {"init": "a"}}],
            (3,),
            SettingError,
            r"fill_\(\) received an invalid combination .*expected one of\.",
        ),
        ([{"Conv2d": 8}], (1, 8, 8), SettingError, r"\(Conv2d\) cannot be made from 8: .*kernel_size"),
        ([{"Linear": "outputs"}], (4,), SettingError, "asks for the number of outputs"),
        ([7], (4,), SettingError, r"network\[0\] is 7, which is no layer"),
        (["Relu"], (4,), UnknownName, r"network\[0\]: there is no layer 'Relu'. Did you mean '(ReLU|relu)'\?"),
    ],
)
def test_a_layer_that_cannot_be_is_named(layers, shape, error, message):
    with pytest.raises(error, match=message):
        build(layers, inputs=shape)
