"""Processes that decode pictures ahead: what is left of them where the system starts no more."""

import errno
import multiprocessing
import sys

import numpy as np
import pytest
from PIL import Image

import deepglass as dg


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are started by another class")
def test_where_a_later_process_cannot_start_the_earlier_ones_are_stopped(tmp_path, monkeypatch):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for i in range(10):
            Image.fromarray(np.full((4, 4, 3), i, dtype=np.uint8)).save(tmp_path / name / f"{i}.png")
    data = dg.load(tmp_path, streaming=True, workers=3)
    begun = []
    start = multiprocessing.context.ForkProcess.start

    def start_two(process):
        if len(begun) == 2:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        start(process)
        begun.append(process)

    monkeypatch.setattr(multiprocessing.context.ForkProcess, "start", start_two)
    with pytest.raises(OSError, match="temporarily unavailable") as caught:
        next(data.reader().read(data.members("train"), 2))
    assert caught.value.errno == errno.EAGAIN  # it holds the frames with the processes, as a notebook does
    assert [process.is_alive() for process in begun] == [False, False]
