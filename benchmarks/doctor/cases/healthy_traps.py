"""Healthy traps: what looks like a disease and is none."""

import numpy as np
import pandas
import torch
from case import Training, healthy, train
from material import arrays, clouds, convnet, known, mlp, parted, raw, shapes, table
from torch import nn

import deepglass as dg


@healthy(metric="accuracy", ceiling="it is a linear model")
def one_layer_from_zero(seed: int) -> Training:
    """Zero weights: of one layer alone the loss is convex, and nothing has to be told apart."""
    network = mlp(initialization="zeros")
    return train(network, known("breast-cancer", seed), optimizer="sgd", learning_rate=0.1, epochs=30)


@healthy(metric="accuracy", ceiling="it is a linear model")
def rosenblatt_on_wine(seed: int) -> Training:
    return train("perceptron", known("wine", seed), epochs=20)


@healthy(metric="accuracy")
def a_last_layer_from_zero(seed: int) -> Training:
    """The last layer starts at zero, as in many residual networks; the hidden ones do not."""
    data = arrays(*clouds(seed), seed)
    network = dg.build(mlp(64, 32), data, seed=seed)
    nn.init.zeros_(network.output.weight)
    return train(network, data, epochs=25, learning_rate=3e-3)


@healthy(metric="accuracy")
def clipped_at_every_step(seed: int) -> Training:
    """Adam divides by the gradient's own size, so it does not mind that all are cut short."""
    return train(mlp(64), arrays(*clouds(seed), seed), clip_norm=0.05, epochs=25, learning_rate=3e-3)


@healthy(metric="accuracy")
def much_momentum_and_short_steps(seed: int) -> Training:
    settings = {"optimizer": "momentum", "momentum": 0.98, "learning_rate": 0.002, "epochs": 40}
    return train(mlp(48), arrays(*clouds(seed), seed), **settings)


@healthy(metric="accuracy")
def sorted_but_mixed_in_every_epoch(seed: int) -> Training:
    x, y = clouds(seed)
    order = np.argsort(y, kind="stable")
    return train(mlp(48), arrays(x[order], y[order], seed), epochs=25, learning_rate=3e-3)


@healthy(metric="accuracy")
def in_the_same_order_each_time(seed: int) -> Training:
    """Not shuffled, and no harm: the rows were drawn in any order."""
    return train(mlp(48), arrays(*clouds(seed), seed), shuffle=False, epochs=25, learning_rate=3e-3)


@healthy(metric="r2")
def a_constant_column_beside_others(seed: int) -> Training:
    x, y = table(seed)
    x[:, 6] = 3.0
    return train(mlp(32, 32), arrays(x, y, seed), epochs=40, learning_rate=3e-3)


@healthy(metric="r2")
def a_number_for_each_row_in_no_order(seed: int) -> Training:
    """A column that numbers the rows and tells nothing."""
    x, y = table(seed)
    x = np.column_stack([x, np.arange(len(y))]).astype(np.float32)
    return train(mlp(32, 32), arrays(x, y, seed), epochs=40, learning_rate=3e-3)


@healthy(metric="r2")
def a_column_with_a_long_tail(seed: int) -> Training:
    x, y = table(seed)
    x[:, 5] = np.exp(3 * x[:, 5])
    return train(mlp(32, 32), arrays(x, y, seed), epochs=40, learning_rate=3e-3)


@healthy(metric="r2")
def a_strong_column_that_is_no_leak(seed: int) -> Training:
    """One column explains four fifths of the target, and is known beforehand."""
    x, y = table(seed, noise_std=0.5)
    x[:, 7] = (y - 14 + 2.5 * np.random.default_rng(seed).standard_normal(len(y))) / 10
    return train(mlp(48, 48), arrays(x, y, seed), epochs=50, learning_rate=3e-3)


