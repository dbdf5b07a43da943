import hashlib
import io

import numpy as np
import pytest

from deepglass.data.catalogue import catalogue_source
from deepglass.data.catalogue.entry import Content
from deepglass.data.catalogue.pneumonia_mnist import FILE, decode_pneumonia_mnist, digest
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError

SETTINGS = DataSettings()
COUNTS = {"train": (1, 2), "validation": (1, 1), "test": (1, 1)}  # healthy, ill


def arrays():
    random = np.random.default_rng(0)
    out = {}
    for short, labels in (("train", [0, 1, 1]), ("val", [1, 0]), ("test", [0, 1])):
        out[f"{short}_images"] = random.integers(0, 256, (len(labels), 28, 28), dtype=np.uint8)
        out[f"{short}_labels"] = np.array(labels, np.uint8)[:, None]
    return out


def content(tmp_path, values):
    stream = io.BytesIO()
    np.savez(stream, **values)
    (tmp_path / FILE).write_bytes(stream.getvalue())
    return {FILE: Content(tmp_path / FILE, stream.getvalue())}


def test_the_published_splits_come_with_names_of_the_classes(tmp_path):
    values = arrays()
    found = content(tmp_path, values)
    source = decode_pneumonia_mnist(found, SETTINGS, COUNTS, hashlib.sha256(found[FILE].data).hexdigest(), "")
    assert source.fields["class"].classes == ("normal", "pneumonia")
    assert source.fields["class"].values.tolist() == [0, 1, 1, 1, 0, 0, 1]
    assert {n: ids.tolist() for n, ids in source.splits.items()} == {
        "train": [0, 1, 2],
        "validation": [3, 4],
        "test": [5, 6],
    }
    np.testing.assert_array_equal(source.fields["image"].values[3, 0], values["val_images"][0])
    assert source.notes == ("as published",)


def test_a_copy_put_together_anew_is_known_by_its_arrays(tmp_path):
    found = content(tmp_path, arrays())
    source = decode_pneumonia_mnist(found, SETTINGS, COUNTS, "0" * 64, digest(arrays()))
    assert source.notes[0].startswith("a copy put together anew")


def test_other_content_is_refused(tmp_path):
    good = arrays()
    with pytest.raises(DataError, match=rf"{FILE}: is not the published file, nor do its arrays hold what is known"):
        decode_pneumonia_mnist(content(tmp_path, good), SETTINGS, COUNTS, "0" * 64, "0" * 64)
    lacking = {n: a for n, a in good.items() if n != "val_labels"}
    with pytest.raises(DataError, match=rf"{FILE}: has no array 'val_labels' \(it has train_images, "):
        decode_pneumonia_mnist(content(tmp_path, lacking), SETTINGS, COUNTS)
    short = {**good, "test_images": good["test_images"][:1]}
    with pytest.raises(DataError, match=r"test holds uint8 \(1, 28, 28\) pictures with \(2,\) labels, not 2 of 28x28"):
        decode_pneumonia_mnist(content(tmp_path, short), SETTINGS, COUNTS)
    turned = {**good, "train_labels": 1 - good["train_labels"]}
    with pytest.raises(DataError, match="train holds 2 healthy and 1 ill instead of 1 and 2"):
        decode_pneumonia_mnist(content(tmp_path, turned), SETTINGS, COUNTS)


def test_the_real_set_has_the_published_counts(data_folder, monkeypatch):
    if not (data_folder / "medical" / FILE).is_file():
        pytest.skip("no copy of PneumoniaMNIST")
    monkeypatch.setenv("DEEPGLASS_DATA", str(data_folder))
    source = catalogue_source("pneumonia-mnist", offline=True)
    codes = source.fields["class"].values
    assert {n: (len(i), int(codes[i].sum())) for n, i in source.splits.items()} == {
        "train": (4_708, 3_494),
        "validation": (524, 389),
        "test": (624, 390),
    }
