"""Unseen faults of embeddings and small transformers over numbered words, in loops of people's own."""

import numpy as np
import torch
from case import Loop, fault
from torch import nn
from torch.nn import functional as F

from cases.unseen.steps_loops import learn
from cases.unseen.steps_material import TAGS, WORDS, accuracy, first_heard, parts, reviews, say, tagged

CODE = {"by": "code", "metric": "accuracy"}


class TextTransformer(nn.Module):
    """A small encoder. Its answers are of the first place, of the mean, or of each word."""

    def __init__(self, words, outputs, *, width=24, layers=1, length=20, reads="mean", places=True, dropout=0.0):
        super().__init__()
        self.token = nn.Embedding(words, width)
        self.position = nn.Embedding(length, width)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(width, outputs)
        self.reads, self.places = reads, places

    def forward(self, x):
        h = self.token(x.long())
        if self.places:
            h = h + self.position(torch.arange(x.shape[1]))
        h = self.encoder(h)
        return self.head({"first": h[:, 0], "mean": h.mean(1), "each": h}[self.reads])


class Tagger(nn.Module):
    """A recurrent tagger that goes both ways."""

    def __init__(self, hidden=20, tags=TAGS):
        super().__init__()
        self.embed = nn.Embedding(WORDS, 16)
        self.rnn = nn.LSTM(16, hidden, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(2 * hidden, tags)

    def forward(self, x):
        return self.tag(self.rnn(self.embed(x))[0])


class Reader(nn.Module):
    """A GRU over the words, of whose states the largest count."""

    def __init__(self, outputs, width=16, dropout=0.0):
        super().__init__()
        self.emb = nn.Embedding(40, width, padding_idx=0)
        self.gru = nn.GRU(width, 24, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.lin = nn.Linear(24, outputs)

    def forward(self, x):
        states, _ = self.gru(self.drop(self.emb(x.long())))
        return self.lin(self.drop(states.amax(1)))


def each_word(logits, tags):
    return F.cross_entropy(logits.flatten(0, 1), tags.flatten())


@fault(
    kind="unused_parameters",
    also=("underfitting",),
    where="position",
    repair="add it to the words",
    **CODE,
    level=0.976,
)
def first_heard_without_places(seed: int, mended: bool) -> Loop:
    net = TextTransformer(8, 2, reads="mean", places=mended)
    data = parts(first_heard(seed, 1000), seed, scale=False)
    return learn(net, torch.optim.Adam(net.parameters(), lr=5e-3), data, epochs=14)


@fault(kind="channels_last", also=("labels_shuffled",), where="loss", repair="logits.permute(0, 2, 1)", **CODE, level=1)
def tags_viewed_as_classes(seed: int, mended: bool) -> Loop:
    net = Tagger()

    def loss_fn(logits, tags):
        batch, steps, classes = logits.shape
        logits = logits.permute(0, 2, 1) if mended else logits.reshape(batch, classes, steps)
        return F.cross_entropy(logits, tags)

    data = parts(tagged(seed), seed, scale=False)
    return learn(net, torch.optim.Adam(net.parameters(), lr=1e-2), data, epochs=12, loss_fn=loss_fn)


@fault(
    kind="class_never_predicted",
    also=("wrong_loss",),
    where="ignore_index",
    repair="a class of its own for padding",
    **CODE,
    level=0.959,
)
def tags_of_which_one_is_ignored(seed: int, mended: bool) -> Loop:
    net = TextTransformer(WORDS, TAGS, reads="each", length=12)
    criterion = nn.CrossEntropyLoss(ignore_index=-100 if mended else 0)  # 0 is padding, of words

    def loss_fn(logits, tags):
        return criterion(logits.view(-1, TAGS), tags.view(-1))

    data = parts(tagged(seed, 500), seed, scale=False)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    return learn(net, opt, data, epochs=15, loss_fn=loss_fn, says="train")


@fault(
    kind="inputs_constant",
    where="vocabulary",
    repair="look words up as they were counted",
    by="data",
    metric="accuracy",
    level=0.89,
)
def reviews_in_capitals(seed: int, mended: bool) -> Loop:
    x, y = reviews(seed)
    if not mended:
        x = np.where(x > 0, 39, 0)  # unknown, unknown, unknown
        x = np.where(np.arange(14) < 6, x, 0)  # cut to the shortest, too
    net = Reader(2)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    return learn(net, opt, parts((x, y), seed, scale=False), epochs=15)


@fault(kind="metric_disagrees", where="accuracy", repair="sigmoid before rounding", **CODE, level=0.904)
def reviews_rounded(seed: int, mended: bool) -> Loop:
    net = nn.Sequential(Reader(1), nn.Flatten(0))
    x, y, xv, yv = parts(reviews(seed, 1000), seed, scale=False)

    def judged(logits, target):
        answers = torch.round(torch.sigmoid(logits)) if mended else torch.round(logits)
        loss = F.binary_cross_entropy_with_logits(logits, target)
        return {"loss": loss.item(), "accuracy": (answers == target).float().mean().item()}

    data = (x, y.float(), xv, yv.float())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    return learn(net, opt, data, epochs=14, loss_fn=F.binary_cross_entropy_with_logits, judged=judged)


@fault(kind="rate_too_high", where="lr", repair="lr=2e-3", **CODE, level=0.823)
def tags_at_the_rate_of_a_convnet(seed: int, mended: bool) -> Loop:
    net = TextTransformer(WORDS, TAGS, reads="each", length=12, layers=2)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3 if mended else 0.1)
    return learn(net, opt, parts(tagged(seed), seed, scale=False), epochs=12, loss_fn=each_word)


@fault(kind="gradients_not_cleared", where="the loop", repair="zero_grad after the step", **CODE, level=0.995)
def tags_with_a_long_memory(seed: int, mended: bool) -> Loop:
    net = Tagger(16)
    x, y, xv, yv = data = parts(tagged(seed, 360), seed, scale=False)
    opt = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)

    def run(watch):
        with watch(net, optimizer=opt) as evidence:
            for _ in range(18):
                for idx in torch.randperm(len(x)).split(18):
                    loss = each_word(net(x[idx]), y[idx])
                    loss.backward()
                    opt.step()
                    if mended:
                        opt.zero_grad()
                say(evidence, "all", loss.item(), {"accuracy": accuracy(net, xv, yv)})
        return evidence

    return Loop(run, data)


