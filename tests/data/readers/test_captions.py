"""Pictures with captions, as COCO keeps them; what is not there is named."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import deepglass as dg
from deepglass.errors import DataError, SettingError


def content(count=10, first=0):
    images = [{"id": 100 + i, "file_name": f"{i:03}.png"} for i in range(first, first + count)]
    said = [{"image_id": one["id"], "caption": f"picture  {k}\nof {one['id']}"} for k in range(2) for one in images]
    return {"images": images, "annotations": said}


def folder(tmp_path, lists=None, pictures=10):
    place = tmp_path / "set"
    (place / "train2017").mkdir(parents=True)
    (place / "annotations").mkdir()
    for i in range(pictures):
        Image.new("RGB", (8, 8), (20 * i, 0, 0)).save(place / "train2017" / f"{i:03}.png")
    for name, one in (lists or {"captions_train2017.json": content()}).items():
        (place / "annotations" / name).write_text(one if isinstance(one, str) else json.dumps(one))
    return place


def test_each_caption_is_an_example_and_those_of_a_picture_stay_together(tmp_path):
    data = dg.load(folder(tmp_path))
    assert len(data) == 20 and list(data.inputs) == ["image"] and data.target.kind == "text"
    rows = data.store.values["image"][:, 0, 0, 0].numpy() // 20
    said = data.source.fields["caption"].values
    assert all(said[i] == f"picture {i // 10} of {100 + row}" for i, row in enumerate(rows))
    parts = [set(rows[ids].tolist()) for ids in (data.splits.train, data.splits.validation, data.splits.test)]
    assert sum(map(len, parts)) == 10


def test_a_zip_says_the_same_and_pictures_may_stay_in_their_files(tmp_path):
    place = folder(tmp_path)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted(place.rglob("*.*")):
            archive.write(path, path.relative_to(place).as_posix())
    one, other = dg.load(place), dg.load(tmp_path / "set.zip")
    assert one.fingerprint == other.fingerprint
    streamed = dg.load(place, streaming=True)
    assert (streamed.examples("train", 5)["image"] == one.examples("train", 5)["image"]).all()


def test_lists_by_split_are_splits(tmp_path):
    lists = {"captions_train2017.json": content(6), "captions_val2017.json": content(4, first=6)}
    data = dg.load(folder(tmp_path, lists), test=0)
    assert data.splits.counts() == {"train": 12, "validation": 8, "test": 0}


def test_pictures_without_a_caption_and_captions_without_words_are_counted(tmp_path):
    one = content()
    one["annotations"] = [a for a in one["annotations"] if a["image_id"] != 103]
    one["annotations"][0]["caption"] = "  "
    data = dg.load(folder(tmp_path, {"captions_train2017.json": one}))
    assert len(data) == 17
    notes = " ".join(data.source.notes)
    assert "1 picture without a caption left out" in notes and "1 caption without words left out" in notes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["annotations"][3].update(image_id=7), "a caption is of the image 7, which its images do not list"),
        (lambda c: c["annotations"][3].pop("caption"), r"entry 3 of 'annotations' \(counted from 0\) has no caption"),
        (lambda c: c.pop("images"), "has no list 'images'"),
        (
            lambda c: c["images"][2].update(file_name="away.png"),
            r"captions of 1 picture not there \(first: away\.png\)",
        ),
    ],
)
def test_what_is_wrong_with_a_list_is_named(tmp_path, change, said):
    one = content()
    change(one)
    with pytest.raises(DataError, match=said):
        dg.load(folder(tmp_path, {"captions_train2017.json": one}))


def test_captions_of_absent_pictures_are_left_out_when_asked_but_not_all(tmp_path):
    place = folder(tmp_path, pictures=9)
    assert len(dg.load(place, on_damaged="skip")) == 18
    for path in (place / "train2017").glob("*.png"):
        path.unlink()
    with pytest.raises(DataError, match=r"10 pictures not there.*and of 0 that are"):
        dg.load(place, on_damaged="skip")


def test_no_json_and_another_target_are_refused(tmp_path):
    with pytest.raises(DataError, match="is no JSON that can be read"):
        dg.load(folder(tmp_path, {"captions.json": "{"}))
    with pytest.raises(SettingError, match="the target is 'caption'"):
        dg.load(tmp_path / "set", target="image")


def test_the_coco_sample_has_five_captions_for_each_of_80_pictures():
    place = Path(os.environ.get("DEEPGLASS_DATA", "nowhere")) / "captioning" / "coco-mini-train.zip"
    if not place.is_file():
        pytest.skip("DEEPGLASS_DATA does not name a folder with captioning/")
    data = dg.load(place, image_size=16)
    assert len(data) == 400 and np.bincount(data.source.groups).tolist() == [5] * 80
