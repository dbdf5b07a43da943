"""A disk that is full, or read-only, at any one operation of each thing that is written into a run."""

import resource
import shutil

import pytest
import torch
from operations import counted, fill, refuse

from deepglass.errors import TrainingError
from deepglass.runs import RunFolder, checkpoint_folders, keep_epoch, kept_epochs, load_checkpoint, save_checkpoint
from deepglass.runs.files import TEMPORARY

VALUES = {"epoch": 1, "position": 0}


def tensors(step):
    return {"network.weight": torch.full((40,), float(step)), "optimizer.weight.exp_avg": torch.arange(40.0) * step}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A run in the middle: three epochs, two checkpoints, two kept epochs, all of its small files."""
    run = RunFolder.create(tmp_path_factory.mktemp("before") / "run")
    run.write_spec({"recipe": {"epochs": 9}})
    run.write_fields({"x": {"kind": "number"}})
    run.write_code("net.py", "def build(): ...\n")
    for step in (1, 2):
        run.append_history({"epoch": step, "loss": 1 / step})
        save_checkpoint(run.path, step, tensors(step), {**VALUES, "epoch": step})
        keep_epoch(run.path, step, 1, step, tensors(step), {**VALUES, "epoch": step})
    run.append_history({"epoch": 3, "loss": 1 / 3})
    run.update_facts(status="paused", test={"accuracy": 0.5})
    run.append_look({"why": "test"})
    return run.path


def save(run):
    save_checkpoint(run.path, 3, tensors(3), {**VALUES, "epoch": 3})


WORK = {
    "save and rotate": save,
    "append": lambda run: run.append_history({"epoch": 4, "loss": 0.25}),
    "cut the history": lambda run: run.truncate_history(2),
    "keep an epoch": lambda run: keep_epoch(run.path, 3, 1, 3, tensors(3), {**VALUES, "epoch": 3}),
    "facts": lambda run: run.update_facts(status="running", epochs=4),
    "forget": lambda run: run.forget_facts("test"),
    "spec": lambda run: run.write_spec({"recipe": {"epochs": 12}}),
    "code": lambda run: run.write_code("other.py", "def build(): return None\n"),
    "splits": lambda run: run.write_splits({"train": [0, 1, 2]}),
    "data": lambda run: run.save_tensors({"x": torch.ones(20)}),
    "look": lambda run: run.append_look({"why": "again"}),
    "lock": lambda run: run.lock().__enter__(),
}


def content(folder):
    """All that a reader sees, by path: what bears our mark of the unfinished is nothing yet, nor is the lock."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in paths
        if not any(part.startswith(TEMPORARY) for part in path.relative_to(folder).parts)
    }


def is_good(folder, whole):
    """Whether nothing of a run is damaged, and its newest checkpoint is one of the two that there may be."""
    run = RunFolder(folder)
    found = load_checkpoint(folder)
    assert found.notes == ()
    assert found.step in (2, 3)
    assert torch.equal(found.tensors["network.weight"], tensors(found.step)["network.weight"])
    run.read_spec(), run.read_fields(), run.read_code(), run.history(), run.looks()
    assert run.notes == []
    kept_epochs(folder)
    assert content(folder).keys() <= whole
    return True


@pytest.mark.parametrize(("fault", "forever"), [(fill, False), (refuse, True)], ids=["full once", "read-only for ever"])
@pytest.mark.parametrize("name", WORK)
def test_a_disk_that_refuses_any_operation_leaves_what_was_there_and_the_work_is_done_later(
    name, fault, forever, before, tmp_path
):
    straight = RunFolder(shutil.copytree(before, tmp_path / "straight"))
    with counted(straight.path, fault) as operations:
        WORK[name](straight)
    expected = content(straight.path)
    possible = expected.keys() | content(before).keys()
    failed = 0
    for at in range(1, operations.count + 1):
        run = RunFolder(shutil.copytree(before, tmp_path / f"at {at}"))
        with counted(run.path, fault, at, forever=forever):
            try:
                WORK[name](run)
            except TrainingError as error:
                failed += 1
                said = str(error)
                assert said.startswith(str(run.path)), said
                assert "could not be written (" in said and "bytes are needed, " in said and " are free" in said, said
                assert "go on with --resume" in said
        assert is_good(run.path, possible), at
        if name != "lock":
            WORK[name](RunFolder(run.path))  # there is room again
            assert without_twins(content(run.path)) == without_twins(expected), at
        shutil.rmtree(run.path)
    assert failed > 0 or name == "lock"


def without_twins(files):
    """The newest checkpoint by its tensors alone: where the step was saved, and again, it bears a second number.

    What a look or an epoch says stands twice where it was written before the disk was full.
    """
    lines = {name: b"".join(dict.fromkeys(text.splitlines(keepends=True))) for name, text in files.items()}
    newest = max(name for name in files if name.startswith("checkpoints/step-00000002") or "step-00000003" in name)
    return {n: t for n, t in lines.items() if not n.startswith("checkpoints/")} | {"newest": files[newest]}


@pytest.mark.parametrize("name", [n for n in WORK if n != "lock"])
def test_a_file_that_breaks_off_anywhere_never_bears_its_name(name, before, tmp_path):
    straight = RunFolder(shutil.copytree(before, tmp_path / "straight"))
    WORK[name](straight)
    possible = content(straight.path).keys() | content(before).keys()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (0, 1, 60, 150, 400, 700):
        run = RunFolder(shutil.copytree(before, tmp_path / f"up to {size}"))
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            WORK[name](run)
        except TrainingError as error:
            assert "could not be written (File too large)" in str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert is_good(run.path, possible), size
    assert checkpoint_folders(straight.path)
