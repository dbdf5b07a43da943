import json
import os
import signal
import subprocess
import sys
import time

import pytest

from deepglass.errors import RunError
from deepglass.runs import RunFolder, lock

HOLD = """
import sys, time
from deepglass.runs import RunFolder
with RunFolder(sys.argv[1]).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def run(tmp_path):
    return RunFolder.create(tmp_path / "run")


@pytest.fixture
def other(run):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_process_is_refused_with_the_id_and_host_of_the_first(run, other):
    with pytest.raises(RunError, match=rf"process {other.pid} on host '.+', since .* is writing"), run.lock():
        pass
    assert run.status == "running"


def test_the_lock_of_a_killed_process_is_taken_over(run, other):
    other.kill()
    other.wait()
    assert json.loads((run.path / "lock").read_text())["process"] == other.pid
    assert run.status == "interrupted"
    with run.lock():
        assert lock.holder(run.path / "lock")["process"] == os.getpid()
    assert lock.holder(run.path / "lock") is None


def test_a_second_run_folder_of_the_same_process_is_refused_and_blocks_of_one_lie_in_each_other(run):
    other = RunFolder(run.path)
    with run.lock(), pytest.raises(RunError, match=f"process {os.getpid()} "), other.lock():
        pass
    with run.lock():
        with run.lock():
            pass
        with pytest.raises(RunError, match=f"process {os.getpid()} "), other.lock():
            pass
    with other.lock():
        pass


def test_a_lock_of_another_host_is_asked_about(run):
    content = {"host": "elsewhere", "process": 7, "since": "2026-01-01T00:00:00+00:00"}
    (run.path / "lock").write_text(json.dumps(content))
    assert run.status == "running"  # nobody can know
    with pytest.raises(RunError, match=r"process 7 on host 'elsewhere'.*If it has ended, remove lock"), run.lock():
        pass
    with run.lock(take_over=True):
        pass
    with run.lock():
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'{"host": null}'])
def test_a_damaged_lock_file_that_nobody_holds_is_no_hindrance(run, content):
    (run.path / "lock").write_bytes(content)
    with run.lock():
        pass


def test_where_the_system_has_no_locks_the_process_id_decides(run, other, monkeypatch):
    monkeypatch.setattr(lock, "_acquired", lambda descriptor: None)
    with pytest.raises(RunError, match=f"process {other.pid} "), run.lock():
        pass
    assert run.status == "running"
    other.kill()
    other.wait()
    assert run.status == "interrupted"
    with run.lock():
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_forked_worker_does_not_outlive_its_parent_with_the_lock(run):
    script = HOLD.replace(
        "time.sleep(60)", "pid = os.fork() or time.sleep(60)\n    print(pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", "import os" + script, str(run.path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    child = int(process.stdout.readline())
    time.sleep(0.05)
    process.kill()
    process.wait()
    process.stdout.close()
    try:
        with run.lock():
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_leftovers_are_swept_when_the_lock_is_taken(run):
    (run.path / ".deepglass-unfinished-abc").write_text("half")
    with run.lock():
        assert not list(run.path.glob(".deepglass*"))
