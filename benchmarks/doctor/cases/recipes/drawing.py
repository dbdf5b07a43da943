"""Drawing: the recipe of a number, sound and with its fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from case import Training
from material import parted

from cases.sampled.context import RATES
from cases.sampled.planted import strength
from cases.sampled.sources import HELD, TUNING

SOURCES = {"first": TUNING, "second": HELD}  # by part, so that the two share no data
BATCHES = (16, 25, 32, 50, 64)
FORMS = ("table", "picture")  # what the named networks take
TASKS = ("binary", "classes", "number")
KINDS = (
    *(
        "rate_too_high",
        "rate_too_low",
        "momentum_too_high",
        "batch_too_small",
        "batch_too_large",
        "clipping_too_strict",
    ),
    *("decay_too_strong", "unfinished", "overfitting", "inputs_unscaled", "targets_unscaled", "vanishing"),
    *("dropout_too_strong", "underfitting", "output_range", "sorted_batches", "imbalance"),
)


@dataclass(frozen=True)
class Drawn:
    """A sound recipe and what the fault changes of it. `sound`, `faulty`: settings of data, network and recipe, by section.name."""

    part: str
    source: str
    rows: int
    level: float
    sound: Mapping[str, Any]
    faulty: Mapping[str, Any]
    repair: str
    also: tuple[str, ...]
    metric: str
    times: float = 1.0  # what inputs (or targets) are multiplied by; moved: and shifted
    moved: float = 0.0
    target_times: float = 1.0
    rare: float = 1.0  # the share that is kept of all classes but the first

    def training(self, seed: int, *, mended: bool) -> Training:
        """Make the training; data and split follow the seed."""
        settings = dict(self.sound) if mended else {**self.sound, **self.faulty}
        network = {n.removeprefix("network."): v for n, v in settings.items() if n.startswith("network.")}
        recipe = {
            n.removeprefix("recipe."): v for n, v in settings.items() if n.startswith("recipe.") and v is not None
        }
        loading = {n.removeprefix("data."): v for n, v in settings.items() if n.startswith("data.")}
        x, y, cut = self.data(seed)
        if settings.get("recipe.shuffle") is False:
            order = np.concatenate([y[:cut].argsort(kind="stable"), np.arange(cut, len(y))])
            x, y = x[order], y[order]
        if y.dtype.kind == "i":
            loading.pop("target_scaling", None)
        task = {n.removeprefix("task."): v for n, v in settings.items() if n.startswith("task.") and v is not None}
        given = parted(x, y, seed, np.arange(cut, len(y)), **loading)
        return Training(network, given, {**recipe, **({"task": task} if task else {})})

    def data(self, seed: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Inputs, targets, and where validation begins: the last fourth."""
        random = np.random.default_rng([seed, 17])
        source = SOURCES[self.part][self.source]
        x, y = source.make(seed, self.rows, self.level)
        is_classes = source.task in ("binary", "classes")
        x, y = x.astype(np.float32), y.astype(np.int64 if is_classes else np.float32)
        order = random.permutation(len(y))
        x, y = x[order], y[order]
        if self.rare < 1:
            kept = (y == 0) | (random.random(len(y)) < self.rare)
            x, y = x[kept], y[kept]
        spread = x.std(axis=0).mean()
        x = (x / spread * self.times + self.moved).astype(np.float32) if self.times != 1.0 else x
        if not is_classes:
            y = ((y - y.mean()) / y.std() * self.target_times).astype(np.float32)
        return x, y, 3 * len(y) // 4


