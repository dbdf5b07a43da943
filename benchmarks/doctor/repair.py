"""Repair: is a fault put right by what the doctor proves, and by a random search that may train as often?

A fault that the settings can mend counts. It is repaired when training anew with the spec that was chosen, on seeds that nobody
has chosen by, closes CLOSED of the way from the faulty score to the level of the healthy twin.
"""

import math
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from case import Fault, Training
from outcome import SMALL_IS_GOOD, Outcome, carry_out

from deepglass.errors import DeepglassError
from deepglass.training.spec import Spec

CLOSED = 0.75  # of the gap: the rest is what one seed differs from another by
FRESH = (100, 101, 102)  # seeds to judge by
SEARCHED = 0.3  # chance that a trial of the random search changes a setting
HELPED = "helped"

# What a random search draws from: what people turn first, with the values that they try.
SPACE: dict[str, list[Any]] = {
    "recipe.learning_rate": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1],
    "recipe.optimizer": ["adam", "adamw", "sgd", "momentum", "rmsprop"],
    "recipe.batch_size": [16, 32, 64, 128],
    "recipe.epochs": [10, 20, 40, 80],
    "recipe.weight_decay": [0.0, 1e-4, 1e-2],
    "recipe.clip_norm": [None, 1.0],
    "recipe.schedule": ["constant", "cosine", "one_cycle"],
    "recipe.shuffle": [True],
    "recipe.early_stopping": [True],
    "data.scaling": ["standard", "unit"],
    "data.target_scaling": ["standard"],
    "data.label_encoding": ["index"],
    "task.loss": ["auto"],
    "task.class_weight": [None, "balanced"],
    "network.activation": ["relu", "tanh", "gelu"],
    "network.hidden": [[32], [64], [64, 64], [128, 64]],
    "network.filters": [[8, 16], [16, 32]],
    "network.dropout": [0.0, 0.2, 0.5],
    "network.norm": [None, "batch", "layer"],
    "network.initialization": ["auto", "he", "glorot"],
    "network.output_activation": [None, "softmax", "sigmoid"],
}


@dataclass(frozen=True)
class Repair:
    """What became of one fault: was the remedy proved, and does it reach the level; how many trainings it took to choose."""

    proved: bool
    reached: bool
    trainings: int


def repairs(faults: Sequence[Fault], *, shown: bool) -> dict[str, str]:
    """Share repaired and proved by the doctor, and repaired by a random search of equal cost."""
    lines = []
    for case in faults:
        if case.by != "settings" or case.hidden:
            continue
        doctor = by_doctor(case)
        search = by_search(case, doctor.trainings)
        lines.append((doctor, search))
        if shown:
            print(f"{case.name}: doctor {doctor}, random search {search}", flush=True)
    count = max(1, len(lines))
    return {
        "repaired and proved": f"{sum(d.proved and d.reached for d, _ in lines) / count:.3f} of {len(lines)}",
        "repaired": f"{sum(d.reached for d, _ in lines) / count:.3f}",
        "repaired by random search": f"{sum(s.reached for _, s in lines) / count:.3f}",
        "trainings": str(sum(d.trainings for d, _ in lines)),
    }


def by_doctor(case: Fault, seed: int = 0) -> Repair:
    """Let the doctor prove its first finding: `run.prove()` has a `verdict`, a winning `spec` and how many `trainings` it took."""
    with tempfile.TemporaryDirectory() as folder:
        sick = carry_out(partial(case.make, mended=False), seed, Path(folder) / "sick")
        proof = sick.run.prove()
        if proof is None:  # nothing was found
            return Repair(False, False, 0)
        helped = proof.verdict == HELPED
        return Repair(helped, helped and reaches(case, proof.spec, sick), proof.trainings)


def by_search(case: Fault, trainings: int, seed: int = 0) -> Repair:
    """Train as often with settings drawn at random, and keep the best on validation."""
    drawn = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        sick = carry_out(partial(case.make, mended=False), seed, Path(folder) / "sick")
        best, best_goodness = sick.run.spec, sick.goodness(case.metric)
        for trial in range(trainings):
            spec = _drawn(sick.run.spec, drawn)
            goodness = _trained(case, spec, seed, Path(folder) / str(trial)).goodness(case.metric)
            if goodness > best_goodness:
                best, best_goodness = spec, goodness
        return Repair(False, best is not sick.run.spec and reaches(case, best, sick), trainings)


def reaches(case: Fault, spec: Spec, sick: Outcome) -> bool:
    """Whether a spec closes the gap, on average over fresh seeds."""
    level = -case.level if case.metric in SMALL_IS_GOOD else case.level
    start = sick.goodness(case.metric)
    needed = level - (1 - CLOSED) * (level - start) if math.isfinite(start) else level
    with tempfile.TemporaryDirectory() as folder:
        found = [_trained(case, spec, s, Path(folder) / str(s)).goodness(case.metric) for s in FRESH]
    return sum(found) / len(found) >= needed


def _trained(case: Fault, spec: Spec, seed: int, folder: Path) -> Outcome:
    """Train the data of a case, drawn anew for the seed, with a spec; one that cannot be trained is as bad as can be."""

    def make(seed: int) -> Training:
        made = case.make(seed, False)
        assert isinstance(made, Training)
        before = made.data.settings
        changed = {n: v for n, v in spec.data.model_dump().items() if n in _OF_DATA and v != getattr(before, n)}
        own = {n: v for n, v in made.settings.items() if n == "metrics" or (n == "loss" and callable(v))}
        network = made.network if "module" in spec.network else dict(spec.network)
        settings = {**spec.recipe.model_dump(exclude_unset=True), "seed": seed}
        task = spec.task.model_dump(exclude_defaults=True)
        return Training(network, made.data.with_(**changed), {**settings, "task": task, **own})

    try:
        return carry_out(make, seed, folder)
    except DeepglassError:
        return Outcome()


_OF_DATA = ("scaling", "target_scaling", "label_encoding", "augment")


def _drawn(spec: Spec, drawn: random.Random) -> Spec:
    """Change some settings at random; those of a network only where it has them."""
    changes = {}
    for name, values in SPACE.items():
        section, _, option = name.partition(".")
        if section == "network" and option not in spec.network:
            continue
        if drawn.random() < SEARCHED:
            changes[name] = drawn.choice(values)
    if "recipe.optimizer" in changes:
        changes |= {f"recipe.{own}": None for own in ("momentum", "rho", "beta1", "beta2", "epsilon")}
    return spec.with_(changes)
