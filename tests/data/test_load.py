import re

import numpy as np
import pandas as pd
import pytest
import torch
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import DataError, DeepglassError, SettingError, UnknownName

X = np.arange(40.0).reshape(20, 2)
Y = np.array(["b", "a"])[np.arange(20) % 2]


def whole(data, name):
    """A raw field of all examples that are not behind glass, encoded."""
    return torch.cat([data.examples("train")[name], data.examples("validation")[name]])


def test_arrays_become_inputs_and_classes():
    data = dg.load((X, Y))
    assert data.input_shapes == {"x": (2,)}
    assert data.target.classes == ["a", "b"]
    assert data.outputs == 1
    batch = data.examples("train")
    assert batch["x"].dtype == torch.float32
    assert batch["y"].dtype == torch.int64
    assert data.target.decode(batch["y"]).tolist() == Y[batch.ids].tolist()


def test_torch_tensors_and_a_dictionary_are_the_same_data():
    codes = np.arange(20) % 2
    from_numpy = dg.load((X, codes)).examples("train")
    from_torch = dg.load((torch.tensor(X), torch.tensor(codes))).examples("train")
    from_dict = dg.load({"y": codes, "x": X}, target="y").examples("train")
    assert_close(dict(from_torch.fields), dict(from_numpy.fields))
    assert_close(dict(from_dict.fields), dict(from_numpy.fields))


@pytest.mark.parametrize(
    ("target", "kind", "outputs"),
    [
        (np.arange(20) % 3, "category", 3),
        (np.arange(20) % 2 == 0, "category", 1),
        (np.arange(20) / 3, "number", 1),
        (np.arange(60).reshape(20, 3) / 7, "number", 3),
        (np.arange(60).reshape(20, 3) % 2, "labels", 3),
    ],
)
def test_the_target_is_taken_for_what_it_is_and_that_is_said(target, kind, outputs):
    data = dg.load((X, target))
    assert (data.target.kind, data.outputs) == (kind, outputs)
    assert any(note.startswith("y: ") for note in data.describe().notes)


@pytest.mark.parametrize("shape", [(20, 8, 9), (20, 8, 9, 3), (20, 3, 8, 9)])
def test_images_of_any_order_have_their_channels_first(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    field = dg.load((images, Y)).inputs["x"]
    assert field.kind == "image"
    assert field.shape == (1 if len(shape) == 3 else 3, 8, 9)


def test_arrays_of_different_length_are_refused():
    with pytest.raises(DataError, match=r"The fields differ in length: x has 20, y has 19\. Give one entry"):
        dg.load((X, Y[1:]))


def test_a_value_that_is_not_finite_is_named_with_its_rows():
    broken = X.copy()
    broken[[3, 7], 1] = np.nan
    with pytest.raises(DataError, match=r"'x', column 'x1': 2 examples hold a value .*\(first: 3, 7, counted from 0\)"):
        dg.load((broken, Y), test=0, validation=0)


def test_a_name_is_looked_up_and_a_wrong_one_gets_a_suggestion():
    assert len(dg.load("iris")) == 150
    with pytest.raises(UnknownName, match=r"There is no data set or file 'irsi'\. Did you mean 'iris'\?"):
        dg.load("irsi")
    with pytest.raises(DataError, match=r"There is no file 'none\.csv'"):
        dg.load("none.csv")


def test_a_wrong_setting_or_field_gets_a_suggestion():
    with pytest.raises(SettingError, match=r"There is no setting 'data\.scalling'\. Did you mean 'scaling'\?"):
        dg.load((X, Y), scalling="none")
    with pytest.raises(SettingError, match=r"There is no field 'income'\. Fields: x, y\."):
        dg.load({"x": X, "y": Y}, target="income")


def test_things_that_are_no_data_are_refused():
    with pytest.raises(DataError, match=r"What was given \(int\) cannot be loaded\. Give a name"):
        dg.load(7)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dg.load(""), "The name of the data is empty"),
        (lambda: dg.load("iris", like="runs/a"), "like='runs/a' is no run or dataset. Give one"),
        (lambda: dg.load("iris", test=1.5), "data.test=1.5: a share is below 1, and a number of examples is whole"),
        (
            lambda: dg.load("spirals", options={"hands": 2}),
            "data.options of spirals: there is none called 'hands'. Options: points",
        ),
        (
            lambda: dg.load({"x": [["a"], ["b", "c"]], "y": [0, 1]}, kinds={"x": "series"}),
            "holds something that is no number",
        ),
        (lambda: dg.load("iris").members("test"), "The test split is behind glass"),
        (lambda: dg.load("iris").members("banana"), "There is no split 'banana'. Splits: train, validation, test."),
        (lambda: dg.load("iris").folds("three"), "three folds of 120 examples are impossible. Choose 2 to 120"),
    ],
)
def test_what_cannot_be_meant_is_told_what_can(call, says):
    with pytest.raises(DeepglassError, match=re.escape(says)):
        call()


