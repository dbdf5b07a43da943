"""What a user gets from recordings and other signals: classes, groups, rate, channels, length, scale, and messages."""

import re

import numpy as np
import pytest
import torch
from drawn_pictures import in_folder, in_tar, in_zip, picture
from refusals import refusal
from sounds import spoken, tone, wav

import deepglass as dg
from deepglass.data.inputs import encode_inputs, new_batches
from deepglass.data.portrait import portrait
from deepglass.errors import DataError, DeepglassWarning, SettingError

PATTERN = r"(?P<label>[a-z]+)_(?P<speaker>[a-z]+)_\d+"


def two_folders(**changes):
    """Two classes of ten recordings, with some of them replaced."""
    files = {f"{c}/{i}.wav": wav(tone(hertz + i)) for c, hertz in (("high", 1000), ("low", 200)) for i in range(10)}
    return {**files, **{name.replace("__", "/") + ".wav": data for name, data in changes.items()}}


# where recordings come from


@pytest.mark.parametrize("ending", ["", ".zip", ".tar", ".tar.gz"])
def test_a_folder_or_an_archive_of_class_folders_is_loaded(tmp_path, ending):
    pack = in_folder if not ending else in_zip if ending == ".zip" else in_tar
    data = dg.load(pack(tmp_path / f"calls{ending}", two_folders()))
    field = data.inputs["signal"]
    assert data.input_shapes == {"signal": (1, 800)} and field.rate == 8000 and field.kind == "signal"
    assert data.target.name == "class" and data.target.classes == ["high", "low"]
    assert "20 recordings, mono, 8,000 Hz, 0.10 to 0.10 s" in str(data)
    batch = data.examples("train")
    assert batch["signal"].dtype == torch.float32 and batch["signal"].shape == (13, 1, 800)


def test_flat_recordings_are_labelled_by_what_stands_before_the_first_underscore_and_that_is_said(tmp_path):
    data = dg.load(in_zip(tmp_path / "spoken.zip", spoken()))
    assert data.target.classes == ["no", "yes"] and len(data) == 36
    assert "label: 2 classes, taken from the names of the files up to the first '_'" in str(data)


def test_a_pattern_finds_label_and_group_and_a_speaker_is_in_one_split_alone(tmp_path):
    place = in_folder(tmp_path, spoken())
    data = dg.load(place, label_pattern=PATTERN, group="speaker")
    speakers = [{data.source.names[i].split("_")[1] for i in ids} for ids in (data.splits.train, data.splits.test)]
    assert speakers[0].isdisjoint(speakers[1]) and all(speakers)
    assert "speaker: 3 groups, each in one split: ann, bob, cy" in str(data)
    assert dg.load(place, label_pattern=PATTERN, target="speaker").target.classes == ["ann", "bob", "cy"]


def test_a_pattern_labels_pictures_too(tmp_path):
    files = {f"{animal}_{i}.png": picture(i) for animal in ("cat", "dog") for i in range(5)}
    assert dg.load(in_folder(tmp_path, files), label_pattern="(?P<label>[a-z]+)_").target.classes == ["cat", "dog"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"label_pattern": "(?P<label>x+)"},
            r"finds no label in 36 of 36 names of recordings \(first: takes/no_ann_0.wav\)",
        ),
        ({"label_pattern": "(?P<label>take)"}, "finds one label alone, 'take'"),
        ({"label_pattern": "no named part"}, "a regular expression with named parts"),
        ({"label_pattern": "(?P<label"}, "no regular expression"),
        ({"label_pattern": PATTERN, "group": "speakr"}, "label_pattern has no part 'speakr'. Did you mean 'speaker'"),
        ({"label_pattern": PATTERN, "target": "age"}, "label_pattern has no part 'age' to learn"),
        ({"label_pattern": "(?P<a>.)(?P<b>.)"}, "has the parts a, b. Call one of them label, or say which to learn"),
        (
            {"group": "speaker"},
            "goes with a table; .* is none. Read it from the names of the files with label_pattern=",
        ),
        ({"mono": True, "channels": ["left", "right"]}, r"\['left', 'right'\] names 2, and the signals have 1"),
        ({"rate": 8000.5}, "recordings are resampled to whole hertz. Choose 8000"),
        ({"seconds": 1e-9}, "that is 0 samples at 8000 Hz"),
        ({"augment": {"flip": True}}, r"the inputs are 'signal' \(signal\). Signals can have time_shift, gain,"),
        ({"test": "other.csv"}, "files for the test go into a folder test/"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, settings, said):
    assert re.search(said, refusal(in_folder(tmp_path, spoken()), **settings))


