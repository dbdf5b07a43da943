import errno
import json
import os

import numpy as np
import pytest
import torch

from deepglass.errors import RunError, TrainingError
from deepglass.runs import files


def test_json_holds_null_for_what_is_not_finite(tmp_path):
    value = {"loss": float("nan"), "best": np.float32("inf"), "all": (torch.tensor([1, 2]), np.bool_(True))}
    files.write_json(tmp_path / "a.json", value)
    assert json.loads((tmp_path / "a.json").read_text()) == {"loss": None, "best": None, "all": [[1, 2], True]}


@pytest.mark.parametrize("value", [{1: "one"}, {"a": object()}, {"a": {1, 2}}])
def test_what_would_not_come_back_from_json_is_refused_and_the_old_file_stays(tmp_path, value):
    files.write_json(tmp_path / "a.json", "old")
    with pytest.raises(TypeError):
        files.write_json(tmp_path / "a.json", value)
    assert files.read_json(tmp_path / "a.json") == "old"


def test_any_text_survives(tmp_path):
    text = 'Größe 重み \u202e "quoted" \udc80\n'
    files.write_json(tmp_path / "a.json", text)
    assert files.read_json(tmp_path / "a.json") == text


@pytest.mark.parametrize("content", [b"", b'{"a": ', b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(RunError, match=r"a\.json is damaged: .*Restore it"):
        files.read_json(tmp_path / "a.json")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RunError, match=r"a\.json is missing"):
        files.read_json(tmp_path / "a.json")


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("1")
    (tmp_path / "a.json").symlink_to(tmp_path / "secret")
    with pytest.raises(RunError, match=r"a\.json is a link"):
        files.read_json(tmp_path / "a.json")


def test_every_flipped_bit_of_a_record_is_noticed_or_harmless(tmp_path):
    path = tmp_path / "a.json"
    files.write_record(path, {"mean": 0.125, "classes": ["no", "yes"]})
    content = path.read_bytes()
    for place in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        try:
            assert files.read_record(path) == {"mean": 0.125, "classes": ["no", "yes"]}  # a space became a line end
        except RunError as error:
            assert "a.json" in str(error)


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_leaves_the_old_file_and_says_what_is_needed(tmp_path, monkeypatch, call, code):
    path = tmp_path / "a.json"
    files.write_text(path, "old")

    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(type(path), "replace", fail)
    with pytest.raises(
        TrainingError, match=r"a\.json could not be written .* 3 bytes are needed, \d+ are free"
    ) as caught:
        files.write_text(path, "new")
    assert caught.value.exit_code == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    assert path.read_text() == "old"


def test_a_sweep_takes_only_what_bears_our_mark(tmp_path):
    (tmp_path / f"{files.TEMPORARY}abc").mkdir()
    (tmp_path / f"{files.TEMPORARY}abc" / "half").write_text("")
    (tmp_path / f"{files.TEMPORARY}def").write_text("")
    for name in (".tmp", "step-00000001.tmp", "notes.txt"):
        (tmp_path / name).write_text("mine")
    files.sweep(tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".tmp", "notes.txt", "step-00000001.tmp"]
