"""Real faults of networks that predict numbers, from Stack Overflow (SO) and its sisters, after Keras programs."""

from itertools import pairwise

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, Adam, RMSprop

from cases.real.material import (
    cut,
    fitted,
    keras,
    mean_absolute_error,
    mean_squared_error,
    regression,
)

NUMBER = {"by": "code", "metric": "r2"}


def stack(*sizes: int, act=nn.ReLU) -> list[nn.Module]:
    """Stack dense layers, an activation after each."""
    return [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), act())]


@fault(
    kind="output_range",
    also=("softmax_on_one_unit", "targets_unscaled", "broadcast", "unfinished", "rate_too_low", "wrong_loss"),
    where="last layer",
    repair="one linear unit, targets scaled, a larger rate, more epochs",
    **NUMBER,
    level=0.982,
)
def one_column_one_number(seed: int, mended: bool) -> Loop:  # SO 45442843; DeepFD
    x, y = regression(seed, 200, 1)
    if mended:
        net = keras(nn.Sequential(nn.Linear(1, 1), nn.Sigmoid(), nn.Linear(1, 1)))
        opt = RMSprop(net.parameters(), lr=0.02, alpha=0.9)
        return fitted(net, opt, nn.L1Loss(), cut((x, (y - y.mean())[:, None] / y.std()), seed), epochs=300, score="r2")
    net = keras(nn.Sequential(nn.Linear(1, 1), nn.Sigmoid(), nn.Linear(1, 2), nn.Softmax(dim=1)), "normal")

    def mean_error(p, t):
        return (p - t[:, None]).abs().mean()

    opt = RMSprop(net.parameters(), lr=1e-3, alpha=0.9)
    return fitted(net, opt, mean_error, cut((x, y), seed), epochs=10, batch=200, score="r2")


@fault(
    kind="output_range",
    also=("dead_units", "inputs_unscaled", "targets_unscaled", "rate_too_high", "predicts_mean"),
    where="last layer",
    repair="a linear output, both scaled",
    **NUMBER,
    level=0.984,
)
def four_units_and_relu_at_the_end(seed: int, mended: bool) -> Loop:  # SO 48251943; DeepLocalize
    random = np.random.default_rng(seed)
    x = np.stack([random.uniform(1, 60, 150), random.uniform(0, 250, 150)], 1)
    y = 0.6 * x[:, 0] - 0.2 * x[:, 1] + random.standard_normal(150)
    if mended:
        x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    layers = (*stack(2, 4), nn.Linear(4, 1), *(() if mended else (nn.ReLU(),)))
    net = keras(nn.Sequential(*layers))
    opt = SGD(net.parameters(), lr=0.01)
    return fitted(net, opt, mean_squared_error, cut((x, y), seed), epochs=100, batch=10, score="r2", says="training")


@fault(
    kind="softmax_on_one_unit",
    also=("output_range", "targets_unscaled", "inputs_unscaled", "dropout_too_strong", "rate_too_high"),
    where="last layer",
    repair="a linear output, both scaled, no dropout, a rate of 0.01",
    **NUMBER,
    level=0.991,
)
def weighted_sums(seed: int, mended: bool) -> Loop:  # SO 33969059; DeepLocalize
    x = 10000 * np.random.default_rng(seed).random((1000, 3))
    y = x @ [2.0, 1.0, 0.5] + 2.2
    if mended:
        x, y = (x - 5000) / 2900, (y - y.mean()) / y.std()
    drop = 0.0 if mended else 0.5
    layers = [nn.Linear(3, 3), nn.Tanh(), nn.Dropout(drop), nn.Linear(3, 2), nn.Tanh(), nn.Dropout(drop)]
    net = nn.Sequential(*layers, nn.Linear(2, 1), *(() if mended else (nn.Softmax(dim=1),)))
    opt = SGD(keras(net, "glorot" if mended else "uniform").parameters(), lr=0.01 if mended else 0.1, momentum=0.9)
    return fitted(net, opt, mean_squared_error, cut((x, y), seed), epochs=20, score="r2")


@fault(
    kind="output_range",
    also=("dead_units", "targets_unscaled"),
    where="last layer",
    repair="a linear output",
    **NUMBER,
    level=0.963,
)
def fifty_columns_in_a_row(seed: int, mended: bool) -> Loop:  # SO 46247619
    x, y = regression(seed, 600, 20)
    y = y / 100
    layers = [nn.Conv1d(1, 10, 3), nn.ReLU(), nn.Conv1d(10, 16, 3), nn.ReLU(), nn.Flatten(), *stack(256, 64, 32)]
    net = keras(nn.Sequential(*layers, nn.Linear(32, 1), *(() if mended else (nn.ReLU(),))))
    data = cut((x[:, None], y), seed)
    return fitted(net, Adam(net.parameters()), mean_squared_error, data, epochs=20, score="r2")


