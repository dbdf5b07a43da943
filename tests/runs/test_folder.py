import json
import os

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import RunError
from deepglass.runs import RunFolder, files
from deepglass.runs import folder as folder_module

SPEC = {
    "data": {"source": "digits", "scaling": None},
    "network": {"name": "mlp", "hidden": [64, 64]},
    "recipe": {"learning_rate": 1e-5, "clip_norm": float("inf"), "shuffle": False, "note": "yes: ä 重"},
}


@pytest.fixture
def run(tmp_path):
    return RunFolder.create(tmp_path / "run", name="digits mlp")


def test_generated_names_are_safe_and_never_repeat(tmp_path):
    made = [RunFolder.create(root=tmp_path, name="../Digits & LeNet5").path for _ in range(3)]
    assert [path.parent for path in made] == [tmp_path] * 3
    assert [path.name.split("-", 2)[:2] for path in made] == [["digits", "lenet5"]] * 3
    assert [path.name[-2:] for path in made] == ["-1", "-2", "-3"]


def test_a_name_is_shown_without_what_could_deceive(tmp_path):
    run = RunFolder.create(tmp_path / "run", name="重み\u202etxt\n" + "x" * 500)
    assert run.facts["name"].startswith("重み\\u202etxt\\u000ax")
    assert len(run.facts["name"]) < 120


def test_a_folder_with_a_run_points_to_resume(run):
    run.update_facts(begun=True)
    with pytest.raises(RunError, match=r"holds a run already. Go on with it \(--resume\)"):
        RunFolder.create(run.path)


def test_a_folder_whose_run_was_killed_before_its_first_step_is_taken_again(run):
    assert not run.begun
    (run.path / f"{files.TEMPORARY}1").write_text("half")
    assert RunFolder.create(run.path, name="again").facts["name"] == "again"
    with run.lock(), pytest.raises(RunError, match="holds a run already"):  # someone is starting it now
        RunFolder.create(run.path)
    run.append_history({"epoch": 1})
    with pytest.raises(RunError, match="holds a run already"):
        RunFolder.create(run.path)


def test_an_empty_folder_with_what_a_killed_start_left_is_taken(tmp_path):
    (tmp_path / f"{files.TEMPORARY}1").write_text("half")
    assert not RunFolder.create(tmp_path).begun


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    for path in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(RunError, match="holds other things already"):
            RunFolder.create(path)


def test_an_empty_folder_is_taken(tmp_path):
    assert RunFolder.create(tmp_path).facts["status"] == "running"


def test_a_folder_without_a_run_is_not_opened(tmp_path):
    with pytest.raises(RunError, match="holds no run"):
        RunFolder(tmp_path)


def test_all_records_come_back_in_a_later_process(run):
    run.write_spec(SPEC)
    run.write_fields({"age": {"mean": 0.1, "checksum": "a column may be called so"}})
    run.write_splits({"train": np.array([2, 0]), "validation": torch.tensor([1]), "test": []})
    run.update_facts(status="done", seeds={"split": 3})
    run.append_look({"at": "now", "test": {"accuracy": 0.5}})
    assert run.save_tensors({"x": torch.ones(2, 3)}, {"unit": "cm"})
    run.write_code("../my net.py", "raise SystemExit\n")

    later = RunFolder(run.path)
    assert later.read_spec() == SPEC
    assert later.read_fields() == {"age": {"mean": 0.1, "checksum": "a column may be called so"}}
    assert {name: split.tolist() for name, split in later.read_splits().items()} == {
        "train": [2, 0],
        "validation": [1],
        "test": [],
    }
    assert later.status == "done"
    assert later.facts["seeds"] == {"split": 3}
    assert later.looks() == [{"at": "now", "test": {"accuracy": 0.5}}]
    tensors, facts = later.load_tensors()
    assert_close(tensors["x"], torch.ones(2, 3))
    assert facts == {"unit": "cm"}
    assert later.read_code() == {"my-net.py": "raise SystemExit\n"}


def test_large_data_is_not_copied(run, monkeypatch):
    monkeypatch.setattr(folder_module, "SMALL_DATA_BYTES", 10)
    assert not run.save_tensors({"x": torch.ones(3)})
    assert not (run.path / "data.safetensors").exists()


def test_a_status_that_does_not_exist_is_refused(run):
    with pytest.raises(RunError, match=r"one of running, done, stopped early, converged, .*, failed, not 'finished'"):
        run.update_facts(status="finished")


def test_history_can_be_taken_back_to_an_epoch(run):
    for epoch in (1, 2, 3):
        run.append_history({"epoch": epoch})
    run.truncate_history(1)
    assert run.history() == [{"epoch": 1}]
    run.truncate_history(0)
    assert run.history() == []


