import subprocess
import sys

import pytest

from deepglass.errors import RunError, SettingError
from deepglass.runs import RunFolder, find_runs, list_runs
from deepglass.runs.listing import LESS_IS_BETTER


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


def test_a_run_whose_process_is_gone_is_interrupted(tmp_path):
    run = RunFolder.create(tmp_path / "a")
    assert list_runs(tmp_path)[0]["status"] == "interrupted"
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
    assert rows["b"]["status"] == "interrupted"


def made(root, name, **facts):
    run = RunFolder.create(root / name, name=name)
    run.update_facts(**facts)
    return run


def names(rows):
    return [row["name"] for row in rows]


def test_rows_are_sorted_by_a_metric_the_best_first_and_by_any_column(tmp_path):
    made(tmp_path, "a", status="done", started="2026-01-03", validation={"accuracy": 0.7, "loss": 0.3}, epochs=9)
    made(tmp_path, "b", status="failed", started="2026-01-01", epochs=2)
    made(tmp_path, "c", status="done", started="2026-01-02", validation={"accuracy": 0.9, "loss": 0.5}, epochs=5)
    assert names(list_runs(tmp_path, sort="accuracy")) == ["c", "a", "b"]
    assert names(list_runs(tmp_path, sort="-accuracy")) == ["a", "c", "b"]  # without a value still last
    assert names(list_runs(tmp_path, sort="loss")) == ["a", "c", "b"]
    assert names(list_runs(tmp_path, sort="date")) == ["b", "c", "a"]
    assert names(list_runs(tmp_path, sort="-date")) == ["a", "c", "b"]
    assert names(list_runs(tmp_path, sort="epochs")) == ["b", "c", "a"]
    with pytest.raises(SettingError, match=r"no 'accurcy'\. Did you mean 'accuracy'"):
        list_runs(tmp_path, sort="accurcy")


def test_less_is_better_for_the_metrics_that_say_so_themselves():
    from deepglass.tasks.metrics import METRICS

    for name, metric in METRICS.items():
        assert (metric.direction == "min") == any(part in name for part in LESS_IS_BETTER), name


def test_rows_are_chosen_by_patterns_of_names_and_columns(tmp_path):
    made(tmp_path, "digits-1", status="done", made_of={"data": "digits", "network": "lenet5", "epochs_asked": 20})
    made(tmp_path, "digits-2", status="failed", made_of={"data": "digits", "network": "mlp", "epochs_asked": 20})
    made(tmp_path, "iris-1", status="done", made_of={"data": "iris", "network": "mlp", "epochs_asked": 20})
    assert names(list_runs(tmp_path, where="digits-*")) == ["digits-1", "digits-2"]
    assert names(list_runs(tmp_path, where=["status=done", "network=m*"])) == ["iris-1"]
    assert names(list_runs(tmp_path, where="state=failed")) == ["digits-2"]
    with pytest.raises(SettingError, match=r"no 'netwrk'\. Did you mean 'network'"):
        list_runs(tmp_path, where="netwrk=mlp")


def test_runs_of_several_seeds_are_found_in_their_folder(tmp_path):
    for seed in range(2):
        made(tmp_path, f"three/seed-{seed}")
    made(tmp_path, "alone")
    assert {row["path"].relative_to(tmp_path).as_posix() for row in list_runs(tmp_path)} == {
        "alone",
        "three/seed-0",
        "three/seed-1",
    }
    assert find_runs("three", tmp_path) == [tmp_path / "three/seed-0", tmp_path / "three/seed-1"]
    assert find_runs("alone", tmp_path) == [tmp_path / "alone"]
    with pytest.raises(RunError, match=r"no run 'alon'\. Did you mean 'alone'"):
        find_runs("alon", tmp_path)


def test_size_data_network_and_epochs_asked_for_are_listed_also_of_runs_that_say_them_in_their_spec_alone(tmp_path):
    run = made(tmp_path, "old", status="done")
    run.write_spec({"data": {"source": "iris"}, "network": {"name": "mlp"}, "recipe": {"epochs": 7}})
    (tmp_path / "old" / "code").mkdir()
    (tmp_path / "old" / "code" / "net.py").write_bytes(b"x" * 1000)
    row = list_runs(tmp_path)[0]
    assert (row["data"], row["network"], row["epochs_asked"]) == ("iris", "mlp", 7)
    expected = sum(p.stat().st_size for p in (tmp_path / "old").rglob("*") if p.is_file())
    assert row["bytes"] == expected > 1000


def test_listing_imports_no_torch(tmp_path):
    made(tmp_path, "a", status="done")
    code = f"import sys, deepglass as dg; assert len(dg.list_runs({str(tmp_path)!r})) == 1; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
