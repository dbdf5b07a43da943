"""What a user gets from recordings that stay in their files: the same numbers in the same order, and no more memory."""

import gc
import tracemalloc

import numpy as np
import pytest
import torch
from drawn_pictures import in_folder, in_zip
from refusals import refusal
from sounds import tone, wav

import deepglass as dg
from deepglass.data.readers.streamed_recordings import StreamedRecordings
from deepglass.errors import DataError

BUDGET = "deepglass.data.readers.recordings.RESIDENT_BYTES"


def takes(count=12, seconds=0.05):
    """Two classes; lengths differ, some files have another rate and some two channels."""
    files = {}
    for i in range(count):
        for label, hertz in (("high", 900), ("low", 250)):
            rate = 8000 if i % 3 else 11025
            sound = tone(hertz + 13 * i, seconds * (1 + i % 5), rate, 0.3 + 0.02 * i)
            files[f"{label}/{i:02}.wav"] = wav(np.stack([sound, -0.5 * sound], 1) if i % 4 == 1 else sound, rate)
    return files


def same(kept, streamed, order, size=7):
    for ours, theirs in zip(kept.reader().read(order, size), streamed.reader().read(order, size), strict=True):
        assert torch.equal(ours["signal"], theirs["signal"]) and torch.equal(ours["class"], theirs["class"])
        assert torch.equal(ours.ids, theirs.ids)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"scaling": "unit", "align": "start", "seconds": 0.12},
        {"scaling": "peak", "rate": 4000},
        {"scaling": "none", "mono": True, "seconds": 1.0},
    ],
)
def test_streamed_recordings_have_the_same_encoding_and_the_same_bits_in_the_same_order(tmp_path, settings):
    place = in_folder(tmp_path, takes())
    kept, streamed = dg.load(place, **settings), dg.load(place, streaming=True, **settings)
    assert "read from their files in every epoch" in str(streamed) and "in memory" in str(kept)
    assert {n: f.to_dict() for n, f in streamed.fields.items()} == {n: f.to_dict() for n, f in kept.fields.items()}
    assert streamed.splits.train.tolist() == kept.splits.train.tolist()
    same(kept, streamed, torch.randperm(24, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_processes_read_the_same_ahead_also_out_of_an_archive(tmp_path, workers):
    place = in_zip(tmp_path / "takes.zip", takes())
    same(dg.load(place), dg.load(place, streaming=True, workers=workers), torch.arange(24).flip(0), size=5)


def test_flac_is_streamed_as_it_is_read(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    for label, hertz in (("high", 900), ("low", 250)):
        (tmp_path / label).mkdir()
        for i in range(6):
            soundfile.write(tmp_path / label / f"{i}.flac", tone(hertz + i, 0.05 + 0.01 * i), 8000)
    same(dg.load(tmp_path), dg.load(tmp_path, streaming=True), torch.arange(12), size=4)


def test_recordings_that_do_not_fit_are_streamed_and_those_that_just_do_are_not(tmp_path, monkeypatch):
    files = {f"{c}/{i}.wav": wav(tone(300 + i)) for c in "ab" for i in range(6)}  # 800 samples each
    place = in_folder(tmp_path, files)
    monkeypatch.setattr(BUDGET, 12 * 800 * 4)
    fitting = dg.load(place)
    monkeypatch.setattr(BUDGET, 12 * 800 * 4 - 1)
    larger = dg.load(place)
    assert fitting.reader().encoded is not None and larger.reader().encoded is None
    assert isinstance(larger.source.fields["signal"].values, StreamedRecordings)
    same(fitting, larger, torch.arange(12))


def test_memory_does_not_grow_with_the_recordings(tmp_path, monkeypatch):
    monkeypatch.setattr(BUDGET, 1 << 20)
    sound = wav(tone(300, 2.0))  # 64 kB as float32, of which 0.1 s is used
    peaks = []
    for count in (20, 60):
        place = in_folder(tmp_path / str(count), {f"{c}/{i}.wav": sound for c in "ab" for i in range(count)})
        gc.collect()
        tracemalloc.start()
        data = dg.load(place, seconds=0.1)
        for _ in data.reader().read(torch.arange(2 * count), 8):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert 3 * peaks[1] < 2 * 60 * 64_000  # all of them would be 8 MB
    assert peaks[1] < 1.25 * peaks[0] + 200_000  # names and numbers of files


def test_a_damaged_recording_in_the_middle_is_named_as_in_memory_and_left_out_when_asked(tmp_path):
    files = takes(15)
    files["high/07.wav"] = files["high/07.wav"][:500]
    place = in_folder(tmp_path, files)
    messages = [refusal(place, streaming=streaming) for streaming in (False, True)]
    assert messages[0] == messages[1]
    assert "07.wav breaks off" in messages[1] and "It is recording 8 of 30. " in messages[1]
    assert "Correct or remove it, or load with on_damaged='skip'" in messages[1]
    kept, streamed = (dg.load(place, on_damaged="skip", streaming=s) for s in (False, True))
    assert len(streamed) == 29 and "left out, because damaged: 1 of 30 recordings" in str(streamed)
    same(kept, streamed, torch.arange(29))


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("change", ["removed", "damaged"])
def test_a_recording_that_changes_during_training_is_named(tmp_path, workers, change):
    place = in_folder(tmp_path, takes())
    data = dg.load(place, streaming=True, workers=workers)
    path = place / "low" / "03.wav"
    if change == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"low.03\.wav .*It is sample 15"):
        list(data.reader().read(torch.arange(24), 4))


def test_folds_checks_pictures_and_a_training_go_with_streamed_recordings(tmp_path):
    place = in_folder(tmp_path, {**takes(), "low/99.wav": wav(np.zeros(800))})
    kept, streamed = dg.load(place, test=0), dg.load(place, test=0, streaming=True)
    for ours, theirs in zip(kept.folds(2), streamed.folds(2), strict=True):
        assert ours.fields["signal"].to_dict() == theirs.fields["signal"].to_dict()
    assert [p.check for p in streamed.check()] == [p.check for p in kept.check()]
    assert "silent_signals" in [p.check for p in streamed.check()]
    assert streamed.show() is not None
    assert streamed.fingerprint == dg.load(place, test=0, streaming=True).fingerprint
    ways = [
        dg.train("linear", data, epochs=2, progress=False, out=tmp_path / str(i))
        for i, data in enumerate((kept, streamed))
    ]
    assert ways[0].history[-1].train["loss"] == ways[1].history[-1].train["loss"]
