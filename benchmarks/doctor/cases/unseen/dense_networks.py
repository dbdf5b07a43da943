"""Unseen faults of dense networks themselves: how they start and how they are put together, in loops of people's own."""

from itertools import pairwise

import torch
from case import Loop, fault
from sklearn import datasets
from torch import nn
from torch.nn import functional as F

from cases.unseen.dense_material import accuracy, cut, digits, motors, products, r2, stack, told

CODE = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}


@fault(
    kind="vanishing",
    also=("weights_too_small", "rate_too_low", "predicts_mean"),
    where="depth",
    repair="start as He et al. do",
    **NUMBER,
    level=0.797,
)
def products_through_seven_layers(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(products(seed, 1600), seed, scale=False)

    def loop(watch):
        model = stack(2, *[24] * 7, 1)
        if mended:
            for layer in model:
                if isinstance(layer, nn.Linear):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                    nn.init.zeros_(layer.bias)
        opt = torch.optim.SGD(model.parameters(), lr=0.03)
        with watch(model, optimizer=opt) as evidence:
            for _ in range(24):
                total = 0.0
                for i in torch.randperm(len(x)).split(20):
                    opt.zero_grad()
                    loss = F.l1_loss(model(x[i])[:, 0], y[i])
                    loss.backward()
                    opt.step()
                    total += loss.item() * len(i)
                with torch.no_grad():
                    validation = F.l1_loss(model(xv)[:, 0], yv).item()
                evidence.log(loss=total / len(x), validation_loss=validation)
            told(evidence, r2=r2(model(xv), yv))
        return evidence

    return Loop(loop)


@fault(
    kind="weights_too_large",
    also=("saturated_units",),
    where="weights",
    repair="a deviation of 1/sqrt(inputs)",
    **CODE,
    level=0.92,
)
def digits_from_randn(seed: int, mended: bool) -> Loop:
    class ByHand(nn.Module):
        def __init__(self, sizes):
            super().__init__()
            shapes = list(pairwise(sizes))
            self.W = nn.ParameterList(torch.randn(a, b) * (a**-0.5 if mended else 1.5) for a, b in shapes)
            self.b = nn.ParameterList(torch.zeros(b) for _, b in shapes)

        def forward(self, x):
            for W, b in zip(self.W[:-1], self.b[:-1]):
                x = torch.tanh(x @ W + b)
            return x @ self.W[-1] + self.b[-1]

    x, y, xv, yv = cut(digits(seed), seed, scale=False)

    def loop(watch):
        net = ByHand([64, 48, 48, 48, 10])
        opt = torch.optim.SGD(net.parameters(), lr=0.05)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(12):
                for i in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(loss=loss.item(), validation_accuracy=accuracy(net(xv), yv))
        return evidence

    return Loop(loop)


@fault(
    kind="symmetric_weights",
    where="fill_",
    also=("underfitting",),
    repair="random weights",
    **CODE,
    level=0.98,
)
def circles_filled_with_a_tenth(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.make_circles(400, noise=0.1, factor=0.6, random_state=seed), seed)

    def prepare(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight) if mended else m.weight.data.fill_(0.1)
            m.bias.data.fill_(0.01)

    def loop(watch):
        net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
        net.apply(prepare)
        opt = torch.optim.Adam(net.parameters(), lr=0.02)
        criterion = nn.BCELoss()
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                for i in torch.randperm(len(x)).split(20):
                    loss = criterion(net(x[i]).squeeze(), y[i].float())
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                evidence.log(loss=loss.item())
        return told(evidence, accuracy=accuracy(net(xv) - 0.5, yv))

    return Loop(loop)


@fault(kind="underfitting", where="activations", repair="a ReLU after each hidden layer", **NUMBER, level=0.992)
def a_roll_without_activations(seed: int, mended: bool) -> Loop:
    points, place = datasets.make_swiss_roll(900, noise=0.2, random_state=seed)
    x, y, xv, yv = cut((points, (place - 9) / 3), seed)

    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(3, 64), nn.Linear(64, 64), nn.Linear(64, 1)

        def forward(self, x):
            between = F.relu if mended else (lambda h: h)
            return self.c(between(self.b(between(self.a(x))))).squeeze(1)

    def loop(watch):
        net = Deep()
        opt = torch.optim.Adam(net.parameters(), lr=2e-3, betas=(0.8, 0.99))
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                for i in torch.randperm(len(x)).split(30):
                    opt.zero_grad()
                    loss = F.mse_loss(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(
                    loss=loss.item(), validation_loss=F.mse_loss(output, yv).item(), validation_r2=r2(output, yv)
                )
        return evidence

    return Loop(loop)


@fault(
    kind="unused_parameters",
    where="norm, second",
    repair="call them",
    hidden="the layers that are called do it as well",
    **CODE,
    level=0.91,
)
def motors_with_layers_to_spare(seed: int, mended: bool) -> Loop:
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(32, 48), nn.Linear(48, 48)
            self.norm = nn.LayerNorm(48)
            self.last = nn.Linear(48, 3)

        def forward(self, x):
            h = F.gelu(self.first(x))
            if mended:
                h = F.gelu(self.second(self.norm(h)))
            return self.last(h)

    x, y, xv, yv = cut(motors(seed), seed)

    def loop(watch):
        net = Net()
        opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(12):
                for i in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_loss=F.cross_entropy(output, yv).item())
            told(evidence, accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop)


@fault(
    kind="batch_norm_tiny_batch", also=("batch_too_small", "mode_gap"), repair="batches of 32", **NUMBER, level=0.776
)
def friedman_two_by_two(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.make_friedman1(300, noise=1.0, random_state=seed), seed)
    y, yv = (y - 14.4) / 5, (yv - 14.4) / 5

    def loop(watch):
        net = nn.Sequential(
            nn.Linear(10, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 1),
        )
        opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(14):
                net.train()
                total = 0.0
                for i in torch.randperm(len(x))[: 32 * (len(x) // 32)].split(32 if mended else 2):
                    opt.zero_grad()
                    loss = F.mse_loss(net(x[i])[:, 0], y[i])
                    loss.backward()
                    opt.step()
                    total += loss.item() * len(i)
                net.eval()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=total / len(x), val_loss=F.mse_loss(output[:, 0], yv).item())
            told(evidence, r2=r2(output, yv))
        return evidence

    return Loop(loop)


@fault(
    kind="mode_gap",
    where="dropout",
    also=("dropout_too_strong",),
    repair="net.eval() before predicting",
    **NUMBER,
    level=0.839,
)
def friedman_with_dropout_awake(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.make_friedman1(600, noise=1.0, random_state=seed), seed)
    y, yv = (y - 14.4) / 5, (yv - 14.4) / 5

    def loop(watch):
        net = nn.Sequential(
            nn.Linear(10, 96),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(96, 48),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(48, 1),
        )
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                net.train()
                for i in torch.randperm(len(x)).split(25):
                    opt.zero_grad()
                    loss = F.mse_loss(net(x[i])[:, 0], y[i])
                    loss.backward()
                    opt.step()
                if mended:
                    net.eval()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(validation_loss=F.mse_loss(output[:, 0], yv).item(), validation_r2=r2(output, yv))
        return evidence

    return Loop(loop)