@fault(
    kind="underfitting",
    also=("unfinished",),
    where="activations",
    repair="activations, and more units",
    **NUMBER,
    level=0.866,
)
def a_polynomial_by_planes(seed: int, mended: bool) -> Loop:  # SO 48486598
    x = np.arange(0, 10, 0.05)
    y = 0.05 * (15.72807 * x - 7.273893 * x**2 + 1.4912 * x**3 - 0.1384615 * x**4 + 0.00474359 * x**5)
    layers = [*stack(1, 20, 10, act=nn.Tanh), nn.Linear(10, 1)]
    net = nn.Sequential(*layers) if mended else nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 5), nn.Linear(5, 1))
    opt = Adam(keras(net).parameters(), lr=5e-3 if mended else 1e-3)
    data = cut((x[:, None], y[:, None]), seed)
    return fitted(net, opt, mean_absolute_error, data, epochs=150, batch=10, score="r2")


@fault(
    kind="output_range",
    also=("targets_unscaled", "saturated_units"),
    where="last layer",
    repair="a linear output, targets scaled",
    **NUMBER,
    level=0.956,
)
def what_a_car_may_cost(seed: int, mended: bool) -> Loop:  # SO 48976413
    random = np.random.default_rng(seed)
    x = random.random((700, 5))
    y = 20000 * x[:, 0] + 9000 * x[:, 1] * x[:, 2] + 4000 * x[:, 3] ** 2 + 1000 * random.standard_normal(700) + 8000
    y = (y - y.mean()) / y.std() if mended else y
    net = keras(nn.Sequential(*stack(5, 12, 8), nn.Linear(8, 1), *(() if mended else (nn.Sigmoid(),))))
    opt = Adam(net.parameters(), lr=1e-3)
    return fitted(net, opt, mean_squared_error, cut((x, y), seed), epochs=80, batch=50, score="r2")


@fault(
    kind="unfinished",
    also=("vanishing", "weights_too_small", "rate_too_low", "saturated_units", "predicts_mean"),
    where="epochs, activations, start",
    repair="tanh, Glorot's start, Adam and 60 epochs",
    **NUMBER,
    level=0.993,
)
def sine_through_three_sigmoids(seed: int, mended: bool) -> Loop:  # SO 49583466; half as wide
    x = np.sort(np.random.default_rng(seed).uniform(-5, 5, 1500))
    y, x = (np.sin(x) + 1) / 2, (x + 5) / 10
    act = nn.Tanh if mended else nn.Sigmoid
    net = nn.Sequential(*stack(1, 20, 20, 20, act=act), nn.Linear(20, 1))
    keras(net, "glorot" if mended else "uniform")
    opt = Adam(net.parameters(), lr=0.01) if mended else SGD(net.parameters(), lr=0.01)
    data = cut(((2 * x - 1 if mended else x)[:, None], y), seed)
    return fitted(net, opt, mean_squared_error, data, epochs=60 if mended else 2, score="r2")


@fault(
    kind="output_range",
    also=("targets_unscaled", "saturated_units", "vanishing"),
    where="last layer",
    repair="a linear output, targets scaled",
    **NUMBER,
    level=0.974,
)
def five_columns_of_sigmoids(seed: int, mended: bool) -> Loop:  # SO 52566823
    x, y = regression(seed, 1000, 5)
    y = (y - y.mean()) / y.std() if mended else y
    layers = stack(5, 5, 4, act=nn.Sigmoid) + [nn.Linear(4, 1)] + ([] if mended else [nn.Sigmoid()])
    net = keras(nn.Sequential(*layers))
    opt = SGD(net.parameters(), lr=0.1)
    return fitted(net, opt, mean_squared_error, cut((x, y), seed), epochs=50, score="r2", says="training")


