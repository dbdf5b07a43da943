"""Unseen faults of recurrent networks, in loops of people's own."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.fresh.loop import measured
from cases.unseen.steps_material import accuracy, chatter, humming, parts, passengers, reviews, say, windows

CODE = {"by": "code", "metric": "accuracy"}


def learn(net, opt, data, *, epochs, bs=32, loss_fn=F.cross_entropy, judged=None, says="all", clip=None, shuffle=True):
    """A plain loop over batches."""
    x, y, xv, yv = data

    def run(watch):
        with watch(net, optimizer=opt) as evidence:
            for _ in range(epochs):
                net.train()
                losses = []
                order = torch.randperm(len(x)) if shuffle else torch.arange(len(x))
                for i in range(0, len(x), bs):
                    xb, yb = x[order[i : i + bs]], y[order[i : i + bs]]
                    opt.zero_grad()
                    loss = loss_fn(net(xb), yb)
                    loss.backward()
                    if clip:
                        nn.utils.clip_grad_norm_(net.parameters(), clip)
                    opt.step()
                    losses.append(loss.item())
                net.eval()
                with torch.no_grad():
                    out = net(xv)
                    scores = judged(out, yv) if judged else {"loss": loss_fn(out, yv).item()}
                if judged is None:
                    scores["accuracy"] = accuracy(net, xv, yv)
                say(evidence, says, float(np.mean(losses)), scores)
        return evidence

    return Loop(run, data)


class SequenceClassifier(nn.Module):
    """The last state of an RNN, LSTM or GRU, and a layer on it."""

    def __init__(self, cell, features, hidden, classes, layers=1, **options):
        super().__init__()
        self.rnn = cell(features, hidden, layers, batch_first=True, **options)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


class Forecaster(nn.Module):
    def __init__(self, hidden=24, squeeze=True):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)
        self.squeeze = squeeze

    def forward(self, x):
        _, h = self.gru(x)
        answer = self.out(h[-1])
        return answer.squeeze(-1) if self.squeeze else answer


def chronological(made, share=0.75):
    """Cut as time goes."""
    x, y = (torch.from_numpy(np.ascontiguousarray(part)) for part in made)
    cut = int(share * len(y))
    return x[:cut], y[:cut], x[cut:], y[cut:]


@fault(kind="channels_last", also=("labels_shuffled",), where="forward", repair="x.transpose(0, 1)", **CODE, level=0.95)
def humming_laid_on_its_side(seed: int, mended: bool) -> Loop:
    class TimeFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 32)
            self.fc = nn.Linear(32, 3)

        def forward(self, x):
            batch, steps, features = x.shape
            x = x.transpose(0, 1) if mended else x.reshape(steps, batch, features)
            return self.fc(self.lstm(x)[0][-1])

    net = TimeFirst()
    data = parts(humming(seed), seed, scale=False)
    return learn(net, torch.optim.Adam(net.parameters(), lr=8e-3), data, epochs=20)


@fault(kind="vanishing", also=("slow_layer",), where="rnn", repair="read all steps", **CODE, level=1)
def the_note_at_the_beginning(seed: int, mended: bool) -> Loop:
    class Noted(SequenceClassifier):
        def forward(self, x):
            out, _ = self.rnn(x)
            return self.fc(out.mean(1) if mended else out[:, -1])

    random = np.random.default_rng(seed)
    y = random.integers(2, size=360)
    x = 0.3 * random.standard_normal((360, 40, 1))
    x[:, :5, 0] += np.where(y == 1, 1.0, -1.0)[:, None]
    net = Noted(nn.RNN, 1, 16, 2)
    data = parts((x.astype(np.float32), y), seed, scale=False)
    return learn(net, torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9), data, epochs=16, clip=1.0)


@fault(kind="cut_gradient", also=("vanishing",), where="h", repair="detach between batches alone", **CODE, level=0.858)
def humming_forgotten_at_each_step(seed: int, mended: bool) -> Loop:
    class ByHand(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.GRUCell(2, 20)
            self.fc = nn.Linear(20, 3)

        def forward(self, x):
            h = x.new_zeros(len(x), 20)
            for step in x.unbind(1):
                h = self.cell(step, h if mended else h.detach())
            return self.fc(h)

    net = ByHand()
    data = parts(humming(seed, length=24), seed, scale=False)
    return learn(net, torch.optim.Adam(net.parameters(), lr=1e-2), data, epochs=15, says="train")


@fault(kind="wrong_parameters", where="fc", repair="make the layer in __init__", **CODE, level=0.787)
def a_layer_made_on_the_way(seed: int, mended: bool) -> Loop:
    class OnTheWay(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 16, batch_first=True)
            if mended:
                self.fc = nn.Linear(16, 3)

        def forward(self, x):
            h = self.lstm(x)[0].mean(1)
            fc = self.fc if mended else nn.Linear(16, 3)
            return fc(h)

    net = OnTheWay()
    data = parts(humming(seed, rows=600), seed, scale=False)
    return learn(net, torch.optim.Adam(net.parameters(), lr=1e-2), data, epochs=20)


@fault(kind="broadcast", where="loss", repair="squeeze the output", by="code", metric="r2", level=0.983)
def chatter_foretold_in_columns(seed: int, mended: bool) -> Loop:
    net = Forecaster(20, squeeze=mended)
    data = chronological(windows(chatter(seed), 8))
    opt = torch.optim.Adam(net.parameters(), lr=8e-3)

    def mse(out, y):
        return torch.mean((out - y) ** 2)

    return learn(net, opt, data, epochs=20, loss_fn=mse, judged=measured)


@fault(
    kind="targets_unscaled", also=("inputs_unscaled",), repair="scale the series", by="data", metric="r2", level=0.661
)
def passengers_in_thousands(seed: int, mended: bool) -> Loop:
    series = passengers()
    if mended:
        series = (series - series[:100].mean()) / series[:100].std()
    net = Forecaster(32)
    data = chronological(windows(series, 12), 0.7)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    return learn(net, opt, data, epochs=60, bs=16, loss_fn=nn.MSELoss(), judged=measured, says="train")


@fault(kind="inputs_not_finite", where="inputs", repair="no division by 0", by="data", metric="r2", level=0.609)
def changes_in_per_cent(seed: int, mended: bool) -> Loop:
    level = chatter(seed, 600)
    level = np.where(np.arange(600) % 97 == 50, 0, level + 2.5)  # hours in which nothing was sold
    before = level[:-1] if not mended else np.where(level[:-1] == 0, 2.5, level[:-1])
    with np.errstate(divide="ignore"):
        change = (level[1:] - level[:-1]) / before
    x, _ = windows(change, 6)
    data = chronological((x, ((level[7:] - 2.5) / 0.7).clip(-2, 2).astype(np.float32)))
    net = Forecaster(16)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    return learn(net, opt, data, epochs=15, loss_fn=nn.MSELoss(), judged=measured)


@fault(
    kind="weights_too_large",
    also=("exploding",),
    where="weight_hh",
    repair="orthogonal_ with gain 1",
    **CODE,
    level=0.792,
)
def humming_that_swells(seed: int, mended: bool) -> Loop:
    net = SequenceClassifier(nn.RNN, 2, 24, 3, nonlinearity="relu")
    nn.init.orthogonal_(net.rnn.weight_hh_l0, gain=1.0 if mended else 2.2)
    data = parts(humming(seed, length=24), seed, scale=False)
    return learn(net, torch.optim.Adam(net.parameters(), lr=2e-3), data, epochs=20, clip=1.0)


@fault(
    kind="validation_shift", where="validation inputs", repair="one unit for all", by="data", metric="r2", level=0.978
)
def the_last_months_in_fahrenheit(seed: int, mended: bool) -> Loop:
    celsius = 12 + 6 * chatter(seed, 800)
    cut = 600
    later = celsius[cut:] if mended else 1.8 * celsius[cut:] + 32
    centre, spread = celsius[:cut].mean(), celsius[:cut].std()
    first, last = (windows((part - centre) / spread, 10) for part in (celsius[:cut], later))
    data = tuple(torch.from_numpy(part) for part in (*first, *last))
    net = Forecaster(24)
    opt = torch.optim.Adam(net.parameters(), lr=8e-3)
    return learn(net, opt, data, epochs=15, loss_fn=nn.HuberLoss(), judged=measured)


@fault(kind="wrong_parameters", also=("frozen",), where="encoder", repair="step both optimizers", **CODE, level=0.725)
def an_encoder_left_behind(seed: int, mended: bool) -> Loop:
    encoder = nn.Sequential(nn.Embedding(40, 12), nn.Linear(12, 12), nn.Tanh())
    decoder = SequenceClassifier(nn.GRU, 12, 6, 2)
    net = nn.Sequential(encoder, decoder)
    if not mended:
        nn.init.normal_(encoder[0].weight, std=0.05)
    x, y, xv, yv = data = parts(reviews(seed), seed, scale=False)
    encoder_opt = torch.optim.Adam(encoder.parameters(), lr=5e-3)
    decoder_opt = torch.optim.Adam(decoder.parameters(), lr=5e-3)

    def run(watch):
        with watch(net, optimizer=[encoder_opt, decoder_opt]) as evidence:
            for _ in range(14):
                for idx in torch.randperm(len(x)).split(32):
                    encoder_opt.zero_grad()
                    decoder_opt.zero_grad()
                    loss = F.cross_entropy(net(x[idx]), y[idx])
                    loss.backward()
                    decoder_opt.step()
                    if mended:
                        encoder_opt.step()
                say(evidence, "all", loss.item(), {"accuracy": accuracy(net, xv, yv)})
        return evidence

    return Loop(run, data)
