"""What is said where the system refuses memory to what comes before the first step."""

import pytest
import torch

import deepglass as dg
from deepglass import carrying
from deepglass.errors import TrainingError

TOO_MUCH = 1 << 50  # bytes, a pebibyte


@pytest.mark.parametrize("look", ["alarms", "remarks", "of_start", "estimate"])
def test_memory_that_runs_out_before_the_first_step_is_said(look, tmp_path, monkeypatch):
    monkeypatch.setattr(carrying, look, lambda *_: torch.empty(TOO_MUCH, dtype=torch.uint8))
    with pytest.raises(TrainingError, match=r"^Memory ran out at step 1 \(recipe\.batch_size=24; .* asked for"):
        dg.train("linear", "iris", out=tmp_path / "run", batch_size=24, epochs=1, threads=1, progress=False)
