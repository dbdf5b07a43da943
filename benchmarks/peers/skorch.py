"""skorch: a NeuralNetClassifier."""

from typing import Any

import torch
from arrays import mnist
from clock import Clock, Size
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from peers.pytorch import mlp_network


class Marks(Callback):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_batch_begin(self, net: Any, batch: Any = None, training: bool = False, **rest: Any) -> None:
        if not training and self.clock.training is None:
            self.clock.trained()

    def on_epoch_end(self, net: Any, **rest: Any) -> None:
        self.clock.epoch(float(net.history[-1, "valid_acc"]))


def mlp(size: Size, clock: Clock) -> None:
    data = mnist(size.rows, size.tests)
    torch.manual_seed(size.seed)
    clock.start()
    net = NeuralNetClassifier(
        mlp_network(),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        batch_size=size.batch,
        max_epochs=size.epochs,
        iterator_train__shuffle=True,
        train_split=predefined_split(Dataset(data.test_x, data.test_y)),
        callbacks=[Marks(clock)],
    )
    net.fit(data.x, data.y)
    clock.end()
