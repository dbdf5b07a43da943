import io
import subprocess
import sys
import types

import numpy as np
import pandas as pd
import pyarrow
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.testing import assert_close

import deepglass as dg
from deepglass.data.readers import hub_columns, hub_rows
from deepglass.data.readers.picture import read_picture
from deepglass.errors import DataError, RunError, SettingError

hf = pytest.importorskip("datasets")
NAMES = ["zebra", "ape", "cat"]  # of classes, in no alphabetical order


def pixels(seed=0, height=8, channels=3):
    """Random pixels (height, 8, channels) uint8, or (height, 8) for one channel."""
    array = np.random.default_rng(seed).integers(0, 256, (height, 8, channels), dtype=np.uint8)
    return array[..., 0] if channels == 1 else array


def encoded(array, kind="PNG"):
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind)
    return out.getvalue()


def rows(count=30):
    random = np.random.default_rng(0)
    return {
        "size": random.normal(size=count).tolist(),
        "age": random.integers(0, 90, count).tolist(),
        "colour": ["red", "blue"] * (count // 2),
        "tame": [True, False] * (count // 2),
        "born": pd.date_range("2020-01-01", periods=count).tolist(),
        "remark": [f"comment {i}" for i in range(count)],
        "kind": [i % 3 for i in range(count)],
    }


def animals(count=30):
    return hf.Dataset.from_dict(rows(count)).cast_column("kind", hf.ClassLabel(names=NAMES))


def cell(array, kind="PNG"):
    return {"bytes": encoded(array, kind), "path": None}


def pictures(cells, **more):
    """A data set of encoded pictures and their labels."""
    features = hf.Features({"image": hf.Image(), "label": hf.ClassLabel(names=NAMES)})
    data = hf.Dataset.from_dict({"image": cells, "label": [i % 3 for i in range(len(cells))]}, features=features)
    for name, values in more.items():
        data = data.add_column(name, values)
    return data


def twelve(**sizes):
    return [cell(pixels(i, **sizes)) for i in range(12)]


def notes(data):
    return data.describe().notes


def test_columns_are_encoded_as_those_of_the_same_dataframe():
    frame = pd.DataFrame(rows()).assign(kind=lambda f: [NAMES[i] for i in f["kind"]])
    ours, theirs = dg.load(animals(), target="kind", classes=NAMES), dg.load(frame, target="kind", classes=NAMES)
    assert ours.inputs["features"].encoding["columns"] == theirs.inputs["features"].encoding["columns"]
    ids = torch.arange(30)
    assert_close(ours.read(ids).fields["features"], theirs.read(ids).fields["features"], rtol=0, atol=0)
    named = [d.target.decode(d.read(torch.arange(30)).fields["kind"]).tolist() for d in (ours, theirs)]
    assert named[0] == named[1] == frame["kind"].tolist()


@settings(max_examples=25)
@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=4, max_size=9))
def test_whole_numbers_beside_gaps_are_read_as_those_of_a_dataframe(values):
    def read(source):
        try:
            data = dg.load(source, target="y", on_missing="fill", kinds={"a": "number"}, test=0, validation=0)
        except DataError as error:
            return str(error)
        return data.source.fields["features"].values

    y = list(range(len(values)))
    features = hf.Features({"a": hf.Value("int64"), "b": hf.Value("int64"), "y": hf.Value("int64")})
    ours = read(hf.Dataset.from_dict({"a": values, "b": y, "y": y}, features=features))
    theirs = read(pd.DataFrame({"a": pd.array(values, dtype="Int64"), "b": y, "y": y}))
    if isinstance(theirs, str):
        assert ours == theirs.replace("DataFrame", "Dataset")
    else:
        np.testing.assert_array_equal(ours, theirs)


def test_classes_keep_their_names_and_their_order():
    data = dg.load(animals())
    assert data.target.classes == NAMES
    assert "target: 'kind', the one column of classes, because none was named" in notes(data)
    assert data.target.decode(data.read(torch.arange(3)).fields["kind"]).tolist() == NAMES


def test_classes_among_the_inputs_keep_their_names():
    data = dg.load(animals(), target="size", inputs=["kind"])
    (column,) = data.inputs["features"].encoding["columns"]
    assert column["classes"] == NAMES