def test_damage_in_the_middle_of_the_history_is_noted_once(run):
    for epoch in (1, 2, 3):
        run.append_history({"epoch": epoch})
    path = run.path / "history.jsonl"
    path.write_text(path.read_text().replace('"epoch": 2', '"epoch": 7'))
    run.history()
    assert run.history() == [{"epoch": 1}, {"epoch": 3}]
    assert run.notes == ["history.jsonl, line 2, is damaged and was left out."]


@pytest.mark.parametrize("name", ["spec.yaml", "fields.json", "splits.safetensors", "data.json", "data.safetensors"])
def test_a_file_cut_anywhere_or_removed_is_named(run, name):
    run.write_spec(SPEC)
    run.write_fields({"age": {"mean": 0.1}})
    run.write_splits({"train": [1, 2]})
    run.save_tensors({"x": torch.ones(2)})
    readers = {"spec": run.read_spec, "fields": run.read_fields, "splits": run.read_splits, "data": run.load_tensors}
    read = readers[name.split(".")[0]]
    content = (run.path / name).read_bytes()
    read()
    for length in range(len(content) - 1):  # without its last byte, a line end, JSON is still whole
        (run.path / name).write_bytes(content[:length])
        with pytest.raises(RunError, match=name):
            read()
    (run.path / name).unlink()
    with pytest.raises(RunError, match=f"{name} is missing"):
        read()


def test_a_run_with_damaged_facts_still_gives_its_history(run):
    run.append_history({"epoch": 1})
    (run.path / "run.json").write_text("{")
    opened = RunFolder(run.path)
    assert opened.history() == [{"epoch": 1}]
    assert "run.json is damaged" in opened.notes[0]
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        opened.update_facts(status="done")


def test_a_newer_format_is_refused_with_its_version(run):
    run.update_facts(format_version="2.3")
    with pytest.raises(RunError, match=r"format version 2\.3; this Deepglass reads up to 1\.0\. Update Deepglass"):
        RunFolder(run.path)


def test_a_newer_minor_format_is_read(run):
    run.update_facts(format_version="1.7")
    assert RunFolder(run.path).facts["name"] == "digits mlp"


def test_a_moved_run_opens_and_holds_no_path_of_where_it_was(run, tmp_path):
    run.write_spec(SPEC)
    moved = RunFolder(run.path.rename(tmp_path / "elsewhere"))
    assert moved.read_spec() == SPEC
    assert not [path for path in moved.path.rglob("*") if path.is_file() and str(tmp_path) in path.read_text()]


def test_links_and_special_files_inside_are_refused(run, tmp_path):
    (run.path / "report.html").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"report\.html is a link"):
        RunFolder(run.path)
    (run.path / "report.html").unlink()
    os.mkfifo(run.path / "pipe")
    with pytest.raises(RunError, match="pipe is a link or a special file"):
        RunFolder(run.path)


def test_an_edited_spec_is_told_how_to_be_accepted(run):
    run.write_spec(SPEC)
    path = run.path / "spec.yaml"
    edited = path.read_text(encoding="utf-8").replace("mlp", "lenet5")
    path.write_text(edited, encoding="utf-8")
    with pytest.raises(RunError, match="to accept it as it is, remove its first line"):
        run.read_spec()
    path.write_text(edited.partition("\n")[2], encoding="utf-8")
    assert run.read_spec()["network"]["name"] == "lenet5"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: &x [1]\nb: *x\n", "holds an alias"),
        ("a: " + "[" * 100_000, "nested too deeply"),
        ("a: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
        ("[1, 2]\n", "it is not a mapping"),
        ("a: " + "[" * 5000, "damaged"),
        ("a: 2001-99-99\n", "month must be in"),
    ],
)
def test_a_hostile_spec_is_refused(run, text, why):
    (run.path / "spec.yaml").write_text(text)
    with pytest.raises(RunError, match=why):
        run.read_spec()


def test_facts_stay_whole_when_the_disk_is_full(run, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    before = run.facts
    monkeypatch.setattr(files, "write_new", full)
    with pytest.raises(Exception, match="No space left on device"):
        run.update_facts(status="done")
    assert RunFolder(run.path).facts == before
    assert json.loads((run.path / "run.json").read_text())["status"] == "running"


def test_facts_can_be_forgotten(tmp_path):
    run = RunFolder.create(tmp_path / "run")
    run.update_facts(test={"accuracy": 0.9}, epochs=3)
    run.forget_facts("test", "never there")
    assert "test" not in run.facts
    assert run.facts["epochs"] == 3