def test_flat_recordings_that_do_not_say_their_class_are_refused_with_the_ways_out(tmp_path):
    message = refusal(in_folder(tmp_path, {f"{i}.wav": wav(tone(300)) for i in range(4)}))
    assert "all 4 recordings lie in one folder (first: 0.wav)" in message and "label_pattern=" in message
    assert "kinds={'file': 'signal'}" in message


def test_a_table_names_recordings_and_holds_labels_and_groups(tmp_path):
    in_folder(tmp_path, spoken(3))
    rows = [f"{name},{name.split('/')[1].split('_')[0]},{name.split('_')[1]}" for name in spoken(3)]
    (tmp_path / "takes.csv").write_text("file,word,who\n" + "\n".join(rows))
    data = dg.load(tmp_path / "takes.csv", target="word", group="who", kinds={"file": "signal"})
    assert data.input_shapes == {"file": (1, 960)} and data.target.classes == ["no", "yes"]
    assert len(set(data.source.groups.tolist())) == 3


# rate, channels, length


def test_files_of_another_rate_are_brought_to_the_commonest_and_that_is_said(tmp_path):
    other = wav(tone(1000, rate=44100), 44100)
    data = dg.load(in_folder(tmp_path, two_folders(high__3=other, high__4=other)), scaling="none")
    assert "2 files of 44,100 Hz resampled to 8,000 Hz (first: high/3.wav)" in str(data)
    assert data.inputs["signal"].rate == 8000
    one = data.read(torch.tensor([3]))["signal"][0, 0]
    assert (one[100:-100] - torch.tensor(tone(1000))[100:-100]).abs().max() < 1e-3
    problems = {p.check: str(p) for p in data.check()}
    assert "8,000 Hz 18, 44,100 Hz 2" in problems["mixed_rates"] and problems["mixed_rates"].startswith("remark")
    asked = dg.load(tmp_path, rate=4000)
    assert asked.input_shapes == {"signal": (1, 400)} and asked.inputs["signal"].rate == 4000


def test_stereo_stays_stereo_and_is_mixed_where_files_differ_or_it_is_asked_for(tmp_path):
    both = np.stack([tone(300), -0.2 * tone(300)], axis=1)
    files = {name: wav(both) for name in two_folders()}
    stereo = dg.load(in_folder(tmp_path / "stereo", files))
    assert stereo.input_shapes == {"signal": (2, 800)} and stereo.inputs["signal"].channels == ["left", "right"]
    mono = dg.load(tmp_path / "stereo", mono=True, scaling="none")
    mixed = dg.load(in_folder(tmp_path / "mixed", two_folders(low__0=wav(both))), scaling="none")
    assert "1 recording of several channels mixed into one" in str(mixed)
    at = mixed.source.names.index("low/0.wav")
    for one in (mono.read(torch.tensor([0])), mixed.read(torch.tensor([at]))):
        assert (one["signal"][0, 0] - 0.4 * torch.tensor(tone(300))).abs().max() < 1e-4
    with pytest.raises(SettingError, match="different numbers of channels: 19 with 1, 1 with 2"):
        dg.load(tmp_path / "mixed", mono=False)


# damage


def test_a_damaged_recording_is_named_and_left_out_only_when_that_is_asked_for(tmp_path):
    files = {f"{c}/{i}.wav": wav(tone(h + i)) for c, h in (("high", 1000), ("low", 200)) for i in range(15)}
    files["low/3.wav"] = files["low/3.wav"][:500]
    place = in_folder(tmp_path, files)
    message = refusal(place)
    assert "low/3.wav breaks off: it claims 1,600 bytes of samples and holds 456" in message
    assert "on_damaged='skip'" in message
    data = dg.load(place, on_damaged="skip")
    assert len(data) == 29 and "left out, because damaged: 1 of 30 recordings" in str(data)
    assert "low/3.wav" in next(str(p) for p in data.check() if p.check == "damaged")
    in_folder(tmp_path, {f"low/{i}.wav": b"no" for i in (1, 2)})
    assert "3 of 30 recordings are damaged, more than 5%" in refusal(place, on_damaged="skip")


def test_what_lies_beside_recordings_is_left_out_with_a_word(tmp_path):
    files = {**two_folders(), "low/notes.txt": b"hello", "low/cover.png": picture(0)}
    assert "2 files left out: no recordings by name or content (low/cover.png, low/notes.txt)" in str(
        dg.load(in_folder(tmp_path, files))
    )


# new recordings


