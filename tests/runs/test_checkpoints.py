import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from deepglass.errors import RunError, TrainingError
from deepglass.runs import Checkpoint, checkpoint_folders, files, load_checkpoint, save_checkpoint

INFINITY = float("inf")


def state(step):
    tensors = {"network.weight": torch.full((3,), step + 0.1), "best.network.weight": torch.tensor(step)}
    return tensors, {"step": step, "best": -INFINITY, "order": [1, 2], "name": "ä"}


def save(folder, step):
    return save_checkpoint(folder, step, *state(step))


def assert_is_exactly(checkpoint: Checkpoint, step):
    tensors, values = state(step)
    assert checkpoint.step == step
    assert checkpoint.values == values
    assert checkpoint.tensors.keys() == tensors.keys()
    assert all(torch.equal(checkpoint.tensors[name], tensors[name]) for name in tensors)


def names(folder):
    return sorted(path.name for path in (folder / "checkpoints").iterdir())


def test_a_saved_state_comes_back_exactly(tmp_path):
    assert save(tmp_path, 123) == tmp_path / "checkpoints" / "step-00000123"
    assert_is_exactly(load_checkpoint(tmp_path), 123)
    assert load_checkpoint(tmp_path).notes == ()


def test_numbers_that_are_not_finite_and_tiny_differences_survive(tmp_path):
    values = {"a": [INFINITY, -INFINITY], "b": {"c": 0.1 + 0.2, "d": 2**80, "e": None}}
    save_checkpoint(tmp_path, 1, {}, {**values, "nan": float("nan")})
    loaded = load_checkpoint(tmp_path).values
    assert loaded.pop("nan") != loaded.get("nan", 0)
    assert loaded == values


def test_the_last_two_are_kept(tmp_path):
    for step in (1, 2, 3, 4):
        save(tmp_path, step)
    assert names(tmp_path) == ["step-00000003", "step-00000004"]


def test_steps_beyond_eight_digits_are_in_order(tmp_path):
    for step in (99_999_999, 100_000_000):
        save(tmp_path, step)
    assert load_checkpoint(tmp_path).step == 100_000_000


def test_a_step_saved_again_never_writes_over_the_first(tmp_path):
    save(tmp_path, 5)
    save_checkpoint(tmp_path, 5, {}, {"again": True})
    assert names(tmp_path) == ["step-00000005", "step-00000005-2"]
    assert load_checkpoint(tmp_path).values == {"again": True}


