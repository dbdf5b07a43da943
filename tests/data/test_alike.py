"""What a user gets from inputs that are encoded as a trained network knows them."""

import numpy as np

import deepglass as dg
from deepglass.data.alike import encoded_alike

RANDOM = np.random.default_rng(0)
Y = np.array(["a", "b"])[np.arange(40) % 2]
BYTES = RANDOM.integers(0, 256, (40, 3, 8, 8)).astype(np.uint8)


def test_pictures_of_another_size_name_and_task_are_encoded_as_the_first_ones_were():
    first = dg.load((BYTES, Y))
    large = RANDOM.integers(0, 99, (40, 3, 12, 12)).astype(np.uint8)
    data, said = encoded_alike(dg.load({"photo": large, "kind": np.arange(40) % 5}), first.fields)
    assert said == ["photo: encoded as the trained network knows it."]
    assert data.fields["photo"].shape == (3, 12, 12) and len(data.target.classes) == 5
    there = first.fields["x"].encode(large[:, :, :8, :8])
    assert np.allclose(data.fields["photo"].encode(large)[:, :, :8, :8], there)
    assert data.with_(validation=0.4).fields["photo"].encoding == data.fields["photo"].encoding  # kept


def test_white_may_be_255_there_and_1_here():
    first, shares = dg.load((BYTES, Y)), BYTES / np.float32(255)
    shares[:, :, 0, 0] = 1.0
    data, _ = encoded_alike(dg.load((shares, Y)), first.fields)
    assert np.allclose(data.fields["x"].encode(shares)[:, :, 1:], first.fields["x"].encode(BYTES)[:, :, 1:], atol=1e-5)


def test_inputs_of_another_kind_keep_their_own_encoding_and_it_is_said_why():
    first = dg.load((BYTES, Y))
    numbers, grey = dg.load((RANDOM.normal(size=(40, 4)), Y)), dg.load((BYTES[:, :1], Y))
    for data, reason in ((numbers, "it is number, and was image"), (grey, "an example has another shape")):
        same, said = encoded_alike(data, first.fields)
        assert same.fields["x"].encoding == data.fields["x"].encoding and said == [
            f"x is encoded by this data: {reason}."
        ]


def test_a_table_with_the_same_columns_is_read_and_scaled_as_before():
    pandas = __import__("pandas")
    frame = pandas.DataFrame({"size": RANDOM.normal(5, 3, 40), "colour": ["red", "blue"] * 20, "y": Y})
    first = dg.load(frame, target="y")
    other = frame.assign(size=frame["size"] * 10, y=RANDOM.permutation(["u", "v", "w", "u"] * 10))
    data, said = encoded_alike(dg.load(other, target="y"), first.fields)
    assert "as the trained network knows" in said[0]
    assert (
        data.fields["features"].encoding["columns"][0]["offset"]
        == first.fields["features"].encoding["columns"][0]["offset"]
    )