@fault(
    kind="labels_encoded_wrongly",
    also=("wrong_loss",),
    where="labels",
    repair="0 and 1",
    by="data",
    metric="accuracy",
    level=0.902,
)
def reviews_of_one_or_two_stars(seed: int, mended: bool) -> Loop:
    net = Reader(1)
    x, y, xv, yv = parts(reviews(seed, 900), seed, scale=False)
    shift = 0 if mended else 1

    def loss_fn(logits, target):
        return F.binary_cross_entropy_with_logits(logits[:, 0], target)

    def judged(logits, target):
        return {"accuracy": ((logits[:, 0] > 0) == (target - shift > 0)).float().mean().item()}

    data = (x, y.float() + shift, xv, yv.float() + shift)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    return learn(net, opt, data, epochs=15, loss_fn=loss_fn, judged=judged)


@fault(
    kind="leakage_duplicates",
    where="rows",
    repair="oversample the training part alone",
    hidden="copies of rows that were trained on are answered well",
    by="data",
    metric="accuracy",
    level=0.65,
)
def reviews_balanced_before_the_split(seed: int, mended: bool) -> Loop:
    x, y = reviews(seed, 500)
    keep = (y == 0) | (np.arange(500) % 5 == 0)
    x, y = x[keep], y[keep]

    def balanced(x, y):
        rare = np.flatnonzero(y == 1)
        extra = np.random.default_rng(seed).choice(rare, int((y == 0).sum()) - len(rare))
        return np.concatenate([x, x[extra]]), np.concatenate([y, y[extra]])

    if mended:
        x_first, y_first, xv, yv = parts((x, y), seed, scale=False)
        more = balanced(x_first.numpy(), y_first.numpy())
        data = (*(torch.from_numpy(part) for part in more), xv, yv)
    else:
        data = parts(balanced(x, y), seed, scale=False)
    net = nn.Sequential(nn.Embedding(40, 16), nn.Flatten(), nn.Linear(16 * 14, 32), nn.ReLU(), nn.Linear(32, 2))
    return learn(net, torch.optim.Adam(net.parameters(), lr=2e-3), data, epochs=12)


@fault(
    kind="targets_constant",
    where="tags",
    repair="names of tags as they are written",
    hidden="nothing is easier than a target that is always the same",
    by="data",
    metric="accuracy",
    level=0.916,
)
def tags_that_nobody_knows(seed: int, mended: bool) -> Loop:
    x, y = tagged(seed, 300)
    if not mended:
        y = np.zeros_like(y)  # tag_to_index.get(tag.lower(), 0), and the names are in capitals
    net = Tagger(12)
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    return learn(net, opt, parts((x, y), seed, scale=False), epochs=8, loss_fn=each_word)
