"""Sharing: weights that are shared between places, and what they save on few examples and on large pictures."""

from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.experiments.arms import arms, pictures, rows, spread
from deepglass.experiments.convolution import parameters
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves, sweep
from deepglass.networks import build

SIZES = {  # of the course: shape and outputs of a network with 1,000 hidden units, and its parameters as they are right
    "MNIST, 28 x 28": ((1, 28, 28), 10, 795_010),
    "ImageNet, 256 x 256": ((3, 256, 256), 100, 196_709_100),
    "full HD": ((3, 1080, 1920), 100, 6_220_901_100),
    "a Mars photograph": ((3, 29_903, 39_876), 10, 3_577_236_095_010),
}


def weight_sharing(form: Form) -> Outcome:
    """Train a first layer that is dense, one that looks at small windows, one that shares its weights, and pooling after it."""
    size = {"out_channels": 8, "kernel_size": 3}
    small = {**size, "stride": 2 if form.data == "mnist" else 1}
    side = 13 if form.data == "mnist" else 6
    firsts: dict[str, list[Any]] = {
        "dense": ["Flatten", {"Linear": 8 * side * side}, "ReLU"],
        "local windows": [{"LocallyConnected2d": small}, "ReLU", "Flatten"],
        "shared": [{"Conv2d": small}, "ReLU", "Flatten"],
        "shared, pooled": [{"Conv2d": {**size, "padding": 1}}, "ReLU", {"MaxPool2d": 2}, "Flatten"],
    }
    sides = {
        name: {"network": {"name": [*first, {"Linear": "outputs"}], "initialization": "auto"}}
        for name, first in firsts.items()
    }
    recipe = {"optimizer": "adam", "learning_rate": 0.001 if form.data == "mnist" else 0.01}
    found = arms(form, sides, data=pictures(form, scaling="unit"), recipe=recipe)
    score = {name: arm.late("accuracy") for name, arm in found.items()}
    gain = score["shared"] - score["dense"]
    slack = 0.0 if form.data == "mnist" else 0.03  # on 8x8 pixels there is little to share
    close = f", or are within {slack}" if slack else ""
    table = rows(found, "loss", "accuracy", first="first layer", seconds=False)
    return Outcome(
        [{"parameters": f"{parameters(found[row['first layer']]):,}", **row} for row in table],
        curves(found, [("loss", "train"), ("loss", "validation"), ("accuracy", "validation")]),
        [
            Expectation(
                f"shared weights beat local ones on average{close}",
                score["shared"].mean() > score["local windows"].mean() - slack,
                f"{score['shared'].mean():.3f} against {score['local windows'].mean():.3f}",
            ),
            Expectation(f"they beat a dense layer{close}", bool(gain.mean() > -slack), f"by {spread(gain)}"),
            Expectation(
                f"with pooling they beat those without{close}",
                score["shared, pooled"].mean() > score["shared"].mean() - slack,
                f"{score['shared, pooled'].mean():.3f} against {score['shared'].mean():.3f}",
            ),
        ],
    )


def large_inputs(form: Form) -> Outcome:
    """Count the parameters of a dense network and of one with shared weights, on larger and larger pictures."""
    shared = [{"Conv2d": [32, 3]}, "ReLU", {"Conv2d": [64, 3]}, "ReLU", "GlobalMaxPool", {"Linear": "outputs"}]
    found: dict[str, tuple[int, int, int]] = {}
    for name, (shape, outputs, _) in SIZES.items():
        pixels = shape[1] * shape[2]
        with torch.device("meta"):  # where weights have a size and no numbers
            dense = _count(build("mlp", inputs=shape, outputs=outputs, hidden=[1000]))
            conv = _count(build(shared, inputs=(shape[0], 28, 28), outputs=outputs))
        found[name] = (pixels, dense, conv)
    return Outcome(
        [
            {"picture": name, "pixels": f"{pixels:,}", "dense, 1,000 hidden units": f"{dense:,}"}
            | {
                "memory of its weights": f"{dense * 4 / 2**30:,.3f} GiB",
                "two convolutions, global pooling": f"{conv:,}",
            }
            for name, (pixels, dense, conv) in found.items()
        ],
        sweep(
            {
                "parameters": {
                    "dense, 1,000 hidden units": {p: np.array([float(d)]) for p, d, _ in found.values()},
                    "two convolutions, global pooling": {p: np.array([float(c)]) for p, _, c in found.values()},
                }
            },
            "pixels",
            log="xy",
        ),
        [
            *(
                Expectation(
                    f"{name}: the dense network has {right:,} parameters",
                    found[name][1] == right,
                    f"{found[name][1]:,}",
                )
                for name, (_, _, right) in SIZES.items()
            ),
            Expectation(
                "the shared weights stay under 30,000 on all of them",
                max(conv for _, _, conv in found.values()) < 30_000,
                f"{max(conv for _, _, conv in found.values()):,} at most",
            ),
        ],
    )


def _count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())
