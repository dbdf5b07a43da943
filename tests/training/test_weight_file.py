"""What a user gets from files of weights that are odd, damaged or something else."""

import pytest
import torch
from safetensors.torch import save, save_file
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, ShapeError
from deepglass.training.given_weights import read_weights
from deepglass.training.transfer import take_weights

pytestmark = pytest.mark.usefixtures("in_tmp")
IRIS = dg.load("iris")


def network():
    return nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))


def take(tensors):
    own = network()
    return take_weights(own, read_weights(tensors), IRIS, {}), own.state_dict()


@pytest.mark.parametrize(
    "place", ["weights.safetensors", "WEIGHTS.SAFETENSORS", "größer als gedacht.safetensors", "link.safetensors"]
)
def test_a_file_is_read_whatever_its_name_and_through_a_link(place, tmp_path):
    if place.startswith("link"):
        (tmp_path / "link.safetensors").symlink_to("blob")
        save_file({"a": torch.ones(2)}, "blob")
    else:
        save_file({"a": torch.ones(2)}, place)
    assert torch.equal(read_weights(place).tensors["a"], torch.ones(2))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"odd\.safetensors is damaged: 0 bytes cannot be a whole safetensors file\. Get the file anew\."),
        (save({"a": torch.ones(9)})[:-4], r"is damaged: .*\. Get the file anew\."),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", r"is a pointer of Git LFS .* git lfs pull"),
        (b"<!DOCTYPE html><title>404</title>", "is a web page in place of the weights. Download the file itself"),
        (b"PK\x03\x04 and more", "holds what torch.save writes, under another name. It may hold code"),
    ],
)
def test_a_file_that_holds_something_else_is_said_to(content, says, tmp_path):
    (tmp_path / "odd.safetensors").write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_weights("odd.safetensors")


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("", "There are no weights ''. Give the folder of a run"),
        (
            "https://somewhere/a.safetensors",
            r"no weights 'https://somewhere/a\.safetensors'\. Download the file first, or give hub:",
        ),
        (
            "a" * 5000 + ".safetensors",
            r"The weights 'a{300}\.\.\.' cannot be looked at \(File name too long\)\. Check the path",
        ),
        ("a\0b.safetensors", "There are no weights"),
    ],
)
def test_a_path_that_leads_nowhere_is_said_to(place, says):
    with pytest.raises(DataError, match=says):
        read_weights(place)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn])
def test_numbers_in_another_precision_are_brought_to_the_networks(kind):
    state = {n: v.to(kind) if v.is_floating_point() else v for n, v in network().state_dict().items()}
    said, own = take(state)
    assert "9 of 9 tensors taken" in said[0]
    assert own["0.weight"].dtype == torch.float32 and torch.equal(own["0.weight"], state["0.weight"].float())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda v: (100 * v).to(torch.int8),
            "0.weight holds int8 where the network has float32, as weights that were quantized",
        ),
        (lambda v: v > 0, "0.weight holds bool where the network has float32"),
        (lambda v: v.to(torch.complex64), "0.weight holds complex64 where the network has float32"),
        (lambda v: v.double() * 1e300, "0.weight holds values that are not finite"),  # in the network's precision
    ],
)
def test_numbers_that_are_none_for_the_network_are_refused(change, says):
    state = network().state_dict()
    with pytest.raises(ShapeError, match=says):
        take({**state, "0.weight": change(state["0.weight"] + 1)})


def test_a_negative_variance_is_refused():
    with pytest.raises(ShapeError, match=r"1\.running_var holds variances below 0"):
        take({**network().state_dict(), "1.running_var": -torch.ones(5)})


def test_one_output_there_is_said_in_the_singular():
    said, _ = take({**network().state_dict(), "2.weight": torch.ones(1, 5), "2.bias": torch.ones(1)})
    assert "because there is 1 output there and 3 here" in said[0]
