"""Small sequence data and networks that follow the contracts, for the tests of the tasks with tokens."""

import numpy as np
import torch
from torch import nn

import deepglass as dg
from deepglass.data import Source
from deepglass.data.source import texts


class Reader(nn.Module):
    """A recurrent network with an answer for each token, which can go on from a state."""

    def __init__(self, tokens, outputs, units=16):
        super().__init__()
        self.embedding, self.gru = nn.Embedding(tokens, 8), nn.GRU(8, units, batch_first=True)
        self.output, self.units = nn.Linear(units, outputs), units

    def forward(self, x):
        return self.output(self.gru(self.embedding(x))[0])

    def begin(self, inputs, batch):
        return {"hidden": torch.zeros(batch, self.units)}

    def continued(self, x, state):
        states, hidden = self.gru(self.embedding(x), state["hidden"][None])
        return self.output(states), {"hidden": hidden[0]}

    def step(self, token, state):
        logits, state = self.continued(token[:, None], state)
        return logits[:, 0], state


class Writer(nn.Module):
    """An encoder and a decoder: a text of its own length."""

    def __init__(self, tokens, outputs, units=32):
        super().__init__()
        self.source, self.previous = nn.Embedding(tokens, 16), nn.Embedding(outputs, 16)
        self.read, self.write = nn.GRU(16, units, batch_first=True), nn.GRUCell(16, units)
        self.output = nn.Linear(units, outputs)

    def forward(self, source, previous):
        state, found = self.begin({"source": source}, len(source)), []
        for place in range(previous.shape[1]):
            logits, state = self.step(previous[:, place], state)
            found.append(logits)
        return torch.stack(found, dim=1)

    def begin(self, inputs, batch):
        (source,) = inputs.values()
        states = self.read(self.source(source))[0]
        last = (source != 0).sum(1).sub(1).clamp_min(0)
        return {"hidden": states[torch.arange(len(source)), last]}

    def step(self, token, state):
        hidden = self.write(self.previous(token), state["hidden"])
        return self.output(hidden), {"hidden": hidden}


def source(name, inputs, targets, splits=None, **about):
    """A source of one text input and one text target."""
    fields = {"x": texts(inputs), "y": texts(targets, **about)}
    count = len(inputs)
    splits = splits or {"train": np.arange(count), "validation": np.arange(0), "test": np.arange(0)}
    return Source(name, fields, ("x",), ("y",), splits=splits)


def split_of(train, validation, test=0):
    ends = np.cumsum([train, validation, test])
    return dict(zip(("train", "validation", "test"), np.split(np.arange(ends[-1]), ends[:-1])))


def tagged(count=60, seed=0):
    """Sentences of a city or a person, with BIO tags: "in New York" is a place, "met Ana" a person."""
    random = np.random.default_rng(seed)
    parts = [
        ("in New York", "O B-place I-place"),
        ("in Rome", "O B-place"),
        ("met Ana Lima", "O B-person I-person"),
        ("met Rome", "O B-person"),
    ]
    drawn = [[parts[i] for i in random.integers(4, size=random.integers(1, 4))] for _ in range(count)]
    sentences, tags = ([" ".join(p[side] for p in row) for row in drawn] for side in (0, 1))
    return dg.load(source("names", sentences, tags, split_of(count - 20, 10, 10), aligned=True), level="tokens")


def windows(text, context=8, train=0.8):
    """A running text as windows that follow one another, with the next character as target."""
    count = (len(text) - 1) // context
    x, y = ([text[i * context + by : (i + 1) * context + by] for i in range(count)] for by in (0, 1))
    kept = int(train * count)
    fields = {"x": texts(x, shares="y"), "y": texts(y, shares="x", aligned=True)}
    return dg.load(Source("text", fields, ("x",), ("y",), splits=split_of(kept, count - kept)), level="characters")


def reversals(count=200, letters="abcd", longest=4, seed=0):
    """Words to be written backwards."""
    random = np.random.default_rng(seed)
    words = ["".join(random.choice(list(letters), size=random.integers(1, longest + 1))) for _ in range(count)]
    back = [w[::-1] for w in words]
    return dg.load(source("backwards", words, back, split_of(count - 60, 30, 30)), level="characters")
