"""Sentences: what networks that share their weights along a sentence find at a place where it never stood, and others do not."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from deepglass.data import Dataset, load, make
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, texts
from deepglass.experiments.arms import spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import accuracy
from deepglass.experiments.pictures import sweep
from deepglass.networks import build
from deepglass.tasks import Tagging, Task
from deepglass.training import Recipe, Training

WORDS, DIGITS, LENGTH = 6, 4, 12  # other words, digits to tell apart, words of a sentence
CHANCE = 1 / DIGITS
FRONT, BACK = range(LENGTH // 2), range(LENGTH // 2, LENGTH)  # places in training, and those that it never shows
NEW_SENTENCES = 400  # that each place is judged on
NETWORKS: dict[str, dict[str, Any]] = {
    "dense": {"name": "mlp", "hidden": [32]},
    "convolution, largest place": {
        "layers": [
            {"Conv1d": {"out_channels": 16, "kernel_size": 3, "padding": 2}},  # so that each weight meets each place
            "ReLU",
            {"AdaptiveMaxPool1d": 1},
            "Flatten",
            {"Linear": "outputs"},
        ]
    },
    "GRU": {"name": "gru", "units": 16},
}
TELLING = (
    "we",
    "went",
    "to",
    "london",
    "in",
    "spring",
    "and",
    "it",
    "rained",
    "again",
    "my",
    "friend",
    "stayed",
    "home",
)
KNOWN_YEARS, NEW_YEARS = (
    [y for y in range(1900, 2030) if y % 3],
    range(1902, 2030, 3),
)  # the new ones are multiples of 3
RATE = 1e-2
NONE, YEAR = "-", "y"  # what a letter of a sentence is


def which_digit(form: Form) -> Outcome:
    """Tell which digit stands in a sentence of twelve words: in training among the first six, then at every place."""
    x, y = _digits(form.examples + form.held_out, FRONT, seed=0)
    weights: dict[str, int] = {}
    found: dict[str, dict[int, np.ndarray]] = {}
    for name, section in NETWORKS.items():
        along = (0, 2, 1) if name.startswith("convolution") else (0, 1, 2)  # a convolution has its channels in front
        data = load((x.transpose(along), y), test=0, validation=form.held_out, scaling="none", kinds={"y": "category"})
        form.tell(f"{name}, {len(form.seeds)} seeds")
        done = [_trained(build(section, data, seed=seed), data, form, seed) for seed in form.seeds]
        weights[name] = sum(p.numel() for p in done[0].network.parameters())
        found[name] = {}
        for place in range(LENGTH):
            new, digits = _digits(NEW_SENTENCES, [place], seed=1 + place)
            told = torch.from_numpy(new.transpose(along).copy()), torch.from_numpy(digits)
            found[name][place + 1] = np.array([accuracy(training.network, *told) for training in done])
    seen = {n: np.mean([by[p + 1] for p in FRONT], axis=0) for n, by in found.items()}
    unseen = {n: np.mean([by[p + 1] for p in BACK], axis=0) for n, by in found.items()}
    dense, shared, recurrent = (float(v.mean()) for v in unseen.values())
    return Outcome(
        [
            {
                "network": name,
                "weights": f"{weights[name]:,}",
                "accuracy, places 1 to 6": spread(seen[name]),
                "accuracy, places 7 to 12": spread(unseen[name]),
            }
            for name in found
        ],
        sweep({"accuracy by the place of the digit": found}, "place of the digit; in training it stood at 1 to 6"),
        [
            Expectation(
                "where they have learned, all three get 0.98 or more",
                all(v.mean() >= 0.98 for v in seen.values()),
                ", ".join(f"{v.mean():.3f}" for v in seen.values()),
            ),
            Expectation(
                "at new places the dense one is within 0.1 of chance, 0.25", dense < CHANCE + 0.1, f"{dense:.3f}"
            ),
            Expectation("at new places the convolution gets 0.98 or more", shared >= 0.98, f"{shared:.3f}"),
            Expectation(
                "at new places the GRU is between the two, by 0.05 and more",
                dense + 0.05 < recurrent < shared - 0.05,
                f"{recurrent:.3f}",
            ),
        ],
    )


def year_extraction(form: Form) -> Outcome:
    """Find the year in a sentence, letter by letter: trained on places 1 to 6 and some years, asked for others."""
    data = _years(form.examples + form.held_out, FRONT, KNOWN_YEARS, seed=0, held_out=form.held_out)
    found: dict[str, dict[int, np.ndarray]] = {"years of training": {}, "new years": {}}
    networks = [_extractor(data, form, seed) for seed in form.seeds]
    for name, years in zip(found, (KNOWN_YEARS, NEW_YEARS)):
        for place in range(LENGTH):
            told, answers = _told(NEW_SENTENCES // 4, [place], years, seed=1 + place)
            found[name][place + 1] = np.array([_share_right(network, data, told, answers) for network in networks])
    new = {name: np.mean([by[p + 1] for p in BACK], axis=0) for name, by in found.items()}
    return Outcome(
        [
            {"sentences with": name}
            | {
                f"years found, places {part[0] + 1} to {part[-1] + 1}": spread(
                    np.mean([by[p + 1] for p in part], axis=0)
                )
            }
            | {"at new places": spread(new[name])}
            for name, by in found.items()
            for part in (FRONT,)
        ],
        sweep({"share of years found, letter by letter": found}, "place of the year; in training it stood at 1 to 6"),
        [
            Expectation(f"{name}, at new places: 0.95 or more are found whole", v.mean() >= 0.95, f"{v.mean():.3f}")
            for name, v in new.items()
        ],
    )


def _digits(count: int, places: Sequence[int], *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sentences as 0/1s (count, 12, 10), one of ten words at each place, and their digits (count,)."""
    random = np.random.default_rng(seed)
    words = random.integers(0, WORDS, (count, LENGTH))
    digits = np.arange(count) % DIGITS
    words[np.arange(count), random.choice(np.asarray(places), count)] = WORDS + digits
    return np.eye(WORDS + DIGITS, dtype=np.float32)[words], digits


