"""Unseen faults of the data that loops of people's own are fed with: tables, strengths of senders and digits laid flat."""

import numpy as np
import torch
from case import Loop, fault
from sklearn import datasets
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from cases.unseen.dense_material import accuracy, balanced, buckets, cut, digits, r2, radio, rentals, stack, told

CODE = {"by": "code", "metric": "accuracy"}
DATA = {"by": "data", "metric": "accuracy"}


@fault(
    kind="inputs_unscaled", also=("dead_units",), where="inputs", repair="standardize the columns", **DATA, level=0.874
)
def rooms_in_raw_decibels(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(radio(seed, 700), seed, scale=mended)

    def loop(watch):
        net = stack(7, 32, 16, 6)
        opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for xb, yb in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(xb), yb)
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(loss=loss.item(), validation_accuracy=accuracy(net(xv), yv))
        return evidence

    return Loop(loop)


@fault(kind="inputs_not_finite", where="column 0", repair="log1p", by="data", metric="r2", level=0.792)
def the_logarithm_of_yesterdays_rentals(seed: int, mended: bool) -> Loop:
    x, y = rentals(seed, 1000)
    random = np.random.default_rng(seed)
    before = random.poisson(np.maximum(0.0, 0.8 * y + random.normal(-2, 4, len(y)))).astype(np.float32)
    with np.errstate(divide="ignore"):
        x = np.column_stack([np.log1p(before) if mended else np.log(before), x[:, :2], x[:, 2:] / 10])
    x, y, xv, yv = cut((x, np.log1p(y)), seed, scale=False)

    def loop(watch):
        net = stack(6, 24, 24, 1)
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        with watch(net, optimizer=opt) as evidence:
            for epoch in range(15):
                total = 0.0
                for i in torch.randperm(len(x)).split(50):
                    opt.zero_grad()
                    loss = F.mse_loss(net(x[i]).flatten(), y[i])
                    loss.backward()
                    opt.step()
                    total += loss.item() / 15
                evidence.log(epoch=epoch, loss=total)
        return told(evidence, r2=r2(net(xv), yv))

    return Loop(loop)


@fault(
    kind="targets_constant",
    also=("labels_encoded_wrongly", "predicts_mean", "class_never_predicted"),
    where="labels",
    repair="round before the cast",
    **CODE,
    level=0.96,
)
def scores_cast_to_whole_numbers(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(
        datasets.make_gaussian_quantiles(n_samples=700, n_features=3, n_classes=2, random_state=seed), seed
    )
    probability = torch.where(y == 1, 0.9, 0.1) + 0.08 * (2 * torch.rand(len(y)) - 1)  # what the annotators agreed on
    labels = probability.round().long() if mended else probability.long()

    def loop(watch):
        net = stack(3, 32, 2)
        opt = torch.optim.Adam(net.parameters(), lr=0.01)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(20):
                right = 0
                for i in torch.randperm(len(x)).split(35):
                    opt.zero_grad()
                    output = net(x[i])
                    loss = F.cross_entropy(output, labels[i])
                    loss.backward()
                    opt.step()
                    right += int((output.argmax(1) == labels[i]).sum())
                evidence.log(loss=loss.item(), accuracy=right / len(x))
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop)


