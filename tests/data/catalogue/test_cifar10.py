import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from deepglass.data.catalogue import cifar10
from deepglass.data.catalogue.cifar10 import BATCHES, BINARY, CLASSES, JPEG, decode_binary, decode_jpeg, digest
from deepglass.data.catalogue.entry import Content
from deepglass.data.readers.archives import open_archive
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError, DeepglassWarning

SETTINGS = DataSettings()
EACH = (10, 2)  # of a tiny set: of each class 10 for training, in five batches, and 2 for the test


def packed(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return Content(path, path.read_bytes())


def batches():
    """Six batches of twenty records: every class twice, and pixels that say record and colour."""
    out = {}
    for b, name in enumerate(BATCHES):
        records = np.zeros((20, 3073), np.uint8)
        records[:, 0] = np.arange(20) % 10
        records[:, 1:1025], records[:, 1025:2049], records[:, 2049:] = 10 * b, 100 + b, 200
        out[name] = records.tobytes()
    return out


def test_the_binary_version_gives_colours_classes_and_its_test(tmp_path):
    source = decode_binary({BINARY: packed(tmp_path / BINARY, batches())}, SETTINGS, EACH)
    image, label = source.fields["image"].values, source.fields["class"]
    assert image.shape == (120, 3, 32, 32) and label.classes == CLASSES
    assert image[20, :, 5, 7].tolist() == [10, 101, 200]  # the first record of the second batch: red, green, blue
    assert label.values[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert source.splits["test"].tolist() == list(range(100, 120))
    assert source.notes == ("the original pixels, as published",)


def test_a_binary_version_with_other_content_is_refused(tmp_path):
    few = batches()
    few.pop(BATCHES[2])
    with pytest.raises(DataError, match=rf"has no {BATCHES[2]} of 20 records of 3,073 bytes"):
        decode_binary({BINARY: packed(tmp_path / BINARY, few)}, SETTINGS, EACH)
    uneven = batches()
    uneven[BATCHES[5]] = b"\x03" + uneven[BATCHES[5]][1:]
    with pytest.raises(DataError, match=r"has 1, 2, 2, 3, 2, .* examples of its classes for the test, not 2 of each"):
        decode_binary({BINARY: packed(tmp_path / BINARY, uneven)}, SETTINGS, EACH)
    with pytest.raises(DataError, match=rf"{BINARY}: is damaged .* Get the file anew"):
        decode_binary({BINARY: Content(tmp_path / BINARY, b"\x1f\x8bnothing")}, SETTINGS, EACH)


def pictures():
    """Of each class one training picture and one test picture, of one colour each."""
    out = {}
    for part, blue in (("train", 50), ("test", 250)):
        for i, name in enumerate(CLASSES):
            stream = io.BytesIO()
            Image.new("RGB", (32, 32), (20 * i, 100, blue)).save(stream, "JPEG", quality=95)
            out[f"{part}/{name}/0000.jpg"] = stream.getvalue()
    return out


def known(content):
    files = open_archive(content.path)
    return digest(files, sorted((e.name for e in files.entries), key=lambda n: (n.startswith("test/"), n)))


def test_the_jpeg_copy_is_decoded_once_and_says_what_it_is(tmp_path, monkeypatch):
    content = packed(tmp_path / JPEG, pictures())
    sha = known(content)
    first = decode_jpeg({JPEG: content}, SETTINGS, (1, 1), sha)
    image = first.fields["image"].values
    assert image.shape == (20, 3, 32, 32) and first.fields["class"].values.tolist() == [*range(10), *range(10)]
    np.testing.assert_allclose(image[13, :, 0, 0].astype(int), [60, 100, 250], atol=3)  # the fourth test picture
    assert first.splits["test"].tolist() == list(range(10, 20)) and first.notes[0].startswith(
        "JPEG copy: its pixels differ"
    )
    monkeypatch.setattr(cifar10, "image_field", None)  # what was decoded is read again, without another decoding
    again = decode_jpeg({JPEG: content}, SETTINGS, (1, 1), sha)
    np.testing.assert_array_equal(again.fields["image"].values, image)


def test_pixels_of_the_cache_that_changed_are_decoded_anew(tmp_path):
    content = packed(tmp_path / JPEG, pictures())
    sha = known(content)
    first = decode_jpeg({JPEG: content}, SETTINGS, (1, 1), sha)
    (kept,) = (tmp_path / "cache" / "datasets" / "cifar10").glob("*.npy")
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x00")
    with pytest.warns(DeepglassWarning, match=r"\.npy: is damaged\. Decoding the pictures anew"):
        again = decode_jpeg({JPEG: content}, SETTINGS, (1, 1), sha)
    np.testing.assert_array_equal(again.fields["image"].values, first.fields["image"].values)


def test_other_pictures_than_the_known_ones_are_refused(tmp_path):
    content = packed(tmp_path / JPEG, pictures())
    with pytest.raises(DataError, match=r"has 20 pictures, not 2 of each class below train/ and 1 below test/"):
        decode_jpeg({JPEG: content}, SETTINGS, (2, 1), known(content))
    with pytest.raises(DataError, match=r"its pictures differ from those that are known .* Get the file anew"):
        decode_jpeg({JPEG: content}, SETTINGS, (1, 1), "0" * 64)


@pytest.mark.slow
def test_the_real_jpeg_copy_has_the_published_counts(data_folder, monkeypatch):
    if not (data_folder / "cifar10" / JPEG).is_file():
        pytest.skip("no copy of CIFAR-10")
    from deepglass.data import load

    monkeypatch.setenv("DEEPGLASS_DATA", str(data_folder))
    data = load("cifar10")
    assert data.splits.counts() == {"train": 40_000, "validation": 10_000, "test": 10_000}
    codes = data.source.fields["class"].values
    assert np.bincount(codes[:50_000]).tolist() == [5_000] * 10 and np.bincount(codes[50_000:]).tolist() == [1_000] * 10
