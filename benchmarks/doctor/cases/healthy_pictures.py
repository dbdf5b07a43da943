"""Healthy pictures: convolutional, deep and residual networks, and dense ones on digits."""

import numpy as np
from case import Training, healthy, train
from material import arrays, coloured, convnet, known, mlp, raw, shapes
from torch import nn

import deepglass as dg

DIGITS = "digits are nearly separable by planes"


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_as_usual(seed: int) -> Training:
    return train(mlp(64), known("digits", seed), epochs=20)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_as_they_are(seed: int) -> Training:
    """Pixels of 0 to 16, not scaled: no harm is done."""
    return train(mlp(64), known("digits", seed, scaling="none"), epochs=20)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_in_lenet(seed: int) -> Training:
    return train(convnet(8, 16, dense=[32]), known("digits", seed), epochs=12, learning_rate=2e-3)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_in_tanh(seed: int) -> Training:
    settings = {"optimizer": "sgd", "learning_rate": 0.3, "epochs": 20}
    return train(mlp(48, activation="tanh"), known("digits", seed), **settings)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_in_three_sigmoids(seed: int) -> Training:
    settings = {"learning_rate": 0.01, "epochs": 25}
    return train(mlp(48, 48, 48, activation="sigmoid"), known("digits", seed), **settings)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_in_eight_layers_with_norm(seed: int) -> Training:
    return train(mlp(*[32] * 8, norm="batch"), known("digits", seed), epochs=15, learning_rate=3e-3)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_with_half_of_the_units_zero(seed: int) -> Training:
    """A wide layer of ReLU, of which most are zero for any one example."""
    return train(mlp(384), known("digits", seed), epochs=15, l1=1e-5)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_with_dropout(seed: int) -> Training:
    return train(mlp(128, dropout=0.5), known("digits", seed), epochs=25, learning_rate=2e-3)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_with_smoothing_and_mixup(seed: int) -> Training:
    data = known("digits", seed, augment={"mixup": 0.2})
    return train(mlp(64), data, task={"label_smoothing": 0.1}, epochs=25, learning_rate=2e-3)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_with_small_gradients_at_the_end(seed: int) -> Training:
    settings = {"schedule": "cosine", "epochs": 50, "learning_rate": 5e-3, "weight_decay": 1e-4}
    return train(mlp(64), known("digits", seed), **settings)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_with_a_softmax_and_its_loss(seed: int) -> Training:
    return train(mlp(64, output_activation="softmax"), known("digits", seed), epochs=20)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_in_a_large_batch_and_rate(seed: int) -> Training:
    settings = {"batch_size": 256, "optimizer": "momentum", "learning_rate": 0.2, "warmup_steps": 10, "epochs": 25}
    return train(mlp(64), known("digits", seed), **settings)


@healthy(metric="accuracy", ceiling="planes tell nine of ten already")
def even_digits_four_at_a_time(seed: int) -> Training:
    x, y = raw("digits")
    some = slice(0, 900)
    settings = {"batch_size": 4, "optimizer": "sgd", "learning_rate": 0.02, "epochs": 10}
    return train(mlp(48), arrays(x[some], (y[some] % 2).astype(int), seed), **settings)


@healthy(metric="accuracy")
def shapes_as_usual(seed: int) -> Training:
    return train(convnet(8, 16), arrays(*shapes(seed), seed), epochs=15, learning_rate=3e-3)


@healthy(metric="accuracy")
def shapes_at_an_early_stage(seed: int) -> Training:
    """A good run, broken off when it is already far above a linear model."""
    return train(convnet(16, 32), arrays(*shapes(seed, 900), seed), epochs=5, learning_rate=3e-3)


@healthy(metric="accuracy")
def shapes_with_dropout(seed: int) -> Training:
    network = {"name": "convnet", "filters": [16, 16], "padding": "same", "dropout": 0.4}
    return train(network, arrays(*shapes(seed), seed), epochs=18, learning_rate=3e-3)


@healthy(metric="accuracy")
def shapes_with_batch_norm(seed: int) -> Training:
    layers = [{"Conv2d": [8, 3]}, "BatchNorm2d", "ReLU", {"Conv2d": [16, 3]}, "BatchNorm2d", "ReLU", {"MaxPool2d": 4}]
    network = [*layers, "Flatten", {"Linear": "outputs"}]
    return train(network, arrays(*shapes(seed), seed), optimizer="momentum", learning_rate=0.02, epochs=14)


@healthy(metric="accuracy")
def shapes_with_moves(seed: int) -> Training:
    data = arrays(*shapes(seed), seed, augment={"shift": 1})
    return train(convnet(8, 16), data, epochs=20, learning_rate=3e-3)


@healthy(metric="accuracy")
def shapes_in_leaky_units(seed: int) -> Training:
    settings = {"optimizer": "nesterov", "learning_rate": 0.02, "epochs": 15, "schedule": "cosine"}
    return train(convnet(8, 16, activation="leaky_relu"), arrays(*shapes(seed), seed), **settings)


@healthy(metric="accuracy")
def coloured_shapes_as_usual(seed: int) -> Training:
    x, y = coloured(seed, 700)
    return train(convnet(12, 16), arrays(x, y, seed), epochs=15, learning_rate=3e-3)


@healthy(metric="r2")
def ink_by_convolution(seed: int) -> Training:
    """A number to predict from a picture: where the shape stands, from top to bottom."""
    x, _ = shapes(seed, 700)
    ink = (x.astype(np.float32)[:, 0] - 70).clip(0)
    rows = (ink.sum(2) * np.arange(12)).sum(1) / ink.sum((1, 2)).clip(1)
    return train(
        convnet(8, 8, dense=[32]), arrays(x, (rows**2).astype(np.float32), seed), epochs=25, learning_rate=3e-3
    )


class Residual(nn.Module):
    """Fourteen layers with connections past each."""

    def __init__(self, inputs: int, outputs: int, depth: int = 14, units: int = 32) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, units)
        self.norms = nn.ModuleList(nn.LayerNorm(units) for _ in range(depth))
        self.layers = nn.ModuleList(nn.Linear(units, units) for _ in range(depth))
        self.last = nn.Linear(units, outputs)

    def forward(self, x):
        x = self.first(x.flatten(1))
        for norm, layer in zip(self.norms, self.layers):
            x = x + layer(norm(x)).relu()
        return self.last(x)


@healthy(metric="accuracy", ceiling=DIGITS)
def digits_through_fourteen_residual_layers(seed: int) -> Training:
    return train(Residual(64, 10), known("digits", seed), epochs=10, learning_rate=2e-3)


@healthy(metric="accuracy")
def shapes_with_layers_declared_frozen(seed: int) -> Training:
    """A first convolution that is meant to stay as it was drawn."""
    settings = {"freeze": ["conv1"], "epochs": 20, "learning_rate": 3e-3}
    return train(convnet(16, 24), arrays(*shapes(seed, 800), seed), **settings)


@healthy(metric="accuracy")
def shapes_trained_on(seed: int) -> Training:
    """A network that has learned before, and is trained on at a small rate."""
    data = arrays(*shapes(seed), seed)
    network = dg.build(convnet(8, 16), data, seed=seed)
    for _ in dg.Training(network, data, dg.Recipe(epochs=12, learning_rate=3e-3, threads=1)):
        pass
    return train(network, data, learning_rate=3e-4, epochs=6)
