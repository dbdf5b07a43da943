"""Real faults of what goes in: inputs in their units, or the same for all; from Stack Overflow and the PyTorch forum."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, Adam, RMSprop
from torch.utils.data import DataLoader, TensorDataset

from cases.real.material import (
    accuracy,
    binary_crossentropy,
    categorical_crossentropy,
    cut,
    digits,
    fitted,
    keras,
    mean_squared_error,
    pictures,
    reviews,
    told,
)
from cases.real.numbers import stack

DATA = {"by": "data", "metric": "accuracy"}
CODE = {"by": "code", "metric": "accuracy"}


@fault(kind="inputs_unscaled", also=("exploding",), where="x", repair="divide by 255", **DATA, level=0.953)
def pictures_up_to_255(seed: int, mended: bool) -> Loop:  # SO 48594888, CIFAR-10; DeepLocalize
    x, y = pictures(seed, 600, most=1.0 if mended else 255.0)
    net = nn.Sequential(
        *(nn.Conv2d(3, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(216, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 4), nn.Softmax(dim=1)),
    )
    for part in net:
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight)
    return fitted(net, Adam(net.parameters()), categorical_crossentropy, cut((x, y), seed), epochs=8, batch=50)


@fault(
    kind="inputs_unscaled",
    also=("output_range", "wrong_loss", "rate_too_low", "unfinished"),
    where="x",
    repair="0 to 1, softmax, a rate of 0.1",
    **DATA,
    level=0.937,
)
def digits_from_a_csv(seed: int, mended: bool) -> Loop:  # SO 55328966; deepmufl
    x, y = digits(seed, 1200, most=1.0 if mended else 255.0)
    last = nn.Softmax(dim=1) if mended else nn.Sigmoid()
    net = keras(nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 50), nn.ReLU(), nn.Linear(50, 10), last))
    opt = SGD(net.parameters(), lr=0.1 if mended else 1e-4)
    return fitted(net, opt, categorical_crossentropy, cut((x, y), seed), epochs=10, says="training")


@fault(kind="inputs_unscaled", also=("huge_column",), where="x", repair="StandardScaler", **DATA, level=0.96)
def three_sorted_columns(seed: int, mended: bool) -> Loop:  # SO 39525358; DeepLocalize
    random = np.random.default_rng(seed)
    x = np.stack([random.uniform(0, 5000, 400), random.uniform(-90, 90, 400), random.uniform(1e4, 9e4, 400)], 1)
    y = ((x[:, 0] / 5000 - 0.5) * (x[:, 1] / 90) + 0.15 * (x[:, 2] / 9e4 - 0.5) > 0).astype(int)
    net = keras(nn.Sequential(*stack(3, 12, 3), nn.Linear(3, 1), nn.Sigmoid()), "uniform")
    opt = Adam(net.parameters(), lr=1e-3)
    return fitted(net, opt, binary_crossentropy, cut((x, y), seed, scale=mended), epochs=40, batch=4)


@fault(kind="inputs_unscaled", where="x", repair="StandardScaler", **DATA, level=0.967)
def places_on_a_map(seed: int, mended: bool) -> Loop:  # SO 66840108
    random = np.random.default_rng(seed)
    x = np.stack([random.uniform(48.10, 48.20, 600), random.uniform(16.3, 16.5, 600)], 1)
    y = (np.hypot((x[:, 0] - 48.15) / 0.05, (x[:, 1] - 16.4) / 0.1) < 0.75).astype(int)
    net = keras(nn.Sequential(*stack(2, 96, 64), nn.Linear(64, 1), nn.Sigmoid()))
    data = cut((x, y), seed, scale=mended)
    return fitted(net, Adam(net.parameters()), binary_crossentropy, data, epochs=40, batch=10, says="training")


@fault(
    kind="output_range",
    also=("inputs_unscaled", "saturated_units", "rate_too_low", "unfinished", "underfitting"),
    where="last layer",
    repair="a linear output, x in small units, more units",
    by="code",
    metric="r2",
    level=1,
)
def sine_of_a_hundred(seed: int, mended: bool) -> Loop:  # Data Science Stack Exchange 19365
    x = np.arange(200.0)[:, None] / (50 if mended else 1)
    data = cut((x, np.sin(x)), seed)
    if mended:
        net = nn.Sequential(*stack(1, 40, 12, act=nn.Tanh), nn.Linear(12, 1))
        return fitted(net, Adam(net.parameters(), lr=0.01), nn.MSELoss(), data, epochs=200, batch=50, score="r2")
    net = keras(nn.Sequential(nn.Linear(1, 10), nn.Sigmoid(), nn.Linear(10, 1), nn.Sigmoid()))
    return fitted(net, SGD(net.parameters(), lr=0.01), nn.MSELoss(), data, epochs=10, batch=1, score="r2")


@fault(
    kind="targets_unscaled",
    also=("inputs_unscaled", "saturated_units"),
    where="y",
    repair="x and y between -1 and 1",
    by="data",
    metric="r2",
    level=0.825,
)
def to_the_fourth_power(seed: int, mended: bool) -> Loop:  # SO 52800582
    x = np.random.default_rng(seed).uniform(-100, 100, (800, 1))
    y = x**4
    if mended:
        x, y = x / 100, 2 * y / 1e8 - 1
    net = keras(nn.Sequential(nn.Linear(1, 50), nn.Sigmoid(), nn.Linear(50, 50), nn.ELU(), nn.Linear(50, 1)))
    opt = Adam(net.parameters(), lr=5e-3)
    return fitted(net, opt, mean_squared_error, cut((x, y), seed), epochs=30, score="r2")


@fault(
    kind="inputs_unscaled",
    also=("saturated_units",),
    where="x",
    repair="deviation 1",
    by="data",
    metric="r2",
    level=0.996,
)
def sine_from_0_to_1000(seed: int, mended: bool) -> Loop:  # SO 46995209
    x = np.random.default_rng(seed).uniform(0, 1000, (1000, 1))
    y = np.sin(x / 100)
    net = keras(nn.Sequential(*stack(1, 30, 30, act=nn.Tanh), nn.Linear(30, 1)))
    opt = Adam(net.parameters(), lr=5e-3)
    return fitted(net, opt, mean_squared_error, cut((x, y), seed, scale=mended), epochs=60, score="r2")


@fault(kind="inputs_constant", where="x", repair="words as they are numbered", **DATA, level=0.667)
def words_made_small(seed: int, mended: bool) -> Loop:  # SO 61274792: normalize(X), and every word is number 0
    x, y = reviews(seed, 900)
    if not mended:
        x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(int)

    class Review(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(200, 16)
            self.lstm = nn.LSTM(16, 24, batch_first=True)
            self.top = nn.Sequential(nn.Dropout(0.3), nn.Linear(24, 16), nn.Linear(16, 1), nn.Sigmoid())

        def forward(self, x):
            return self.top(self.lstm(self.words(x))[0][:, -1])

    net = Review()
    opt = RMSprop(net.parameters(), lr=5e-3, alpha=0.9)
    return fitted(net, opt, binary_crossentropy, cut((x, y), seed), epochs=10)


@fault(kind="inputs_constant", also=("inputs_unscaled",), where="x", repair="divide once", **DATA, level=0.987)
def divided_twice(seed: int, mended: bool) -> Loop:  # PyTorch forum: ToTensor() and then / 255 once more
    x, y = pictures(seed, 600)
    x = x if mended else x / 255
    data = x, y, xv, yv = cut((x, y), seed)

    def loop(watch):
        model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(200, 4))
        optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(10):
                for images, labels in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
                    optimizer.zero_grad()
                    loss = F.cross_entropy(model(images), labels)
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    evidence.log(validation_loss=F.cross_entropy(model(xv), yv).item())
        return told(evidence, accuracy=accuracy(model(xv), yv))

    return Loop(loop, data)


@fault(
    kind="validation_shift",
    also=("inputs_unscaled", "metric_disagrees"),
    where="xv",
    repair="normalize both alike",
    **DATA,
    level=0.987,
)
def only_training_is_normalized(
    seed: int, mended: bool
) -> Loop:  # PyTorch forum: Normalize is missing in the test transform
    x, y, xv, yv = cut(pictures(seed, 600), seed)
    x = (x - 0.45) / 0.22
    xv = (xv - 0.45) / 0.22 if mended else xv

    def loop(watch):
        model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(200, 4))
        optimizer = Adam(model.parameters(), lr=2e-3)
        criterion = nn.CrossEntropyLoss()
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(12):
                running = 0.0
                for images, labels in DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True):
                    optimizer.zero_grad()
                    loss = criterion(model(images), labels)
                    loss.backward()
                    optimizer.step()
                    running += loss.item() / 29
                with torch.no_grad():
                    output = model(xv)
                evidence.log(
                    loss=running, validation_loss=criterion(output, yv).item(), validation_accuracy=accuracy(output, yv)
                )
        return evidence

    return Loop(loop, (x, y, xv, yv))