def test_without_a_target_or_one_column_of_classes_the_columns_are_listed():
    plain = hf.Dataset.from_dict({"a": [1, 2], "b": ["x", "y"]})
    with pytest.raises(
        SettingError, match=r"no column holds classes\. Say target=\. Columns: a \(int64\), b \(string\)\."
    ):
        dg.load(plain)
    both = animals().add_column("other", [0, 1] * 15).cast_column("other", hf.ClassLabel(names=["no", "yes"]))
    with pytest.raises(SettingError, match=r"2 columns hold classes \(kind, other\).*kind \(classes zebra, ape, cat\)"):
        dg.load(both)


def test_a_misspelt_column_is_told_the_right_one():
    with pytest.raises(SettingError, match=r"Dataset has no column 'knid'\. Did you mean 'kind'\? Columns: size"):
        dg.load(animals(), target="knid")
    with pytest.raises(SettingError, match=r"no column 'agee'\. Did you mean 'age'\?"):
        dg.load(animals(), inputs=["agee"])
    with pytest.raises(SettingError, match=r"no column 'colou'\. Did you mean 'colour'\?"):
        dg.load(animals(), kinds={"colou": "category"})


def test_data_without_examples_are_refused():
    with pytest.raises(DataError, match=r"Dataset holds no examples\. Give at least a few\."):
        dg.load(animals().select([]))
    with pytest.raises(DataError, match=r"DatasetDict \(test\) holds no examples"):
        dg.load(hf.DatasetDict(train=animals(), test=animals().select([])))
    with pytest.raises(DataError, match=r"IterableDataset holds no examples"):
        dg.load(animals().to_iterable_dataset().filter(lambda row: False), target="kind")


def test_missing_values_are_named_with_split_column_and_rows():
    train = hf.Dataset.from_dict({"a": [1.0, None, 3.0, 4.0], "y": [0, 1, 0, 1]})
    test = hf.Dataset.from_dict({"a": [1.0, 2.0, None], "y": [0, 1, 0]})
    source = hf.DatasetDict(train=train, test=test)
    expected = r"DatasetDict \(train\), column 'a': 2 of 7 values are missing \(rows 2 of DatasetDict \(train\), 3 of "
    with pytest.raises(DataError, match=expected + r"DatasetDict \(test\)\).*on_missing=\"drop\""):
        dg.load(source, target="y")
    data = dg.load(source, target="y", on_missing="drop", validation=0)
    assert data.splits.counts() == {"train": 3, "validation": 0, "test": 2}


def test_a_test_split_without_labels_is_dropped_only_when_asked_and_then_one_is_drawn():
    unknown = animals(10).remove_columns("kind").add_column("kind", [-1] * 10)
    source = hf.DatasetDict(train=animals(), test=unknown.cast_column("kind", hf.ClassLabel(names=NAMES)))
    with pytest.raises(DataError, match=r"column 'kind': 10 of 40 values are missing \(rows 1 of DatasetDict \(test\)"):
        dg.load(source)
    data = dg.load(source, on_missing="drop")
    assert data.splits.counts() == {"train": 19, "validation": 5, "test": 6}
    assert "split test: no example of it is left, so one is drawn from the others" in notes(data)


def test_a_class_without_a_name_is_refused():
    features = hf.Features({"a": hf.Value("int64"), "y": hf.ClassLabel(names=["no", "yes"])})
    wrong = hf.Dataset(pyarrow.table({"a": [1, 2, 3], "y": [0, 1, 2]}), info=hf.DatasetInfo(features=features))
    with pytest.raises(DataError, match=r"Dataset, row 3, column 'y': there is no class 2 among 2"):
        dg.load(wrong)


@pytest.mark.parametrize("validation", ["validation", "valid", "val", "dev"])
def test_the_splits_of_a_datasetdict_become_ours(validation):
    whole = animals()
    parts = {"train": range(10, 30), validation: range(4), "test": range(4, 10), "unsupervised": range(3)}
    data = dg.load(hf.DatasetDict({n: whole.select(ids) for n, ids in parts.items()}))
    assert data.splits.counts() == {"train": 20, "validation": 4, "test": 6}
    names = data.target.decode(data.read(data.members("validation")).fields["kind"]).tolist()
    assert names == [NAMES[i % 3] for i in range(4)]
    assert "splits: train 20, validation 4, test 6, as the data set says" in notes(data)
    left = "split unsupervised: left out, it is called none of train, training, validation, val, test, valid, dev"
    assert left in notes(data)


