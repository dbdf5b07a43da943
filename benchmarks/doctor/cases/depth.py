"""Depth: signals and gradients that shrink, grow or stop on their way through the layers."""

import torch
from case import Training, fault, train
from material import arrays, clouds, convnet, known, mlp, shapes, table
from torch import nn

import deepglass as dg


@fault(
    kind="vanishing",
    also=("saturated_units", "weights_too_small"),
    where="hidden1 to hidden10",
    repair="network.activation=relu, or norm=batch",
    metric="accuracy",
    level=0.91,
)
def ten_layers_of_sigmoid(seed: int, mended: bool) -> Training:
    network = mlp(*[32] * 10, activation="relu" if mended else "sigmoid")
    return train(network, known("digits", seed), epochs=12)


@fault(
    kind="vanishing",
    also=("saturated_units", "weights_too_small"),
    where="hidden1 to hidden7",
    repair="network.activation=relu",
    metric="accuracy",
    level=0.99,
)
def moons_in_seven_sigmoids(seed: int, mended: bool) -> Training:
    network = mlp(*[16] * 7, activation="relu" if mended else "sigmoid")
    return train(network, known("moons", seed), optimizer="sgd", learning_rate=0.1, epochs=25)


@fault(
    kind="vanishing",
    also=("saturated_units", "weights_too_small"),
    where="conv1 to conv5",
    repair="network.activation=relu",
    metric="accuracy",
    level=0.99,
)
def five_convolutions_of_sigmoid(seed: int, mended: bool) -> Training:
    network = convnet(8, 8, 16, 16, 16, activation="relu" if mended else "sigmoid")
    return train(network, arrays(*shapes(seed), seed), epochs=12, learning_rate=3e-3)


class Plain(nn.Module):
    """Many layers one after the other, with PyTorch's own initial weights, whose signal halves from ReLU to ReLU."""

    def __init__(self, inputs: int, outputs: int, depth: int, skip: bool) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, 32)
        self.layers = nn.ModuleList(nn.Linear(32, 32) for _ in range(depth))
        self.last = nn.Linear(32, outputs)
        self.skip = skip

    def forward(self, x):
        x = self.first(x.flatten(1)).relu()
        for layer in self.layers:
            x = x + layer(x).relu() if self.skip else layer(x).relu()
        return self.last(x)


@fault(
    kind="vanishing",
    also=("weights_too_small",),
    by="code",
    where="layers.0 to layers.17",
    repair="residual connections; He's initial weights",
    metric="accuracy",
    level=0.92,
)
def eighteen_plain_layers(seed: int, mended: bool) -> Training:
    network = Plain(64, 10, 18, skip=mended)
    return train(network, known("digits", seed), optimizer="sgd", learning_rate=0.01, epochs=15)


@fault(
    kind="vanishing",
    also=("weights_too_small",),
    where="hidden1 to hidden12",
    repair="network.initialization=auto",
    metric="r2",
    level=0.66,
)
def twelve_layers_by_default(seed: int, mended: bool) -> Training:
    hidden = [layer for _ in range(12) for layer in ({"Linear": 32}, "ReLU")]
    network = {"layers": [*hidden, {"Linear": "outputs"}], "initialization": "auto" if mended else "default"}
    return train(network, arrays(*table(seed), seed), optimizer="momentum", learning_rate=0.01, epochs=30)


@fault(
    kind="exploding",
    also=("weights_too_large",),
    by="code",
    where="all layers: each doubles the signal",
    repair="He's initial weights, or norm=batch",
    metric="accuracy",
    level=0.81,
)
def ten_layers_that_double(seed: int, mended: bool) -> Training:
    data = known("digits", seed)
    network = dg.build(mlp(*[32] * 10), data, seed=seed)
    _stretch(network, 1.0 if mended else 2.5)
    return train(network, data, optimizer="sgd", learning_rate=0.05, epochs=15, clip_norm=1.0)


