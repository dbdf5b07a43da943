"""Lightning: a LightningModule and a Trainer, with the Trainer's defaults, and once without what can be left out."""

from collections.abc import Iterator
from typing import Any

import lightning
import torch
from arrays import Arrays, iris, mnist
from clock import Clock, Size
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from peers.pytorch import convnet_network, dataset, images, mlp_network


class Classifier(lightning.LightningModule):
    def __init__(self, network: nn.Module, fused: bool = False) -> None:
        super().__init__()
        self.network, self.fused = network, fused

    def training_step(self, batch: Any, index: int) -> Tensor:
        x, y = batch
        return cross_entropy(self.network(x), y)

    def validation_step(self, batch: Any, index: int) -> None:
        x, y = batch
        self.log("accuracy", (self.network(x).argmax(1) == y).float().mean(), prog_bar=True)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3, fused=self.fused)


class Marks(lightning.Callback):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_validation_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        if not trainer.sanity_checking:
            self.clock.trained()

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        self.clock.epoch(float(trainer.callback_metrics["accuracy"]))


class Resident:
    """Batches by one indexing of tensors in memory, in place of a DataLoader."""

    def __init__(self, x: Tensor, y: Tensor, batch: int, shuffle: bool) -> None:
        self.x, self.y, self.batch, self.shuffle = x, y, batch, shuffle

    def __len__(self) -> int:
        return -(-len(self.x) // self.batch)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.x)) if self.shuffle else torch.arange(len(self.x))
        return ((self.x[ids], self.y[ids]) for ids in order.split(self.batch))


def mlp(size: Size, clock: Clock) -> None:
    fit(mlp_network, mnist(size.rows, size.tests), size, clock)


def convnet(size: Size, clock: Clock) -> None:
    fit(convnet_network, images(size), size, clock)


def small(size: Size, clock: Clock) -> None:
    fit(lambda: nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 3)), iris(), size, clock)


def tuned_mlp(size: Size, clock: Clock) -> None:
    fit_tuned(mlp_network, mnist(size.rows, size.tests), size, clock)


def tuned_convnet(size: Size, clock: Clock) -> None:
    fit_tuned(convnet_network, images(size), size, clock, low_precision=True)


def fit(make: Any, data: Arrays, size: Size, clock: Clock) -> None:
    lightning.seed_everything(size.seed)
    clock.start()
    training = DataLoader(dataset(data.x, data.y), batch_size=size.batch, shuffle=True)
    tests = DataLoader(dataset(data.test_x, data.test_y), batch_size=size.batch)
    trainer = lightning.Trainer(max_epochs=size.epochs, callbacks=[Marks(clock)])
    trainer.fit(Classifier(make()), training, tests)
    clock.end()


def fit_tuned(make: Any, data: Arrays, size: Size, clock: Clock, low_precision: bool = False) -> None:
    lightning.seed_everything(size.seed)
    clock.start()
    x, y, test_x, test_y = map(torch.from_numpy, data)
    network = make()
    if low_precision:
        network = network.to(memory_format=torch.channels_last)
    trainer = lightning.Trainer(
        max_epochs=size.epochs,
        callbacks=[Marks(clock)],
        precision="bf16-mixed" if low_precision else "32-true",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    trainer.fit(
        Classifier(network, fused=True), Resident(x, y, size.batch, True), Resident(test_x, test_y, 1000, False)
    )
    clock.end()
