"""Initialization: weights that start at zero, alike, far too large or far too small."""

import torch
from case import Training, fault, train
from material import arrays, clouds, convnet, known, mlp, shapes, table
from torch import nn

import deepglass as dg


@fault(
    kind="zero_weights",
    also=("symmetric_weights",),
    where="all layers",
    repair="network.initialization=auto",
    metric="accuracy",
    level=0.92,
)
def digits_from_zero(seed: int, mended: bool) -> Training:
    return train(mlp(32, initialization="auto" if mended else "zeros"), known("digits", seed), epochs=10)


@fault(
    kind="zero_weights",
    also=("symmetric_weights",),
    where="all layers",
    repair="network.initialization=auto",
    metric="r2",
    level=0.77,
)
def table_from_zero(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, activation="tanh", initialization="auto" if mended else "zeros")
    return train(network, arrays(*table(seed), seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="symmetric_weights",
    also=("zero_weights",),
    by="code",
    where="hidden1: every weight is 0.1",
    repair="random initial weights",
    metric="accuracy",
    level=0.92,
)
def digits_from_one_number(seed: int, mended: bool) -> Training:
    data = known("digits", seed)
    return train(_alike(dg.build(mlp(32), data, seed=seed), 0.1, mended), data, epochs=10)


@fault(
    kind="symmetric_weights",
    also=("zero_weights",),
    by="code",
    where="convolutions: every weight is 0.05",
    repair="random initial weights",
    metric="accuracy",
    level=0.97,
)
def shapes_from_one_number(seed: int, mended: bool) -> Training:
    data = arrays(*shapes(seed), seed)
    return train(_alike(dg.build(convnet(8, 16), data, seed=seed), 0.05, mended), data, epochs=15, learning_rate=3e-3)


def _alike(network: nn.Module, number: float, mended: bool) -> nn.Module:
    for parameter in network.parameters() if not mended else ():
        nn.init.constant_(parameter, number)
    return network


def _times(network: nn.Module, factor: float) -> nn.Module:
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(factor)
    return network


@fault(
    kind="weights_too_large",
    also=("saturated_units",),
    by="code",
    where="hidden1, hidden2",
    repair="Glorot's initial weights",
    metric="accuracy",
    level=0.95,
)
def digits_from_large_weights(seed: int, mended: bool) -> Training:
    data = known("digits", seed)
    network = _times(dg.build(mlp(32, 32, activation="tanh"), data, seed=seed), 1 if mended else 30)
    return train(network, data, optimizer="sgd", learning_rate=0.05, epochs=15)


@fault(
    kind="weights_too_large",
    also=("exploding",),
    by="code",
    where="all layers",
    repair="He's initial weights",
    metric="r2",
    level=0.78,
)
def table_from_large_weights(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed), seed)
    network = _times(dg.build(mlp(32, 32, 32), data, seed=seed), 1 if mended else 12)
    return train(network, data, epochs=25, learning_rate=3e-3)


@fault(
    kind="weights_too_small",
    also=("vanishing",),
    where="all layers",
    repair="network.initialization=auto",
    metric="accuracy",
    level=0.95,
)
def digits_from_small_weights(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, 32, 32, activation="tanh", initialization="auto" if mended else "normal")
    return train(network, known("digits", seed), optimizer="sgd", learning_rate=0.1, epochs=10)


@fault(
    kind="weights_too_small",
    also=("vanishing",),
    where="all layers",
    repair="network.initialization=auto",
    metric="accuracy",
    level=1,
)
def shapes_from_small_weights(seed: int, mended: bool) -> Training:
    network = convnet(8, 16, 16, dense=[32], initialization="auto" if mended else "normal")
    settings = {"optimizer": "momentum", "learning_rate": 0.02, "epochs": 15}
    return train(network, arrays(*shapes(seed), seed), **settings)


@fault(
    kind="dead_units",
    by="code",
    where="hidden1: biases of -8",
    repair="biases of zero; leaky ReLU",
    metric="accuracy",
    level=0.93,
)
def clouds_dead_on_arrival(seed: int, mended: bool) -> Training:
    data = arrays(*clouds(seed), seed)
    network = dg.build(mlp(48), data, seed=seed)
    nn.init.constant_(network.hidden1.bias, 0.0 if mended else -8.0)
    return train(network, data, epochs=20, learning_rate=3e-3)


@fault(
    kind="dead_units",
    by="code",
    where="conv2: biases of -20",
    repair="biases of zero; leaky ReLU",
    metric="accuracy",
    level=0.97,
)
def shapes_dead_on_arrival(seed: int, mended: bool) -> Training:
    data = arrays(*shapes(seed), seed)
    network = dg.build(convnet(8, 16), data, seed=seed)
    nn.init.constant_(network.conv2.bias, 0.0 if mended else -20.0)
    return train(network, data, epochs=15, learning_rate=3e-3)


@fault(
    kind="zero_weights",
    also=("symmetric_weights",),
    where="all layers",
    repair="network.initialization=auto",
    metric="accuracy",
    level=0.94,
)
def shapes_that_start_at_zero(seed: int, mended: bool) -> Training:
    network = convnet(8, 16, initialization="auto" if mended else "zeros")
    return train(network, arrays(*shapes(seed), seed), epochs=12, learning_rate=3e-3)


@fault(
    kind="weights_too_large",
    also=("exploding",),
    by="code",
    where="all layers",
    repair="He's initial weights",
    metric="accuracy",
    level=0.87,
)
def shapes_from_heavy_weights(seed: int, mended: bool) -> Training:
    data = arrays(*shapes(seed), seed)
    network = _times(dg.build(convnet(8, 16, dense=[32]), data, seed=seed), 1 if mended else 10)
    return train(network, data, epochs=12, learning_rate=2e-3)


@fault(
    kind="weights_too_small",
    also=("vanishing",),
    by="code",
    where="all layers",
    repair="Glorot's initial weights",
    metric="r2",
    level=0.67,
)
def table_from_tiny_weights(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed), seed)
    network = _times(dg.build(mlp(32, 32, 32, activation="tanh"), data, seed=seed), 1 if mended else 0.03)
    return train(network, data, optimizer="momentum", learning_rate=0.01, epochs=25)