@fault(
    kind="exploding",
    also=("weights_too_large", "rate_too_high"),
    by="code",
    where="all layers: each doubles the signal",
    repair="He's initial weights, or norm=batch",
    metric="r2",
    level=0.65,
)
def table_through_growing_layers(seed: int, mended: bool) -> Training:
    data = arrays(*table(seed), seed)
    network = dg.build(mlp(*[32] * 6), data, seed=seed)
    _stretch(network, 1.0 if mended else 3.0)
    return train(network, data, optimizer="momentum", learning_rate=0.01, epochs=30)


def _stretch(network: nn.Module, factor: float) -> None:
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("weight"):
                parameter.mul_(factor)


@fault(
    kind="saturated_units",
    also=("weights_too_large",),
    by="code",
    where="hidden1",
    repair="smaller initial weights",
    metric="accuracy",
    level=0.93,
)
def sigmoids_at_their_ends(seed: int, mended: bool) -> Training:
    data = arrays(*clouds(seed), seed)
    network = dg.build(mlp(32, 32, activation="sigmoid"), data, seed=seed)
    with torch.no_grad():
        network.hidden1.weight.mul_(1 if mended else 60)
        network.hidden2.weight.mul_(1 if mended else 60)
    return train(network, data, epochs=40, learning_rate=0.01)


@fault(
    kind="saturated_units",
    also=("inputs_unscaled",),
    where="hidden1",
    repair="data.scaling=standard",
    metric="r2",
    level=0.8,
)
def tanh_at_its_ends(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    data = arrays(300 * (x - 0.5), y, seed, scaling="standard" if mended else "none")
    return train(mlp(32, activation="tanh"), data, epochs=50, learning_rate=5e-3)


@fault(
    kind="dead_units",
    also=("rate_too_high",),
    where="hidden1, hidden2",
    repair="recipe.learning_rate=0.1",
    metric="accuracy",
    level=0.95,
)
def units_killed_by_the_rate(seed: int, mended: bool) -> Training:
    network = mlp(32, 32)
    return train(network, known("digits", seed), optimizer="momentum", learning_rate=0.02 if mended else 2.0, epochs=10)


@fault(
    kind="slow_layer",
    also=("frozen", "rate_too_low"),
    where="hidden1, whose rate is a hundred thousandth of the others'",
    repair="recipe.rates={}",
    metric="accuracy",
    level=0.94,
)
def a_first_layer_that_hardly_moves(seed: int, mended: bool) -> Training:
    rates = {} if mended else {"hidden1": 1e-5}
    settings = {"learning_rate": 0.01, "epochs": 30, "rates": rates}
    return train(mlp(6), arrays(*clouds(seed, classes=3), seed), **settings)


@fault(
    kind="slow_layer",
    also=("frozen", "rate_too_low"),
    where="conv1, conv2, whose rate is a hundred thousandth of the others'",
    repair="recipe.rates={}",
    metric="accuracy",
    level=0.93,
)
def convolutions_that_hardly_move(seed: int, mended: bool) -> Training:
    rates = {} if mended else {"conv1": 1e-5, "conv2": 1e-5}
    settings = {"learning_rate": 5e-3, "epochs": 20, "rates": rates}
    return train(convnet(6, 6), arrays(*shapes(seed), seed), **settings)


@fault(
    kind="slow_layer",
    also=("frozen", "rate_too_low"),
    where="hidden1 and hidden2, whose rate is a hundred thousandth of the others'",
    repair="recipe.rates={}",
    metric="r2",
    level=0.84,
)
def two_layers_left_behind(seed: int, mended: bool) -> Training:
    rates = {} if mended else {"hidden1": 1e-5, "hidden2": 1e-5}
    settings = {"learning_rate": 0.01, "epochs": 30, "rates": rates}
    return train(mlp(10, 6), arrays(*table(seed), seed), **settings)
