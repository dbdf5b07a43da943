"""Reviews: whether a plain recurrent network tells the opinion of a sentence, and how much better an LSTM does."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.data import Dataset, load
from deepglass.errors import SettingError
from deepglass.experiments.arms import Arm, arms, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves
from deepglass.results import interval

REAL = "rt-polarity"  # Pang and Lee, "Seeing stars", ACL 2005: 10,662 sentences of film reviews
PLAIN = (
    "the",
    "film",
    "story",
    "is",
    "about",
    "a",
    "man",
    "and",
    "his",
    "dog",
    "in",
    "paris",
    "who",
    "meet",
    "an",
    "old",
    "friend",
)
GOOD, BAD = ("lovely", "great", "charming", "funny"), ("dull", "awful", "tedious", "silly")
SHORTEST, LONGEST = 20, 30  # words of a generated review
RECIPE: dict[str, Any] = {"optimizer": "adam", "learning_rate": 1e-3, "clip_norm": 1.0, "batch_size": 32}
MUCH = 0.05  # of the accuracy: our reading of "much better"


def plain_and_lstm(form: Form) -> Outcome:
    """Train a plain recurrent network and an LSTM of as many units to tell good reviews from bad ones, by the last state."""
    data = _real(form) if form.data == REAL else _generated(form)
    sides = {
        name: {"network": {"name": name, "units": 64, "dropout": 0.3 if form.data == REAL else 0.0}}
        for name in ("rnn", "lstm")
    }
    found = arms(form, sides, data=data, recipe=RECIPE)
    best = {name: _best(arm) for name, arm in found.items()}
    more = best["lstm"] - best["rnn"]
    clear = interval(more.tolist())["interval"] if len(more) > 1 else [float(more[0])] * 2
    return Outcome(
        [
            {
                "network": name,
                "accuracy, validation, at its best epoch": spread(best[name]),
                "seconds": f"{arm.seconds:.0f}",
            }
            for name, arm in found.items()
        ],
        curves(found, (("loss", "validation"), ("accuracy", "validation"))),
        [
            Expectation(
                f"the LSTM is better by {MUCH} or more, and the interval over the seeds leaves 0 out",
                bool(more.mean() >= MUCH and clear[0] > 0),
                f"{more.mean():+.3f} ({clear[0]:+.3f} to {clear[1]:+.3f})",
            ),
            Expectation("the LSTM learns it: 0.7 or more", best["lstm"].mean() >= 0.7, f"{best['lstm'].mean():.3f}"),
        ],
    )


def _best(arm: Arm) -> np.ndarray:
    """The accuracy of each seed at the epoch with the smallest validation loss."""
    losses, accuracies = arm.curve("loss"), arm.curve("accuracy")
    return accuracies[np.arange(len(losses)), np.nanargmin(losses, axis=1)]


def _real(form: Form) -> Dataset:
    """Raises: SettingError, when the reviews are not there."""
    place = os.environ.get("DEEPGLASS_DATA", "")
    if not place or not (Path(place) / "sentiment").is_dir():
        raise SettingError(
            "The reviews of rt-polarity are not here. Get rt-polarity.pos and rt-polarity.neg (Pang and Lee), put them into a "
            "folder 'sentiment', and name the folder above it: DEEPGLASS_DATA=FOLDER."
        )
    return load(str(Path(place) / "sentiment" / "rt-polarity.*"), encoding="cp1252", test=0, validation=form.held_out)


def _generated(form: Form) -> Dataset:
    """Reviews whose opinion stands in one of the first five words, at times after "not", and then much that says nothing."""
    import pandas

    random = np.random.default_rng(0)
    rows = []
    for i in range(form.examples + form.held_out):
        good, negated = bool(i % 2), bool(random.random() < 0.5)
        opinion = str(random.choice(GOOD if good != negated else BAD))
        words = [str(w) for w in random.choice(PLAIN, int(random.integers(SHORTEST, LONGEST + 1)))]
        at = int(random.integers(0, 5))
        words[at : at + 1] = ["not", opinion] if negated else [opinion]
        rows.append((" ".join(words), "good" if good else "bad"))
    table = pandas.DataFrame(rows, columns=["review", "opinion"])
    return load(table, target="opinion", kinds={"review": "text"}, test=0, validation=form.held_out)
