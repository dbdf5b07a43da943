from pathlib import Path

import pytest

from deepglass.errors import RunError
from deepglass.runs import RunFolder, delete_run


@pytest.fixture
def run(tmp_path):
    folder = RunFolder.create(tmp_path / "run")
    folder.append_history({"epoch": 1})
    folder.write_code("net.py", "pass")
    return folder.path


def test_a_run_is_deleted_as_a_whole_and_its_neighbours_stay(run, tmp_path):
    RunFolder.create(tmp_path / "other")
    delete_run(run)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_damaged_run_can_be_deleted(run):
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text[:-30])
    delete_run(run)
    assert not run.exists()


def test_a_run_that_is_being_written_is_refused_with_the_process(run):
    with RunFolder(run).lock(), pytest.raises(RunError, match=r"not deleted: process \d+ on host .* is writing"):
        delete_run(run)
    assert run.exists()


@pytest.mark.parametrize("name", ["thesis.txt", "figures/", "spec.yaml.bak"])
def test_what_is_not_of_deepglass_is_never_deleted_with_a_run(run, name):
    (run / name).mkdir() if name.endswith("/") else (run / name).write_text("mine")
    with pytest.raises(RunError, match=f"{name.rstrip('/')} in it is not of Deepglass. Move it"):
        delete_run(run)
    assert (run / name).exists() and (run / "run.json").exists()


def test_a_folder_that_is_no_run_is_never_deleted(tmp_path):
    for name in ("spec.yaml", "history.jsonl", "notes.txt"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text("mine")
        with pytest.raises(RunError, match=r"holds no run\.json"):
            delete_run(folder)
        assert (folder / name).read_text() == "mine"
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "run.json").write_text('{"script": "start"}')
    with pytest.raises(RunError, match="not one of Deepglass"):
        delete_run(tmp_path / "web")
    with pytest.raises(RunError, match="no run"):
        delete_run(tmp_path / "nothing")


def test_the_folder_that_one_is_in_is_refused(run, monkeypatch):
    monkeypatch.chdir(run)
    with pytest.raises(RunError, match="the folder that you are in"):
        delete_run(run)


def test_a_link_to_a_run_is_refused(run, tmp_path):
    try:
        (tmp_path / "link").symlink_to(run, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(RunError, match="is a link"):
        delete_run(tmp_path / "link")
    assert run.exists()


def test_half_of_a_run_never_bears_its_name(run, tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.runs.deleting.shutil.rmtree", lambda path, **_: (Path(path) / "run.json").unlink())
    with pytest.raises(RunError, match="something could not be removed"):
        delete_run(run)
    assert not run.exists()
    monkeypatch.undo()
    RunFolder.create(tmp_path / "second")
    delete_run(tmp_path / "second")  # which sweeps away what the first has left
    assert list(tmp_path.iterdir()) == []
