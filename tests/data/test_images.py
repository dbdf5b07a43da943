"""Pictures in folders, archives and tables: what a user gets of them."""

import multiprocessing
import os
import signal

import numpy as np
import pytest
import torch
from drawn_pictures import encoded, in_folder, in_tar, in_zip, picture, pixels, two_classes
from PIL import Image

import deepglass as dg
from deepglass.data.inputs import encode_inputs
from deepglass.errors import DataError, SettingError, TrainingError


def notes(data):
    return " | ".join(data.source.notes)


def test_the_names_of_folders_are_the_classes_and_pixels_come_in_sorted_order(tmp_path):
    data = dg.load(in_folder(tmp_path / "photos", two_classes()))
    assert data.target.classes == ["cat", "dog"]
    assert data.source.fields["image"].values.shape == (12, 3, 8, 8)
    assert data.source.names[:2] == ("cat/00.png", "cat/01.png")
    np.testing.assert_array_equal(data.source.fields["image"].values[7], pixels(101).transpose(2, 0, 1))
    assert data.splits.counts() == {"train": 8, "validation": 2, "test": 2}


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz", ".tgz"])
def test_an_archive_gives_what_its_folder_gives(tmp_path, ending):
    files = two_classes()
    folder = dg.load(in_folder(tmp_path / "photos", files))
    pack = in_zip if ending == ".zip" else in_tar
    archive = dg.load(pack(tmp_path / f"photos{ending}", dict(reversed(files.items()))))
    assert archive.fingerprint == folder.fingerprint
    assert archive.source.names == folder.source.names


@pytest.mark.parametrize("validation", ["validation", "valid", "val", "Val"])
def test_splits_are_those_of_the_folders_also_below_one_folder(tmp_path, validation):
    files = {f"top/{s}/{n}": p for s in ("train", validation, "test") for n, p in two_classes(3).items()}
    data = dg.load(in_zip(tmp_path / "a.zip", files))
    assert data.splits.counts() == {"train": 6, "validation": 6, "test": 6}
    assert all("/test/" in data.source.names[i] for i in data.splits.test)
    assert "everything lies in one folder, top" in notes(data)


def test_a_split_that_the_folders_leave_open_is_drawn(tmp_path):
    files = {f"{s}/{n}": p for s in ("train", "test") for n, p in two_classes(10).items()}
    assert dg.load(in_folder(tmp_path, files)).splits.counts() == {"train": 16, "validation": 4, "test": 20}


def test_what_is_left_out_is_counted(tmp_path):
    files = {".DS_Store": b"x", "__MACOSX/cat/._00.png": b"x", "cat/notes.txt": b"hello", "README.md": b"x"}
    folder = in_folder(tmp_path / "photos", {**two_classes(), **files})
    (folder / "fish").mkdir()
    said = notes(dg.load(folder))
    assert "2 files left out: hidden" in said
    assert "1 file left out: beside the class folders (README.md)" in said
    assert "1 file left out: no pictures by name or content (cat/notes.txt)" in said
    assert "left out, because they hold no pictures: fish/" in said


def test_a_class_that_validation_lacks_is_noted_and_keeps_its_number(tmp_path):
    files = {f"train/{n}": p for n, p in two_classes().items()} | {"val/dog/1.png": picture(7)}
    data = dg.load(in_folder(tmp_path, files))
    assert "validation/ has no pictures of cat (it has: dog 1)" in notes(data)
    assert data.examples("validation")["class"].tolist() == [1]


def test_pictures_are_grey_when_all_of_them_are_and_rgb_otherwise(tmp_path):
    grey = {n: encoded(pixels(i, channels=1)) for i, n in enumerate(two_classes())}
    assert dg.load(in_zip(tmp_path / "grey.zip", grey)).inputs["image"].shape == (1, 8, 8)
    mixed = dg.load(in_zip(tmp_path / "mixed.zip", {**grey, "dog/05.png": picture(5)}))
    assert mixed.inputs["image"].shape == (3, 8, 8)
    np.testing.assert_array_equal(mixed.source.fields["image"].values[0], np.stack([pixels(0, channels=1)] * 3))
    assert dg.load(in_zip(tmp_path / "rgb.zip", two_classes()), colour="grey").inputs["image"].shape == (1, 8, 8)


