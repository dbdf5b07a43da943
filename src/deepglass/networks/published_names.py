"""Published: weights as torchvision and timm publish them, under the names of our networks."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

FILE_NAME = re.compile(r"(?P<name>[a-z]+[0-9]*)(?P<normed>_bn)?(?![a-z0-9_])")


@dataclass(frozen=True)
class NameMap:
    """Names of somebody's weights.

    Args:
        of: whose they are.
        mark: a tensor that only these have.
        layers: their layer -> ours.
    """

    of: str
    mark: str
    layers: Mapping[str, str]


# torchvision's and timm's residual networks, and torchvision's VGG, have the names that ours have.
NAME_MAPS = (
    NameMap(  # whose dense layers are convolutions as wide as the map that they see
        "timm's VGG",
        "pre_logits.fc1.weight",
        {"pre_logits.fc1": "classifier.0", "pre_logits.fc2": "classifier.3", "head.fc": "classifier.6"},
    ),
)


# Of torchvision's networks that ours have several variants of.
TORCHVISION = {"alexnet": {"variant": "torchvision"}, "googlenet": {"variant": "torchvision"}}


def section_for(file: str, names: Iterable[str]) -> dict[str, Any] | None:
    """Say which network a published file is of, by its name; None when that says nothing. Args: names: of our networks.

    >>> section_for("vgg16_bn.tv_in1k", ["vgg16", "resnet18"]), section_for("resnet18-f37072fd.safetensors", ["resnet18"])
    ({'name': 'vgg16', 'batch_norm': True}, {'name': 'resnet18'})
    """
    parts = FILE_NAME.match(file)
    if parts is None or parts["name"] not in names:
        return None
    normed = {"batch_norm": True} if parts["normed"] else {}
    return {"name": parts["name"], **TORCHVISION.get(parts["name"], {}), **normed}


def in_our_names(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights under the names that a network has for them; what has no other name keeps its own.

    A dense layer that was written as a convolution over its whole map becomes a dense layer again.
    Args: own: the state of the network, whose names and shapes decide.
    """
    named = _without_wrapper(tensors, own)
    for published in NAME_MAPS:
        if published.mark in named and published.mark not in own:
            named = {_renamed(name, published.layers): value for name, value in named.items()}
    return {name: _as_dense(value, own.get(name)) for name, value in named.items()}


def _without_wrapper(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Take off what stands before every name, also several times over, until names are those of the network."""
    named = dict(tensors)
    while named and not any(name in own for name in named):
        first = {name.partition(".")[0] for name in named}
        if len(first) > 1 or not all("." in name for name in named):
            return dict(tensors)
        named = {name.partition(".")[2]: value for name, value in named.items()}
    return named


def _renamed(name: str, layers: Mapping[str, str]) -> str:
    layer, dot, tensor = name.rpartition(".")
    return f"{layers.get(layer, layer)}{dot}{tensor}"


def _as_dense(value: Tensor, own: Tensor | None) -> Tensor:
    """Undo a convolution over the whole map: its kernel runs over channels, rows and columns in the order of Flatten."""
    is_map = own is not None and value.ndim == 4 and own.ndim == 2
    return value.flatten(1) if is_map and own is not None and value.flatten(1).shape == own.shape else value
