import struct
from pathlib import Path

import numpy as np
import pytest

from deepglass.data.catalogue import CATALOGUE, catalogue_source
from deepglass.data.catalogue.entry import Content
from deepglass.data.catalogue.mnist import CLOTHES, TEST, TRAIN, decode_fashion_mnist, decode_idx, decode_mnist
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError

SETTINGS = DataSettings()


def as_idx(values):
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def ten_rows():
    """The contents of a tiny MNIST: ten training examples, four test ones."""
    random = np.random.default_rng(0)
    contents = {}
    for (images, labels), count in ((TRAIN, 10), (TEST, 4)):
        contents[images] = as_idx(random.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        contents[labels] = as_idx(np.arange(count, dtype=np.uint8) % 10)
    return {name: Content(Path(name), data) for name, data in contents.items()}


CONTENTS = ten_rows()


def test_ten_rows_are_decoded_without_a_network():
    source = decode_mnist(CONTENTS, SETTINGS)
    assert source.fields["image"].values.shape == (14, 1, 28, 28)
    assert source.fields["digit"].values.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3]
    assert {name: part.tolist() for name, part in source.splits.items()} == {
        "train": list(range(10)),
        "test": [10, 11, 12, 13],
    }
    assert source.fields["image"].values[10].tobytes() == CONTENTS[TEST[0]].data[16 : 16 + 784]


@pytest.mark.parametrize(
    ("file", "values", "message"),
    [
        (TRAIN[0], np.zeros((10, 27, 28), np.uint8), "not uint8 images of 28x28"),
        (TRAIN[1], np.zeros(9, np.uint8), r"holds \(9,\) labels for 10 images of train-images"),
        (TEST[1], np.full(4, 10, np.uint8), "other labels than the digits 0 to 9"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(file, values, message):
    with pytest.raises(DataError, match=f"{file}: .*{message}"):
        decode_mnist({**CONTENTS, file: Content(Path(file), as_idx(values))}, SETTINGS)


def test_clothes_have_names_and_their_counts_are_checked():
    same = {"name": "fashion-mnist", "target": "class", "classes": CLOTHES}
    source = decode_idx(CONTENTS, SETTINGS, **same)
    assert source.fields["class"].classes[9] == "ankle boot" and source.targets == ("class",)
    with pytest.raises(DataError, match=rf"{TRAIN[1]}: holds 1 examples of class 0 instead of 6,000"):
        decode_fashion_mnist(CONTENTS, SETTINGS)


@pytest.mark.parametrize("name", ["fashion-mnist", "kmnist"])
def test_a_set_that_is_not_here_says_where_it_was_looked_for(name, place, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_DATA", str(place))
    with pytest.raises(DataError, match=rf"{name}: {TRAIN[0]} is not in .*{name}.* downloading is switched off"):
        catalogue_source(name, offline=True)
    assert CATALOGUE[name].copies[0].files[0].checked == "file"  # no checksum of the content is published


def test_the_real_mnist_has_the_published_counts(data_folder, monkeypatch):
    if not (data_folder / "mnist").is_dir():
        pytest.skip("no copy of MNIST")
    monkeypatch.setenv("DEEPGLASS_DATA", str(data_folder))
    source = catalogue_source("mnist", offline=True)
    image, digit = source.fields["image"].values, source.fields["digit"].values
    assert image.shape == (70_000, 1, 28, 28) and image.dtype == np.uint8
    assert set(source.splits) == {"train", "test"}
    assert source.splits["train"][[0, -1]].tolist() == [0, 59_999]
    assert source.splits["test"][[0, -1]].tolist() == [60_000, 69_999]
    assert digit[:5].tolist() == [5, 0, 4, 1, 9] and digit[60_000:60_005].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(digit[:60_000]).min() == 5_421 and np.bincount(digit[:60_000]).max() == 6_742
