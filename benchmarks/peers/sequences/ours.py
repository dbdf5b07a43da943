"""Deepglass: `train` with a run folder, and `Training` alone."""

from dataclasses import replace
from typing import Any

import numpy as np
from clock import Clock, Size

import deepglass as dg
from deepglass.data.source import Source, categories, texts
from peers.ours import recipe_of, train
from peers.sequences import DROPOUT, FEEDFORWARD, HEADS, LAYERS, LONGEST, MOST_WORDS, WIDTH, words

# Networks by name with what makes them the ones that all contestants have.
OPTIONS: dict[str, dict[str, Any]] = {
    "lstm": {"embedding": WIDTH, "units": WIDTH},
    "transformer": {
        "width": WIDTH,
        "heads": HEADS,
        "layers": LAYERS,
        "feedforward": FEEDFORWARD,
        "dropout": DROPOUT,
        "positions": "learned",
        "norm": "post",
        "activation": "relu",
    },
}
RECIPE = {"optimizer": "adam", "learning_rate": 1e-3, "weight_decay": 0.0, "schedule": "constant", "clip_norm": None}


def lstm(size: Size, clock: Clock) -> None:
    run("lstm", size, clock)


def transformer(size: Size, clock: Clock) -> None:
    run("transformer", size, clock)


def lstm_alone(size: Size, clock: Clock) -> None:
    run("lstm", size, clock, alone=True)


def transformer_alone(size: Size, clock: Clock) -> None:
    run("transformer", size, clock, alone=True)


def sentences(size: Size) -> dg.Dataset:
    strings, classes = words(size)
    fields = {"text": texts([" ".join(s) for s in strings]), "label": categories(classes, ["neg", "pos"])}
    parts = np.split(np.arange(len(strings)), [size.rows])
    splits = {"train": parts[0], "validation": parts[1], "test": parts[1][:0]}
    source = replace(Source("sentences", fields, ("text",), ("label",)), splits=splits)
    return dg.load(source, level="tokens", vocabulary=MOST_WORDS, length=LONGEST)


def run(name: str, size: Size, clock: Clock, alone: bool = False) -> None:
    data = sentences(size)
    if not alone:
        train(data, size, clock, name=name, recipe=RECIPE, **OPTIONS[name])
        return
    clock.start()
    network = dg.build(name, data, seed=size.seed, **OPTIONS[name])
    for epoch in dg.Training(network, data, dg.Recipe(**{**recipe_of(size), **RECIPE})):
        clock.epoch(epoch.validation["accuracy"], training=epoch.seconds)
    clock.end()
