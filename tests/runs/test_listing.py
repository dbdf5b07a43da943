import pytest

from deepglass.runs import RunFolder, list_runs


def test_no_folder_is_no_runs(tmp_path):
    assert list_runs(tmp_path / "runs") == []


def test_runs_are_listed_with_their_figures_oldest_first(tmp_path):
    second = RunFolder.create(tmp_path / "a", name="second")
    second.update_facts(status="done", started="2026-02-01", epochs=5, seconds=1.5, validation={"accuracy": 0.9})
    first = RunFolder.create(tmp_path / "b", name="first")
    first.update_facts(status="failed", started="2026-01-01")
    first.append_history({"epoch": 1})
    (tmp_path / "notes.txt").write_text("no run")
    (tmp_path / "pictures").mkdir()
    rows = list_runs(tmp_path)
    assert [(row["name"], row["status"], row["epochs"]) for row in rows] == [
        ("first", "failed", 1),
        ("second", "done", 5),
    ]
    assert rows[1]["validation"] == {"accuracy": 0.9}
    assert rows[1]["seconds"] == 1.5


def test_a_run_whose_process_is_gone_is_stopped(tmp_path):
    run = RunFolder.create(tmp_path / "a")
    assert list_runs(tmp_path)[0]["status"] == "stopped"
    with run.lock():
        assert list_runs(tmp_path)[0]["status"] == "running"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null", b'{"status": "done"}', None])
def test_a_damaged_run_is_listed_with_the_reason_beside_the_others(tmp_path, content):
    RunFolder.create(tmp_path / "a").append_history({"epoch": 1})
    RunFolder.create(tmp_path / "b")
    if content is None:
        (tmp_path / "a" / "run.json").unlink()
    else:
        (tmp_path / "a" / "run.json").write_bytes(content)
    rows = {row["path"].name: row for row in list_runs(tmp_path)}
    assert rows["a"]["status"] == "damaged"
    assert "run.json" in rows["a"]["reason"]
    assert rows["a"]["epochs"] == 1
    assert rows["b"]["status"] == "stopped"
