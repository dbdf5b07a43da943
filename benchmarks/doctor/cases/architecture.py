"""Architecture: networks too simple for the task, dropout and batch norm where they do harm, modes that disagree."""

from case import Training, fault, train
from material import arrays, clouds, convnet, known, mlp, shapes, table
from torch import nn

import deepglass as dg


@fault(kind="underfitting", where="no hidden layer", repair="network.hidden=[64, 64]", metric="accuracy", level=1)
def spirals_by_a_line(seed: int, mended: bool) -> Training:
    data = known("spirals", seed, options={"points": 800})
    return train(mlp(96, 96) if mended else mlp(), data, learning_rate=0.01, epochs=60)


@fault(kind="underfitting", where="no hidden layer", repair="network.hidden=[32]", metric="accuracy", level=1)
def circles_by_a_line(seed: int, mended: bool) -> Training:
    return train(mlp(32) if mended else mlp(), known("circles", seed), learning_rate=0.01, epochs=25)


@fault(
    kind="underfitting",
    where="hidden2: one unit for ten classes",
    repair="network.hidden=[32, 32]",
    metric="accuracy",
    level=0.96,
)
def digits_through_one_unit(seed: int, mended: bool) -> Training:
    return train(mlp(32, 32 if mended else 1, 32), known("digits", seed), learning_rate=3e-3, epochs=15)


@fault(
    kind="underfitting",
    where="conv1: one filter, and a picture squeezed to a number",
    repair="more filters",
    metric="accuracy",
    level=1,
)
def shapes_through_one_filter(seed: int, mended: bool) -> Training:
    filters = (16, 16) if mended else (1, 1)
    layers = [layer for maps in filters for layer in ({"Conv2d": {"out_channels": maps, "kernel_size": 3}}, "ReLU")]
    network = [*layers, {"AdaptiveMaxPool2d": 2 if mended else 1}, "Flatten", {"Linear": "outputs"}]
    return train(network, arrays(*shapes(seed), seed), learning_rate=0.01, epochs=15)


@fault(
    kind="dropout_on_output",
    where="the layer after the last",
    repair="leave the last dropout out",
    metric="loss",
    level=0.254,
)
def digits_with_dropped_answers(seed: int, mended: bool) -> Training:
    last = [] if mended else [{"Dropout": 0.5}]
    network = ["Flatten", {"Linear": 32}, "ReLU", {"Linear": "outputs"}, *last]
    return train(network, known("digits", seed), epochs=12)


@fault(
    kind="dropout_on_output",
    where="the layer after the last",
    repair="leave the last dropout out",
    metric="r2",
    level=0.72,
)
def table_with_dropped_answers(seed: int, mended: bool) -> Training:
    last = [] if mended else [{"Dropout": 0.5}]
    network = [{"Linear": 32}, "ReLU", {"Linear": "outputs"}, *last]
    return train(network, arrays(*table(seed), seed), epochs=30, learning_rate=3e-3)


@fault(
    kind="dropout_too_strong",
    also=("underfitting",),
    where="dropout1, dropout2",
    repair="network.dropout=0.2 or 0",
    metric="accuracy",
    level=0.94,
)
def digits_with_nearly_all_dropped(seed: int, mended: bool) -> Training:
    return train(mlp(32, 32, dropout=0.0 if mended else 0.9), known("digits", seed), epochs=12)


@fault(
    kind="dropout_too_strong",
    also=("underfitting",),
    where="dropout",
    repair="network.dropout=0.2 or 0",
    metric="accuracy",
    level=0.95,
)
def shapes_with_nearly_all_dropped(seed: int, mended: bool) -> Training:
    network = convnet(8, 8, dropout=0.0 if mended else 0.98)
    return train(network, arrays(*shapes(seed), seed), epochs=15, learning_rate=3e-3)


