"""Inputs: what a network is given is on another scale, empty, broken or laid out in another way."""

import numpy as np
import torch
from case import Loop, Training, fault, train
from material import arrays, clouds, coloured, convnet, known, mlp, raw, shapes, table, tensors
from torch import nn
from torch.nn import functional

import deepglass as dg


@fault(
    kind="inputs_unscaled",
    also=("huge_column",),
    where="column proline, about 750 beside 1 to 20",
    repair="data.scaling=standard",
    metric="accuracy",
    level=0.92,
)
def wine_as_it_is(seed: int, mended: bool) -> Training:
    data = known("wine", seed, scaling="standard" if mended else "none")
    return train(mlp(16), data, optimizer="sgd", learning_rate=0.01, epochs=40)


@fault(
    kind="inputs_unscaled",
    also=("saturated_units",),
    where="x",
    repair="data.scaling=standard or unit",
    metric="accuracy",
    level=0.96,
)
def bytes_into_sigmoids(seed: int, mended: bool) -> Training:
    x, y = raw("digits")
    data = arrays(16 * x.astype(np.float32), y, seed, scaling="standard" if mended else "none")
    return train(mlp(48, activation="sigmoid"), data, optimizer="momentum", learning_rate=0.05, epochs=15)


@fault(
    kind="inputs_unscaled",
    where="x",
    repair="data.scaling=standard",
    metric="r2",
    level=0.77,
)
def millimetres_into_regression(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    data = arrays(1000 * x, y, seed, scaling="standard" if mended else "none")
    return train(mlp(32, activation="tanh"), data, epochs=40, learning_rate=5e-3)


@fault(
    kind="inputs_unscaled",
    where="x: offset 1000 times the spread",
    repair="data.scaling=standard",
    metric="accuracy",
    level=0.94,
)
def years_into_clouds(seed: int, mended: bool) -> Training:
    x, y = clouds(seed)
    data = arrays(x + 2000, y, seed, scaling="standard" if mended else "none")
    return train(mlp(32), data, epochs=25, learning_rate=3e-3)


@fault(
    kind="huge_column",
    also=("inputs_unscaled",),
    where="column x7, which says nothing",
    repair="data.scaling=standard",
    metric="r2",
    level=0.71,
)
def one_column_in_other_units(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    x[:, 7] *= 1e4
    data = arrays(x, y, seed, scaling="standard" if mended else "none")
    return train(mlp(32), data, epochs=30, learning_rate=3e-3)


@fault(
    kind="huge_column",
    also=("inputs_unscaled",),
    by="data",
    where="columns x0, x2, x3: a few rows hold 999999 for a missing value",
    repair="fill the missing values before scaling",
    metric="r2",
    level=0.68,
)
def numbers_for_missing_values(seed: int, mended: bool) -> Training:
    x, y = table(seed)
    rows = np.random.default_rng(seed).choice(len(y), 12, replace=False)
    for row, column in zip(rows, [0, 2, 3] * 4):
        x[row, column] = x[:, column].mean() if mended else 999999
    return train(mlp(32), arrays(x, y, seed), epochs=25, learning_rate=3e-3)


@fault(
    kind="inputs_constant",
    by="data",
    where="x",
    repair="divide by 255 in floating point",
    metric="accuracy",
    level=0.97,
)
def bytes_divided_as_whole_numbers(seed: int, mended: bool) -> Training:
    x, y = shapes(seed)
    data = arrays(x / 255.0 if mended else x // 255, y, seed, scaling="standard")
    return train(convnet(8, 16), data, epochs=15, learning_rate=3e-3)


@fault(
    kind="inputs_constant",
    by="data",
    where="x: every row is the first one",
    repair="read every row",
    metric="accuracy",
    level=0.92,
)
def one_row_again_and_again(seed: int, mended: bool) -> Training:
    x, y = raw("wine")
    data = arrays(x if mended else np.repeat(x[:1], len(x), axis=0), y, seed)
    return train(mlp(16), data, epochs=25, learning_rate=3e-3)


@fault(
    kind="inputs_not_finite",
    by="data",
    where="column 2, 3 rows",
    repair="leave out the rows, or fill the values",
    metric="accuracy",
    level=0.94,
)
def three_missing_values(seed: int, mended: bool) -> Loop:
    x, y = clouds(seed)
    x[[30, 200, 500], 2] = 0.0 if mended else np.nan
    random = torch.Generator().manual_seed(seed)
    x, y = torch.tensor(x), torch.tensor(y)
    return _classes(x[:600], y[:600], x[600:], y[600:], random)


@fault(
    kind="inputs_not_finite",
    also=("log_of_zero",),
    by="data",
    where="columns with zeros, whose logarithm was taken",
    repair="log1p instead of log",
    metric="accuracy",
    level=0.66,
)
def logarithm_of_counts(seed: int, mended: bool) -> Loop:
    x, y, x_validation, y_validation = tensors(*clouds(seed), seed)
    scale = (torch.log1p if mended else torch.log)  # fmt: skip
    x, x_validation = (scale(v.sub(-2.2).clamp_min(0).mul(10).round()) for v in (x, x_validation))
    return _classes(x, y, x_validation, y_validation, torch.Generator().manual_seed(seed))


def _classes(x, y, x_validation, y_validation, random: torch.Generator) -> Loop:
    network = nn.Sequential(nn.Linear(x.shape[1], 48), nn.ReLU(), nn.Linear(48, 4))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(15):
                for batch in torch.randperm(len(x), generator=random).split(32):
                    optimizer.zero_grad()
                    functional.cross_entropy(network(x[batch]), y[batch]).backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x_validation)
                loss = functional.cross_entropy(output, y_validation).item()
                right = (output.argmax(1) == y_validation).float().mean().item()
                evidence.log(validation_loss=loss, validation_accuracy=right if loss == loss else 0.0)
        return evidence

    return Loop(loop)


@fault(
    kind="channels_last",
    by="data",
    where="x",
    repair="transpose the axes instead of reshaping",
    metric="accuracy",
    level=0.97,
)
def colours_reshaped(seed: int, mended: bool) -> Training:
    x, y = coloured(seed, 700)
    x = x.transpose(0, 3, 1, 2) if mended else x.reshape(len(x), 3, *x.shape[1:3])
    return train(convnet(8, 16), arrays(np.ascontiguousarray(x), y, seed), epochs=12, learning_rate=3e-3)


@fault(
    kind="channels_last",
    by="code",
    where="first convolution: 12 channels of 12 x 3 pixels",
    repair="permute(0, 3, 1, 2) before the first convolution",
    metric="accuracy",
    level=0.98,
)
def rows_taken_for_channels(seed: int, mended: bool) -> Loop:
    x, y = coloured(seed, 700)
    x, y = torch.tensor(x).float() / 255 - 0.3, torch.tensor(y)
    x = x.permute(0, 3, 1, 2).contiguous() if mended else x
    network = nn.Sequential(
        *(nn.Conv2d(x.shape[1], 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 16, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(64, 4)),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)

    def loop(watch):
        with watch(network, optimizer=optimizer) as evidence:
            for _ in range(12):
                for batch in torch.randperm(500).split(32):
                    optimizer.zero_grad()
                    functional.cross_entropy(network(x[batch]), y[batch]).backward()
                    optimizer.step()
                with torch.no_grad():
                    output = network(x[500:])
                right = (output.argmax(1) == y[500:]).float().mean().item()
                evidence.log(
                    validation_loss=functional.cross_entropy(output, y[500:]).item(), validation_accuracy=right
                )
        return evidence

    return Loop(loop)


@fault(
    kind="channels_last",
    by="data",
    where="x: 12 channels of 12 x 3 pixels",
    repair="permute the axes in the torch Dataset",
    metric="accuracy",
    level=0.99,
)
def tensors_that_end_in_colours(seed: int, mended: bool) -> Training:
    x, y = coloured(seed, 700)
    x = torch.tensor(x).float() / 255 - 0.3
    x = x.permute(0, 3, 1, 2).contiguous() if mended else x
    data = dg.load(torch.utils.data.TensorDataset(x, torch.tensor(y)), split_seed=seed)
    return train(convnet(8, 16), data, epochs=12, learning_rate=5e-3)


@fault(
    kind="inputs_not_finite",
    by="data",
    where="column 8, a quotient of which some have nothing below",
    repair="say what a quotient over nothing is, before it is taken",
    metric="accuracy",
    level=0.95,
)
def ratios_over_nothing(seed: int, mended: bool) -> Loop:
    x, y = clouds(seed)
    counts = np.random.default_rng(seed).integers(0, 9, len(y))
    below = np.maximum(counts, 1) if mended else counts
    x, y = torch.tensor(x), torch.tensor(y)
    x = torch.cat([x, (x[:, 0] / torch.tensor(below))[:, None]], dim=1)
    return _classes(x[:600], y[:600], x[600:], y[600:], torch.Generator().manual_seed(seed))


@fault(
    kind="huge_column",
    also=("inputs_unscaled",),
    where="column x7, in millions",
    repair="data.scaling=standard",
    metric="accuracy",
    level=0.93,
)
def one_column_in_millions(seed: int, mended: bool) -> Training:
    x, y = clouds(seed)
    x[:, 7] = 1e6 * (x[:, 7] + 4)
    data = arrays(x, y, seed, scaling="standard" if mended else "none")
    return train(mlp(48), data, epochs=20, learning_rate=3e-3)
