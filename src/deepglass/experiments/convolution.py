"""Convolution: shared weights against dense ones, deep against shallow, and two ways to pool, at equal parameters."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepglass.experiments.arms import Arm, arms, pictures, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import scores, sweep

ADAM: dict[str, Any] = {"optimizer": "adam"}


def convolutions(form: Form) -> Outcome:
    """Train a network of convolutions, a dense one of as many parameters, and one of many more, all of three layers."""
    equal, margin = ([7, 7], 0.005) if form.data == "mnist" else ([20, 20], 0.02)
    sides = {
        "convolutions": _two_blocks(form),
        "dense, as many parameters": {"hidden": equal},
        "dense, many more": {"hidden": [64, 32]},
    }
    found = _trained(form, sides)
    conv, small, large = (arm.last("accuracy") for arm in found.values())
    counts = [parameters(arm) for arm in found.values()]
    return Outcome(
        _counted(found),
        sweep(
            {"accuracy, validation": {n: {parameters(arm): arm.last("accuracy")} for n, arm in found.items()}},
            "parameters",
            log="x",
        ),
        [
            Expectation(
                "the convolutions beat the dense network of as many parameters with every seed",
                bool((conv > small).all()),
                f"{conv.mean():.3f} of {counts[0]:,} against {small.mean():.3f} of {counts[1]:,}, by {spread(conv - small)}",
            ),
            Expectation(
                f"they equal the one of {counts[2] / counts[0]:.1f} times as many, within {margin}, or beat it",
                conv.mean() >= large.mean() - margin,
                f"{conv.mean():.3f} against {large.mean():.3f} of {counts[2]:,}",
            ),
        ],
    )


def deep_convolutions(form: Form) -> Outcome:
    """Train two convolutions and one, with as many parameters."""
    filters, kernel, pool = (14, 5, 4) if form.data == "mnist" else (19, 3, 2)
    one = [{"Conv2d": [filters, kernel]}, "ReLU", {"MaxPool2d": pool}, "Flatten", {"Linear": "outputs"}]
    found = _trained(form, {"two convolutions": _two_blocks(form), "one convolution": _layers(one)})
    return _tie(found, "the deep network does not clearly win", 0.01 if form.data == "mnist" else 0.03)


def overlapping_pooling(form: Form) -> Outcome:
    """Train the same network with pooling windows of 2x2 and, two pixels apart as well, of 3x3."""
    padding = 0 if form.data == "mnist" else 1  # the embedded digits have 8x8 pixels
    sides = {
        f"{side}x{side}, stride 2": _layers(
            [
                *(
                    layer
                    for maps in (8, 16)
                    for layer in (
                        {"Conv2d": {"out_channels": maps, "kernel_size": 3, "padding": padding}},
                        "ReLU",
                        # Windows that stand over the border are kept, so that both make maps of one size.
                        {"MaxPool2d": {"kernel_size": side, "stride": 2, "ceil_mode": side == 3}},
                    )
                ),
                "Flatten",
                {"Linear": "outputs"},
            ]
        )
        for side in (2, 3)
    }
    found = _trained(form, sides)
    return _tie(found, "overlapping windows make no difference here", 0.01 if form.data == "mnist" else 0.03)


def parameters(arm: Arm) -> int:
    """Count the parameters of a side's networks."""
    return sum(p.numel() for p in arm.trainings[0].network.parameters())


def _trained(form: Form, sides: Mapping[str, Mapping[str, Any]]) -> dict[str, Arm]:
    recipe = ADAM if form.data == "mnist" else {**ADAM, "learning_rate": 0.01}
    data = pictures(form, scaling="unit")
    return arms(form, {name: {"network": network} for name, network in sides.items()}, data=data, recipe=recipe)


def _two_blocks(form: Form) -> dict[str, Any]:
    """Two convolutions of 3x3 with pooling and a dense layer: 5,258 parameters on 28x28 pixels."""
    padding = "valid" if form.data == "mnist" else "same"
    return {"name": "convnet", "filters": [8, 16], "dropout": 0.0, "padding": padding}


def _layers(layers: list[Any]) -> dict[str, Any]:
    return {"name": layers, "initialization": "auto"}


def _counted(found: Mapping[str, Arm]) -> list[dict[str, Any]]:
    return [
        {"network": name, "parameters": f"{parameters(arm):,}"}
        | {f"accuracy, {part}": spread(arm.last("accuracy", part)) for part in ("train", "validation")}
        for name, arm in found.items()
    ]


def _tie(found: Mapping[str, Arm], verdict: str, margin: float) -> Outcome:
    """Expect two sides to be within a margin of each other, the second measured against the first."""
    first, second = found
    one, other = (arm.last("accuracy") for arm in found.values())
    gap: np.ndarray = other - one
    return Outcome(
        _counted(found),
        scores({name: arm.last("accuracy") for name, arm in found.items()}, "validation accuracy"),
        [
            Expectation(
                f"{verdict}: they are within {margin}",
                abs(gap.mean()) < margin,
                f"{second} {other.mean():.4f}, {first} {one.mean():.4f}, difference {spread(gap)}",
            )
        ],
    )
