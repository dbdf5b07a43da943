"""Deepglass: `train` as the README shows it, with a run folder, measuring and saving; and `Training`, which keeps nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import torch
from arrays import Arrays, digits, generated, iris, mnist_bytes, mnist_folder
from clock import Clock, Size, own_memory

import deepglass as dg
from deepglass.runs import RunFolder
from deepglass.threads import use_threads

OUT = "run"  # a folder in the contestant's own
WRITTEN = 100_000  # rows at a time
IMPORTED = (dg.train, dg.Training, dg.Recipe, dg.build)  # now, because `dg` imports what is used when it is used


def mlp(size: Size, clock: Clock) -> None:
    train(mnist(size), size, clock, hidden=[128])


def mlp_alone(size: Size, clock: Clock) -> None:
    iterate(mnist(size), size, clock, hidden=[128])


def convnet(size: Size, clock: Clock) -> None:
    train(mnist(size), size, clock, name="convnet")


def convnet_alone(size: Size, clock: Clock) -> None:
    iterate(mnist(size), size, clock, name="convnet")


def convnet_as_written(size: Size, clock: Clock) -> None:
    """Without the rewrites that keep the function."""
    if "rewrites" not in dg.Recipe.model_fields:
        raise ImportError("this version rewrites nothing")
    train(mnist(size), size, clock, name="convnet", recipe={"rewrites": False})


def small(size: Size, clock: Clock) -> None:
    train(divided(iris()), size, clock, hidden=[10])


def small_alone(size: Size, clock: Clock) -> None:
    iterate(divided(iris()), size, clock, hidden=[10])


def many(size: Size, clock: Clock) -> None:
    """One run after another, each kept in its folder."""
    from peers.candidates import candidates

    data = divided(digits())
    clock.start()
    best = 0.0
    for number, (rate, penalty) in enumerate(candidates(size.candidates)):
        recipe = {**recipe_of(size), "learning_rate": rate, "weight_decay": penalty}
        run = dg.train({"name": "mlp", "hidden": [100]}, data, recipe=recipe, out=f"{OUT}/{number}", progress=False)
        best = max(best, run.history[-1].validation["accuracy"])
    clock.end(best=best)


def stacked(size: Size, clock: Clock) -> None:
    """All networks in one step."""
    from deepglass.training.replicas import Replicas
    from deepglass.training.siblings import siblings
    from peers.candidates import candidates

    data = divided(digits())
    clock.start()
    recipes = [{**recipe_of(size), "learning_rate": r, "weight_decay": p} for r, p in candidates(size.candidates)]
    made = partial(dg.build, "mlp", data, hidden=[100])
    trainings = siblings(lambda seed: made(seed=seed), data, [dg.Recipe(**recipe) for recipe in recipes])
    for _ in Replicas(trainings):
        pass
    clock.end(best=max(t.history[-1].validation["accuracy"] for t in trainings))


def rows(size: Size, clock: Clock) -> None:
    learn_rows(size, clock, streaming=False)


def rows_streamed(size: Size, clock: Clock) -> None:
    learn_rows(size, clock, streaming=True)


def rows_mapped(size: Size, clock: Clock) -> None:
    """Streamed from two .npy files that stay on the disk."""
    rows = size.rows + 1000
    x, y = (
        np.lib.format.open_memmap(f"{n}.npy", "w+", t, s) for n, t, s in (("x", "f4", (rows, 10)), ("y", "i8", (rows,)))
    )
    random = np.random.default_rng(0)
    for start in range(0, rows, WRITTEN):
        part = random.standard_normal((min(WRITTEN, rows - start), 10), dtype=np.float32)
        x[start : start + WRITTEN], y[start : start + WRITTEN] = part, part.sum(1) > 0
    del x, y
    learn_rows(size, clock, streaming=True, arrays=(np.load("x.npy", mmap_mode="r"), np.load("y.npy", mmap_mode="r")))
    clock.facts["own_mib"] = own_memory()


def learn_rows(size: Size, clock: Clock, streaming: bool, arrays: tuple[np.ndarray, np.ndarray] | None = None) -> None:
    x, y = arrays or generated(size.rows + 1000)
    started = perf_counter()
    data = dg.load((x, y), validation=1000, test=0, streaming=streaming)
    loaded = perf_counter() - started
    iterate(data, size, clock, hidden=[32])
    clock.facts["loading"] = loaded


def in_parts(size: Size, clock: Clock) -> None:
    """A kept training of the MLP with the time that its parts take, between two halves of its bare steps."""
    from deepglass.training.keep import Saver
    from deepglass.training.training import Training

    data = mnist(size)
    parts: dict[str, float] = {}
    half = size.epochs // 2
    take_steps(data, size, 1)  # what a process does for the first time takes longer
    before = take_steps(data, size, half)
    with (
        timed(Saver, "save", parts),
        timed(Training, "_measure", parts),
        timed(RunFolder, "append_history", parts),
        timed(RunFolder, "update_facts", parts),
    ):
        run = train(data, size, clock, hidden=[128])
    clock.facts |= {
        "bare": before + take_steps(data, size, size.epochs - half),
        "saves": parts["save"],
        "measuring": parts["_measure"],
        "log": parts["append_history"] + parts["update_facts"],
        "steps": sum(epoch.seconds for epoch in run.history),
        "probes": run.facts.get("probes", {}).get("seconds", 0.0),
    }


def take_steps(data: dg.Dataset, size: Size, epochs: int) -> float:
    """Seconds of the MLP's steps with nothing around them: no flag, no record, no measuring, no folder."""
    network = dg.build("mlp", data, seed=size.seed, hidden=[128])
    training = dg.Training(network, data, dg.Recipe(**recipe_of(size)))
    differentiate, player = training.execution.by_hand, training.players[0]
    assert differentiate is not None
    use_threads(training.threads)
    reader = data.reader("cpu", in_bfloat16=training.execution.rounded_input)
    started = perf_counter()
    for _ in range(epochs):
        order = training.train_ids[torch.randperm(len(training.train_ids))]
        for batch in reader.read(order, size.batch):
            differentiate(batch)
            player.step()
    return perf_counter() - started