def test_pictures_of_unequal_size_ask_for_a_size_and_get_it(tmp_path):
    folder = in_folder(tmp_path / "photos", {**two_classes(), "dog/wide.png": picture(1, height=8, width=16)})
    sizes = r"8 x 8 \(12: cat/00\.png, \.\.\.\), 8 x 16 \(1: dog/wide\.png, \.\.\.\)"
    with pytest.raises(DataError, match=rf"photos: .*{sizes}\. Set image_size=\[8, 8\]"):
        dg.load(folder)
    data = dg.load(folder, image_size=8)
    np.testing.assert_array_equal(
        data.source.fields["image"].values[-1], pixels(1, height=8, width=16)[:, 4:12].transpose(2, 0, 1)
    )
    assert dg.load(folder, image_size=[4, 6]).inputs["image"].shape == (3, 4, 6)
    with pytest.raises(SettingError, match="image_size"):
        dg.load(folder, image_size=0)
    with pytest.raises(SettingError, match="decides how data are read"):
        data.with_(image_size=4)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_streamed_batches_equal_resident_ones_bit_for_bit(tmp_path, workers):
    archive = in_zip(tmp_path / "photos.zip", two_classes(20, height=12, width=20))
    kept = dg.load(archive, image_size=8)
    streamed = dg.load(archive, image_size=8, streaming=True, workers=workers)
    assert {n: f.to_dict() for n, f in streamed.fields.items()} == {n: f.to_dict() for n, f in kept.fields.items()}
    order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    pairs = zip(kept.reader().read(order, 7), streamed.reader().read(order, 7), strict=True)
    for ours, theirs in pairs:
        assert torch.equal(ours["image"], theirs["image"])
        assert torch.equal(ours["class"], theirs["class"])
        assert torch.equal(ours.ids, theirs.ids)