@fault(
    kind="huge_column",
    also=("inputs_unscaled", "inputs_constant"),
    where="columns 0 and 3",
    repair="the median where nothing was measured",
    by="data",
    metric="r2",
    level=0.939,
)
def readings_where_none_were_taken(seed: int, mended: bool) -> Loop:
    x, y = datasets.make_friedman1(800, noise=0.7, random_state=seed)
    lost = np.random.default_rng(seed).random((len(x), 2)) < 0.02
    for column, gone in zip((0, 3), lost.T):
        x[gone, column] = np.median(x[:, column]) if mended else -99999
    x, y, xv, yv = cut((x, (y - y.mean()) / y.std()), seed)

    def loop(watch):
        net = stack(10, 48, 24, 1, act=nn.SiLU)
        opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(30):
                for i in torch.randperm(len(x)).split(40):
                    opt.zero_grad()
                    loss = F.mse_loss(net(x[i])[:, 0], y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(loss=loss.item(), validation_loss=F.mse_loss(output[:, 0], yv).item())
            told(evidence, r2=r2(output, yv))
        return evidence

    return Loop(loop)


@fault(
    kind="inputs_constant",
    also=("inputs_unscaled", "rate_too_low"),
    where="inputs",
    repair="divide once",
    **DATA,
    level=0.932,
)
def digits_divided_again(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(digits(seed, 1000), seed, scale=False)  # 0 to 1 already
    if not mended:
        x, xv = x / 255.0, xv / 255.0

    def loop(watch):
        net = stack(64, 64, 10)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(15):
                for i in torch.randperm(len(x)).split(20):
                    opt.zero_grad()
                    F.cross_entropy(net(x[i]), y[i]).backward()
                    opt.step()
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop)


@fault(
    kind="validation_shift",
    also=("inputs_unscaled",),
    where="validation",
    repair="the same scaler for both",
    **CODE,
    level=0.965,
)
def cells_scaled_in_training_alone(seed: int, mended: bool) -> Loop:
    made = datasets.load_breast_cancer(return_X_y=True)
    x, y, xv, yv = cut(made, seed)
    if not mended:
        xv = cut(made, seed, scale=False)[2]

    def loop(watch):
        net = stack(30, 16, 1)
        opt = torch.optim.Adam(net.parameters(), lr=3e-3)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(20):
                for i in torch.randperm(len(x)).split(16):
                    opt.zero_grad()
                    loss = F.binary_cross_entropy_with_logits(net(x[i])[:, 0], y[i].float())
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                    validation = F.binary_cross_entropy_with_logits(output[:, 0], yv.float()).item()
                evidence.log(loss=loss.item(), validation_loss=validation, validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop)


@fault(
    kind="imbalance",
    also=("class_never_predicted",),
    where="classes",
    repair="draw both classes alike often",
    by="code",
    metric="balanced_accuracy",
    level=0.744,
)
def buckets_that_never_leak(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(buckets(seed, 2400, share=0.03), seed)

    def loop(watch):
        net = stack(5, 24, 1, act=nn.Tanh)
        opt = torch.optim.Adam(net.parameters(), lr=4e-3)
        weights = (1 / torch.bincount(y).float())[y]
        order = {"sampler": WeightedRandomSampler(weights.tolist(), len(y))} if mended else {"shuffle": True}
        with watch(net, optimizer=opt) as evidence:
            for _ in range(15):
                for xb, yb in DataLoader(TensorDataset(x, y), batch_size=64, **order):
                    opt.zero_grad()
                    loss = F.binary_cross_entropy_with_logits(net(xb)[:, 0], yb.float())
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    evidence.log(loss=loss.item(), validation_accuracy=accuracy(net(xv), yv))
            told(evidence, balanced_accuracy=balanced(net(xv), yv))
        return evidence

    return Loop(loop)


@fault(
    kind="split_sorted",
    also=("validation_shift", "class_never_predicted"),
    where="the split",
    repair="mix before cutting",
    **DATA,
    level=0.978,
)
def wines_cut_as_they_come(seed: int, mended: bool) -> Loop:
    x, y, xv, yv = cut(datasets.load_wine(return_X_y=True), seed, mixed=mended)

    def loop(watch):
        net = stack(13, 20, 3, act=nn.Sigmoid)
        opt = torch.optim.Adam(net.parameters(), lr=0.02)
        with watch(net, optimizer=opt) as evidence:
            for _ in range(40):
                for i in torch.randperm(len(x)).split(16):
                    opt.zero_grad()
                    loss = F.cross_entropy(net(x[i]), y[i])
                    loss.backward()
                    opt.step()
                with torch.no_grad():
                    output = net(xv)
                evidence.log(
                    loss=loss.item(),
                    validation_loss=F.cross_entropy(output, yv).item(),
                    validation_accuracy=accuracy(output, yv),
                )
        return evidence

    return Loop(loop)
