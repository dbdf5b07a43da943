"""PyTorch: the ordinary loop, whose DataLoader pads each batch to its longest sentence."""

from typing import Any

import numpy as np
import torch
from clock import Clock, Size
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from peers.pytorch import loop
from peers.sequences import NETWORKS, Sentences, sentences


def lstm(size: Size, clock: Clock) -> None:
    run("lstm", size, clock)


def transformer(size: Size, clock: Clock) -> None:
    run("transformer", size, clock)


def run(name: str, size: Size, clock: Clock) -> None:
    data = sentences(size)
    torch.manual_seed(size.seed)
    clock.start()
    training, tests = loaders(data, size)
    loop(NETWORKS[name](data.vocabulary), training, tests, size, clock)
    clock.end(words=sum(map(len, data.x)))


def loaders(data: Sentences, size: Size) -> tuple[DataLoader[Any], DataLoader[Any]]:
    training = DataLoader(pairs(data.x, data.y), size.batch, shuffle=True, collate_fn=collate)
    return training, DataLoader(pairs(data.test_x, data.test_y), size.batch, collate_fn=collate)


def pairs(x: list[np.ndarray], y: np.ndarray) -> Any:
    return [(torch.from_numpy(row), int(label)) for row, label in zip(x, y)]


def collate(examples: list[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    rows, labels = zip(*examples)
    return pad_sequence(list(rows), batch_first=True), torch.tensor(labels)