@fault(
    kind="batch_norm_tiny_batch",
    also=("batch_too_small", "mode_gap"),
    where="norm1, norm2",
    repair="recipe.batch_size=32, or norm=layer",
    metric="accuracy",
    level=0.95,
)
def two_digits_to_a_norm(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, norm="batch")
    settings = {"batch_size": 32 if mended else 2, "optimizer": "momentum", "learning_rate": 0.02}
    return train(network, known("digits", seed), **settings, epochs=4)


@fault(
    kind="batch_norm_tiny_batch",
    also=("batch_too_small", "mode_gap"),
    where="norm1, norm2, norm3",
    repair="recipe.batch_size=32, or norm=layer",
    metric="r2",
    level=0.55,
)
def two_rows_to_a_norm(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, 32, norm="batch")
    data = arrays(*table(seed, 400), seed)
    return train(network, data, batch_size=32 if mended else 2, learning_rate=0.003, epochs=15)


@fault(
    kind="mode_gap",
    where="batch norms, whose running values hardly follow",
    repair="momentum=0.1 in BatchNorm1d",
    metric="accuracy",
    level=0.96,
)
def running_values_that_stand_still(seed: int, mended: bool) -> Training:
    norm = {"BatchNorm1d": {"momentum": 0.1 if mended else 1e-4}}
    network = ["Flatten", {"Linear": 32}, norm, "ReLU", {"Linear": 32}, norm, "ReLU", {"Linear": "outputs"}]
    data = known("digits", seed, scaling="none")
    return train(network, data, optimizer="momentum", learning_rate=0.05, epochs=8)


@fault(
    kind="mode_gap",
    by="code",
    where="batch norms, which go on measuring while their own values are never used in training",
    repair="leave batch norm in training mode while training",
    metric="accuracy",
    level=1,
)
def a_norm_that_remembers_one_batch(seed: int, mended: bool) -> Training:
    data = arrays(*shapes(seed), seed)
    momentum = 0.1 if mended else 0.0
    block = [[{"Conv2d": [maps, 3]}, nn.BatchNorm2d(maps, momentum=momentum), "ReLU"] for maps in (8, 16)]
    network = dg.build([*block, {"MaxPool2d": 4}, "Flatten", {"Linear": "outputs"}], data, seed=seed)
    return train(network, data, optimizer="momentum", learning_rate=0.02, epochs=12)


@fault(
    kind="underfitting",
    also=("dead_units",),
    where="hidden1: two units for four classes",
    repair="network.hidden=[64]",
    metric="accuracy",
    level=0.95,
)
def clouds_through_two_units(seed: int, mended: bool) -> Training:
    return train(mlp(64 if mended else 2), arrays(*clouds(seed), seed), learning_rate=0.01, epochs=25)


@fault(
    kind="mode_gap",
    where="batch norms, whose running values follow too slowly for so few steps",
    repair="momentum=0.1 in BatchNorm2d",
    metric="accuracy",
    level=1,
)
def running_values_that_lag(seed: int, mended: bool) -> Training:
    norm = {"BatchNorm2d": {"momentum": 0.1 if mended else 3e-4}}
    layers = [{"Conv2d": [8, 3]}, norm, "ReLU", {"Conv2d": [16, 3]}, norm, "ReLU", {"MaxPool2d": 4}, "Flatten"]
    data = arrays(*shapes(seed), seed, scaling="unit")
    return train([*layers, {"Linear": "outputs"}], data, optimizer="momentum", learning_rate=0.02, epochs=12)


@fault(
    kind="batch_norm_tiny_batch",
    also=("batch_too_small", "mode_gap"),
    where="norm1, norm2, norm3",
    repair="recipe.batch_size=32, or norm=layer",
    metric="accuracy",
    level=0.95,
)
def clouds_in_threes(seed: int, mended: bool) -> Training:
    network = mlp(32, 32, 32, norm="batch")
    settings = {"batch_size": 32 if mended else 3, "learning_rate": 0.003, "epochs": 12}
    return train(network, arrays(*clouds(seed), seed), **settings)
