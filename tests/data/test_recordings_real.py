"""Real recordings: spoken digits, and three-component seismograms cut into windows as a scientist would."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import deepglass as dg

FOLDER = Path(os.environ.get("DEEPGLASS_DATA", "nowhere"))
DIGITS, QUAKES = FOLDER / "fsdd" / "fsdd.zip", FOLDER / "seismology" / "phasenet-waveforms.zip"
RATE, WINDOW, PICK = 100, 400, 3000  # hertz; samples; where every P wave arrives


@pytest.mark.skipif(not DIGITS.is_file(), reason="DEEPGLASS_DATA has no fsdd/fsdd.zip")
def test_the_free_spoken_digits_are_loaded_by_recording_and_by_speaker():
    by_recording = dg.load(DIGITS)
    assert len(by_recording) == 3000 and by_recording.splits.counts() == {"train": 1920, "validation": 480, "test": 600}
    assert by_recording.target.classes == list("0123456789")
    assert "0.14 to 2.28 s (median 0.42 s)" in str(by_recording)
    field = by_recording.inputs["signal"]
    assert field.rate == 8000 and 5000 < field.shape[1] < 5600
    assert by_recording.examples("train")["signal"].abs().max() < 40
    assert {p.severity for p in by_recording.check()} <= {"remark"}
    pattern = r"(?P<label>\d)_(?P<speaker>\w+)_(?P<number>\d+)"
    by_speaker = dg.load(DIGITS, label_pattern=pattern, group="speaker")
    who = np.array([name.split("_")[1] for name in by_speaker.source.names])
    speakers = [set(who[getattr(by_speaker.splits, s)]) for s in ("train", "validation", "test")]
    assert list(map(len, speakers)) == [4, 1, 1] and len(set.union(*speakers)) == 6


def windows(path):
    """P arrivals and noise of the records with three live channels: windows of 4 s, the pick anywhere in the middle 2 s."""
    random, found = np.random.default_rng(0), {"waves": [], "record": [], "phase": []}
    with zipfile.ZipFile(path) as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".npz"))
        for number, name in enumerate(names):
            waves = np.load(io.BytesIO(archive.read(name)))["data"].T  # (channels, samples)
            if (np.ptp(waves, axis=1) == 0).any():
                continue
            arrival = PICK - random.integers(WINDOW // 4, 3 * WINDOW // 4)
            noise = random.integers(0, PICK - WINDOW - RATE)  # ends a second before the arrival
            for phase, start in (("P", arrival), ("noise", noise)):
                found["waves"].append(waves[:, start : start + WINDOW].astype(np.float32))
                found["record"].append(number)
                found["phase"].append(phase)
    return {name: np.array(values) for name, values in found.items()}


@pytest.mark.skipif(not QUAKES.is_file(), reason="DEEPGLASS_DATA has no seismology/phasenet-waveforms.zip")
def test_windows_of_seismograms_become_signals_of_three_components_and_records_stay_whole():
    data = dg.load(windows(QUAKES), rate=RATE, channels=["E", "N", "Z"], group="record", scaling="peak")
    assert len(data) == 2 * 115 and data.input_shapes == {"waves": (3, WINDOW)}  # 39 of 154 records lack a channel
    assert data.target.classes == ["P", "noise"] and data.inputs["waves"].channels == ["E", "N", "Z"]
    records = data.source.groups
    assert set(records[data.splits.train]).isdisjoint(records[data.splits.test])
    counts = torch.bincount(data.codes("train"))
    assert counts[0] == counts[1]  # both windows of a record are in one split
    x = data.read(torch.cat([data.members("train"), data.members("validation")]))["waves"]
    peaks = x.abs().amax(dim=(1, 2))
    assert set(peaks.round(decimals=5).tolist()) == {0.0, 1.0} and x.mean(dim=2).abs().max() < 1e-5
    # Some records begin with a gap of zeros, which the check finds.
    silent = next(p for p in data.check() if p.check == "silent_signals")
    assert silent.count == int((peaks == 0).sum()) > 0