@healthy(metric="accuracy")
def whole_numbers_that_repeat(seed: int) -> Training:
    """Four columns of 0, 1 and 2, of which rows repeat by nature, with a rule on two of them."""
    random = np.random.default_rng(seed)
    x = random.integers(0, 3, (700, 4)).astype(np.float32)
    y = ((x[:, 0] == x[:, 1]) ^ (random.random(700) < 0.05)).astype(np.int64)
    return train(mlp(32), arrays(x, y, seed), epochs=30, learning_rate=0.01)


@healthy(metric="r2")
def categories_and_numbers(seed: int) -> Training:
    random = np.random.default_rng(seed)
    rows = 700
    place = random.choice(["north", "south", "east", "west"], rows)
    size, age = random.uniform(20, 200, rows), random.uniform(0, 100, rows)
    worth = {"north": 2.0, "south": 4.0, "east": 3.0, "west": 1.0}
    price = size * np.array([worth[p] for p in place]) - 0.02 * (age - 50) ** 2 + 15 * random.standard_normal(rows)
    frame = pandas.DataFrame({"place": place, "size": size, "age": age, "price": price})
    data = dg.load(frame, target="price", split_seed=seed)
    return train(mlp(32, 32), data, epochs=60, learning_rate=5e-3)


@healthy(metric="accuracy")
def stopped_early_and_taken_back(seed: int) -> Training:
    """It would learn by heart, and is taken back to its best epoch in time."""
    data = known("moons", seed, options={"points": 500, "noise_std": 0.2})
    return train(mlp(128, 128), data, epochs=150, learning_rate=3e-3)


@healthy(metric="accuracy")
def better_in_validation_than_in_training(seed: int) -> Training:
    """Dropout makes training harder than validation."""
    return train(mlp(160, dropout=0.5), arrays(*clouds(seed, spread=0.5), seed), epochs=30, learning_rate=3e-3)


@healthy(metric="accuracy")
def eight_to_a_norm(seed: int) -> Training:
    settings = {"batch_size": 8, "optimizer": "sgd", "learning_rate": 0.05, "epochs": 12}
    return train(mlp(48, 48, norm="batch"), arrays(*clouds(seed), seed), **settings)


@healthy(metric="accuracy")
def a_high_rate_that_comes_down(seed: int) -> Training:
    """A rate at the upper end of what works, which a schedule brings down."""
    settings = {"optimizer": "momentum", "learning_rate": 0.15, "schedule": "cosine", "epochs": 30}
    return train(mlp(48), arrays(*clouds(seed), seed), **settings)


@healthy(metric="accuracy")
def answers_that_are_partly_chance(seed: int) -> Training:
    """Classes that overlap as they do in nature, most where neither is meant: no network can know more."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (2000, 2)).astype(np.float32)
    y = (random.random(2000) < 1 / (1 + np.exp(-8 * x[:, 0] * x[:, 1]))).astype(np.int64)
    return train(mlp(16), arrays(x, y, seed), epochs=40, learning_rate=0.01)


@healthy(metric="accuracy", ceiling="digits are nearly separable by planes")
def digits_by_quasi_newton(seed: int) -> Training:
    x, y = raw("digits")
    return train(mlp(24), arrays(x, y, seed), optimizer="lbfgs", batch_size="all", weight_decay=1e-3, epochs=12)


@healthy(metric="accuracy")
def leaky_shapes_with_a_stated_split(seed: int) -> Training:
    x, y = shapes(seed, 700)
    data = parted(x, y, seed, np.arange(150))
    return train(convnet(8, 16, activation="leaky_relu"), data, epochs=15, learning_rate=3e-3)


class Shared(nn.Module):
    """One layer, used three times."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first, self.again, self.last = nn.Linear(inputs, 48), nn.Linear(48, 48), nn.Linear(48, outputs)

    def forward(self, x):
        x = self.first(x).relu()
        for _ in range(3):
            x = x + torch.tanh(self.again(x))
        return self.last(x)


@healthy(metric="accuracy")
def clouds_through_one_layer_thrice(seed: int) -> Training:
    return train(Shared(8, 4), arrays(*clouds(seed), seed), epochs=25, learning_rate=2e-3)
