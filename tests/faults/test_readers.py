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
    if not shutil.which("unshare"):
        pytest.skip("this system has no unshare")
    prepare = 'mount -t tmpfs -o size=1m none /dev/shm && df --output=size /dev/shm && exec "$0" -c "$1"'
    ended = subprocess.run(
        ["unshare", "-m", "sh", "-c", prepare, sys.executable, SMALL],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if not re.search(r"\b1024\b", ended.stdout):
        pytest.skip("this system lets nobody mount a small /dev/shm")
    assert ended.returncode == 0, ended.stderr
    assert RunFolder(tmp_path / "run").status == "done"
