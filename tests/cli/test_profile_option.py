"""What a user gets from `deepglass train --profile`."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ONE_THREAD = ("--set", "recipe.threads=1")


@pytest.fixture(autouse=True)
def short_time(monkeypatch):
    from deepglass.profiling import roof, steps

    monkeypatch.setattr(steps, "SECONDS", 0.2)
    monkeypatch.setattr(steps, "TRACED", 2)
    monkeypatch.setattr(roof, "SIDES", (128,))
    monkeypatch.setattr(roof, "MOVED", 1 << 20)


@pytest.mark.parametrize("source", ["digits", "iris"])
def test_it_says_where_the_time_goes_and_keeps_nothing(deepglass, source):
    answer = deepglass("train", source, "--profile", *ONE_THREAD)
    assert answer.code == 0
    for word in ("forward", "backward", "guard and records", "GFLOP/s", "1 thread"):
        assert word in answer.out
    assert "profile: taking some steps" in answer.err
    assert list(Path().iterdir()) == []


def test_a_folder_of_pictures_is_profiled_as_an_object_with_a_picture(deepglass):
    random = np.random.default_rng(0)
    for kind in ("cat", "dog"):
        Path("photos", kind).mkdir(parents=True)
        for i in range(12):
            Image.fromarray(random.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(f"photos/{kind}/{i}.png")
    answer = deepglass("train", "photos", "--profile", *ONE_THREAD, "--batch-size", "4", "--out", "why.svg", "--json")
    assert answer.code == 0 and Path("why.svg").is_file()
    assert sum(part["share"] for part in answer.json["parts"]) == pytest.approx(1)
    assert {"step_seconds", "epoch_seconds", "layers", "operations", "roof", "advice"} <= set(answer.json)


def test_what_does_not_go_with_it_is_refused(deepglass):
    refused = deepglass("train", "iris", "--profile", "--seeds", "3")
    assert refused.code == 2 and "--seeds does not go with --profile" in refused.err
    assert deepglass("train", "iris", "--profile", "--quick").code == 2
    ending = deepglass("train", "iris", "--profile", "--out", "runs/mine")
    assert ending.code == 2 and "format of pictures" in ending.err