def drawn(part: str, kind: str, number: int) -> Drawn | None:
    """The draw of a number; None where the kind would be no fault of it."""
    random = Random(f"recipes {part} {kind} {number}")
    names = [n for n, s in SOURCES[part].items() if s.form in FORMS and s.task in TASKS]
    name = random.choice(names)
    source = SOURCES[part][name]
    low, high = source.rows
    rows = int(low * (high / low) ** random.random())
    optimizer = random.choice(["sgd", "momentum", "nesterov", "adam", "adam", "adamw", "rmsprop", "adagrad"])
    batch = random.choice([size for size in BATCHES if size <= max(16, rows // 8)])
    least, most = RATES[optimizer]
    rate = least * (most / least) ** random.random() * min(1.5, max(0.5, (batch / 32) ** 0.5))
    steps = random.uniform(250, 500) * (1.5 if optimizer in ("sgd", "adagrad") else 1)
    depth = random.choice([1, 2, 2, 3])
    network: dict[str, Any] = {"network.name": "mlp", "network.hidden": [random.choice([16, 32, 64])] * depth}
    network["network.activation"] = random.choice(["relu", "relu", "tanh", "leaky_relu", "gelu"])
    sound = {
        **network,
        "data.scaling": "standard",
        "data.target_scaling": "standard",
        "recipe.optimizer": optimizer,
        "recipe.learning_rate": float(f"{rate:.2g}"),
        "recipe.batch_size": batch,
        "recipe.epochs": int(min(80, max(6, steps / -(-int(0.6 * rows) // batch)))),
        "recipe.weight_decay": random.choice([None, None, 1e-4]),
        "recipe.clip_norm": random.choice([None, None, 5.0]),
        "recipe.early_stopping": random.random() < 0.3,
    }
    metric = "accuracy" if source.task in ("binary", "classes") else "r2"
    planted = _planted(kind, random, sound, source.task, rows)
    if planted is None:
        return None
    extra = {n: planted.pop(n) for n in ("times", "moved", "target_times", "rare", "metric") if n in planted}
    rows = planted.pop("rows", rows)
    sound, faulty = sound | planted.pop("sound", {}), planted.pop("faulty")
    repair = ", ".join(f"{n}={sound.get(n)}" for n in faulty)
    values = {"metric": metric, **extra}
    return Drawn(part, name, rows, random.random(), sound, faulty, repair, planted["also"], **values)


def _planted(kind: str, random: Random, sound: Mapping[str, Any], task: str, rows: int) -> dict[str, Any] | None:
    """What a fault changes of a sound recipe. Keys: faulty, also; sound (what it needs there), and fields of Drawn."""
    rate, batch = float(sound["recipe.learning_rate"]), int(sound["recipe.batch_size"])
    slow = sound["recipe.optimizer"] in ("sgd", "momentum", "nesterov")
    is_classes = task != "number"
    if kind == "rate_too_high":
        return _fault({"recipe.learning_rate": rate * strength(random, 10, 1000)}, "exploding", "dead_units")
    if kind == "rate_too_low":
        return _fault({"recipe.learning_rate": rate / strength(random, 30, 10_000)}, "unfinished")
    if kind == "momentum_too_high":
        sound = {"recipe.optimizer": "momentum", "recipe.learning_rate": random.choice([0.01, 0.02, 0.03])}
        sound |= {"recipe.momentum": 0.9, "recipe.early_stopping": False, "recipe.clip_norm": None}
        return _fault({"recipe.momentum": random.choice([0.99, 0.995, 0.999])}, "rate_too_high", sound=sound)
    if kind == "batch_too_small":
        usual = {"sgd": 0.2, "momentum": 0.05, "nesterov": 0.05, "rmsprop": 0.01, "adagrad": 0.1}
        sound = {"recipe.batch_size": 32, "recipe.learning_rate": usual.get(str(sound["recipe.optimizer"]), 0.02)}
        sound |= {"recipe.epochs": random.choice([8, 12]), "recipe.clip_norm": None}
        return (
            None if rows > 450 else _fault({"recipe.batch_size": random.choice([1, 2])}, "rate_too_high", sound=sound)
        )
    if kind == "batch_too_large":
        if batch > 32 or int(sound["recipe.epochs"]) > 40:
            return None
        return _fault({"recipe.batch_size": int(0.6 * rows)}, "unfinished", "rate_too_low")
    if kind == "clipping_too_strict":
        return (
            _fault({"recipe.clip_norm": strength(random, 1e-5, 1e-2)}, "rate_too_low", "unfinished") if slow else None
        )
    if kind == "decay_too_strong":
        strong = strength(random, 0.1, 3) * (10 if sound["recipe.optimizer"] == "adamw" else 1)
        return _fault({"recipe.weight_decay": strong}, "underfitting", "predicts_mean", "rate_too_high")
    if kind == "unfinished":
        return _fault({"recipe.epochs": random.choice([1, 2, 3]), "recipe.early_stopping": False}, "rate_too_low")
    if kind == "overfitting":
        wide = {"network.hidden": [random.choice([64, 128])] * 2, "recipe.epochs": random.choice([80, 120])}
        sound = {**wide, "recipe.early_stopping": True, "recipe.batch_size": 16, "recipe.weight_decay": None}
        return _fault({"recipe.early_stopping": False}, sound=sound, rows=random.choice([100, 140, 180]), metric="loss")
    if kind == "inputs_unscaled":
        times = strength(random, 20, 2000)
        also = ("saturated_units", "dead_units", "rate_too_high", "huge_column")
        return _fault({"data.scaling": "none"}, *also, times=times, moved=random.choice([0, 0, 3.0]) * times)
    if kind == "targets_unscaled":
        times = random.choice([1000.0, 50.0, 20_000.0])
        also = ("rate_too_low", "unfinished", "rate_too_high", "exploding")
        return None if is_classes else _fault({"data.target_scaling": "none"}, *also, target_times=times)
    if kind == "vanishing":
        deep = {"network.hidden": [random.choice([16, 32])] * random.randint(6, 9), "network.activation": "relu"}
        return _fault({"network.activation": "sigmoid"}, "saturated_units", "slow_layer", sound=deep)
    if kind == "dropout_too_strong":
        few = {"network.dropout": 0.1}
        return _fault({"network.dropout": random.choice([0.8, 0.9, 0.95])}, "underfitting", "mode_gap", sound=few)
    if kind == "underfitting":
        return _fault({"network.hidden": random.choice([[], [1], [2]])}, "dead_units")
    if kind == "output_range":
        head = random.choice(["relu", "sigmoid", "tanh"])
        sound = {"network.output_activation": "none"}
        return None if is_classes else _fault({"network.output_activation": head}, "saturated_units", sound=sound)
    if kind == "sorted_batches":
        return _fault({"recipe.shuffle": False}, sound={"recipe.shuffle": True}) if is_classes else None
    if kind == "imbalance":
        if task != "binary":
            return None
        share = random.uniform(0.05, 0.1)
        also = ("class_never_predicted", "metric_disagrees")
        sound = {"task.class_weight": "balanced", "task.metrics": ["balanced_accuracy"]}
        return _fault(
            {"task.class_weight": None}, *also, sound=sound, rare=share, rows=1600, metric="balanced_accuracy"
        )
    raise ValueError(kind)


def _fault(faulty: dict[str, Any], *also: str, **more: Any) -> dict[str, Any]:
    return {
        "faulty": {n: float(f"{v:.2g}") if isinstance(v, float) else v for n, v in faulty.items()},
        "also": also,
        **more,
    }
