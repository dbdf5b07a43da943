"""Arms: the sides of an experiment, the same training but for one change, each repeated over the seeds."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.data import Dataset, load
from deepglass.errors import SettingError, TrainingError
from deepglass.experiments.experiment import Form
from deepglass.networks import build
from deepglass.results import interval
from deepglass.training import Epoch, Recipe, Training
from deepglass.training.replicas import Replicas
from deepglass.training.stackable import pays, unfit

SPREAD = (
    97  # a step through the examples that shares no factor with their number, so that a part of them has all classes
)


@dataclass(frozen=True)
class Arm:
    """One side: the history and the network of each seed."""

    name: str
    histories: list[list[Epoch]]
    trainings: list[Training]

    def curve(self, metric: str, part: str = "validation") -> np.ndarray:
        """A metric by seed and epoch, shape (seeds, epochs); nan where it was no number, or the training had ended."""
        longest = max(map(len, self.histories), default=0)
        found = np.full((len(self.histories), max(1, longest)), np.nan)
        for seed, history in enumerate(self.histories):
            found[seed, : len(history)] = [getattr(e, part).get(metric, np.nan) for e in history]
        return found

    def last(self, metric: str, part: str = "validation") -> np.ndarray:
        """A metric after the last epoch, shape (seeds,)."""
        return self.curve(metric, part)[:, -1]

    def late(self, metric: str, part: str = "validation") -> np.ndarray:
        """A metric on average over the last tenth of the epochs, shape (seeds,): a single epoch of plain descent is noisy."""
        found = self.curve(metric, part)
        return found[:, -max(1, found.shape[1] // 10) :].mean(axis=1)

    @property
    def seconds(self) -> float:
        """Of training, on average over the seeds."""
        return float(np.mean([sum(e.seconds for e in h) for h in self.histories]))


def pictures(form: Form, **settings: Any) -> Dataset:
    """Return the digits that an experiment trains and measures on; the test split of the set is not among them."""
    whole = load(form.data, test=0) if form.data == "digits" else load(form.data)
    source, test = whole.source, whole.splits.test
    image, digit = source.fields[source.inputs[0]].values, source.fields[source.targets[0]]
    rest = np.setdiff1d(np.arange(len(source)), test)
    needed = form.examples + form.held_out
    if needed > len(rest):
        raise SettingError(
            f"{form.data} has {len(rest):,} examples outside its test split, and {needed:,} are asked for. Take fewer."
        )
    order = rest[(np.arange(needed) * SPREAD) % len(rest)] if len(rest) % SPREAD else rest[:needed]
    labels = np.array(digit.classes)[digit.values[order]]
    options = {"test": 0, "validation": form.held_out, "stratify": not form.wrong, **settings}
    data = load((np.asarray(image)[order], labels), **options)
    if not form.wrong:
        return data
    random = np.random.default_rng(0)
    train = data.members("train").numpy()
    wrong = random.choice(train, int(form.wrong * len(train)), replace=False)
    labels[wrong] = random.choice(np.array(digit.classes), len(wrong))
    return load((np.asarray(image)[order], labels), **options)  # the same splits, which do not ask for the labels


def train(form: Form, data: Dataset, recipe: Mapping[str, Any], network: Mapping[str, Any], seed: int) -> Training:
    """Train one network and return its training, with the weights of the last epoch, unless the recipe says otherwise."""
    training = _made(form, data, recipe, network, seed)
    _run([training])
    return training


def _made(form: Form, data: Dataset, recipe: Mapping[str, Any], network: Mapping[str, Any], seed: int) -> Training:
    settings = {"epochs": form.epochs, "early_stopping": False, "batch_size": 32, "optimizer": "sgd", **recipe}
    layers = {"name": "mlp", **({"hidden": [64]} if network.get("name", "mlp") == "mlp" else {}), **network}
    return Training(build(layers, data, seed=seed), data, Recipe(**settings, seed=seed))


def _run(trainings: Sequence[Training]) -> None:
    """Train all to the end, in one step where that is quicker.

    One that diverges until nothing is a number ends there, and keeps the history that it has.
    """
    if pays(trainings) and not unfit(trainings):
        for _ in Replicas(trainings):
            pass
        return
    for training in trainings:
        with suppress(TrainingError):
            for _ in training:
                pass


def arms(
    form: Form,
    sides: Mapping[str, Mapping[str, Any]],
    *,
    data: Mapping[str, Any] | Dataset | None = None,
    network: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
) -> dict[str, Arm]:
    """Train every side with every seed.

    Args:
        sides: by name what is different: settings of the recipe, and under "data" and "network" settings of those.
        data, network, recipe: what is the same for all. A Dataset stands for itself.
    """
    out = {}
    for name, change in sides.items():
        own = {k: v for k, v in change.items() if k not in ("data", "network")}
        examples = data if isinstance(data, Dataset) else pictures(form, **(data or {}))
        examples = examples.with_(**change["data"]) if "data" in change else examples
        layers = {**(network or {}), **change.get("network", {})}
        done = [_made(form, examples, {**(recipe or {}), **own}, layers, seed) for seed in form.seeds]
        form.tell(f"{name}, {len(done)} seeds")
        _run(done)
        out[name] = Arm(name, [t.history for t in done], done)
    return out


def spread(values: np.ndarray) -> str:
    """Say the mean over the seeds, with its 95 % interval where there are several."""
    values = np.asarray(values, dtype=float)
    if len(values) < 2 or not np.isfinite(values).all():
        return f"{np.mean(values):.3f}"
    low, high = interval(values.tolist())["interval"]
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def rows(sides: Mapping[str, Arm], *metrics: str, first: str = "side", seconds: bool = True) -> list[dict[str, Any]]:
    """A row a side: each metric on both splits after the last epoch, over the seeds; and the seconds, where they matter."""
    return [
        {first: name}
        | {f"{m}, {part}": spread(arm.last(m, part)) for m in metrics for part in ("train", "validation")}
        | ({"seconds": f"{arm.seconds:.1f}"} if seconds else {})
        for name, arm in sides.items()
    ]
