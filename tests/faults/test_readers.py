"""Processes that read the data: killed, or short of the memory that they share."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import saving
from operations import in_child
from PIL import Image

from deepglass.runs import RunFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs signals, /proc and /dev/shm")

LONGEST = 10.0  # seconds until an error is there


@pytest.fixture
def photos(tmp_path):
    """Two classes of 40 pictures of 64 x 64 pixels."""
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(40):
            pixels = random.integers(0, 255, (64, 64, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{i}.png")
    return tmp_path / "photos"


def test_a_killed_reader_of_a_dataset_ends_the_run_with_a_word_and_leaves_no_process_behind(tmp_path):
    code, answer = in_child(saving.start_with_deadly_data, tmp_path)
    assert code == 0
    said, seconds, left = answer
    assert "A process that reads the data ended at step " in said, said
    assert "Was it killed for memory? Lower data.workers or recipe.batch_size" in said
    assert seconds < LONGEST
    assert left == 0
    run = RunFolder(tmp_path / "run")
    assert (run.status, run.facts["reason"]) == ("failed", said)


SMALL = """
import deepglass as dg
dg.train("linear", dg.load("photos", streaming=True, workers=2), out="run", epochs=1, batch_size=16, threads=1,
         progress=False)
"""


def test_a_streamed_folder_is_trained_on_with_1_mb_of_shared_memory(photos, tmp_path):
    ended = with_1_mb_of_shared_memory(SMALL, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert RunFolder(tmp_path / "run").status == "done"


LARGE = """
import multiprocessing
from time import perf_counter
import torch
import deepglass as dg

class Large(torch.utils.data.Dataset):
    def __init__(self, uneven):
        self.uneven = uneven
    def __len__(self):
        return 40
    def __getitem__(self, index):
        return torch.full((50_000 + self.uneven * index,), index / 40), index % 2

class Mean(dg.Task):
    def losses(self, network, batch, player, noise):
        x = batch["x"].values if isinstance(batch["x"], dg.Ragged) else batch["x"]
        return {"loss": network(x.mean().reshape(1, 1)).square().mean()}

data = dg.load(Large(UNEVEN), workers=2, validation=0, test=0)
started = perf_counter()
try:
    dg.train(torch.nn.Linear(1, 1), data, task=Mean(), out="run", epochs=1, batch_size=8, threads=1, progress=False)
except dg.errors.TrainingError as error:
    print(error)
print(perf_counter() - started, len(multiprocessing.active_children()), sep="\\n")
"""


@pytest.mark.parametrize("uneven", [0, 1])
def test_a_dataset_that_1_mb_of_shared_memory_is_too_small_for_ends_with_a_word_and_leaves_no_process(uneven, tmp_path):
    ended = with_1_mb_of_shared_memory(LARGE.replace("UNEVEN", str(uneven)), tmp_path)
    assert ended.returncode == 0, ended.stderr
    said, seconds, left = ended.stdout.splitlines()[-3:]
    assert "The processes that read the data ran out of shared memory (/dev/shm) at step 1. Give it more room" in said
    assert float(seconds) < LONGEST
    assert left == "0"


def with_1_mb_of_shared_memory(code, folder):
    """Run Python code in a folder, in a process that sees a /dev/shm of 1 MB."""
    if not shutil.which("unshare"):
        pytest.skip("this system has no unshare")
    prepare = 'mount -t tmpfs -o size=1m none /dev/shm && df --output=size /dev/shm && exec "$0" -c "$1"'
    command = ["unshare", "-m", "sh", "-c", prepare, sys.executable, code]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    if not re.search(r"\b1024\b", ended.stdout):
        pytest.skip("this system lets nobody mount a small /dev/shm")
    return ended