def mnist(size: Size) -> dg.Dataset:
    """MNIST by name, or generated pictures like it, with the split that all contestants have."""
    data = mnist_bytes(size.rows, size.tests)
    return divided(data, source="mnist" if mnist_folder() else None, scaling="unit")


def divided(data: Arrays, source: str | None = None, **settings: Any) -> dg.Dataset:
    """The given rows as training and validation split. Args: source: a name, when the rows are the first ones of that set."""
    rows, tests = len(data.x), len(data.test_x)
    if source is None:
        both = (np.concatenate([data.x, data.test_x]), np.concatenate([data.y, data.test_y]))
        read, first_test = dg.load(both, **settings).source, rows
    else:
        read = dg.load(source).source
        assert read.splits is not None
        first_test = int(read.splits["test"][0])
    parts = {"train": np.arange(rows), "validation": np.arange(first_test, first_test + tests)}
    splits = {**parts, "test": np.arange(0)}
    return dg.load(replace(read, splits=splits), **{"scaling": "none", **settings})


def recipe_of(size: Size) -> dict[str, Any]:
    """Early stopping watches, as it does by default, and never finds that it is enough."""
    return {"epochs": size.epochs, "batch_size": size.batch, "seed": size.seed, "patience": size.epochs}


def train(data: dg.Dataset, size: Size, clock: Clock, *, name: str = "mlp", recipe: Any = None, **shape: Any) -> dg.Run:
    clock.start()
    network = dg.build(name, data, seed=size.seed, **shape)
    with marked(clock):
        run: dg.Run = dg.train(network, data, recipe={**recipe_of(size), **(recipe or {})}, out=OUT)
    clock.end()
    return run


def iterate(data: dg.Dataset, size: Size, clock: Clock, *, name: str = "mlp", **shape: Any) -> None:
    clock.start()
    network = dg.build(name, data, seed=size.seed, **shape)
    for epoch in dg.Training(network, data, dg.Recipe(**recipe_of(size))):
        clock.epoch(epoch.validation["accuracy"], training=epoch.seconds)
    clock.end()


@contextmanager
def marked(clock: Clock) -> Iterator[None]:
    """Mark the end of every epoch: `train` has no callbacks, but it writes a record then."""
    append = RunFolder.append_history

    def appended(self: RunFolder, record: Any) -> None:
        append(self, record)
        clock.epoch(record["validation"]["accuracy"], training=record["seconds"])

    RunFolder.append_history = appended  # type: ignore[method-assign]
    try:
        yield
    finally:
        RunFolder.append_history = append  # type: ignore[method-assign]


@contextmanager
def timed(owner: type, method: str, parts: dict[str, float]) -> Iterator[None]:
    """Add up the seconds that a method takes, under its name."""
    plain = getattr(owner, method)
    parts.setdefault(method, 0.0)

    def measured(*args: Any, **kwargs: Any) -> Any:
        started = perf_counter()
        try:
            return plain(*args, **kwargs)
        finally:
            parts[method] += perf_counter() - started

    setattr(owner, method, measured)
    try:
        yield
    finally:
        setattr(owner, method, plain)
