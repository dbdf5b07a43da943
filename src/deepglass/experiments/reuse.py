"""Reuse: whether a network that has learned some classes learns others from fewer examples."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from deepglass.data import Dataset, load, make
from deepglass.data.alike import encoded_alike
from deepglass.data.split import Splits
from deepglass.experiments.arms import Arm, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import scores
from deepglass.fine_tuning import usual
from deepglass.networks import build
from deepglass.results import interval
from deepglass.training import Recipe, Training
from deepglass.training.given_weights import Weights
from deepglass.training.transfer import take_weights

NEW = {"cifar10": 2, "digits": 5, "mnist": 5}  # classes that are set aside to be learned later: the last ones
EACH = {"cifar10": 20, "digits": 10, "mnist": 10}  # examples of each of them; 10 as COURSE's EX-48 has it
WIDE = ("cifar10",)  # sources that are expected to help
NOTHING = 0.03  # COURSE's EX-48: 0.84 fine-tuned, 0.86 from scratch
NETWORK = {"name": "convnet", "padding": "same"}
FILTERS = {"cifar10": [32, 64, 128]}
SOURCE = {"batch_size": 64, "early_stopping": False, "schedule": "cosine", "optimizer": "adam", "learning_rate": 2e-3}
LATER = {"batch_size": 16, "early_stopping": False, "optimizer": "adam", "learning_rate": 1e-3}
EPOCHS_LATER = 30


def fine_tuning(form: Form) -> Outcome:
    """Train on most classes; then learn the others from a few examples each: from scratch, with the body frozen, and fine-tuned.

    Each seed draws the few examples, their order, the new head and the dropout anew; the source network is the same.
    """
    whole = load(form.data, test=0) if form.data == "digits" else load(form.data)
    source_data, few = _parted(whole, form)
    section = {**NETWORK, "filters": FILTERS.get(form.data, [32, 64])}
    form.tell("the source task")
    source = _trained(section, source_data, {**SOURCE, "epochs": form.epochs}, 0)
    known = Weights(
        "the source task", source.network.state_dict(), network=section, fields=source_data.fields, new_head=True
    )
    sides: dict[str, dict[str, Any]] = {
        "from scratch": {},
        "body frozen": {"unfreeze_depth": 1},
        "fine-tuned": usual({"epochs": EPOCHS_LATER}),
    }
    found: dict[str, Arm] = {}
    for name, recipe in sides.items():
        done = []
        for seed in form.seeds:
            form.tell(f"{name}, seed {seed}")
            data = few(seed) if name == "from scratch" else encoded_alike(few(seed), source_data.fields)[0]
            settings = {**recipe, **LATER, "epochs": EPOCHS_LATER}
            done.append(_trained(section, data, settings, seed, known if name != "from scratch" else None))
        found[name] = Arm(name, [t.history for t in done], done)
    accuracy = {name: arm.last("accuracy") for name, arm in found.items()}
    gain = accuracy["fine-tuned"] - accuracy["from scratch"]
    learned = source.history[-1].validation["accuracy"]
    return Outcome(
        [{"side": n, "accuracy, validation": spread(a)} for n, a in accuracy.items()]
        + [{"side": "the source task", "accuracy, validation": f"{learned:.3f}"}],
        scores(accuracy, "validation accuracy"),
        [_expected(form.data, gain)],
    )


def _expected(data: str, gain: np.ndarray) -> Expectation:
    low, high = interval(gain.tolist())["interval"] if len(gain) > 1 else (-np.inf, np.inf)
    measured = f"{gain.mean():+.3f} ({low:+.3f} to {high:+.3f}) over {len(gain)} seeds"
    if data in WIDE:
        return Expectation(
            "fine-tuned beats from scratch on the same few examples, by the 95 % interval over seeds", low > 0, measured
        )
    return Expectation(
        f"from so narrow a source fine-tuning gains {NOTHING} of accuracy at most", gain.mean() <= NOTHING, measured
    )


def _parted(whole: Dataset, form: Form) -> tuple[Dataset, Callable[[int], Dataset]]:
    """The source task, and what draws the few examples of the other classes for a seed."""
    target = whole.target
    classes = list(target.classes)
    first, later = classes[: -NEW[form.data]], classes[-NEW[form.data] :]
    raw = whole.source.fields[target.name]
    codes = np.asarray(raw.values)
    rest = np.setdiff1d(np.arange(len(codes)), whole.splits.test)
    order = np.random.default_rng(0).permutation(rest)
    old = order[np.isin(codes[order], [raw.classes.index(c) for c in first])][: form.examples + form.held_out]
    x = np.asarray(whole.source.fields[next(iter(whole.inputs))].values)
    names = np.array([str(c) for c in raw.classes])
    source = load((x[old], names[codes[old]]), test=0, validation=min(form.held_out, len(old) // 5))
    new = order[np.isin(codes[order], [raw.classes.index(c) for c in later])]
    held_out, pool = new[: form.held_out], new[form.held_out :]

    def few(seed: int) -> Dataset:
        random = np.random.default_rng(seed + 1)
        chosen = [
            random.choice(pool[codes[pool] == raw.classes.index(c)], EACH[form.data], replace=False) for c in later
        ]
        ids = np.concatenate([*chosen, held_out])
        train = np.arange(len(ids) - len(held_out))
        splits = Splits(train, np.arange(len(train), len(ids)), np.zeros(0, dtype=np.int64))
        data = load((x[ids], names[codes[ids]]), test=0)
        return make(data.source, data.settings, store=data.store, splits=splits)

    return source, few


def _trained(
    section: Mapping[str, Any], data: Dataset, recipe: Mapping[str, Any], seed: int, weights: Weights | None = None
) -> Training:
    network = build(section, data, seed=seed)
    if weights is not None:
        take_weights(network, weights, data, section)
    training = Training(network, data, Recipe(**recipe, seed=seed))
    for _ in training:
        pass
    return training
