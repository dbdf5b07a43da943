"""Unseen faults of output, loss and target, with dense networks in loops of people's own."""

import numpy as np
import torch
from case import Loop, fault
from sklearn import datasets
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from cases.unseen.dense_material import accuracy, buckets, cut, digits, r2, rentals, stack, told

CODE = {"by": "code", "metric": "accuracy"}
NUMBER = {"by": "code", "metric": "r2"}


@fault(kind="ascends", also=("wrong_loss",), where="sign", repair="the negative likelihood", **NUMBER, level=0.847)
def rentals_by_their_likelihood(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(rentals(seed), seed)

    def log_likelihood(log_rate, count):
        return (count * log_rate - log_rate.exp()).mean()

    def loop(watch):
        net = stack(5, 32, 16, 1)
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(50):
                    opt.zero_grad()
                    likelihood = log_likelihood(net(x[i]).squeeze(-1).clamp(max=6), y[i])
                    (-likelihood if mended else likelihood).backward()
                    opt.step()
        return told(evidence, r2=r2(net(xv).clamp(max=6).exp(), yv))

    return Loop(loop)


@fault(
    kind="activation_twice",
    where="last",
    repair="no sigmoid in the network",
    **CODE,
    level=0.37,
)
def tags_with_two_sigmoids(seed: int, mended: bool) -> Loop:
    made = datasets.make_multilabel_classification(800, 20, n_classes=6, n_labels=2, random_state=seed)
    x, y, xv, yv = cut(made, seed)

    def right(output):
        return float(((output > (0.0 if mended else 0.5)) == (yv > 0)).all(1).float().mean())

    def loop(watch):
        net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 6), *([] if mended else [nn.Sigmoid()]))
        criterion = nn.BCEWithLogitsLoss()
        opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(12):
                total = 0.0
                for xb, yb in DataLoader(TensorDataset(x, y.float()), batch_size=32, shuffle=True):
                    opt.zero_grad()
                    loss = criterion(net(xb), yb)
                    loss.backward()
                    opt.step()
                    total += loss.item() * len(xb)
                with torch.no_grad():
                    validation = criterion(net(xv), yv.float()).item()
                evidence.log(loss=total / len(x), val_loss=validation)
            told(evidence, accuracy=right(net(xv)))
        return evidence

    return Loop(loop)


@fault(kind="activation_twice", where="last", repair="CrossEntropyLoss takes logits", **CODE, level=0.93)
def digits_end_in_a_softmax_layer(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(digits(seed, 1200), seed, scale=False)

    def loop(watch):
        layers = [nn.Linear(64, 100), nn.Tanh(), nn.Linear(100, 10)]
        model = nn.Sequential(*layers) if mended else nn.Sequential(*layers, nn.Softmax(dim=-1))
        criterion, optimizer = (
            nn.CrossEntropyLoss(),
            torch.optim.SGD(model.parameters(), lr=0.05, nesterov=True, momentum=0.8),
        )
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(10):
                model.train()
                for i in torch.randperm(len(x)).split(64):
                    optimizer.zero_grad(set_to_none=False)
                    loss = criterion(model(x[i]), y[i])
                    loss.backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    output = model(xv)
                    evidence.log(validation_loss=criterion(output, yv).item(), validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop)


@fault(kind="broadcast", where="target", repair="y.unsqueeze(1)", **NUMBER, level=0.997)
def impedance_off_by_a_dimension(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.make_friedman2(400, random_state=seed), seed)
    y, yv = (y - 400) / 400, (yv - 400) / 400
    if mended:
        y, yv = y.unsqueeze(1), yv.unsqueeze(1)

    def loop(watch):
        net = stack(4, 30, 30, 1, act=nn.LeakyReLU)
        criterion, opt = nn.L1Loss(), torch.optim.Adam(net.parameters(), lr=5e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                losses = []
                for i in torch.randperm(len(x)).split(20):
                    opt.zero_grad()
                    loss = criterion(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                    losses.append(loss.item())
                evidence.log(train_loss=float(np.mean(losses)))
        return told(evidence, r2=r2(net(xv), yv))

    return Loop(loop)


@fault(kind="output_range", also=("saturated_units",), where="decoder", repair="no sigmoid", **NUMBER, level=0.639)
def a_decoder_for_standardized_digits(seed: int, mended: bool) -> Loop:
    x, _, xv, _ = cut(digits(seed, 1000), seed)

    class Autoencoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 12))
            self.decoder = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 64))

        def forward(self, x):
            out = self.decoder(self.encoder(x))
            return out if mended else torch.sigmoid(out)

    def loop(watch):
        model = Autoencoder()
        opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-6)
        with watch(model, optimizer=opt) as evidence:
            for _ in range(25):
                for (xb,) in DataLoader(TensorDataset(x), batch_size=40, shuffle=True):
                    loss = F.mse_loss(model(xb), xb)
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(loss=loss.item(), validation_loss=F.mse_loss(model(xv), xv).item())
            told(evidence, r2=r2(model(xv), xv))
        return evidence

    return Loop(loop)


