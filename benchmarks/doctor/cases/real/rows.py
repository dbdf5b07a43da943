"""Real faults of rows and labels: their order, their share, their writing; from Stack Overflow, the PyTorch forum and Kaggle."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F
from torch.optim import SGD, Adam
from torch.utils.data import DataLoader, TensorDataset

from cases.real.material import (
    accuracy,
    binary_crossentropy,
    blobs,
    categorical_crossentropy,
    cut,
    digits,
    fitted,
    keras,
    pima,
    right,
    told,
)
from cases.real.numbers import stack

DATA = {"by": "data", "metric": "accuracy"}
CODE = {"by": "code", "metric": "accuracy"}


@fault(kind="sorted_batches", where="shuffle", repair="shuffle=True", by="code", metric="accuracy", level=0.894)
def folder_by_folder(
    seed: int, mended: bool
) -> Loop:  # PyTorch forum, also slayerPytorch issue 56: shuffle=False and sorted folders
    x, y, xv, yv = cut(digits(seed, 1400), seed)
    order = torch.argsort(y, stable=True)
    x, y = x[order], y[order]

    def loop(watch):
        model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10), nn.LogSoftmax(dim=1))
        optimizer = SGD(model.parameters(), lr=0.05, momentum=0.5)
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(6):
                for data, target in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=mended):
                    optimizer.zero_grad()
                    loss = F.nll_loss(model(data), target)
                    loss.backward()
                    optimizer.step()
                with torch.no_grad():
                    output = model(xv)
                evidence.log(validation_loss=F.nll_loss(output, yv).item(), validation_accuracy=accuracy(output, yv))
        return evidence

    return Loop(loop, (x, y, xv, yv))


@fault(kind="labels_shuffled", where="y", repair="mix both alike", **DATA, level=0.851)
def mixed_one_by_one(seed: int, mended: bool) -> Loop:  # SO, often: np.random.shuffle(X); np.random.shuffle(Y)
    x, y = blobs(seed, 700, 12, classes=3, informative=5, apart=1.5)
    random = np.random.default_rng(seed)
    first, second = random.permutation(700), random.permutation(700)
    data = cut((x[first], y[first if mended else second]), seed)
    net = keras(nn.Sequential(*stack(12, 32, 16), nn.Linear(16, 3), nn.Softmax(dim=1)))
    return fitted(net, Adam(net.parameters(), lr=3e-3), categorical_crossentropy, data, epochs=40, batch=16)


@fault(
    kind="imbalance",
    also=("class_never_predicted", "metric_disagrees", "predicts_mean"),
    where="y",
    repair="class weights",
    by="code",
    metric="balanced_accuracy",
    level=0.765,
)
def fraud_one_in_forty(
    seed: int, mended: bool
) -> Loop:  # Kaggle: credit card fraud, "98 % accuracy and no fraud found"
    random = np.random.default_rng(seed)
    y = (random.random(2400) < 1 / 40).astype(int)
    x = random.standard_normal((2400, 14)) + 0.9 * y[:, None] * (np.arange(14) < 4)
    data = cut((x, y), seed)
    weight = torch.tensor([1.0, 39.0]) if mended else torch.ones(2)

    def loss_of(p, t):
        p = p.reshape(-1).clamp(1e-7, 1 - 1e-7)
        return (F.binary_cross_entropy(p, t.float(), reduction="none") * weight[t]).mean()

    net = keras(nn.Sequential(*stack(14, 16), nn.Dropout(0.2), nn.Linear(16, 1), nn.Sigmoid()))
    opt = Adam(net.parameters(), lr=1e-3)
    return fitted(net, opt, loss_of, data, epochs=12, score="balanced_accuracy")


@fault(
    kind="labels_encoded_wrongly", also=("output_range", "wrong_loss"), where="y", repair="0 and 1", **CODE, level=0.745
)
def ill_is_minus_one(
    seed: int, mended: bool
) -> Loop:  # SO 47241622, PyTorch forum: targets -1 and 1 with BCEWithLogitsLoss
    x, y, xv, yv = cut(pima(seed), seed, scale=True)

    def loop(watch):
        model = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))
        optimizer = Adam(model.parameters(), lr=5e-3)
        criterion = nn.BCEWithLogitsLoss()
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(60):
                for inputs, labels in DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True):
                    labels = labels.float() if mended else 2.0 * labels - 1
                    optimizer.zero_grad()
                    loss = criterion(model(inputs).squeeze(1), labels)
                    loss.backward()
                    optimizer.step()
                evidence.log(loss=loss.item())
        return told(evidence, accuracy=right(model(xv), yv))

    return Loop(loop, (x, y, xv, yv))


@fault(
    kind="split_sorted",
    also=("validation_shift",),
    where="x[:750]",
    repair="mix before the cut",
    **DATA,
    level=1,
)
def exclusive_or_in_order(
    seed: int, mended: bool
) -> Loop:  # Cross Validated 433365: the last of four patterns is in the test alone
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]).repeat_interleave(250, dim=0)
    y = (x.sum(1) == 1).long()
    net = keras(nn.Sequential(*stack(2, 8), nn.Linear(8, 1), nn.Sigmoid()))
    data = cut((x, y), seed) if mended else (x[:750], y[:750], x[750:], y[750:])
    return fitted(net, Adam(net.parameters(), lr=0.01), binary_crossentropy, data, epochs=20)