def test_new_recordings_are_predicted_from_files_folders_and_archives_at_their_own_rate(tmp_path):
    fields = dg.load(in_folder(tmp_path / "old", two_folders()), scaling="none").fields
    new = {"a.wav": wav(tone(1000, rate=16000), 16000), "deep/b.wav": wav(np.stack([tone(300), tone(300)], axis=1))}
    place = in_zip(tmp_path / "new.zip", new)
    ((batch, names),) = new_batches(str(place), fields, 10)
    assert names == ["a.wav", "deep/b.wav"] and batch["signal"].shape == (2, 1, 800)
    assert (batch["signal"][0, 0, 100:-100] - torch.tensor(tone(1000))[100:-100]).abs().max() < 1e-3
    assert (batch["signal"][1, 0] - torch.tensor(tone(300))).abs().max() < 1e-4
    in_folder(tmp_path, new)
    assert torch.equal(encode_inputs(tmp_path / "a.wav", fields)["signal"], batch["signal"][:1])
    arrays = encode_inputs(np.zeros((3, 1, 900)), fields)["signal"]
    assert arrays.shape == (3, 1, 800)
    with pytest.raises(DataError, match="signals of 1 channel were learned; these have 2"):
        encode_inputs(np.zeros((3, 2, 900)), fields)
    with pytest.raises(DataError, match="1 of 2 recordings cannot be read"):
        list(new_batches(str(in_zip(tmp_path / "bad.zip", {**new, "a.wav": b"RIFF"})), fields, 10))
    with pytest.warns(DeepglassWarning, match="no recordings by name or content"):
        encode_inputs(in_zip(tmp_path / "more.zip", {**new, "x.txt": b"x"}), fields)
    with pytest.raises(DataError, match="old holds recordings, but the network takes"):
        encode_inputs(tmp_path / "old", dg.load("iris").fields)


def test_the_encodings_of_a_run_bring_other_recordings_to_its_rate_and_length(tmp_path):
    data = dg.load(in_folder(tmp_path / "old", two_folders()))
    files = {n: wav(tone(500, 0.2, 16000), 16000) for n in two_folders()}
    other = dg.load(in_folder(tmp_path / "new", files), like=data)
    assert other.input_shapes == data.input_shapes and other.fields["signal"].rate == 8000
    with pytest.raises(DataError, match="signals at 8000 Hz were learned; these have 16000 Hz"):
        dg.load(tmp_path / "new", like=data, rate=16000)


# checks and pictures


def test_silent_clipped_and_very_short_signals_are_found_and_sound_ones_are_not(tmp_path):
    clean = dg.load(in_folder(tmp_path / "clean", spoken(10)))
    assert [p for p in clean.check() if p.check.endswith("signals")] == []
    loud = np.clip(3 * tone(310.7), -1, 1)
    files = {**two_folders(low__1=wav(loud), low__2=wav(np.zeros(800)), low__3=wav(tone(300, 0.02)))}
    data = dg.load(in_folder(tmp_path / "bad", files), test=0)
    found = {p.check: p for p in data.check() if p.check.endswith("signals")}
    assert {c: p.places for c, p in found.items()} == {
        "silent_signals": (12,),
        "clipped_signals": (11,),
        "short_signals": (13,),
    }
    assert found["silent_signals"].severity == "warning"


def test_equal_recordings_in_two_splits_are_found_by_content(tmp_path):
    files = {
        f"{c}/{s}{i}.wav": wav(tone(h + i)) for c, h in (("high", 900), ("low", 200)) for s in "ab" for i in range(20)
    }
    problems = [p for p in dg.load(in_folder(tmp_path, files)).check() if p.check == "duplicates"]
    assert any("test examples have the same inputs" in p.sentence for p in problems)


def test_the_picture_of_signals_shows_waveforms_lengths_and_frequencies(tmp_path):
    files = {
        f"{c}_{i}.wav": wav(tone(h, 0.1 + 0.004 * i)) for c, h in (("high", 1500), ("low", 500)) for i in range(12)
    }
    data = dg.load(in_folder(tmp_path, files), augment={"snr": 10})
    shown = portrait(data).signals
    assert [name for name, _ in shown.waveforms] == ["high", "low"] and shown.waveforms[0][1][0].shape[0] == 1
    strongest = {c: shown.frequencies[p.argmax()] for c, p in shown.spectra.items()}
    assert strongest == {"high": 1500, "low": 500}  # a bin is 8000 / 256 = 31.25 Hz wide, and both lie on one
    words = " ".join(t.get_text() for t in data.show().findobj(lambda t: hasattr(t, "get_text")))
    assert "seconds" in words and "frequency in hertz" in words and "Augmentation" in words
