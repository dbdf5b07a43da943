"""PyTorch: the ordinary loop of its tutorials, DataLoader and all."""

from typing import Any

import numpy as np
import torch
from arrays import Arrays, digits, generated, iris, mnist
from clock import Clock, Size
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def mlp_network() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def convnet_network() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
    )


def mlp(size: Size, clock: Clock) -> None:
    data = mnist(size.rows, size.tests)
    torch.manual_seed(size.seed)
    clock.start()
    fit(mlp_network(), data, size, clock)
    clock.end()


def convnet(size: Size, clock: Clock) -> None:
    data = images(size)
    torch.manual_seed(size.seed)
    clock.start()
    fit(convnet_network(), data, size, clock)
    clock.end()


def small(size: Size, clock: Clock) -> None:
    data = iris()
    torch.manual_seed(size.seed)
    clock.start()
    fit(nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 3)), data, size, clock)
    clock.end()


def many(size: Size, clock: Clock) -> None:
    """One network after another, each with its rate and penalty."""
    from peers.candidates import candidates

    data = digits()
    clock.start()
    best = 0.0
    for rate, penalty in candidates(size.candidates):
        own = Clock()
        own.start()
        network = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
        fit(network, data, size, own, rate=rate, penalty=penalty)
        best = max(best, own.epochs[-1]["accuracy"] or 0.0)
    clock.end(best=best)


def rows(size: Size, clock: Clock) -> None:
    """Two classes of generated rows."""
    x, y = generated(size.rows + 1000)
    clock.start()
    data = Arrays(x[1000:], y[1000:], x[:1000], y[:1000])
    fit(nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2)), data, size, clock)
    clock.end()


def images(size: Size) -> Arrays:
    """MNIST with its channel axis: (examples, 1, 28, 28)."""
    data = mnist(size.rows, size.tests)
    return data._replace(x=data.x[:, None], test_x=data.test_x[:, None])


def dataset(x: np.ndarray, y: np.ndarray) -> TensorDataset:
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y))


def fit(
    network: nn.Module, data: Arrays, size: Size, clock: Clock, *, rate: float = 1e-3, penalty: float = 0.0
) -> None:
    training = DataLoader(dataset(data.x, data.y), batch_size=size.batch, shuffle=True)
    tests = DataLoader(dataset(data.test_x, data.test_y), batch_size=size.batch)
    loop(network, training, tests, size, clock, rate=rate, penalty=penalty)


def loop(
    network: nn.Module,
    training: DataLoader[Any],
    tests: DataLoader[Any],
    size: Size,
    clock: Clock,
    *,
    rate: float = 1e-3,
    penalty: float = 0.0,
) -> None:
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=rate, weight_decay=penalty)
    for _ in range(size.epochs):
        network.train()
        for x, y in training:
            loss = loss_of(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        clock.trained()
        network.eval()
        right = 0
        with torch.no_grad():
            for x, y in tests:
                right += (network(x).argmax(1) == y).sum().item()
        clock.epoch(right / len(tests.dataset))  # type: ignore[arg-type]
