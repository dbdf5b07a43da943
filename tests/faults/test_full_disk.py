import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import saving
from operations import counted, fill, in_child, refuse

import deepglass as dg
import soak
from deepglass.runs import RunFolder, checkpoint_folders, load_checkpoint
from deepglass.training import keep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are not those of Windows")

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight") / "run"
    assert in_child(saving.start_saving, folder)[0] == 0
    return soak.bits(folder)


@pytest.mark.parametrize(("forever", "distance"), [(False, 1), (True, 4)], ids=["once", "for ever"])
def test_a_disk_that_is_full_at_any_moment_ends_with_a_word_and_the_run_goes_on_later(
    forever, distance, expected, tmp_path, monkeypatch
):
    monkeypatch.setattr(keep, "SAVING_SHARE", 1e9)
    with counted(tmp_path / "none", fill) as operations:
        saving.start(tmp_path / "none")
    assert operations.count > 60
    failed = 0
    for at in range(1, operations.count + 1, distance):
        folder = tmp_path / str(at)
        with counted(folder, fill, at, forever=forever):
            said = saving.said(saving.start, folder)
        if said:
            failed += 1
            assert "could not be written (No space left on device)" in said, said
            assert "bytes are needed" in said and "are free" in said, said
            assert "go on with --resume" in said, said
        if folder.exists() and checkpoint_folders(folder):
            assert load_checkpoint(folder).notes == (), at
        saving.start_or_go_on(folder)
        assert soak.differing(soak.bits(folder), expected) == "", at
        soak.check_end(folder)
        shutil.rmtree(folder)
    assert failed > 5


def test_a_real_limit_of_the_system_in_the_middle_of_a_file_leaves_the_checkpoint_before(expected, tmp_path):
    folder = tmp_path / "run"
    code, said = in_child(saving.start_with_file_limit, folder)
    assert code == 0
    assert "could not be written (File too large)" in said
    assert [path.name for path in checkpoint_folders(folder)] == ["step-00000001"]
    assert load_checkpoint(folder).notes == ()
    run = dg.Run(folder)
    assert run.status == "failed"
    assert run.facts["reason"] == said
    dg.resume(folder, progress=False)
    assert soak.differing(soak.bits(folder), expected) == ""


LIMITED = """
import resource, sys
from deepglass.training import keep
from deepglass.cli import main
from deepglass.runs import RunFolder
keep.SAVING_SHARE = 1e9
append = RunFolder.append_history
def limit(folder, record):
    append(folder, record)
    if record["epoch"] == 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))
RunFolder.append_history = limit
sys.argv = ["deepglass", "train", "iris", "--network", "mlp", "--epochs", "4", "--out", "run", "--json"]
main()
"""


def test_the_command_line_ends_with_code_1_and_prints_the_run_and_its_status(tmp_path):
    ended = subprocess.run([sys.executable, "-c", LIMITED], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 1, ended.stderr
    printed = json.loads(ended.stdout.splitlines()[-1])
    assert (printed["run"], printed["status"]) == ("run", "failed")
    assert "could not be written (File too large)" in printed["reason"]
    assert f"error: {printed['reason']}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert load_checkpoint(tmp_path / "run").values["epoch"] == 1


def test_a_tmpfs_that_runs_full_leaves_the_checkpoint_before(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "none", place], capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("this system lets nobody mount a small tmpfs here")
    try:
        filling = place / "others.bin"
        code, said = in_child(saving.start_until_full, place / "run", filling)
        assert code == 0
        assert "could not be written (No space left on device)" in said
        assert load_checkpoint(place / "run").notes == ()
        filling.unlink()
        dg.resume(place / "run", progress=False)
        assert RunFolder(place / "run").status == "done"
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_folder_that_cannot_be_written_is_named(expected, tmp_path):
    folder = tmp_path / "run"
    saving.start(folder)
    with counted(folder, refuse, 1, forever=True):
        said = saving.said(dg.resume, folder)
    assert "could not be written (Read-only file system)" in said
    assert "make the folder writable, and try again; a training can go on with --resume" in said
    assert soak.differing(soak.bits(folder), expected) == ""
