"""Unseen healthy trainings of recurrent networks and small transformers: loops of people's own, and `dg.train`."""

import numpy as np
import torch
from case import Loop, Training, healthy, train
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import measured
from cases.fresh.material import dataset
from cases.unseen.steps_loops import Forecaster, SequenceClassifier, chronological, learn
from cases.unseen.steps_material import (
    accuracy,
    chatter,
    first_heard,
    humming,
    parts,
    passengers,
    reviews,
    say,
    windows,
)
from cases.unseen.steps_settings import worded
from cases.unseen.steps_words import Reader, TextTransformer


@healthy(metric="accuracy")
def reviews_read_with_care(seed: int) -> Loop:
    net = Reader(2, dropout=0.3)
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.01)
    return learn(net, opt, parts(reviews(seed, 800), seed, scale=False), epochs=15)


@healthy(metric="accuracy")
def first_heard_after_a_warmup(seed: int) -> Loop:
    x, y, xv, yv = data = parts(first_heard(seed, 900), seed, scale=False)
    net = TextTransformer(8, 2, reads="mean", dropout=0.05)
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, betas=(0.9, 0.98))
    warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda step: min((step + 1) / 60, (60 / (step + 1)) ** 0.5))

    def run(watch):
        with watch(net, optimizer=opt) as evidence:
            for _ in range(12):
                net.train()
                for idx in torch.randperm(len(x)).split(32):
                    loss = F.cross_entropy(net(x[idx]), y[idx])
                    opt.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    opt.step()
                    warm.step()
                net.eval()
                say(evidence, "all", loss.item(), {"accuracy": accuracy(net, xv, yv)})
        return evidence

    return Loop(run, data)


@healthy(metric="accuracy")
def humming_by_two_optimizers(seed: int) -> Loop:
    x, y, xv, yv = data = parts(humming(seed, length=24), seed, scale=False)
    net = SequenceClassifier(nn.LSTM, 2, 24, 3)
    opts = [torch.optim.RMSprop(net.rnn.parameters(), lr=3e-3), torch.optim.SGD(net.fc.parameters(), lr=0.05)]

    def run(watch):
        with watch(net, optimizer=opts) as evidence:
            for _ in range(25):
                total = 0.0
                for idx in torch.randperm(len(x)).split(30):
                    net.zero_grad()
                    loss = F.cross_entropy(net(x[idx]), y[idx])
                    loss.backward()
                    for opt in opts:
                        opt.step()
                    total += loss.item() * len(idx)
                say(evidence, "train", total / len(x), {"accuracy": accuracy(net, xv, yv)})
        return evidence

    return Loop(run, data)


@healthy(metric="accuracy")
def humming_by_a_plain_rnn(seed: int) -> Loop:
    class All(SequenceClassifier):
        def forward(self, x):
            return self.fc(self.rnn(x)[0].mean(1))

    net = All(nn.RNN, 2, 32, 3)
    data = parts(humming(seed, rows=800, length=24), seed, scale=False)
    opt = torch.optim.Adam(net.parameters(), lr=6e-3)
    return learn(net, opt, data, epochs=25, clip=0.5, says="nothing")


@healthy(metric="r2")
def chatter_one_step_ahead(seed: int) -> Loop:
    net = Forecaster(16)
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    data = chronological(windows(chatter(seed, 400), 6))
    return learn(net, opt, data, epochs=20, bs=16, loss_fn=nn.SmoothL1Loss(), judged=measured, shuffle=False)


@healthy(metric="r2", ceiling="growth from month to month is nearly a sum of last year's")
def passengers_month_by_month(seed: int) -> Loop:
    growth = np.diff(np.log(passengers()))
    growth = (growth / growth.std()).astype(np.float32)
    x, y, xv, yv = chronological(windows(growth, 13), 0.7)
    net = nn.Sequential(nn.Flatten(), nn.Linear(13, 16), nn.Tanh(), nn.Linear(16, 1), nn.Flatten(0))
    opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=0.01)
    return learn(net, opt, (x, y, xv, yv), epochs=40, bs=8, loss_fn=nn.MSELoss(), judged=measured)


@healthy(metric="accuracy")
def first_heard_by_convolution(seed: int) -> Training:
    class Convolved(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(8, 12)
            self.layers = nn.Sequential(
                *(nn.Conv1d(12, 24, 5, padding=2), nn.BatchNorm1d(24), nn.ReLU()),
                *(nn.Conv1d(24, 24, 5, padding=4, dilation=2), nn.BatchNorm1d(24), nn.ReLU()),
                *(nn.Flatten(), nn.Linear(480, 2)),
            )

        def forward(self, x):
            return self.layers(self.emb(x.long()).transpose(1, 2))

    settings = {"epochs": 12, "learning_rate": 3e-3, "optimizer": "adamw", "weight_decay": 0.05}
    return train(Convolved(), worded(first_heard(seed, 1600), seed), **settings)


@healthy(metric="accuracy")
def humming_by_two_layers(seed: int) -> Training:
    network = SequenceClassifier(nn.GRU, 3, 20, 3, layers=2, dropout=0.2)
    settings = {"epochs": 14, "learning_rate": 1e-2, "clip_norm": 1.0, "schedule": "cosine"}
    return train(network, dataset(humming(seed, rows=480, length=20, channels=3), seed), **settings)


@healthy(metric="r2")
def chatter_by_adagrad(seed: int) -> Training:
    settings = {"optimizer": "adagrad", "learning_rate": 0.05, "epochs": 30, "batch_size": 16}
    return train(SequenceClassifier(nn.GRU, 1, 20, 1), dataset(windows(chatter(seed, 500), 8), seed), **settings)


@healthy(metric="accuracy")
def reviews_by_attention(seed: int) -> Training:
    settings = {"epochs": 25, "learning_rate": 3e-3, "early_stopping": True, "average": 0.99}
    return train(Reader(2, width=24), worded(reviews(seed, 1600), seed), **settings)