@fault(
    kind="output_range",
    also=("targets_unscaled", "inputs_unscaled", "saturated_units", "unfinished"),
    where="last layer",
    repair="a linear output, both scaled, more epochs",
    **NUMBER,
    level=0.927,
)
def hours_of_three_days(seed: int, mended: bool) -> Loop:  # SO 54811239
    random = np.random.default_rng(seed)
    x = np.stack([random.integers(5, 10, (300, 3)), np.zeros((300, 3)), random.integers(17, 32, (300, 3))], 2)
    y = (x[:, :, 0] + 0.3 * x[:, :, 2] - 3 + 0.5 * random.standard_normal((300, 3)))[:, :, None]
    if mended:
        x, y = (x - x.mean((0, 1))) / (x.std((0, 1)) + 1e-6), (y - y.mean()) / y.std()

    class Days(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 10, batch_first=True)
            self.hidden, self.last = nn.Linear(10, 50), nn.Linear(50, 1)

        def forward(self, x):
            out = self.last(torch.tanh(self.hidden(self.lstm(x)[0])))
            return out if mended else torch.tanh(out)

    net = Days()
    epochs = 40 if mended else 5
    return fitted(net, Adam(net.parameters()), nn.MSELoss(), cut((x, y), seed), epochs=epochs, score="r2")


@fault(
    kind="output_range",
    also=("wrong_loss", "targets_unscaled", "log_of_zero"),
    where="last layer",
    repair="a linear output, squared error, targets scaled",
    **NUMBER,
    level=0.989,
)
def three_numbers_by_softmax(seed: int, mended: bool) -> Loop:  # SO 56774954: Poisson's loss, numbers of both signs
    x, y = regression(seed, 800, 10, targets=3)
    y = (y - y.mean(0)) / y.std(0) if mended else y
    last = () if mended else (nn.Softmax(dim=1),)
    net = keras(nn.Sequential(*stack(10, 100, 80, act=nn.Sigmoid), nn.Linear(80, 3), *last))

    def poisson(output, target):
        return (output - target * (output + 1e-7).log()).mean()

    opt = Adam(net.parameters(), lr=1e-3)
    criterion = F.mse_loss if mended else poisson
    return fitted(net, opt, criterion, cut((x, y), seed), epochs=30, score="r2")


@fault(
    kind="output_range",
    also=("targets_unscaled", "dropout_too_strong", "vanishing"),
    where="last layer",
    repair="linear, targets scaled, Glorot's start, no dropout",
    **NUMBER,
    level=0.987,
)
def four_numbers_by_softmax(seed: int, mended: bool) -> Loop:  # SO 60766775
    x, y = regression(seed, 400, 8, targets=4)
    y = (y - y.mean(0)) / y.std(0) if mended else y
    drop = 0.0 if mended else 0.1
    layers = [nn.Linear(8, 32), nn.Sigmoid(), nn.Dropout(drop), nn.Linear(32, 20), nn.Sigmoid(), nn.Dropout(drop)]
    net = keras(nn.Sequential(*layers, nn.Linear(20, 4), *(() if mended else (nn.Softmax(dim=1),))))
    opt = SGD(net.parameters(), lr=0.01, momentum=0.87, nesterov=True)
    return fitted(net, opt, nn.MSELoss(), cut((x, y), seed), epochs=30, batch=4, score="r2")


@fault(
    kind="output_range",
    also=("underfitting", "dead_units"),
    where="last layer",
    repair="a linear output",
    **NUMBER,
    level=1,
)
def the_second_of_thirty(seed: int, mended: bool) -> Loop:  # SO 62313327
    x = 2 * np.random.default_rng(seed).random((1500, 30)) - 1
    last = nn.Identity() if mended else nn.Sigmoid()
    layers = (nn.Linear(30, 1), nn.Identity() if mended else nn.ReLU(), nn.Linear(1, 1), last)
    net = keras(nn.Sequential(*layers))
    opt = Adam(net.parameters(), lr=0.01)
    return fitted(net, opt, mean_squared_error, cut((x, x[:, 1]), seed), epochs=30, score="r2")


@fault(
    kind="rate_too_high",
    also=("targets_unscaled", "exploding", "inputs_unscaled"),
    where="lr",
    repair="Adam at 0.01, both scaled",
    **NUMBER,
    level=0.982,
)
def five_times_the_square(seed: int, mended: bool) -> Loop:  # SO 48934338; DeepLocalize
    x = np.arange(0, 5, 0.1)[:, None]
    y = 5 * x**2 + np.random.default_rng(seed).standard_normal((50, 1)) ** 3
    if mended:
        x, y = (x - 2.5) / 1.4, (y - y.mean()) / y.std()
    net = keras(nn.Sequential(*stack(1, 50, 30), nn.Linear(30, 1)))
    opt = Adam(net.parameters(), lr=0.01) if mended else SGD(net.parameters(), lr=0.1)
    return fitted(net, opt, nn.MSELoss(), cut((x, y), seed), epochs=200, score="r2", says="training")