def test_splits_that_cannot_be_ours_are_refused():
    whole = animals()
    with pytest.raises(DataError, match=r"the splits 'val' and 'dev' both mean validation"):
        dg.load(hf.DatasetDict(train=whole, val=whole, dev=whole))
    with pytest.raises(DataError, match=r"no split called train; it has de, fr\. .*load\(source\['de'\]\)"):
        dg.load(hf.DatasetDict(de=whole, fr=whole))
    with pytest.raises(SettingError, match=r"test='new\.csv' is a file, which goes with a table"):
        dg.load(whole, test="new.csv")


def test_a_column_that_differs_between_splits_is_left_out_and_that_is_said():
    test = animals().cast_column("age", hf.Value("float32")).remove_columns("colour")
    source = hf.DatasetDict(train=animals(), test=test)
    data = dg.load(source)
    assert [c["name"] for c in data.inputs["features"].encoding["columns"]] == ["size", "tame", "born", "remark"]
    assert "age: left out, DatasetDict (train) holds int64, DatasetDict (test) holds float32" in notes(data)
    assert "colour: left out, DatasetDict (train) holds string, DatasetDict (test) lacks it" in notes(data)
    with pytest.raises(DataError, match=r"column 'age': DatasetDict \(train\) holds int64"):
        dg.load(source, target="age")


def test_pictures_are_decoded_by_our_rules():
    alpha = np.dstack([pixels(1), np.full((8, 8), 100, np.uint8)])
    cells = [
        cell(pixels(0)),
        cell(alpha),
        cell(pixels(2, channels=1)),
        {"bytes": encoded(pixels(3), "JPEG"), "path": None},
    ]
    data = dg.load(pictures(cells), scaling="none", test=0, validation=0)
    expected = [read_picture(c["bytes"], "x.png", grey=False)[0] for c in cells]
    assert_close(data.examples("train").fields["image"], torch.from_numpy(np.stack(expected)).float())
    assert "1 picture alpha laid on white (first: Dataset, row 2)" in notes(data)


def test_pictures_in_files_are_read_from_there(tmp_path):
    for i in range(4):
        Image.fromarray(pixels(i)).save(tmp_path / f"{i}.png")
    cells = [{"bytes": None, "path": str(tmp_path / f"{i}.png")} for i in range(4)]
    data = dg.load(pictures(cells), scaling="none", test=0, validation=0)
    assert_close(data.examples("train").fields["image"][3], torch.from_numpy(pixels(3)).permute(2, 0, 1).float())


def test_streamed_pictures_are_those_that_are_decoded_at_once_whoever_reads_them(tmp_path):
    pictures(twelve()).save_to_disk(str(tmp_path / "saved"))
    source = hf.load_from_disk(str(tmp_path / "saved")).shuffle(seed=0)
    assert source.cache_files  # on the disk, and mapped into memory
    streamed, resident = dg.load(source, streaming=True), dg.load(source)
    batches = [torch.tensor([3, 0, 11]), torch.tensor([5])]
    expected = [resident.store.take(ids)["image"] for ids in batches]
    for workers in (0, 2):
        read = [b["image"].clone() for b in streamed.store.stream(batches, 0, workers)]
        assert [torch.equal(a, b) for a, b in zip(read, expected)] == [True, True]
    assert "read from their files in every epoch" in " ".join(notes(streamed))
    assert streamed.fingerprint == dg.load(source, streaming=True).fingerprint


def test_pictures_of_different_sizes_are_refused_until_a_size_is_set():
    source = pictures([*twelve(), cell(pixels(0, height=6))])
    with pytest.raises(
        DataError, match=r"8 x 8 \(12: Dataset, row 1, \.\.\.\), 6 x 8 \(1: Dataset, row 13, .*image_size=\[8, 8\]"
    ):
        dg.load(source)
    assert dg.load(source, image_size=8).input_shapes == {"image": (3, 8, 8)}


