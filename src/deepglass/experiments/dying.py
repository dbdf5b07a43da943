"""Dying: ReLU units that a large step puts where no picture excites them any more."""

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.experiments.arms import arms, pictures, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import examples
from deepglass.experiments.pictures import sweep


def dying_relu(form: Form) -> Outcome:
    """Train two hidden layers at larger and larger rates, and count the units that no picture excites any more."""
    data = pictures(form, scaling="unit")
    shape = {"hidden": [64, 64], "initialization": "he"}
    rates = (0.1, 0.5, 1.0)
    sides = {
        f"{word}, rate {rate:g}": {"learning_rate": rate, "network": {**shape, "activation": activation}}
        for activation, word in (("relu", "ReLU"), ("leaky_relu", "leaky ReLU"))
        for rate in rates
    }
    found = arms(form, sides, data=data)
    x, _ = examples(data, "train", 2000)
    dead = {
        name: np.array([_silent(t.network, x) for t in arm.trainings]) for name, arm in found.items()
    }  # seed, layer
    score = {name: float(np.nan_to_num(arm.last("accuracy")).mean()) for name, arm in found.items()}
    first = {name: float(layers[:, 0].mean()) for name, layers in dead.items()}
    leaky = found["leaky ReLU, rate 1"].last("accuracy")
    panels = {
        "units of layer 1 never above 0": {
            word: {rate: dead[f"{word}, rate {rate:g}"][:, 0] for rate in rates} for word in ("ReLU", "leaky ReLU")
        },
        "accuracy, validation": {
            word: {rate: found[f"{word}, rate {rate:g}"].last("accuracy") for rate in rates}
            for word in ("ReLU", "leaky ReLU")
        },
    }
    return Outcome(
        [
            {"activation, rate": name}
            | {f"never above 0, layer {k + 1}": spread(layers[:, k]) for k in (0, 1)}
            | {"accuracy, validation": spread(found[name].last("accuracy"))}
            for name, layers in dead.items()
        ],
        sweep(panels, "learning rate"),
        [
            Expectation(
                "ReLU at 0.1: hardly a unit is dead, 0.05 of layer 1 at most",
                first["ReLU, rate 0.1"] <= 0.05,
                f"{first['ReLU, rate 0.1']:.3f}",
            ),
            Expectation(
                "ReLU at 1: half of layer 1 or more", first["ReLU, rate 1"] >= 0.5, f"{first['ReLU, rate 1']:.3f}"
            ),
            Expectation("ReLU at 1: accuracy under 0.6", score["ReLU, rate 1"] < 0.6, f"{score['ReLU, rate 1']:.3f}"),
            Expectation(
                "leaky ReLU at 1: fewer are never above 0 than of ReLU",
                first["leaky ReLU, rate 1"] < first["ReLU, rate 1"],
                f"{first['leaky ReLU, rate 1']:.3f}",
            ),
            Expectation(
                "and yet it does not make that rate safe: not every seed gets over 0.6",
                not (leaky > 0.6).all(),
                ", ".join(f"{value:.3f}" for value in leaky),
            ),
        ],
    )


def _silent(network: nn.Module, x: Tensor) -> list[float]:
    """The share of units that are above zero for none of the examples, layer by layer."""
    shares = []
    network.eval()
    with torch.no_grad():
        for layer in network.children():
            x = layer(x)
            if isinstance(layer, nn.ReLU | nn.LeakyReLU):
                shares.append(float((~(x > 0).any(dim=0)).float().mean()))
    return shares
