"""Arrays of NumPy in files: .npz by name, .npy with labels beside."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.data.readers.npz import read_npy, read_npz
from deepglass.errors import DataError, SettingError

X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2


@pytest.mark.parametrize("inputs, labels", [("x", "y"), ("images", "labels"), ("data", "target"), ("a", "b")])
def test_inputs_and_labels_are_known_by_their_names(tmp_path, inputs, labels):
    np.savez(tmp_path / "set.npz", **{inputs: X, labels: Y})
    data = dg.load(tmp_path / "set.npz")
    assert data.source.inputs == (inputs,)
    assert data.target.classes == [0, 1]


@pytest.mark.parametrize("pattern", ["{split}_{field}", "{field}_{split}"])
def test_splits_are_parts_of_names(tmp_path, pattern):
    parts = {"train": slice(0, 12), "val": slice(12, 16), "test": slice(16, 20)}
    arrays = {
        pattern.format(split=s, field=f): a[p] for s, p in parts.items() for f, a in (("x", X), ("y", Y[:, None]))
    }
    np.savez_compressed(tmp_path / "set.npz", **arrays)
    data = dg.load(tmp_path / "set.npz")
    assert data.splits.counts() == {"train": 12, "validation": 4, "test": 4}
    assert data.target.kind == "category"
    np.testing.assert_array_equal(data.source.fields["x"].values, X)


def test_images_are_images(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.zeros((20, 5, 6), dtype=np.float32), labels=Y)
    assert dg.load(tmp_path / "set.npz").input_shapes == {"images": (1, 5, 6)}


def test_the_labels_of_a_npy_stand_in_another_one(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    data = dg.load(tmp_path / "x.npy", target=str(tmp_path / "y.npy"))
    assert data.input_shapes == {"x": (2,)}
    assert data.target.classes == [0, 1]
    with pytest.raises(SettingError, match=r"such as target='y\.npy'"):
        dg.load(tmp_path / "x.npy", target="label")


def test_counts_that_differ_are_both_told(tmp_path):
    np.savez(tmp_path / "set.npz", x=X, y=Y[:19])
    with pytest.raises(DataError, match=r"set\.npz: the numbers of examples differ: x has 20, y has 19"):
        dg.load(tmp_path / "set.npz")
    np.savez(tmp_path / "set.npz", x_train=X, y_train=Y, x_test=X, y_test=Y[:3])
    with pytest.raises(DataError, match=r"set\.npz, test: .* x has 20, y has 3"):
        dg.load(tmp_path / "set.npz")
    np.savez(tmp_path / "set.npz", x_train=X, y_train=Y, x_test=X)
    with pytest.raises(DataError, match=r"'y' is there for train and not for test"):
        dg.load(tmp_path / "set.npz")


def test_big_endian_and_transposed_arrays_keep_their_values(tmp_path):
    for i, array in enumerate([X.astype(">f8"), np.asfortranarray(X), X[::2], X.astype(">i2"), X.T, np.zeros((0, 3))]):
        np.save(tmp_path / f"{i}.npy", array)
        got = read_npy(tmp_path / f"{i}.npy")
        np.testing.assert_array_equal(got, array)
        assert got.dtype.isnative and got.flags.c_contiguous and got.flags.writeable


def test_texts_are_classes(tmp_path):
    np.savez(tmp_path / "set.npz", x=X, y=np.array(["cat", "dog"] * 10))
    assert dg.load(tmp_path / "set.npz").target.classes == ["cat", "dog"]


def test_a_damaged_member_is_named(tmp_path):
    np.savez(tmp_path / "set.npz", x=X, y=Y)
    data = bytearray((tmp_path / "set.npz").read_bytes())
    data[data.find(b"NUMPY") + 200] ^= 1
    (tmp_path / "set.npz").write_bytes(data)
    with pytest.raises(DataError, match=r"set\.npz, array 'x' is no array that can be read \(Bad CRC"):
        read_npz(tmp_path / "set.npz")