def _told(count: int, places: Sequence[int], years: Sequence[int], *, seed: int) -> tuple[list[str], list[str]]:
    """Sentences of twelve words, one of them a year, and these years."""
    random = np.random.default_rng(seed)
    told, answers = [], []
    for _ in range(count):
        words = [TELLING[i] for i in random.integers(0, len(TELLING), LENGTH)]
        year = str(random.choice(np.asarray(years)))
        words[int(random.choice(np.asarray(places)))] = year
        told.append(" ".join(words))
        answers.append(year)
    return told, answers


def _years(count: int, places: Sequence[int], years: Sequence[int], *, seed: int, held_out: int) -> Dataset:
    told, _ = _told(count, places, years, seed=seed)
    tags = ["".join(YEAR if letter.isdigit() else NONE for letter in text) for text in told]
    fields = {"sentence": texts(told, level="characters"), "tags": texts(tags, level="characters", aligned=True)}
    longest = max(map(len, told)) + LENGTH
    settings = DataSettings(test=0, validation=held_out, length=longest)
    return make(Source("sentences with a year", fields, ("sentence",), ("tags",)), settings)


def _extractor(data: Dataset, form: Form, seed: int) -> Training:
    form.tell(f"extractor, seed {seed}")
    network = build("gru", data, seed=seed, units=16, embedding=16, bidirectional=True)
    return _trained(network, data, form, seed, Tagging())


def _trained(network: nn.Module, data: Dataset, form: Form, seed: int, task: Task | None = None) -> Training:
    recipe = Recipe(epochs=form.epochs, early_stopping=False, seed=seed, optimizer="adam", learning_rate=RATE)
    training = Training(network, data, recipe, task=task)
    for _ in training:
        pass
    return training


def _share_right(training: Training, data: Dataset, told: list[str], answers: list[str]) -> float:
    """The share of sentences whose year is found, all of its letters and no other."""
    with torch.no_grad():
        codes = data.fields["sentence"].encode(told)
        tags = training.task.predict(training.network.eval(), {"sentence": codes})["tokens"]
    tokens = data.fields["tags"].tokens
    said = ["".join(c for c, tag in zip(text, row) if tokens[int(tag)] == YEAR) for text, row in zip(told, tags)]
    return float(np.mean([a == b for a, b in zip(said, answers)]))