def test_a_picture_that_cannot_be_decoded_is_named_by_its_row():
    cells = twelve()
    cells[4] = {"bytes": cells[4]["bytes"][:-20], "path": None}
    source = hf.DatasetDict(train=pictures(twelve()), test=pictures(cells))
    with pytest.raises(
        DataError, match=r"DatasetDict \(test\), row 5, column 'image': the PNG breaks off.*on_damaged='skip'"
    ):
        dg.load(source)
    data = dg.load(source, on_damaged="skip", validation=0)
    assert data.splits.counts() == {"train": 12, "validation": 0, "test": 11}
    assert data.called(12) == "12 (DatasetDict (test), row 1)"
    cells[4] = {"bytes": None, "path": "https://example.org/a.png"}
    with pytest.raises(
        DataError, match=r"row 5, column 'image' holds https://example.org/a.png where a picture should be"
    ):
        dg.load(pictures(cells))
    cells[4] = {"bytes": None, "path": "/no/such/picture.png"}
    with pytest.raises(DataError, match=r"row 5, column 'image': .*picture.png cannot be read: No such file"):
        dg.load(pictures(cells))


def test_a_picture_that_is_missing_is_refused_or_dropped_never_replaced():
    source = pictures([*twelve(), None], weight=[float(i) for i in range(13)])
    with pytest.raises(DataError, match=r"column 'image': 1 of 13 values are missing \(row 13\)"):
        dg.load(source, target="label")
    data = dg.load(source, on_missing="drop", weight="weight")
    assert len(data) == 12
    assert data.weights.tolist() == list(range(12))
    with pytest.raises(DataError, match=r"Dataset, row 13, column 'image' holds nothing where a picture should be"):
        dg.load(source, on_missing="fill")


def test_other_columns_beside_pictures_are_inputs_when_they_are_named():
    source = pictures(twelve(), depth=[float(i) for i in range(12)])
    alone = dg.load(source)
    assert list(alone.inputs) == ["image"]
    without = dg.load(source, kinds={"image": "text"})
    assert without.input_shapes == {"features": (1,)}
    assert "image: left out, as kinds= says" in notes(without)
    assert "left out beside image: depth; inputs= can name them" in notes(alone)
    both = dg.load(source, inputs=["image", "depth"], scaling="none", test=0, validation=0)
    assert both.input_shapes == {"image": (3, 8, 8), "features": (1,)}
    assert both.examples("train").fields["features"].flatten().tolist() == list(range(12))


def test_of_two_columns_of_pictures_one_has_to_be_chosen():
    source = pictures(twelve())
    source = source.add_column("mask", source.with_format("arrow")[:].column("image").to_pylist()).cast_column(
        "mask", hf.Image()
    )
    with pytest.raises(SettingError, match=r"image, mask hold pictures\. Choose one of them with inputs="):
        dg.load(source)
    assert list(dg.load(source, inputs=["mask"]).inputs) == ["mask"]
    with pytest.raises(SettingError, match=r"the target 'mask' holds pictures, which cannot be learned yet"):
        dg.load(source, target="mask")


@pytest.mark.skipif(not hasattr(hf.Image(), "mode"), reason="columns ask for no colours before")
def test_the_colours_that_a_column_asks_for_are_given():
    source = pictures(twelve()).cast_column("image", hf.Image(mode="L"))
    data = dg.load(source)
    assert data.input_shapes == {"image": (1, 8, 8)}
    assert "image: grey, as the data set asks" in notes(data)
    with pytest.raises(SettingError, match=r"column 'image' asks for pictures as 'CMYK'\. Say colour='grey' or 'rgb'"):
        dg.load(pictures(twelve()).cast_column("image", hf.Image(mode="CMYK")))


@pytest.mark.parametrize("feature", ["Array2D", "lists", "fixed"])
def test_arrays_keep_their_values_and_shape(feature):
    values = np.random.default_rng(0).normal(size=(6, 3, 2)).astype(np.float32)
    kinds = {
        "Array2D": hf.Array2D((3, 2), "float32"),
        "lists": hf.Sequence(hf.Sequence(hf.Value("float32"))),
        "fixed": hf.Sequence(hf.Sequence(hf.Value("float32"), length=2), length=3),
    }
    features = hf.Features({"x": kinds[feature], "y": hf.Value("float32"), "id": hf.Value("int64")})
    source = hf.Dataset.from_dict({"x": values, "y": np.arange(6.0), "id": np.arange(6)}, features=features)
    order = [4, 2, 0, 1]
    data = dg.load(source.select(order), target="y", scaling="none", test=0, validation=0)
    assert_close(data.examples("train").fields["x"], torch.from_numpy(values[order]))
    assert "left out beside x: id; inputs= can name them" in notes(data)


def test_an_array_can_be_the_target():
    values = np.arange(12.0).reshape(6, 2)
    source = hf.Dataset.from_dict({"a": np.arange(6.0), "v": values})
    data = dg.load(source, target="v", target_scaling="none", test=0, validation=0)
    assert_close(data.examples("train").fields["v"], torch.from_numpy(values).float())


