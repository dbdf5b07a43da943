"""Lightning: a LightningModule and a Trainer with its defaults, and the same tuned."""

import lightning
from clock import Clock, Size

from peers.lightning import Classifier, Marks
from peers.sequences import NETWORKS, sentences
from peers.sequences.pytorch import loaders


def lstm(size: Size, clock: Clock) -> None:
    fit("lstm", size, clock)


def transformer(size: Size, clock: Clock) -> None:
    fit("transformer", size, clock)


def fit(name: str, size: Size, clock: Clock) -> None:
    data = sentences(size)
    lightning.seed_everything(size.seed)
    clock.start()
    training, tests = loaders(data, size)
    trainer = lightning.Trainer(max_epochs=size.epochs, callbacks=[Marks(clock)])
    trainer.fit(Classifier(NETWORKS[name](data.vocabulary)), training, tests)
    clock.end()
