"""Networks: one function per family, each from the shape of an example to a plain nn.Module."""

from collections.abc import Callable
from typing import Any

from torch import nn

from deepglass.networks.alexnet import alexnet
from deepglass.networks.allconv import allconv
from deepglass.networks.bag import bag
from deepglass.networks.build import build
from deepglass.networks.call import call, check_call, takes
from deepglass.networks.captioner import captioner
from deepglass.networks.conv1d import conv1d
from deepglass.networks.conv3d import conv3d
from deepglass.networks.convnet import convnet
from deepglass.networks.echo_state import echo_state
from deepglass.networks.googlenet import googlenet
from deepglass.networks.graph import Graph, graph
from deepglass.networks.gru import gru
from deepglass.networks.handwriting import handwriting
from deepglass.networks.highway import highway
from deepglass.networks.lenet import lenet5
from deepglass.networks.linear import linear
from deepglass.networks.lstm import lstm
from deepglass.networks.made import made_from, with_defaults
from deepglass.networks.mlp import mlp
from deepglass.networks.nin import nin
from deepglass.networks.perceptron import perceptron
from deepglass.networks.pointer import pointer
from deepglass.networks.reader import reader
from deepglass.networks.residual import residual_mlp
from deepglass.networks.resnet import (
    resnet18,
    resnet20,
    resnet32,
    resnet34,
    resnet44,
    resnet50,
    resnet56,
    resnet101,
    resnet110,
    resnet152,
)
from deepglass.networks.rnn import rnn
from deepglass.networks.seq2seq import seq2seq
from deepglass.networks.summary import Layer, Summary, calculator, summary
from deepglass.networks.tcn import tcn
from deepglass.networks.text_cnn import text_cnn
from deepglass.networks.transformer import transformer
from deepglass.networks.transformer_translator import transformer_translator
from deepglass.networks.unet import unet
from deepglass.networks.vgg import vgg11, vgg13, vgg16, vgg19

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "alexnet": alexnet,
    "allconv": allconv,
    "bag": bag,
    "captioner": captioner,
    "conv1d": conv1d,
    "conv3d": conv3d,
    "convnet": convnet,
    "echo_state": echo_state,
    "googlenet": googlenet,
    "gru": gru,
    "handwriting": handwriting,
    "highway": highway,
    "lenet5": lenet5,
    "linear": linear,
    "lstm": lstm,
    "mlp": mlp,
    "nin": nin,
    "perceptron": perceptron,
    "pointer": pointer,
    "reader": reader,
    "residual_mlp": residual_mlp,
    "resnet18": resnet18,
    "resnet20": resnet20,
    "resnet32": resnet32,
    "resnet34": resnet34,
    "resnet44": resnet44,
    "resnet50": resnet50,
    "resnet56": resnet56,
    "resnet101": resnet101,
    "resnet110": resnet110,
    "resnet152": resnet152,
    "rnn": rnn,
    "seq2seq": seq2seq,
    "tcn": tcn,
    "text_cnn": text_cnn,
    "transformer": transformer,
    "transformer_translator": transformer_translator,
    "unet": unet,
    "vgg11": vgg11,
    "vgg13": vgg13,
    "vgg16": vgg16,
    "vgg19": vgg19,
}

# The recipe of the paper's residual networks for small images (section 4.2), with a cosine in place of its three steps.
_SMALL_RESNET = {
    "recipe.optimizer": "momentum",
    "recipe.learning_rate": 0.1,
    "recipe.weight_decay": 1e-4,
    "recipe.batch_size": 128,
    "recipe.schedule": "cosine",
}

# At Adam's usual rate they stand still for epochs: vgg16 reaches 0.68 on the digits in 8 epochs, so 0.88 (one seed each).
_DEEP_WITHOUT_NORMS = {"recipe.learning_rate": 3e-4}

# A cliff in the loss of a recurrent network makes one gradient huge: Pascanu, Mikolov and Bengio, arXiv:1211.5063, section 3.2.
_RECURRENT = {"recipe.clip_norm": 1.0}

# Large steps before Adam knows the sizes of the gradients hurt attention: Vaswani et al., arXiv:1706.03762, section 5.3; how
# many is ours.
_ATTENTION = {
    "recipe.optimizer": "adamw",
    "recipe.clip_norm": 1.0,
    "recipe.warmup_steps": 100,
    "recipe.schedule": "cosine",
}

# Settings that suit a network, unless the person says otherwise: network -> setting -> value.
SUITS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("alexnet", "vgg16", "vgg19"), _DEEP_WITHOUT_NORMS),
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
    **dict.fromkeys(("gru", "handwriting", "lstm", "rnn"), _RECURRENT),
    **dict.fromkeys(("pointer", "seq2seq", "tcn"), _RECURRENT),
    # At Adam's usual rate it stays with one look: bAbI's questions with two facts reach 0.39 in 14 epochs, so 0.99 (one seed each).
    "reader": {**_RECURRENT, "recipe.learning_rate": 5e-3, "recipe.schedule": "cosine"},
    **dict.fromkeys(("transformer", "transformer_translator"), _ATTENTION),
    **dict.fromkeys(("resnet20", "resnet32", "resnet44", "resnet56"), _SMALL_RESNET),
    "resnet110": {**_SMALL_RESNET, "recipe.warmup_steps": 400},  # the paper's, without which so deep a one starts badly
}

__all__ = [
    "NETWORKS",
    "SUITS",
    "Graph",
    "Layer",
    "Summary",
    "build",
    "calculator",
    "call",
    "check_call",
    "graph",
    "made_from",
    "summary",
    "takes",
    "with_defaults",
]
