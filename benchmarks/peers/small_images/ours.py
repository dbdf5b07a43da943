"""Deepglass: `train` with a run folder, and `Training` alone."""

from typing import Any

from clock import Clock, Size

import deepglass as dg
from deepglass.networks import calculator
from peers.ours import divided, recipe_of, train
from peers.small_images import image_bytes

# Networks by name with what makes them the ones that all contestants have.
OPTIONS: dict[str, dict[str, Any]] = {"convnet": {}, "resnet20": {}, "vgg11": {"batch_norm": True}}
RECIPE = {"optimizer": "adam", "learning_rate": 1e-3, "weight_decay": 0.0, "schedule": "constant"}


def convnet(size: Size, clock: Clock) -> None:
    run("convnet", size, clock)


def resnet20(size: Size, clock: Clock) -> None:
    run("resnet20", size, clock)


def vgg11(size: Size, clock: Clock) -> None:
    run("vgg11", size, clock)


def convnet_alone(size: Size, clock: Clock) -> None:
    run("convnet", size, clock, alone=True)


def resnet20_alone(size: Size, clock: Clock) -> None:
    run("resnet20", size, clock, alone=True)


def vgg11_alone(size: Size, clock: Clock) -> None:
    run("vgg11", size, clock, alone=True)


def run(name: str, size: Size, clock: Clock, alone: bool = False) -> None:
    data = divided(image_bytes(size.rows, size.tests), scaling="standard")
    if alone:
        clock.start()
        network = dg.build(name, data, seed=size.seed, **OPTIONS[name])
        for epoch in dg.Training(network, data, dg.Recipe(**{**recipe_of(size), **RECIPE})):
            clock.epoch(epoch.validation["accuracy"], training=epoch.seconds)
        clock.end()
    else:
        train(data, size, clock, name=name, recipe=RECIPE, **OPTIONS[name])
    counted = calculator(name, (3, 32, 32), 10, **OPTIONS[name])
    clock.facts |= {"rows": size.rows, "multiply_adds": counted.multiply_adds}
