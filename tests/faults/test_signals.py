import os
import signal
import subprocess
import sys
import time

import pytest
import saving
from operations import in_child

import soak
from deepglass.runs import RunFolder, checkpoint_folders
from deepglass.training.interrupts import Interrupts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")

LONG = """
import sys, deepglass as dg
from deepglass.cli import main
sys.argv = ["deepglass", "train", "digits", "--network", "mlp", "--set", "network.dropout=0.3", "--epochs", "3",
            "--batch-size", "1", "--set", "recipe.early_stopping=false", "--set", "recipe.threads=1", "--out", "run"]
main()
"""


def begun(folder, **how):
    """A command that trains for long, in its first steps."""
    process = subprocess.Popen([sys.executable, "-c", LONG], cwd=folder, text=True, **how)
    for _ in range(600):
        if (folder / "run" / "run.json").exists() and RunFolder(folder / "run").begun:
            time.sleep(0.2)
            return process
        assert process.poll() is None
        time.sleep(0.05)
    raise AssertionError("it did not begin")


def test_a_second_ctrl_c_leaves_at_once_and_nothing_that_was_saved_is_lost(tmp_path, monkeypatch):
    process = begun(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.send_signal(signal.SIGSTOP)  # so that both are there before the next step
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert RunFolder(tmp_path / "run").status in ("interrupted", "paused")


def test_a_terminal_that_is_closed_saves_the_run(tmp_path):
    terminal, other_end = os.openpty()
    process = begun(tmp_path, stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True)
    os.close(other_end)
    process.send_signal(signal.SIGHUP)
    os.close(terminal)  # what is shown from now on finds nobody
    assert process.wait(60) == 129
    run = RunFolder(tmp_path / "run")
    assert (run.status, run.facts["stopped_by"]) == ("paused", "SIGHUP")
    assert checkpoint_folders(run.path)


def test_what_the_one_who_started_it_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interrupts.asked is None
            os.kill(os.getpid(), signal.SIGTERM)
            assert interrupts.asked == "SIGTERM"
    finally:
        signal.signal(signal.SIGHUP, before)


def test_of_two_processes_that_go_on_with_a_run_at_once_one_is_refused_and_the_bits_are_right(tmp_path):
    in_child(saving.start_own, tmp_path / "straight", 20)
    in_child(saving.start_own, tmp_path / "run", 20, 6)
    code = f"import deepglass as dg; dg.resume({str(tmp_path / 'run')!r}, trust=True, progress=False)"
    both = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(2)
    ]
    said = [process.communicate(timeout=100)[1] for process in both]
    refused = [text for text in said if text]
    assert all("is writing into this run. Wait for it, stop it, or use another folder" in text for text in refused)
    assert len(refused) <= 1  # none, when one came after the other
    assert soak.differing(soak.bits(tmp_path / "run"), soak.bits(tmp_path / "straight")) == ""
    soak.check_end(tmp_path / "run")
