"""Networks: one function per family, each from the shape of an example to a plain nn.Module."""

from collections.abc import Callable
from typing import Any

from torch import nn

from deepglass.networks.build import build
from deepglass.networks.call import call, check_call
from deepglass.networks.convnet import convnet
from deepglass.networks.lenet import lenet5
from deepglass.networks.linear import linear
from deepglass.networks.made import made_from, with_defaults
from deepglass.networks.mlp import mlp
from deepglass.networks.perceptron import perceptron
from deepglass.networks.summary import Layer, Summary, calculator, summary

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "convnet": convnet,
    "lenet5": lenet5,
    "linear": linear,
    "mlp": mlp,
    "perceptron": perceptron,
}

# Settings that suit a network, unless the person says otherwise: network -> setting -> value.
SUITS: dict[str, dict[str, Any]] = {
    "lenet5": {
        "recipe.learning_rate": 3e-3,
        "recipe.schedule": "cosine",
    },  # small enough for three times Adam's usual rate
    "perceptron": {  # Rosenblatt's rule: one example at a time, and a mistake adds the example to the weights
        "task.loss": "perceptron",
        "recipe.optimizer": "sgd",
        "recipe.learning_rate": 1.0,
        "recipe.batch_size": 1,
    },
}

__all__ = [
    "NETWORKS",
    "SUITS",
    "Layer",
    "Summary",
    "build",
    "calculator",
    "call",
    "check_call",
    "made_from",
    "summary",
    "with_defaults",
]
