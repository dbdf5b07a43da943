"""Killed: a training that is killed and goes on in another process ends with the bits of one that was left alone.

A contract is a file with a function `make` that returns a Training. Run as a program, `python killed.py CONTRACT FOLDER
STEPS [kill]`, this file goes on from what FOLDER holds up to a step, and there saves and is killed, or prints its digest.
"""

import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deepglass.runs import load_checkpoint, save_checkpoint
from deepglass.training import Epoch, Training


def assert_survives_a_kill(make: Callable[[], Training], folder: Path, *, killed_at: int = 5, ends_at: int = 11) -> str:
    """Compare with a training in this process that nobody kills, and return the digest of its state at `ends_at`."""
    contract = make.__code__.co_filename
    with (folder / "said.txt").open("w") as said:  # no pipe: workers that outlive the killed process would keep it open
        killed = subprocess.run([sys.executable, __file__, contract, folder, str(killed_at), "kill"], stderr=said)
    assert killed.returncode == -signal.SIGKILL, (folder / "said.txt").read_text()
    resume = [sys.executable, __file__, contract, folder, str(ends_at)]
    resumed = subprocess.run(resume, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    left_alone = make()
    train_until(left_alone, ends_at)
    assert resumed == digest(left_alone)
    return resumed


def train_until(training: Training, step: int) -> None:
    """Train up to a step, which may lie in the middle of an epoch."""
    while training.step_number < step:
        for done in training.steps():
            if done.number == step:
                return
        training.close_epoch()


def digest(training: Training) -> str:
    """SHA-256 of all of a training's state but the seconds, which no two trainings share."""
    state = training.state_dict()
    sha = hashlib.sha256()
    for name, tensor in sorted(state["tensors"].items()):
        sha.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode() + tensor.contiguous().numpy().tobytes())
    history = [{**epoch.to_dict(), "seconds": 0} for epoch in state["history"]]
    sha.update(json.dumps([{**state["values"], "seconds": 0}, history], sort_keys=True).encode())
    return sha.hexdigest()


def save(training: Training, folder: Path) -> None:
    state = training.state_dict()
    plain = {"values": state["values"], "history": [epoch.to_dict() for epoch in state["history"]]}
    save_checkpoint(folder, training.step_number, state["tensors"], plain)


def load(training: Training, folder: Path) -> None:
    saved = load_checkpoint(folder)
    history = [Epoch.from_dict(line) for line in saved.values["history"]]
    training.load_state_dict({"tensors": saved.tensors, "values": saved.values["values"], "history": history})


def main(contract: str, folder: Path, step: int, kill: bool) -> None:
    spec = importlib.util.spec_from_file_location("contract", contract)
    module = importlib.util.module_from_spec(spec)
    sys.modules["contract"] = module
    spec.loader.exec_module(module)
    training = module.make()
    if kill:
        train_until(training, step)
        save(training, folder)
        train_until(training, step + 1)  # what is done after the last save is lost
        os.kill(os.getpid(), signal.SIGKILL)
    load(training, folder)
    train_until(training, step)
    print(digest(training))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["kill"])
