import json
import random
import sys

import pytest

import soak

KILLS = 3  # of each of four recipes
RECIPES = ("table", "images", "half", "stopping")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_killed_again_and_again_ends_with_the_bits_of_one_that_was_left_alone(recipe, tmp_path):
    expected, seconds = soak.straight(recipe, tmp_path / "straight")
    chance, killed = random.Random(f"test {recipe}"), 0
    for attempt in range(KILLS * 5):  # a run that comes to its end before the last kill is followed by another
        found, kills = soak.interrupted(recipe, tmp_path / str(attempt), KILLS - killed, seconds, chance)
        assert found == expected
        killed += kills
        if killed == KILLS:
            break
    assert killed == KILLS


def test_a_soak_that_is_stopped_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(soak, "RECIPES", {"stopping": soak.stopping})
    seen = []
    soak.soak(1, 1, 0, tmp_path, lambda *numbers: seen.append(numbers))
    records = soak.soak(2, 2, 0, tmp_path, lambda *numbers: seen.append(numbers))
    assert [record["run"] for record in records] == [*range(len(records))]
    assert sum(record["kills"] for record in records) == 2
    assert not any(record["fault"] for record in records)
    assert seen[-1] == (2, len(records), 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["soak-0.jsonl", "stopping"]


def test_a_soak_finds_a_run_that_ends_with_other_bits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(soak, "straight", lambda recipe, folder: ({"status": "other"}, 0.0))
    monkeypatch.setattr(sys, "argv", ["soak", "--kills", "1", "--runs", "1", "--folder", str(tmp_path)])
    assert soak.main() == 1
    said = capsys.readouterr().out
    assert "run 0 (table): other bits in " in said and "its folder is kept in" in said
    assert "1 kills over 1 runs, seed 0: 0 ended with the same bits, 1 did not" in said
    assert (tmp_path / "run-0-0" / "run.json").exists()
    assert json.loads((tmp_path / "soak-0.jsonl").read_text())["fault"].endswith("train, validation")
