"""Unseen faults of recurrent networks and small transformers in settings and data, through `dg.train`."""

import numpy as np
from case import Training, fault, train
from torch import nn

from cases.fresh.material import dataset
from cases.unseen.steps_loops import SequenceClassifier
from cases.unseen.steps_material import chatter, first_heard, humming, reviews, windows
from cases.unseen.steps_words import TextTransformer

CLASS = {"metric": "accuracy"}
WORDS_AS_THEY_ARE = {"scaling": "none"}


def worded(made, seed, **settings):
    """Numbered words as numbers: the network looks them up."""
    return dataset((made[0].astype(np.float32), made[1]), seed, **WORDS_AS_THEY_ARE, **settings)


@fault(
    kind="rate_too_low",
    also=("unfinished",),
    where="learning_rate",
    repair="recipe.learning_rate=3e-3",
    **CLASS,
    level=0.969,
)
def first_heard_at_leisure(seed: int, mended: bool) -> Training:
    network = TextTransformer(8, 2, reads="mean")
    settings = {"learning_rate": 4e-3 if mended else 4e-6, "epochs": 20}
    return train(network, worded(first_heard(seed, 1400), seed), **settings)


@fault(kind="underfitting", where="hidden", by="code", repair="more units", **CLASS, level=0.701)
def humming_through_one_unit(seed: int, mended: bool) -> Training:
    network = SequenceClassifier(nn.LSTM, 2, 24 if mended else 1, 3)
    return train(network, dataset(humming(seed, length=24), seed), epochs=25, learning_rate=1e-2)


@fault(kind="overfitting", where="epochs", repair="recipe.early_stopping=true", metric="loss", level=0.705)
def few_reviews_by_heart(seed: int, mended: bool) -> Training:
    settings = {"epochs": 50, "learning_rate": 3e-3, "early_stopping": mended, "batch_size": 16}
    return train(TextTransformer(40, 2, length=14), worded(reviews(seed, 180), seed), **settings)


@fault(kind="unfinished", also=("rate_too_low",), where="epochs", repair="recipe.epochs=30", **CLASS, level=0.987)
def humming_cut_short(seed: int, mended: bool) -> Training:
    network = SequenceClassifier(nn.GRU, 2, 20, 3)
    settings = {"epochs": 30 if mended else 3, "learning_rate": 4e-3}
    return train(network, dataset(humming(seed, length=24), seed), **settings)


@fault(
    kind="zero_weights",
    also=("symmetric_weights",),
    where="initialization",
    by="code",
    repair="PyTorch's own",
    **CLASS,
    level=0.987,
)
def humming_from_nothing(seed: int, mended: bool) -> Training:
    network = SequenceClassifier(nn.GRU, 2, 20, 3)
    if not mended:
        for parameter in network.parameters():
            nn.init.zeros_(parameter)
    return train(network, dataset(humming(seed, length=24), seed), epochs=20, learning_rate=8e-3)


@fault(kind="output_range", where="out", by="code", repair="no sigmoid", metric="r2", level=0.986)
def chatter_through_a_sigmoid(seed: int, mended: bool) -> Training:
    network = SequenceClassifier(nn.GRU, 1, 20, 1)
    network = network if mended else nn.Sequential(network, nn.Sigmoid())
    data = dataset(windows(chatter(seed, 500), 8), seed)
    return train(network, data, epochs=20, learning_rate=8e-3)