def test_a_folder_without_checkpoints_says_so(tmp_path):
    with pytest.raises(RunError, match="holds no checkpoint"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("name", ["tensors.safetensors", "values.json", "manifest.json"])
def test_any_cut_or_flip_of_any_file_steps_back_and_says_so(tmp_path, name):
    save(tmp_path, 1)
    path = save(tmp_path, 2) / name
    content = path.read_bytes()
    cut = [content[:length] for length in range(0, len(content), 7)]
    flipped = [content[:k] + bytes([content[k] ^ 4]) + content[k + 1 :] for k in range(0, len(content), 7)]
    for damaged in [*cut, *flipped]:
        path.write_bytes(damaged)
        checkpoint = load_checkpoint(tmp_path)
        if not checkpoint.notes:  # the flip of an indent in the manifest, say
            assert name == "manifest.json"
            assert_is_exactly(checkpoint, 2)
            continue
        assert_is_exactly(checkpoint, 1)
        assert name in checkpoint.notes[0]
        assert "Going on from step-00000001" in checkpoint.notes[0]
    path.unlink()
    assert_is_exactly(load_checkpoint(tmp_path), 1)


def test_when_none_is_good_all_damage_is_listed(tmp_path):
    older, newer = save(tmp_path, 1), save(tmp_path, 2)
    (older / "values.json").write_text("")
    (newer / "manifest.json").unlink()
    with pytest.raises(
        RunError, match=r"No checkpoint .*manifest\.json is missing.*step-00000001.values\.json is damaged"
    ):
        load_checkpoint(tmp_path)


def test_a_damaged_checkpoint_does_not_count_as_one_of_the_two(tmp_path):
    save(tmp_path, 1)
    (save(tmp_path, 2) / "tensors.safetensors").write_bytes(b"damaged")
    save(tmp_path, 3)
    assert names(tmp_path) == ["step-00000001", "step-00000003"]


def test_going_on_from_an_older_step_replaces_what_came_later(tmp_path):
    save(tmp_path, 10)
    (save(tmp_path, 20) / "tensors.safetensors").write_bytes(b"damaged")
    save(tmp_path, 15)
    assert names(tmp_path) == ["step-00000010", "step-00000015"]


def test_a_checkpoint_of_a_newer_deepglass_is_refused_not_stepped_over(tmp_path):
    save(tmp_path, 1)
    manifest = save(tmp_path, 2) / "manifest.json"
    files.write_record(manifest, {**files.read_record(manifest), "format_version": "2.0"})
    with pytest.raises(RunError, match=r"format version 2\.0; this Deepglass reads up to 1\.0"):
        load_checkpoint(tmp_path)


def test_links_are_not_followed(tmp_path):
    save(tmp_path, 1)
    path = save(tmp_path, 2)
    path.rename(tmp_path / "outside")
    path.symlink_to(tmp_path / "outside")
    checkpoint = load_checkpoint(tmp_path)
    assert_is_exactly(checkpoint, 1)
    assert "is a link" in checkpoint.notes[0]


def test_what_others_put_beside_checkpoints_stays(tmp_path):
    save(tmp_path, 1)
    for name in ("notes.txt", "step-old", ".tmp"):
        (tmp_path / "checkpoints" / name).write_text("mine")
    for step in (2, 3):
        save(tmp_path, step)
    assert {"notes.txt", "step-old", ".tmp"} < set(names(tmp_path))


class Killed(BaseException):
    """Stands for a process that is killed: nothing after it may run."""


class FileThatFails:
    """A file of which a failing write leaves half."""

    def __init__(self, file, faults):
        self.file, self.faults, self.flush, self.fileno = file, faults, file.flush, file.fileno

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, content):
        if self.faults.due():
            self.file.write(content[: len(content) // 2])
            raise self.faults.error
        return self.file.write(content)


class Faults:
    """Makes the k-th call that changes the disk fail, in the middle of its work where it has one."""

    def __init__(self, monkeypatch, k, error, forever):
        self.calls, self.k, self.error, self.forever = 0, k, error, forever
        for owner, name in [(Path, "mkdir"), (Path, "rename"), (Path, "replace"), (Path, "unlink"), (os, "fsync")]:
            monkeypatch.setattr(owner, name, self.before(getattr(owner, name)))
        monkeypatch.setattr(shutil, "rmtree", self.halfway_through_removing(shutil.rmtree))
        opened = Path.open
        monkeypatch.setattr(Path, "open", lambda path, mode="r", **more: self.file(opened, path, mode, more))

    def due(self):
        self.calls += 1
        return self.calls == self.k or (self.forever and self.calls > self.k)

    def before(self, call):
        def wrapped(*arguments, **options):
            if self.due():
                raise self.error
            return call(*arguments, **options)

        return wrapped

    def halfway_through_removing(self, rmtree):
        def wrapped(path, ignore_errors=False):
            if self.due():
                inside = next(iter(Path(path).iterdir()), None) if Path(path).exists() else None
                if inside and not (self.forever and self.calls > self.k):
                    os.remove(inside)  # noqa: PTH107
                if not ignore_errors or isinstance(self.error, Killed):
                    raise self.error
                return
            rmtree(path, ignore_errors)

        return wrapped

    def file(self, opened, path, mode, more):
        if mode == "rb":
            return opened(path, mode, **more)
        if self.due():
            raise self.error
        file = opened(path, mode, buffering=0)
        return FileThatFails(file, self)


@pytest.mark.parametrize("forever", [False, True])
@pytest.mark.parametrize("error", [Killed(), OSError(errno.ENOSPC, "No space left on device")], ids=["killed", "full"])
def test_whichever_call_of_a_save_fails_a_good_checkpoint_is_there_with_old_bits_or_new(tmp_path, error, forever):
    seen = set()
    for k in range(1, 200):
        folder = tmp_path / str(k)
        folder.mkdir()
        (folder / "history.jsonl").write_text("")
        for step in (1, 2):
            save(folder, step)
        with pytest.MonkeyPatch.context() as monkeypatch:
            faults = Faults(monkeypatch, k, error, forever)
            try:
                save(folder, 3)
            except (Killed, TrainingError) as caught:
                ended = caught
            else:
                ended = None
        checkpoint = load_checkpoint(folder)
        assert checkpoint.notes == ()
        assert_is_exactly(checkpoint, checkpoint.step)
        assert checkpoint.step in ((2, 3) if ended else (3,))
        seen.add(checkpoint.step)
        if isinstance(ended, TrainingError):
            assert "checkpoints could not be written (No space left" in str(ended)
            assert "bytes are needed" in str(ended)
        save(folder, 4)  # the run goes on, and nothing half-done stays
        assert_is_exactly(load_checkpoint(folder), 4)
        assert names(folder) == [f"step-0000000{checkpoint.step}", "step-00000004"]
        if faults.calls < k:
            break
    assert faults.calls < k
    assert k > 15
    assert seen == {2, 3}


def test_a_save_that_reads_back_wrong_is_an_error_and_the_older_stay(tmp_path, monkeypatch):
    for step in (1, 2):
        save(tmp_path, step)
    write = files.write_new
    monkeypatch.setattr(files, "write_new", lambda path, content: write(path, content.replace(b"best", b"rest")))
    with pytest.raises(TrainingError, match="was written but reads back wrong"):
        save(tmp_path, 3)
    assert names(tmp_path) == ["step-00000001", "step-00000002", "step-00000003"]
    assert_is_exactly(load_checkpoint(tmp_path), 2)


SAVE_FOR_EVER = """
import sys, torch
from pathlib import Path
from deepglass.runs import save_checkpoint
for step in range(int(sys.argv[2]), 10**6):
    tensors = {"weight": torch.full((50_000,), float(step))}
    save_checkpoint(Path(sys.argv[1]), step, tensors, {"step": step})
    print(step, flush=True)
"""


def test_a_killed_process_loses_no_checkpoint_that_was_saved(tmp_path):
    last = 0
    for pause in (0.003, 0.011, 0.027):
        command = [sys.executable, "-c", SAVE_FOR_EVER, str(tmp_path), str(last + 1)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(pause)
        process.kill()
        said = process.communicate()[0].split()
        checkpoint = load_checkpoint(tmp_path)
        assert checkpoint.step >= max([last + 1, *map(int, said)])
        assert torch.equal(checkpoint.tensors["weight"], torch.full((50_000,), float(checkpoint.step)))
        assert len(checkpoint_folders(tmp_path)) >= 1
        last = checkpoint.step
