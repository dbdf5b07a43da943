"""Voices: what the share of right answers on held-out recordings says of speakers that a network has never heard."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.data import Dataset, load, make
from deepglass.data.source import Raw, Source, categories
from deepglass.errors import SettingError
from deepglass.experiments.arms import spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import answers, examples
from deepglass.experiments.pictures import pairs
from deepglass.networks import build
from deepglass.results import interval
from deepglass.training import Recipe, Training

REAL = "fsdd"  # Jackson, "Free Spoken Digit Dataset": 3,000 recordings of ten digits by six speakers
PATTERN = r"(?P<label>\d)_(?P<speaker>[a-z]+)_\d+"
HEARD, NEW = "split by recording", "split by speaker"
KNOWN = 0.95  # of the recordings of voices that training has heard; ours
LESS = 0.05  # that the other split has to lose before the first is called too kind; ours
NETWORKS: dict[str, dict[str, Any]] = {
    REAL: {"name": "convnet", "padding": "same", "filters": [32, 64, 64], "front": "mel"},
    "voices": {"name": "mlp", "hidden": [32], "front": "mel"},
}
RECIPE: dict[str, Any] = {"optimizer": "adam", "learning_rate": 2e-3, "batch_size": 32, "schedule": "cosine"}

# Generated voices: a hum at the pitch of a speaker, through two resonances that a word moves and a speaker stretches.
SPEAKERS, RATE, SECONDS = 6, 4000, 0.16
WORDS = {  # the resonances at the beginning and at the end, in hertz; Peterson and Barney, JASA 1952, have 300 to 2,300 for vowels
    "ai": ((750, 1200), (320, 1700)),
    "ia": ((320, 1700), (750, 1200)),
    "au": ((750, 1200), (340, 800)),
    "ua": ((340, 800), (750, 1200)),
    "aa": ((750, 1200), (750, 1200)),
}
SIZES, PITCHES = (0.6, 1.7), (90.0, 210.0)  # of a speaker: what stretches all resonances; hertz
WIDTH = 120.0  # of a resonance, in hertz


def by_speaker(form: Form) -> Outcome:
    """Leave out a sixth of all recordings at a time, drawn from all speakers, and then one speaker at a time.

    Every recording is judged once in each way, by a network that has not been trained on it; each network has been trained on as
    many recordings. Each seed draws weights and order anew.
    """
    whole = _real() if form.data == REAL else load(_generated(form), test=0)
    speakers = whole.source.groups
    assert speakers is not None
    names = _speakers(whole)
    ways = {HEARD: make(replace(whole.source, groups=None), _plain(whole)), NEW: whole}
    right = {
        name: np.stack([_right(name, data, form, len(names), seed) for seed in form.seeds])
        for name, data in ways.items()
    }
    of_speaker = {
        name: {way: found[:, speakers == code].mean(axis=1) for way, found in right.items()}
        for code, name in names.items()
    }
    lost = np.array([(by[HEARD] - by[NEW]).mean() for by in of_speaker.values()])
    heard = np.array([by[HEARD].mean() for by in of_speaker.values()])
    low, high = interval(lost.tolist())["interval"]
    return Outcome(
        [{"speaker": name, **{way: f"{v.mean():.3f}" for way, v in by.items()}} for name, by in of_speaker.items()]
        + [
            {"speaker": "all, with the interval over speakers"} | {way: spread(_means(of_speaker, way)) for way in ways}
        ],
        pairs(of_speaker, "share of recordings that are right, each by a network that was not trained on it"),
        [
            Expectation(
                f"of voices that training has heard, {KNOWN} of the held-out recordings are right",
                heard.mean() >= KNOWN,
                f"{heard.mean():.3f}",
            ),
            Expectation(
                f"of voices it has not, at least {LESS} fewer are right, and the interval over the speakers leaves 0 out",
                lost.mean() >= LESS and low > 0,
                f"{lost.mean():.3f} fewer ({low:.3f} to {high:.3f})",
            ),
        ],
    )


def _means(of_speaker: Mapping[str, Mapping[str, np.ndarray]], way: str) -> np.ndarray:
    return np.array([by[way].mean() for by in of_speaker.values()])


def _right(name: str, data: Dataset, form: Form, folds: int, seed: int) -> np.ndarray:
    """Whether each example was told right, (examples,), by the network that was trained without its part."""
    right = np.zeros(len(data.source))
    for number, part in enumerate(data.folds(folds), start=1):
        form.tell(f"{name}, part {number} of {folds}, seed {seed}")
        network = build(NETWORKS[form.data], part, seed=seed)
        training = Training(network, part, Recipe(**RECIPE, epochs=form.epochs, early_stopping=False, seed=seed))
        for _ in training:
            pass
        x, y = examples(part)
        right[part.members("validation").numpy()] = (answers(training.network, x).argmax(1) == y).numpy()
    return right


def _speakers(data: Dataset) -> dict[int, str]:
    """The name of each group: what stands in the names of its files, or a number."""
    groups = data.source.groups
    assert groups is not None
    if not data.source.names:
        return {int(code): f"voice {int(code) + 1}" for code in np.unique(groups)}
    return {int(code): data.source.names[int(np.argmax(groups == code))].split("_")[1] for code in np.unique(groups)}


def _plain(data: Dataset) -> Any:
    """The settings of data that are divided without regard to who speaks."""
    return data.settings.model_copy(update={"group": None})


def _real() -> Dataset:
    """Ten digits by six speakers. Raises: SettingError, when they are not there."""
    place = Path(os.environ.get("DEEPGLASS_DATA", "")) / "fsdd" / "fsdd.zip"
    if not os.environ.get("DEEPGLASS_DATA") or not place.is_file():
        raise SettingError(
            "The Free Spoken Digit Dataset is not here. Put its recordings into fsdd/fsdd.zip, and name the folder above: "
            "DEEPGLASS_DATA=FOLDER."
        )
    return load(place, label_pattern=PATTERN, group="speaker", test=0)


def _generated(form: Form) -> Source:
    """Words of six voices, as many of each."""
    random = np.random.default_rng(0)
    count = form.examples + form.held_out
    words, speakers = np.arange(count) % len(WORDS), np.arange(count) // len(WORDS) % SPEAKERS
    sizes, pitches = np.geomspace(*SIZES, SPEAKERS), random.permutation(np.geomspace(*PITCHES, SPEAKERS))
    time = np.arange(round(RATE * SECONDS)) / RATE
    ends = np.array(list(WORDS.values()), dtype=float)[words]  # (examples, ends, resonances)
    along = ends[:, 0, :, None] + (ends[:, 1] - ends[:, 0])[:, :, None] * (time / SECONDS)
    along *= (sizes[speakers] * random.normal(1, 0.03, count))[:, None, None]
    pitch = pitches[speakers] * random.normal(1, 0.05, count)
    sound = np.zeros((count, len(time)))
    for k in range(1, int(RATE / 2 / PITCHES[0])):
        hertz = k * pitch[:, None]
        loud = (1 / (1 + ((hertz[:, None] - along) / WIDTH) ** 2)).sum(axis=1) * (hertz < RATE / 2)
        sound += loud * np.sin(2 * np.pi * hertz * time + random.uniform(0, 2 * np.pi, (count, 1)))
    sound = sound / np.abs(sound).max(axis=1, keepdims=True) + 0.05 * random.standard_normal(sound.shape)
    fields = {
        "signal": Raw("signal", sound[:, None].astype(np.float32), rate=float(RATE)),
        "word": categories(words, tuple(WORDS)),
    }
    return Source("voices", fields, ("signal",), ("word",), groups=speakers)