def test_missing_arrays_are_dropped_when_asked_and_never_filled():
    source = hf.Dataset.from_dict({"x": [[1.0, 2.0], None, [3.0, 4.0], [5.0, 6.0]], "y": [0.0, 1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match=r"column 'x': 1 of 4 values are missing \(row 2\)"):
        dg.load(source, target="y")
    with pytest.raises(DataError, match=r"Dataset, row 2, column 'x': the array is missing.*on_missing=\"drop\""):
        dg.load(source, target="y", on_missing="fill")
    data = dg.load(source, target="y", on_missing="drop", scaling="none", test=0, validation=0)
    assert data.examples("train").fields["x"].tolist() == [[1, 2], [3, 4], [5, 6]]


def test_what_cannot_be_used_is_left_out_with_a_word():
    source = hf.Dataset.from_dict(
        {
            "a": [1.0, 2.0, 3.0],
            "words": [[1], [1, 2], [3]],
            "more": [{"q": 1}] * 3,
            "blob": [b"a", b"b", b"c"],
            "y": [0.0, 1.0, 2.0],
        }
    )
    data = dg.load(source, target="y")
    assert [c["name"] for c in data.inputs["features"].encoding["columns"]] == ["a"]
    said = " | ".join(notes(data))
    assert "words: left out, its arrays differ in shape or lack entries (Dataset, by row 3)" in said
    assert "more: left out, it holds values in values, which cannot be used yet" in said
    assert "blob: left out, it holds binary, which cannot be used yet" in said
    with pytest.raises(DataError, match=r"column 'words' cannot be used: its arrays differ in shape"):
        dg.load(source, target="y", inputs=["words"])
    with pytest.raises(DataError, match=r"column 'more': it holds values in values, which cannot be used yet"):
        dg.load(source, target="more")


def test_columns_too_large_for_memory_are_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr(hub_columns, "MOST_ARRAY_BYTES", 64)
    source = hf.Dataset.from_dict({"x": np.zeros((9, 2)), "y": np.arange(9.0)})
    with pytest.raises(
        DataError, match=r"column 'x': its arrays take .* held in memory\. Take fewer examples with limit=4"
    ):
        dg.load(source, target="y")
    assert len(dg.load(source, target="y", limit=4)) == 4
    monkeypatch.setattr(hub_columns, "MOST_TEXT_BYTES", 64)
    with pytest.raises(DataError, match=r"column 'size' takes .* held in memory\. Leave it out with inputs="):
        dg.load(animals())


def test_a_stream_is_read_up_to_its_limit_and_no_further():
    asked = []

    def examples():
        for i in range(100_000):
            asked.append(i)
            yield {"a": float(i), "y": i % 2}

    features = hf.Features({"a": hf.Value("float64"), "y": hf.ClassLabel(names=["even", "odd"])})
    for known in (features, None):
        asked.clear()
        stream = hf.IterableDataset.from_generator(examples, features=known)
        data = dg.load(stream, target="y", limit=20, scaling="none", test=0, validation=0)
        assert data.examples("train").fields["features"].flatten().tolist() == list(range(20))
        assert len(asked) <= 21
        assert "IterableDataset: streamed, the first 20 examples, as limit= says, held in memory (0.0 MB)" in notes(
            data
        )


def test_a_stream_that_is_too_large_says_how_many_examples_are_not(monkeypatch):
    monkeypatch.setattr(hub_rows, "MOST_STREAM_BYTES", 40_000)
    stream = hf.Dataset.from_dict({"a": np.arange(5000.0), "y": [0, 1] * 2500}).to_iterable_dataset()
    with pytest.raises(DataError, match=r"IterableDataset is streamed.* Say how many to take: limit=2000"):
        dg.load(stream, target="y")
    assert len(dg.load(stream, target="y", limit=2000)) == 2000


def test_the_splits_and_pictures_of_a_stream_are_those_of_the_data_set():
    source = hf.DatasetDict(train=pictures(twelve()), test=pictures(twelve()[:6]))
    stream = hf.IterableDatasetDict({n: d.to_iterable_dataset() for n, d in source.items()})
    ours, theirs = dg.load(stream), dg.load(source)
    assert ours.splits.counts() == theirs.splits.counts()
    assert ours.fingerprint == theirs.fingerprint


def test_pictures_of_a_stream_lose_nothing_when_their_features_are_not_known():
    jpeg = encoded(pixels(5), "JPEG")

    def examples():
        for i in range(4):
            yield {"image": Image.open(io.BytesIO(jpeg)), "label": i % 2}

    data = dg.load(hf.IterableDataset.from_generator(examples), target="label", scaling="none", test=0, validation=0)
    assert_close(
        data.examples("train").fields["image"][0], torch.from_numpy(read_picture(jpeg, "x.jpg")[0].copy()).float()
    )


def test_a_limit_takes_the_first_examples_of_every_split():
    data = dg.load(hf.DatasetDict(train=animals(), test=animals()), limit=9, validation=0)
    assert data.splits.counts() == {"train": 9, "validation": 0, "test": 9}
    assert "DatasetDict (train): the first 9 of 30 examples, as limit= says" in notes(data)
    with pytest.raises(SettingError, match=r"data\.limit=5 goes with data of Hugging Face; iris is none"):
        dg.load("iris", limit=5)


def test_formats_that_were_set_are_kept_as_columns_and_transforms_are_named():
    data = dg.load(animals().with_format("torch", columns=["size", "kind"]))
    assert data.input_shapes == {"features": (1,)}
    changed = dg.load(animals().with_transform(lambda batch: batch))
    assert "Dataset: the transform that was set on it is not applied; use .map() to keep what it does" in notes(changed)


def test_weights_groups_and_splits_can_be_columns():
    source = (
        animals().add_column("part", ["train"] * 20 + ["test"] * 10).add_column("owner", [i // 5 for i in range(30)])
    )
    data = dg.load(source, split="part", group="owner", validation=0)
    assert data.splits.counts() == {"train": 20, "validation": 0, "test": 10}
    both = dg.load(
        hf.DatasetDict(train=source, test=animals(6).add_column("part", ["train"] * 6)), split="part", validation=0
    )
    assert both.splits.counts() == {"train": 26, "validation": 0, "test": 10}
    assert "splits: as the column 'part' says, not those of the data set" in notes(both)
    with pytest.raises(SettingError, match=r"column 'image' holds Image, not one value a row"):
        dg.load(pictures(twelve()), group="image")


def test_a_run_keeps_small_data_and_asks_for_streamed_pictures_again(tmp_path):
    for name, streaming in (("kept", False), ("asked", True)):
        data = dg.load(pictures(twelve()), streaming=streaming)
        dg.train("perceptron", data, epochs=1, out=tmp_path / name, progress=False)
    assert len(dg.Run(tmp_path / "kept").data) == 12
    with pytest.raises(RunError, match=r"was an object of yours, or too large to be kept\. Pass it again: data=\.\.\."):
        dg.Run(tmp_path / "asked").evaluate()


def test_another_module_of_that_name_is_no_hindrance(monkeypatch):
    class Dataset(torch.utils.data.Dataset):
        def __len__(self):
            return 10

        def __getitem__(self, index):
            return torch.tensor([float(index)]), torch.tensor([1.0])

    own = types.ModuleType("datasets")
    own.Dataset = Dataset
    monkeypatch.setitem(sys.modules, "datasets", own)
    assert dg.load(Dataset()).input_shapes == {"x": (1,)}


def test_neither_deepglass_nor_a_table_needs_the_library(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,a\n2,b\n3,a\n4,b\n")
    code = f"import sys, deepglass as dg; dg.load({str(tmp_path / 'a.csv')!r}); dg.load('iris'); print('datasets' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_a_column_of_free_text_is_the_input_beside_its_classes():
    sentences = [f"this is review number {i} and it is long enough" for i in range(12)]
    features = hf.Features(
        {"id": hf.Value("int64"), "text": hf.Value("string"), "label": hf.ClassLabel(names=["neg", "pos"])}
    )
    rows = {"id": list(range(12)), "text": sentences, "label": [0, 1] * 6}
    given = hf.DatasetDict({s: hf.Dataset.from_dict(rows, features=features) for s in ("train", "test")})
    data = dg.load(given)
    assert {n: f.kind for n, f in data.fields.items()} == {"text": "text", "label": "category"}
    assert data.splits.counts()["test"] == 12 and data.fields["label"].classes == ["neg", "pos"]
    assert data.source.fields["text"].values[23] == sentences[-1]
