"""Networks of the fresh cases, written as people write theirs."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Net(nn.Module):
    """Dense layers with functional activations. `last` is a function on the outputs."""

    def __init__(self, inputs, hidden, outputs, *, act=F.relu, last=None, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(inputs, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, outputs)
        self.drop = nn.Dropout(dropout)
        self.act, self.last = act, last

    def forward(self, x):
        x = self.act(self.fc1(x))
        x = self.drop(self.act(self.fc2(x)))
        x = self.fc3(x)
        return x if self.last is None else self.last(x)


class Residual(nn.Module):
    """Blocks x + W relu(V norm(x))."""

    def __init__(self, inputs, width, blocks, outputs):
        super().__init__()
        self.stem = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.ReLU(inplace=True), nn.Linear(width, width))
            for _ in range(blocks)
        )
        self.head = nn.Linear(width, outputs)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


class ConvNet(nn.Module):
    """Two convolutions with a norm of choice, the mean over places, and a dense layer."""

    def __init__(self, channels, classes, *, norm="batch", width=12, dropout=0.0):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        norms = {"batch": nn.BatchNorm2d, "group": lambda c: nn.GroupNorm(4, c), "none": lambda c: nn.Identity()}
        self.norm1, self.norm2 = norms[norm](width), norms[norm](2 * width)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(2 * width, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = F.relu(self.norm2(self.conv2(x))).mean(dim=(2, 3))
        return self.out(self.drop(x))


class Recurrent(nn.Module):
    """An LSTM or GRU, of which the last step is classified."""

    def __init__(self, inputs, width, classes, kind=nn.LSTM):
        super().__init__()
        self.rnn = kind(inputs, width, batch_first=True)
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])


class Words(nn.Module):
    """The mean of the words' embeddings, and two dense layers."""

    def __init__(self, words, width, outputs):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.hidden = nn.Linear(width, width)
        self.out = nn.Linear(width, outputs)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(self.embed(x).mean(1))))


class TwoHeads(nn.Module):
    """A shared trunk, with a head for the class and one for a number."""

    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.name, self.value = nn.Linear(hidden, classes), nn.Linear(hidden, 1)

    def forward(self, x):
        x = self.trunk(x)
        return self.name(x), self.value(x).squeeze(1)


class Tied(nn.Module):
    """An autoencoder whose decoder uses the encoder's weights."""

    def __init__(self, inputs, code):
        super().__init__()
        self.encode = nn.Linear(inputs, code)
        self.offset = nn.Parameter(torch.zeros(inputs))

    def forward(self, x):
        return F.linear(torch.tanh(self.encode(x)), self.encode.weight.t(), self.offset)


class Split(nn.Module):
    """A backbone and a head, with something of choice between them."""

    def __init__(self, inputs, hidden, outputs, between=None):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, outputs)
        self.between = between

    def forward(self, x):
        x = self.backbone(x)
        return self.head(x if self.between is None else self.between(x))


def dense(*sizes, act=nn.ReLU, norm=None, **options):
    """A Sequential of dense layers, with an activation (and a norm) after each but the last."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes[:-1]):
        layers += [nn.Linear(before, after), *([norm(after)] if norm else []), act(**options)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def weights(network: nn.Module, draw) -> nn.Module:
    """Draw every matrix of a network by a function of nn.init."""
    for parameter in network.parameters():
        if parameter.ndim > 1:
            draw(parameter)
    return network


def answers(output) -> Tensor:
    """The class said: by the largest of several outputs, or by the sign of one."""
    return output.argmax(1) if output.ndim > 1 and output.shape[1] > 1 else (output.reshape(len(output)) > 0).long()