def test_more_pixels_than_fit_are_streamed(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.data.readers.images.RESIDENT_PIXELS", 12 * 3 * 8 * 8 - 1)
    data = dg.load(in_folder(tmp_path, two_classes()))
    assert "read from their files in every epoch" in notes(data)
    assert data.reader().encoded is None


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("change", ["removed", "replaced", "damaged"])
def test_a_file_that_changes_during_training_is_named(tmp_path, workers, change):
    folder = in_folder(tmp_path / "photos", two_classes())
    data = dg.load(folder, streaming=True, workers=workers)
    path = folder / "dog" / "03.png"
    if change == "removed":
        path.unlink()
    else:
        path.write_bytes(picture(3, height=9) if change == "replaced" else path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"dog.03\.png .*It is sample 9"):
        list(data.reader().read(torch.arange(12), 4))


def test_a_killed_worker_ends_the_reading_with_a_word(tmp_path):
    data = dg.load(in_folder(tmp_path, two_classes(400)), streaming=True, workers=1)
    batches = iter(data.reader().read(torch.arange(800), 4))
    next(batches)
    (worker,) = multiprocessing.active_children()
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(TrainingError, match=r"process that reads files ended \(exit code -9\) in part \d+ of 25"):
        list(batches)
    assert not multiprocessing.active_children()


def test_reading_that_is_broken_off_leaves_no_process_behind(tmp_path):
    data = dg.load(in_folder(tmp_path, two_classes(100)), streaming=True, workers=2)
    batches = data.reader().read(torch.arange(200), 4)
    next(iter(batches))
    assert len(multiprocessing.active_children()) == 2
    batches.close()
    assert not multiprocessing.active_children()


def test_a_damaged_picture_stops_the_loading_or_is_left_out_and_listed(tmp_path):
    files = two_classes(30)
    files["cat/07.png"] = files["cat/07.png"][:-30]
    folder = in_folder(tmp_path / "photos", files)
    with pytest.raises(DataError, match=r"cat.07\.png.* It is picture 8 of 60\. .*on_damaged='skip'"):
        dg.load(folder)
    for streaming in (False, True):
        data = dg.load(folder, on_damaged="skip", streaming=streaming)
        assert len(data) == 59
        assert "cat/07.png" not in data.source.names
        assert "07.png" in data.source.facts["damaged"]
        assert "left out, because damaged: 1 of 60 pictures" in notes(data)
        np.testing.assert_array_equal(data.source.fields["image"].values[7], pixels(8).transpose(2, 0, 1))


def test_too_many_damaged_pictures_stop_the_loading_all_the_same(tmp_path):
    files = {n: p if i % 10 else p[:40] for i, (n, p) in enumerate(two_classes(30).items())}
    with pytest.raises(DataError, match=r"6 of 60 pictures are damaged, more than 5%"):
        dg.load(in_folder(tmp_path, files), on_damaged="skip")


def test_a_table_of_file_names_and_labels(tmp_path):
    in_folder(tmp_path, two_classes())
    rows = [f"{n},{'grey' if i % 2 else 'black'},{i}" for i, n in enumerate(two_classes())]
    (tmp_path / "labels.csv").write_text("\n".join(["file,fur,age", *rows]))
    data = dg.load(tmp_path / "labels.csv", target="fur", kinds={"file": "image"})
    assert data.input_shapes == {"file": (3, 8, 8)}
    assert data.target.classes == ["black", "grey"]
    np.testing.assert_array_equal(data.source.fields["file"].values[7], pixels(101).transpose(2, 0, 1))
    (tmp_path / "labels.csv").write_text("file,fur\ncat/00.png,black\n../secret.png,grey\n")
    with pytest.raises(DataError, match=r"labels\.csv.*'\.\./secret\.png' leads out"):
        dg.load(tmp_path / "labels.csv", target="fur", kinds={"file": "image"})
    (tmp_path / "labels.csv").write_text("file,fur\ncat/00.png,black\ncat/99.png,grey\n")
    with pytest.raises(DataError, match=r"cat.99\.png is not there\. It is picture 2 of 2"):
        dg.load(tmp_path / "labels.csv", target="fur", kinds={"file": "image"})


def test_a_picture_to_predict_is_read_as_those_that_were_learned(tmp_path):
    folder = in_folder(tmp_path / "photos", two_classes(height=9, width=15))
    data = dg.load(folder, image_size=[8, 6])
    paths = [folder / n for n in data.source.names]
    ours = encode_inputs(paths, data.fields)["image"]
    assert torch.equal(ours, data.read(torch.arange(12))["image"])


def test_a_run_is_reopened_from_the_folder_of_pictures(in_tmp):
    folder = in_folder(in_tmp / "photos", two_classes(20))
    run = dg.train("mlp", dg.load("photos"), epochs=1, progress=False, out="run")
    before = run.predict("photos/cat/03.png")
    again = dg.Run("run")
    assert again.predict("photos/cat/03.png").equals(before)
    assert again.evaluate().to_dict()["test"]
    Image.open(folder / "cat" / "01.png").transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "cat" / "01.png")
    with pytest.raises(dg.errors.RunError, match="no longer what it was"):
        dg.Run("run").evaluate()


def test_streamed_pictures_train_and_the_run_is_reopened(in_tmp):
    in_folder(in_tmp / "photos", two_classes(20))
    run = dg.train("mlp", dg.load("photos", streaming=True), epochs=1, progress=False, out="run")
    kept = dg.train("mlp", dg.load("photos"), epochs=1, progress=False, out="kept")
    ours, theirs = run.network.state_dict(), kept.network.state_dict()
    assert all(torch.equal(ours[n], theirs[n]) for n in ours)
    assert dg.Run("run").evaluate().to_dict()["test"] == kept.evaluate().to_dict()["test"]


def test_cifar10_sample_and_pneumonia_give_their_published_counts(data_folder):
    cifar = dg.load(data_folder / "cifar10" / "cifar10-jpeg-10k.zip", validation=0)
    assert cifar.splits.counts() == {"train": 8000, "validation": 0, "test": 2000}
    assert cifar.outputs == 10
    lungs = dg.load(data_folder / "medical" / "pneumoniamnist.npz")
    assert lungs.splits.counts() == {"train": 4708, "validation": 524, "test": 624}
    assert int((lungs.examples("train")["labels"] == 1).sum()) == 3494


@pytest.mark.slow
def test_cifar10_as_tar_gz_gives_its_published_counts(data_folder):
    cifar = dg.load(data_folder / "cifar10" / "cifar10-jpeg.tar.gz", validation=0)
    assert cifar.splits.counts() == {"train": 50000, "validation": 0, "test": 10000}
    assert set(cifar.describe().class_counts.values()) == {5000}
