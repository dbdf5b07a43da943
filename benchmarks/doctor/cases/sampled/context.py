"""Context: a competent training program, drawn; and what a fault may change of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from cases.sampled.sources import HELD, TUNING
from cases.sampled.sources_third import THIRD

SOURCES = {**TUNING, **HELD, **THIRD}
RATES = {  # the least and the most that suits small networks
    "sgd": (0.05, 0.2),
    "momentum": (0.01, 0.04),
    "nesterov": (0.01, 0.04),
    "adam": (1e-3, 6e-3),
    "adamw": (1e-3, 6e-3),
    "rmsprop": (5e-4, 3e-3),
    "adagrad": (0.02, 0.08),
    "nadam": (1e-3, 5e-3),
    "adamax": (2e-3, 1e-2),
    "radam": (1e-3, 6e-3),
    "adadelta": (0.3, 1.0),
    "lion": (1e-4, 1e-3),
    "heavy": (5e-3, 2e-2),
}
BATCHES = (4, 8, 16, 16, 25, 32, 32, 50, 64, 128, 256, 512)
FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "tuning": {
        "sources": tuple(TUNING),
        "optimizers": ("sgd", "momentum", "adam", "adam"),
        "acts": ("relu", "relu", "tanh", "leaky"),
        "norms": ("", "", "", "batch"),
        "dense": ("mlp",),
        "pictures": ("convnet",),
        "series": ("GRU", "conv1d"),
    },
    "held": {
        "sources": tuple(HELD),
        "optimizers": ("nesterov", "adamw", "rmsprop", "adagrad"),
        "acts": ("gelu", "elu", "silu", "sigmoid"),
        "norms": ("", "", "", "layer"),
        "dense": ("mlp", "residual"),
        "pictures": ("strided",),
        "series": ("LSTM", "RNN"),
    },
    "third": {
        "sources": tuple(THIRD),
        "optimizers": ("nadam", "adamax", "radam", "adadelta", "lion", "heavy"),
        "acts": ("mish", "selu", "hardswish", "prelu", "softsign"),
        "norms": ("", "", "", "group"),
        "dense": ("mlp", "skips"),
        "pictures": ("averaged", "resconv"),
        "series": ("bigru", "dilated"),
    },
}
LOSSES = {
    "binary": ("BCEWithLogitsLoss", "bce_with_logits"),
    "classes": ("CrossEntropyLoss", "cross_entropy", "nll of log_softmax"),
    "number": ("MSELoss", "mse_loss", "by hand", "SmoothL1Loss"),
}
LOSSES_THIRD = {
    "binary": ("softplus by hand", "mean of BCEWithLogits"),
    "classes": ("smoothed", "one-hot by hand", "margin"),
    "number": ("HuberLoss", "L1Loss", "logarithm of cosh", "root"),
}
BATCHES_THIRD = (6, 10, 20, 24, 40, 48, 96, 100, 200)
OF_RECIPES = ("momentum", "adam", "rmsprop", "adagrad", "adamw")  # what dg.train knows, for third programs of its own
BINARY = {"tuning": ("cancer", "moons"), "held": ("circles", "hills"), "third": ("chessboard", "forms")}  # tables


@dataclass(frozen=True)
class Context:
    """All that makes a program. `hooks` are what a fault puts in the place of an ordinary part (see program.py)."""

    family: str
    source: str
    rows: int
    level: float
    network: str
    widths: tuple[int, ...]
    act: str
    norm: str
    dropout: float
    optimizer: str
    rate: float
    batch: int
    epochs: int
    schedule: str
    clip: float
    loss: str
    style: str  # "index", "loader", "trainer": a loop of one's own; "train": dg.train
    says: str  # what the loop's author prints: "all", "train" or "nothing"
    evaluates: str  # "each" epoch, every "fifth", at the "end", or "outside": after what is watched
    momentum: float = 0.9
    decay: float = 0.0
    scale: bool = True  # inputs to mean 0 and deviation 1, by those of training
    scale_targets: bool = True
    one_logit: bool = True
    early_stopping: bool = False
    accumulate: int = 1
    judged_by: int = 0  # validation rows a call; 0: all at once
    by_class: bool = False  # validation's score is the mean over classes
    hooks: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def form(self) -> str:
        return SOURCES[self.source].form

    @property
    def task(self) -> str:
        return SOURCES[self.source].task

    @property
    def is_classes(self) -> bool:
        return self.task in ("binary", "classes")

    @property
    def metric(self) -> str:
        return ("balanced_accuracy" if self.by_class else "accuracy") if self.is_classes else "r2"

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self.epochs * -(-int(0.75 * self.rows) // self.batch)

    def but(self, **changes: Any) -> "Context":
        return replace(self, **changes)

    def hook(self, **hooks: Callable[..., Any]) -> "Context":
        return replace(self, hooks={**self.hooks, **hooks})


def drawn(family: str, number: int | str) -> Context:
    """Draw the context of a number; the same one always."""
    random = Random(f"{family} {number}")
    means = FAMILIES[family]
    source = random.choice(means["sources"])
    form, task = SOURCES[source].form, SOURCES[source].task
    low, high = SOURCES[source].rows
    is_third = family == "third"
    rows = int(low * (high / low) ** random.random())
    network = random.choice(means[{"table": "dense", "picture": "pictures", "series": "series"}[form]])
    act = random.choice(means["acts"])
    if network not in ("mlp",) and act == "sigmoid":
        act = "relu"
    optimizer = random.choice(means["optimizers"])
    least = 4 if form == "table" else 16
    batch = random.choice([size for size in (BATCHES_THIRD if is_third else BATCHES) if least <= size <= rows // 4])
    widths = _widths(random, network, task, act)
    norm = (
        random.choice(means["norms"])
        if network not in ("RNN", "LSTM", "GRU", "residual", "bigru", "skips") and batch >= 8
        else ""
    )
    low, high = RATES[optimizer]
    rate = low * (high / low) ** random.random() * min(1.5, max(0.5, (batch / 32) ** 0.5))
    steps = (random.uniform(200, 500) if is_third else random.uniform(350, 1000)) * (
        1.5 if optimizer in ("sgd", "adagrad") else 1
    )
    epochs = int(min(120 if form == "table" else 60, max(5, steps / -(-int(0.75 * rows) // batch))))
    style = random.choice(["index", "index", "loader", "trainer", "trainer", "train"])
    losses = LOSSES_THIRD if is_third else LOSSES
    found = Context(
        *(family, source, rows, random.random(), network, widths, act, norm),
        dropout=random.choice([0, 0, 0, 0.1, 0.25]) if len(widths) > 1 and min(widths) >= 24 else 0,
        optimizer=optimizer,
        rate=float(f"{rate:.2g}"),
        batch=batch,
        epochs=epochs,
        schedule=random.choice(["", "", "", "step", "cosine", "exponential", "warmup"]),
        clip=random.choice([0, 0, 0, 1.0, 5.0]),
        loss=random.choice(losses.get(task, losses["number"])),
        style="index" if style == "train" and (form != "table" or task in ("copy", "numbers")) else style,
        says=random.choice(["all", "all", "all", "train", "nothing"]),
        evaluates=random.choice(["each", "each", "each", "fifth", "end", "outside"]),
        decay=random.choice([0, 0, 1e-4, 1e-3]),
        early_stopping=random.random() < 0.5,
    )
    return _as_third(found, random) if is_third else found


def _as_third(c: Context, random: Random) -> Context:
    """Other loops, and what the first two families never do: gradients of several batches, two outputs for two classes."""
    if c.style == "train":
        optimizer = random.choice(OF_RECIPES)
        low, high = RATES[optimizer]
        norm = "layer" if c.norm == "group" else c.norm
        return c.but(optimizer=optimizer, rate=float(f"{(low * high) ** 0.5:.2g}"), norm=norm)
    return c.but(
        style=random.choice(["steps", "closure", "steps", "dictionary"]),
        accumulate=random.choice([1, 1, 1, 2, 4]) if c.batch <= 48 else 1,
        one_logit=random.random() < 0.75,
        momentum=0.95,
        judged_by=random.choice([0, 32, 64, 100]),
    )


def _widths(random: Random, network: str, task: str, act: str) -> tuple[int, ...]:
    if network in ("RNN", "LSTM", "GRU", "bigru"):
        return (random.choice([12, 16, 24, 32]),) * random.choice([1, 1, 2])
    if network in ("convnet", "strided", "conv1d", "averaged", "resconv", "dilated"):
        return random.choice([(8,), (12,), (8, 16), (12, 24), (16, 16)])
    if task == "copy":
        return random.choice([(48, 16, 48), (64, 24, 64), (32,), (40, 12, 40)])
    if network == "residual":
        return (random.choice([16, 32, 48]),) * random.randint(2, 4)
    if act == "sigmoid":
        return (random.choice([16, 32, 64]),)
    depth = random.choice([1, 1, 2, 2, 3, 4, 5])
    wide = random.choice([8, 16, 32, 32, 64, 128, 256] if depth < 3 else [16, 24, 32, 48, 64])
    return tuple(wide if random.random() < 0.7 else max(8, wide // 2) for _ in range(depth))