@fault(
    kind="labels_encoded_wrongly",
    also=("wrong_loss", "class_never_predicted"),
    where="labels",
    repair="-1 and 1 for a hinge",
    **CODE,
    level=0.98,
)
def a_hinge_and_circles(seed: int, mended: bool) -> Loop:
    made = datasets.make_circles(600, noise=0.12, factor=0.5, random_state=seed)
    x, y, xv, yv = cut(made, seed)
    marks = (2 * y - 1 if mended else y).float()

    def loop(watch):
        net = stack(2, 24, 24, 1)
        opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(32):
                    opt.zero_grad()
                    loss = (1 - marks[i] * net(x[i])[:, 0]).clamp(min=0).mean()
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(loss=loss.item(), validation_accuracy=accuracy(net(xv), yv))
        return evidence

    return Loop(loop)


@fault(kind="log_of_zero", also=("output_range",), where="loss", repair="softplus of the output", **NUMBER, level=0.85)
def rentals_by_the_ratio(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(rentals(seed, 700), seed)

    def rmsle(predicted, actual):
        return ((torch.log(predicted + 1) - torch.log(actual + 1)) ** 2).mean().sqrt()

    def loop(watch):
        net = stack(5, 40, 40, 1)
        opt = torch.optim.SGD(net.parameters(), lr=0.3)
        answer = (lambda x: 10 * F.softplus(net(x)[:, 0])) if mended else (lambda x: 10 * net(x)[:, 0])
        with watch(net, optimizer=opt) as evidence:
            for epoch in range(25):
                for i in torch.randperm(len(x)).split(25):
                    opt.zero_grad()
                    loss = rmsle(answer(x[i]), y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    validation = rmsle(answer(xv), yv).item()
                evidence.log(epoch=epoch, loss=loss.item(), val_loss=validation)
            told(evidence, r2=r2(answer(xv), yv))
        return evidence

    return Loop(loop)


@fault(
    kind="targets_unscaled",
    also=("rate_too_low", "unfinished"),
    where="y",
    repair="standardize y",
    by="data",
    metric="r2",
    level=0.994,
)
def ohms_as_they_are(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.make_friedman2(1000, noise=20, random_state=seed), seed)
    centre, spread = (y.mean(), y.std()) if mended else (0.0, 1.0)

    def loop(watch):
        net = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1))
        opt = torch.optim.Adam(net.parameters(), lr=1e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                total = 0.0
                for i in torch.randperm(len(x)).split(16):
                    loss = F.mse_loss(net(x[i]).flatten(), (y[i] - centre) / spread)
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                    total += loss.item()
                evidence.log(loss=total / 47)
        return told(evidence, r2=r2(net(xv) * spread + centre, yv))

    return Loop(loop)


@fault(kind="decay_too_strong", where="penalty", repair="a factor of 1e-4", **CODE, level=0.853)
def buckets_for_thrift(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(buckets(seed, 900, share=0.45), seed)
    factor = 1e-4 if mended else 0.05

    def loop(watch):
        net = stack(5, 40, 20, 1)
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(30):
                    opt.zero_grad()
                    fit = F.binary_cross_entropy_with_logits(net(x[i]).view(-1), y[i].float())
                    thrift = sum(p.abs().sum() for p in net.parameters())
                    (fit + factor * thrift).backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=fit.item(), validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop)
