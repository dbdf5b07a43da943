"""What a user gets from weights of the hub; the hub itself is not asked."""

import pytest
import torch
from safetensors.torch import save_file

import deepglass as dg
from deepglass.errors import DataError
from deepglass.training.given_weights import read_weights
from deepglass.training.transfer import take_weights

hub = pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """A hub that gives one file; what it was asked for is noted."""
    monkeypatch.delenv("DEEPGLASS_OFFLINE", raising=False)
    path = tmp_path / "snapshots" / COMMIT / "model.safetensors"
    path.parent.mkdir(parents=True)
    network = dg.build("resnet20", inputs=(3, 16, 16), outputs=1000, seed=3)
    save_file({n: v.contiguous() for n, v in network.state_dict().items() if "num_batches" not in n}, path)
    asked = []

    def download(name, file, *, revision=None):
        asked.append((name, file, revision))
        return str(path)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    return asked


def test_weights_of_the_hub_are_taken_by_name_and_their_commit_written_down(fetched):
    weights = read_weights("hub:timm/resnet20.a1_in1k@main")
    assert fetched == [("timm/resnet20.a1_in1k", "model.safetensors", "main")]
    assert weights.facts()["from"] == "hub:timm/resnet20.a1_in1k@main" and weights.facts()["revision"] == COMMIT
    random = torch.Generator().manual_seed(0)
    data = dg.load((torch.randint(0, 256, (30, 3, 16, 16), generator=random, dtype=torch.uint8), ["a", "b", "c"] * 10))
    network = dg.build("resnet20", data, seed=1)
    said = take_weights(network, weights, data, {"name": "resnet20"})
    assert "fc.weight, fc.bias start afresh, because there are 1,000 outputs there and 3 here" in said[0]
    assert "data.scaling=imagenet" in said[1]
    there = weights.tensors["layer3.2.conv2.weight"]
    assert torch.equal(network.state_dict()["layer3.2.conv2.weight"], there)
    read_weights("hub:own/net:other.safetensors")
    assert fetched[-1] == ("own/net", "other.safetensors", None)


def test_a_name_that_is_none_and_a_hub_that_is_not_reached_are_said(monkeypatch):
    with pytest.raises(DataError, match=r"'hub:resnet18' is no name of weights on the hub\. Write hub:owner/name"):
        read_weights("hub:resnet18")
    monkeypatch.setenv("DEEPGLASS_OFFLINE", "1")
    with pytest.raises(DataError, match="switched off by DEEPGLASS_OFFLINE"):
        read_weights("hub:timm/resnet18.a1_in1k")
    monkeypatch.delenv("DEEPGLASS_OFFLINE")

    def unreachable(*args, **options):
        raise OSError("no route\nto host")

    monkeypatch.setattr(hub, "hf_hub_download", unreachable)
    with pytest.raises(DataError, match=r"model.safetensors cannot be fetched: no route to host\. Check the name"):
        read_weights("hub:timm/resnet18.a1_in1k")
