import random
import re
import shutil

import numpy as np
import pytest
import saving
from operations import in_child

import deepglass as dg
import soak
from deepglass.errors import DeepglassError, RunError
from deepglass.runs import RunFolder, checkpoint_folders

FLIPS, CUTS = 200, 100
EPOCHS = 6
NEW = np.array([[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1], [6.0, 2.9, 4.5, 1.5]])


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a run of arrays that was killed in its sixth epoch, and the bits it has to end with."""
    folder = tmp_path_factory.mktemp("damage")
    assert in_child(saving.start_own, folder / "straight", EPOCHS)[0] == 0
    expected = soak.bits(folder / "straight")
    in_child(saving.start_own, folder / "stopped", EPOCHS, 6)
    run = RunFolder(folder / "stopped")
    assert (run.status, len(run.history())) == ("interrupted", 5)
    assert [path.name for path in checkpoint_folders(folder / "stopped")] == ["step-00000015", "step-00000012"]
    return folder / "stopped", expected


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def words_or_bits(folder, expected):
    """Go on with a damaged run. Returns: the error it gave, "" when it ended with the right bits."""
    try:
        dg.resume(folder, trust=True, progress=False)
    except DeepglassError as error:
        return str(error)
    assert soak.differing(soak.bits(folder), expected) == ""
    return ""


def damaged_copy(stopped, tmp_path, chance, damage):
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(stopped, folder)
    path = chance.choice(files_of(folder))
    content = path.read_bytes()
    path.write_bytes(damage(content))
    return folder, path


def flip(chance):
    def damage(content):
        place = chance.randrange(len(content) * 8)
        changed = bytearray(content)
        changed[place // 8] ^= 1 << place % 8
        return bytes(changed)

    return damage


def cut(chance):
    return lambda content: content[: chance.choice([0, 1, len(content) // 2, len(content) - 1])]


@pytest.mark.parametrize(("kind", "times"), [(flip, FLIPS), (cut, CUTS)])
def test_damage_anywhere_in_a_run_is_named_or_makes_no_difference(kind, times, stopped, tmp_path):
    chance = random.Random(f"{kind.__name__}")
    ended = refused = 0
    for _ in range(times):
        folder, path = damaged_copy(stopped[0], tmp_path, chance, kind(chance))
        said = words_or_bits(folder, stopped[1])
        if said:
            refused += 1
            assert path.name in said, (path, said)
            assert re.search(r"Restore it|Train it again|train again|remove its first line|Update Deepglass", said), (
                said
            )
            assert dg.runs.list_runs(tmp_path)[0]["path"] == folder  # the list shows it all the same
        else:
            ended += 1
    assert ended > times / 10  # a checkpoint before the damaged one was there, or nothing depended on the file
    assert refused > times / 10


def test_what_a_damaged_run_predicts_is_right_or_refused(stopped, tmp_path):
    dg.resume(shutil.copytree(stopped[0], tmp_path / "whole"), trust=True, progress=False)
    right = dg.Run(tmp_path / "whole", trust=True).predict(NEW)
    chance = random.Random(1)
    refused = 0
    for _ in range(60):
        folder, path = damaged_copy(tmp_path / "whole", tmp_path, chance, flip(chance))
        try:
            run = dg.Run(folder, trust=True)
            repr(run)
            assert run.best_epoch in run.history
            predicted = run.predict(NEW)
        except DeepglassError as error:
            assert path.name in str(error), (path, error)
            refused += 1
        else:
            assert predicted.equals(right), path
    assert refused > 5


def test_a_missing_file_is_named_or_makes_no_difference(stopped, tmp_path):
    for path in files_of(stopped[0]):
        folder = tmp_path / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(stopped[0], folder)
        (folder / path.relative_to(stopped[0])).unlink()
        said = words_or_bits(folder, stopped[1])
        assert not said or path.name in said, (path, said)


def test_a_missing_folder_of_checkpoints_is_said_and_the_run_begins_again(stopped, tmp_path, capsys):
    folder = shutil.copytree(stopped[0], tmp_path / "copy")
    shutil.rmtree(folder / "checkpoints")
    dg.resume(folder, trust=True, progress="plain")
    assert "holds no checkpoint, so it begins again at the first step" in capsys.readouterr().err
    assert soak.differing(soak.bits(folder), stopped[1]) == ""


def test_checkpoints_that_are_all_damaged_stop_the_run_before_anything_of_it_is_lost(stopped, tmp_path):
    folder = shutil.copytree(stopped[0], tmp_path / "copy")
    for path in checkpoint_folders(folder):
        (path / "tensors.safetensors").write_bytes(b"")
    with pytest.raises(RunError, match=r"No checkpoint of .* is good\. .*step-00000015.*step-00000012"):
        dg.resume(folder, trust=True, progress=False)
    assert len(RunFolder(folder).history()) == 5
    assert len(checkpoint_folders(folder)) == 2


def test_a_checkpoint_of_a_newer_deepglass_stops_the_run_before_anything_of_it_is_lost(stopped, tmp_path):
    from deepglass.runs import files

    folder = shutil.copytree(stopped[0], tmp_path / "copy")
    manifest = checkpoint_folders(folder)[0] / "manifest.json"
    files.write_record(manifest, {**files.read_record(manifest), "format_version": "2.0"})
    with pytest.raises(RunError, match=r"has format version 2\.0; this Deepglass reads up to 1\.0\. Update Deepglass"):
        dg.resume(folder, trust=True, progress=False)
    assert len(checkpoint_folders(folder)) == 2
    assert len(RunFolder(folder).history()) == 5


def test_a_line_of_the_history_that_is_damaged_sends_the_run_back_to_the_checkpoint_before_it(
    stopped, tmp_path, capsys
):
    folder = shutil.copytree(stopped[0], tmp_path / "copy")
    path = folder / "history.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], lines[4].replace(b"loss", b"lost")]))
    dg.resume(folder, trust=True, progress="plain")
    said = capsys.readouterr().err
    assert "step-00000015: history.jsonl is not the one that belongs to it" in said
    assert "line 5, is damaged and was left out" in said
    assert "Going on from step-00000012 instead" in said
    assert soak.differing(soak.bits(folder), stopped[1]) == ""


def test_a_torn_last_line_of_the_history_loses_nothing(stopped, tmp_path):
    folder = shutil.copytree(stopped[0], tmp_path / "copy")
    with (folder / "history.jsonl").open("ab") as file:
        file.write(b'{"epoch": 6, "seconds": 0.0')
    assert words_or_bits(folder, stopped[1]) == ""


def test_code_in_a_run_that_is_not_what_was_written_never_runs(stopped, tmp_path):
    folder = shutil.copytree(stopped[0], tmp_path / "copy")
    path = folder / "code" / "own_net.py"
    path.write_text(path.read_text().replace("Tanh", "ReLU"))
    with pytest.raises(RunError, match=r"own_net\.py is damaged: it is not what was written, or was edited"):
        dg.resume(folder, trust=True, progress=False)


def test_a_folder_that_moved_goes_on_and_ends_with_the_same_bits(stopped, tmp_path):
    folder = shutil.copytree(stopped[0], tmp_path / "elsewhere" / "under another name")
    assert words_or_bits(folder, stopped[1]) == ""
