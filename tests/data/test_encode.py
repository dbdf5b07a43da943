import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch.testing import assert_close

import deepglass as dg
from deepglass.data import DataSettings, Field
from deepglass.data.encode import fit
from deepglass.data.source import Raw, categories, images, numbers
from deepglass.errors import DataError

ALL = DataSettings(test=0, validation=0)


def fitted(raw, role="input", train=None, **settings):
    train = np.arange(len(raw)) if train is None else train
    return fit("field", raw, role, train, ALL.model_copy(update=settings))


@given(
    values=arrays.arrays(np.float64, st.tuples(st.integers(2, 20), st.integers(1, 3)), elements=st.floats(-1e6, 1e6)),
    scaling=st.sampled_from(["standard", "unit", "none"]),
)
def test_decoding_undoes_the_encoding_of_numbers(values, scaling):
    field = fitted(numbers(values), scaling=scaling)
    decoded = field.decode(field.encode(values))
    offset, scale = np.abs(field.encoding["offset"]), np.abs(field.encoding["scale"])
    size = np.abs(values).max() + np.max(offset) + np.max(scale)  # float32 carries 24 bits
    np.testing.assert_allclose(decoded, values, rtol=1e-5, atol=1e-6 * size + 1e-30)


def test_standard_scaling_gives_mean_0_and_deviation_1_whatever_the_offset():
    values = 1e9 + np.arange(100.0)[:, None] * [1, 3]
    encoded = fitted(numbers(values)).encode(values)
    assert_close(encoded.mean(dim=0), torch.zeros(2), atol=1e-5, rtol=0)
    assert_close(encoded.std(dim=0, unbiased=False), torch.ones(2), atol=1e-5, rtol=0)


def test_unit_scaling_gives_0_to_1():
    values = np.array([[2.0], [4], [10]])
    assert fitted(numbers(values), scaling="unit").encode(values).flatten().tolist() == [0, 0.25, 1]


def test_a_constant_column_becomes_zeros():
    for value in (7.0, 0.1, 1e12):
        values = np.full((9, 1), value)
        for scaling in ("standard", "unit"):
            assert fitted(numbers(values), scaling=scaling).encode(values).abs().max() == 0


def test_encodings_know_the_training_examples_alone():
    values = np.array([[1.0], [3], [1000]])
    field = fitted(numbers(values), train=np.array([0, 1]))
    assert field.encode(values).flatten().tolist() == [-1, 1, 998]


def test_images_are_scaled_by_channel():
    values = np.random.default_rng(0).integers(0, 200, (10, 3, 4, 5), dtype=np.uint8)
    encoded = fitted(images(values)).encode(values)
    assert encoded.shape == (10, 3, 4, 5)
    assert_close(encoded.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    field = fitted(images(values))
    np.testing.assert_allclose(field.decode(encoded), values, atol=1e-3)


def test_a_category_is_an_index_as_target_and_one_hot_as_input():
    raw = categories([2, 0, 2], ["a", "b", "c"])
    target = fitted(raw, "target", classes=["a", "c"])
    assert target.classes == ["a", "c"]
    assert target.encode(raw.values).tolist() == [1, 0, 1]
    assert target.decode(torch.tensor([1, 0])).tolist() == ["c", "a"]
    assert fitted(raw).encode(raw.values).tolist() == [[0, 1], [1, 0], [0, 1]]


def test_a_class_that_training_never_saw_is_zeros_as_input_and_refused_as_target():
    raw = categories([0, 0, 1], ["a", "b"])
    assert fitted(raw, train=np.array([0, 1])).encode(raw.values)[2].tolist() == [0]
    with pytest.raises(DataError, match=r"no training example has the class 'b' \(1 elsewhere\)"):
        fitted(raw, "target", train=np.array([0, 1]))


def test_classes_can_be_taken_as_numbers():
    data = dg.load("iris", label_encoding="number")
    assert data.target.kind == "number"
    assert data.examples("train")["species"].unique().tolist() == [0, 1, 2]


def test_labels_are_zeros_and_ones_and_come_back_as_names():
    raw = Raw("labels", np.array([[True, False], [True, True]]), classes=("wet", "cold"))
    field = fitted(raw, "target")
    assert field.encode(raw.values).tolist() == [[1, 0], [1, 1]]
    assert field.decode(field.encode(raw.values)).tolist() == ["wet", "wet, cold"]


def test_a_field_survives_its_file():
    for name in ("iris", "digits", "diabetes"):
        for field in dg.load(name).fields.values():
            assert Field.from_dict(field.to_dict()) == field