def test_other_settings_share_the_storage():
    data = dg.load((X, Y))
    plain = data.with_(scaling="none")
    assert plain.store is data.store
    assert_close(plain.examples("train")["x"].numpy(), X[plain.splits.train].astype(np.float32))
    assert data.settings.scaling == "standard"


def test_what_was_decided_while_reading_has_to_be_loaded_again():
    with pytest.raises(SettingError, match=r"target='x' decides how data are read\. Load them again"):
        dg.load((X, Y)).with_(target="x")


def test_one_class_against_the_others():
    data = dg.load("iris", positive="virginica")
    assert data.target.classes == ["not virginica", "virginica"]
    assert data.outputs == 1
    assert data.describe().class_counts == {"not virginica": 80, "virginica": 40}


def test_some_classes_only():
    data = dg.load("iris", classes=["setosa", "virginica"])
    assert len(data) == 100
    assert data.target.classes == ["setosa", "virginica"]
    assert set(whole(data, "species").tolist()) == {0, 1}
    both = data.with_(positive="setosa")
    assert both.target.classes == ["virginica", "setosa"]
    with pytest.raises(SettingError, match=r"classes='setose' is no class of 'species'\. Did you mean 'setosa'\?"):
        dg.load("iris", classes=["setose"])


def test_weights_belong_to_their_examples():
    data = dg.load((X, Y), weights=np.arange(20))
    batch = data.examples("train")
    assert_close(batch.weights, batch.ids.float())
    with pytest.raises(DataError, match=r"weights have shape \(19,\) for 20 examples"):
        dg.load((X, Y), weights=np.ones(19))


def test_new_data_can_take_over_an_encoding():
    before = dg.load((X, Y))
    after = dg.load((X * 100, np.array(["b"] * 20)), like=before)
    assert after.fields["x"].encoding["offset"] == before.fields["x"].encoding["offset"]
    assert after.examples("train")["y"].unique().tolist() == [1]  # "b" is the second class, as it was before
    assert after.with_(validation=0.5).fields == after.fields
    assert after.folds(2)[0].fields == after.fields
    assert dg.load(dg.load((X * 100, Y)), like=before).fields == before.fields


def test_new_data_with_other_fields_or_classes_cannot_take_over_an_encoding():
    before = dg.load((X, Y))
    with pytest.raises(DataError, match="the new data lacks x"):
        dg.load({"z": X, "y": Y}, like=before)
    with pytest.raises(DataError, match=r"Field 'y': the class 'c' is none of those learned \(a, b\)"):
        dg.load((X, np.array(["a", "c"] * 10)), like=before)


def test_the_test_split_is_behind_glass():
    data, written = dg.load((X, Y)), []
    for look in (data.members, data.examples):
        with pytest.raises(DataError, match="The test split is behind glass"):
            look("test")
    assert data.open_test(written.append).tolist() == data.splits.test.tolist()
    assert written == [4]
    with pytest.raises(DataError, match="it has no test split"):
        dg.load((X, Y), test=0).open_test(written.append)


def test_the_description_counts_no_class_of_the_test_split():
    described = dg.load("iris").describe()
    assert sum(described.class_counts.values()) == 120
    assert described.splits == {"train": 96, "validation": 24, "test": 30}
    assert "scaled to mean 0, deviation 1" in str(described)
    assert "<script>" not in dg.load({"<script>": X, "y": Y}).describe().to_html()


def test_the_same_content_has_the_same_fingerprint():
    assert dg.load((X, Y)).fingerprint == dg.load((X.copy(), Y), scaling="none", test=3).fingerprint
    assert dg.load((X, Y)).fingerprint != dg.load((X + 1, Y)).fingerprint


def test_a_frame_is_one_table_with_a_column_for_each_class():
    frame = pd.DataFrame({"size": [1.0, 2, 3, 4] * 5, "colour": ["red", "blue"] * 10, "sold": [True, False] * 10})
    data = dg.load(frame, target="sold", test=0)
    assert data.input_shapes == {"features": (3,)}
    assert [c["name"] for c in data.inputs["features"].encoding["columns"]] == ["size", "colour"]
    assert data.target.classes == [False, True]
    encoded, red = data.examples("train"), (frame["colour"] == "red").to_numpy()
    assert_close(encoded["features"][:, 2].numpy(), red[encoded.ids].astype(np.float32))
