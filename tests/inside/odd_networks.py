"""Networks of every form that a look inside has to bear, each with inputs that fit."""

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """A sum that is no module, over a layer that works in place."""

    def __init__(self):
        super().__init__()
        self.first, self.act, self.second, self.out = (
            nn.Linear(4, 4),
            nn.ReLU(inplace=True),
            nn.Linear(4, 4),
            nn.Linear(4, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.out(x + self.second(self.act(self.first(x))))


class Shared(nn.Module):
    """One layer that is called three times."""

    def __init__(self):
        super().__init__()
        self.again, self.out = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = self.again(x).tanh()
        return self.out(x)


class Recurrent(nn.Module):
    """An LSTM whose steps come first, as torch has it."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(2, 5), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        steps, _ = self.lstm(x.transpose(0, 1))
        return self.out(steps[-1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.out = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.block(x).mean(dim=1))


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(4, 3), nn.Linear(2, 3, bias=False)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.left(a) + self.right(b)


def convolutional() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Dropout(0.5), nn.Flatten(), nn.Linear(36, 3)),
    )


def first_in_place() -> nn.Module:
    return nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 3))


def compiled() -> nn.Module:
    return torch.compile(nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), backend="eager")


def compiled_in_place() -> nn.Module:
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    network.compile(backend="eager")
    return network


ODD = {
    "residual": (Residual, (4,)),
    "shared": (Shared, (4,)),
    "recurrent": (Recurrent, (7, 2)),
    "attention": (Attention, (6, 8)),
    "two inputs": (TwoInputs, {"a": (4,), "b": (2,)}),
    "convolutional": (convolutional, (1, 8, 8)),
    "first in place": (first_in_place, (4,)),
    "compiled": (compiled, (4,)),
    "compiled in place": (compiled_in_place, (4,)),
}


def odd(name: str, examples: int = 5):
    """A network of ODD with seeded weights, and inputs for it."""
    make, shape = ODD[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = make()
        if isinstance(shape, dict):
            return network, {n: torch.randn(examples, *s) for n, s in shape.items()}
        return network, torch.randn(examples, *shape)
