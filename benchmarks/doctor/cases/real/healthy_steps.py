"""Real programs with words and steps that nothing is wrong with: tutorials of PyTorch, and course homework."""

import math

import numpy as np
import torch
from case import Loop, healthy
from torch import nn, optim
from torch.nn import functional as F

from cases.real.material import accuracy, cut, r2, reviews, told
from cases.real.torch_loops import loader
from cases.real.torch_losses import trained


@healthy(metric="accuracy")
def names_by_a_small_lstm(seed: int) -> Loop:  # pytorch.org, classifying names, made up anew: endings tell the language
    random = np.random.default_rng(seed)
    y = random.integers(4, size=900)
    x = random.integers(26, size=(900, 9))
    ends = np.array([[8, 13, 18], [14, 21, 0], [18, 4, 13], [19, 25, 8]])
    keep = random.random((900, 3)) < 0.85
    x[:, -3:] = np.where(keep, ends[y], x[:, -3:])
    x, y, xv, yv = cut((x, y), seed)

    class Names(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters = nn.Embedding(26, 8)
            self.lstm = nn.LSTM(8, 24, batch_first=True)
            self.out = nn.Linear(24, 4)

        def forward(self, x):
            return self.out(self.lstm(self.letters(x))[1][0][-1])

    def loop(watch):
        net = Names()
        optimizer = optim.Adam(net.parameters(), lr=5e-3)
        with watch(net, optimizer=optimizer) as evidence:
            for _ in range(12):
                losses = []
                for inputs, labels in loader(x, y):
                    loss = F.cross_entropy(net(inputs), labels)
                    optimizer.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    optimizer.step()
                    losses.append(loss.item())
                evidence.log(loss=sum(losses) / len(losses))
        return told(evidence, accuracy=accuracy(net(xv), yv))

    return Loop(loop, (x.float(), y, xv.float(), yv))


@healthy(metric="r2")
def counting_with_a_gru(seed: int) -> Loop:  # course homework: how many of the signs are ones
    random = np.random.default_rng(seed)
    x = (random.random((800, 12, 1)) < random.random((800, 1, 1))).astype(np.float32)
    y = (np.abs(x.sum(1) - 6) / 3).astype(np.float32)
    data = x, y, xv, yv = cut((x, y), seed)

    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.head = nn.GRU(1, 16, batch_first=True), nn.Linear(16, 1)

        def forward(self, x):
            _, h = self.gru(x)
            return self.head(h[-1])

    def loop(watch):
        net = Counter()
        optimizer = optim.Adam(net.parameters(), lr=0.01)
        return trained(watch, net, optimizer, nn.MSELoss(), data, epochs=30, score=r2, name="r2")

    return Loop(loop, (x.flatten(1), y, xv.flatten(1), yv))


@healthy(metric="accuracy", ceiling="words add up")
def text_by_an_embedding_bag(
    seed: int,
) -> Loop:  # pytorch.org, text classification: EmbeddingBag, SGD at 5, clipping, StepLR
    x, y, xv, yv = cut(reviews(seed, 1600), seed)
    bags = [torch.zeros(len(part), 200).scatter_add_(1, part, torch.ones(part.shape)) for part in (x, xv)]

    class Text(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.fc = nn.EmbeddingBag(200, 16, mode="mean"), nn.Linear(16, 2)
            for weight in (self.embedding.weight, self.fc.weight):
                weight.data.uniform_(-0.5, 0.5)

        def forward(self, text):
            return self.fc(self.embedding(text))

    def loop(watch):
        model = Text()
        optimizer = optim.SGD(model.parameters(), lr=5.0)
        scheduler = optim.lr_scheduler.StepLR(optimizer, 8, gamma=0.1)
        criterion = nn.CrossEntropyLoss()
        with watch(model, optimizer=optimizer) as evidence:
            for _ in range(14):
                for text, label in loader(x, y, 16):
                    optimizer.zero_grad()
                    loss = criterion(model(text), label)
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 0.1)
                    optimizer.step()
                scheduler.step()
                evidence.log(validation_accuracy=accuracy(model(xv), yv))
        return evidence

    return Loop(loop, (bags[0], y, bags[1], yv))


@healthy(metric="r2")
def passengers_ahead(
    seed: int,
) -> Loop:  # many blogs: an LSTM sees twelve values of a wave with a trend, and says the next change
    random = np.random.default_rng(seed)
    time = np.arange(700)
    series = np.sin(time / 3) * (1 + 0.5 * np.sin(time / 40)) + 0.1 * random.standard_normal(700)
    x = np.stack([series[i : i + 12] for i in range(680)])[:, :, None].astype(np.float32)
    y = np.sign(series[13:693]) * series[13:693, None].T ** 2
    data = x, y, xv, yv = cut((x, y.T.astype(np.float32)), seed)

    class Ahead(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.linear = nn.LSTM(1, 24, batch_first=True), nn.Linear(24, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.linear(out[:, -1])

    def loop(watch):
        model = Ahead()
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        return trained(watch, model, optimizer, nn.MSELoss(), data, epochs=25, score=r2, name="r2")

    return Loop(loop, (x.flatten(1), y, xv.flatten(1), yv))


@healthy(metric="accuracy")
def a_small_transformer(seed: int) -> Loop:  # course homework: which of two marks comes first?
    random = np.random.default_rng(seed)
    x = random.integers(4, 20, (900, 8))
    places = np.sort(np.argsort(random.random((900, 8)), 1)[:, :2], 1)
    y = random.integers(2, size=900)
    x[np.arange(900), places[:, 0]], x[np.arange(900), places[:, 1]] = 2 + y, 3 - y
    data = x, y, xv, yv = cut((x, y), seed)

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.places = nn.Embedding(20, 24), nn.Parameter(torch.randn(8, 24) / math.sqrt(24))
            layer = nn.TransformerEncoderLayer(24, 4, 48, dropout=0.0, batch_first=True)
            self.encoder, self.head = nn.TransformerEncoder(layer, 1), nn.Linear(24, 2)

        def forward(self, x):
            return self.head(self.encoder(self.words(x) + self.places).mean(1))

    def loop(watch):
        model = Small()
        optimizer = optim.AdamW(model.parameters(), lr=3e-3)
        return trained(watch, model, optimizer, nn.CrossEntropyLoss(), data, epochs=8, batch=32)

    one_hot = [F.one_hot(part, 20).sum(1).float() for part in (x, xv)]
    return Loop(loop, (one_hot[0], y, one_hot[1], yv))
