"""What the experiment on new speakers does with its recordings."""

import numpy as np
import pytest

from deepglass.data import load
from deepglass.errors import SettingError
from deepglass.experiments import EXPERIMENTS, Form
from deepglass.experiments.voices import SPEAKERS, WORDS, _generated


def test_without_the_recordings_it_says_where_they_belong(monkeypatch):
    monkeypatch.delenv("DEEPGLASS_DATA", raising=False)
    experiment = EXPERIMENTS["new-speakers"]
    with pytest.raises(SettingError, match=r"fsdd/fsdd.zip, and name the folder above: DEEPGLASS_DATA=FOLDER"):
        experiment.run(experiment.full)


def test_each_generated_voice_says_each_word_as_often_and_is_left_out_once():
    source = _generated(Form("voices", 100, 20))
    assert len(source) == 120 and source.fields["signal"].rate == 4000
    times = np.zeros((SPEAKERS, len(WORDS)), dtype=int)
    np.add.at(times, (source.groups, source.fields["word"].values), 1)
    assert (times == 120 // SPEAKERS // len(WORDS)).all()
    left_out = [set(source.groups[part.splits.validation]) for part in load(source, test=0).folds(SPEAKERS)]
    assert sorted(map(tuple, left_out)) == [(code,) for code in range(SPEAKERS)]
