"""Probed: the same training with and without looks inside, one after the other in one process."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import torch
from arrays import mnist
from clock import Clock, Size
from torch import nn

import deepglass as dg
from peers import ours, pytorch

WARM_UP = Size(rows=1024, tests=128, epochs=1)  # what a process does for the first time takes longer

Fit = Callable[[Size, bool, str], float]  # size, whether it is looked into, a name for its folder: seconds of looks


def mlp(size: Size, clock: Clock) -> None:
    by_turns(lambda size: kept(size, hidden=[128]), size, clock)


def convnet(size: Size, clock: Clock) -> None:
    by_turns(lambda size: kept(size, name="convnet"), size, clock)


def watched_mlp(size: Size, clock: Clock) -> None:
    by_turns(lambda size: in_a_loop(size, pytorch.mlp_network, channels=False), size, clock)


def watched_convnet(size: Size, clock: Clock) -> None:
    by_turns(lambda size: in_a_loop(size, pytorch.convnet_network, channels=True), size, clock)


def by_turns(prepared: Callable[[Size], Fit], size: Size, clock: Clock) -> None:
    """Train without looks and with them, in turns that begin with the one or the other. Args: prepared: loads the data."""
    warm_up = replace(WARM_UP, seed=size.seed)
    fit = prepared(warm_up)
    for seen in (False, True):
        fit(warm_up, seen, f"warm-up-{seen}")
    fit, facts = prepared(size), {}
    clock.start()
    for seen in (False, True) if size.seed % 2 == 0 else (True, False):
        started = perf_counter()
        looks = fit(size, seen, str(seen))
        facts["with" if seen else "without"] = perf_counter() - started
        if seen:
            facts["looks"] = looks
    clock.end(**facts, steps=size.epochs * -(-size.rows // size.batch))


def kept(size: Size, *, name: str = "mlp", **shape: object) -> Fit:
    """`dg.train`, whose probes are on by default, and the same with `probes=False`."""
    data = ours.mnist(size)

    def fit(size: Size, seen: bool, place: str) -> float:
        network = dg.build(name, data, seed=size.seed, **shape)
        recipe = {**ours.recipe_of(size), "probes": seen}
        run = dg.train(network, data, recipe=recipe, out=place, progress=False)
        return float(run.facts.get("probes", {}).get("seconds", 0.0))

    return fit


def in_a_loop(size: Size, made: Callable[[], nn.Module], *, channels: bool) -> Fit:
    """An ordinary PyTorch loop, in `dg.watch` and without it."""
    data = pytorch.images(size) if channels else mnist(size.rows, size.tests)

    def fit(size: Size, seen: bool, place: str) -> float:
        torch.manual_seed(size.seed)
        network, own = made(), Clock()
        own.start()
        if not seen:
            pytorch.fit(network, data, size, own)
            return 0.0
        with dg.watch(network) as evidence:
            pytorch.fit(network, data, size, own)
        return float(evidence.facts.get("seconds", 0.0))

    return fit
