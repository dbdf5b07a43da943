"""Pictures to predict: files, folders, archives and tables that name them. None needs a class."""

import numpy as np
import pytest
import torch
from drawn_pictures import in_folder, in_tar, in_zip, picture, two_classes

import deepglass as dg
from deepglass.data.inputs import encode_inputs, new_batches
from deepglass.errors import DataError, DeepglassWarning

NEW = {f"{'deep/er/' if i % 2 else ''}{i}.png": picture(200 + i) for i in range(5)}
SORTED = ["0.png", "2.png", "4.png", "deep/er/1.png", "deep/er/3.png"]


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    """The fields of a run on pictures."""
    return dg.load(in_folder(tmp_path_factory.mktemp("learned"), two_classes())).fields


def read(new, fields, size=2, **options):
    """All batches in one: tensor, names."""
    batches = list(new_batches(new, fields, size, **options))
    return torch.cat([b["image"] for b, _ in batches]), [name for _, names in batches for name in names]


@pytest.mark.parametrize("ending", ["", ".zip", ".tar", ".tar.gz"])
def test_folders_and_archives_give_their_pictures_with_the_names_inside(tmp_path, fields, ending):
    pack = in_folder if not ending else in_zip if ending == ".zip" else in_tar
    place = pack(tmp_path / f"new{ending}", NEW)
    images, names = read(str(place), fields)
    assert names == SORTED
    one_by_one = [encode_inputs(in_folder(tmp_path / "one", NEW) / name, fields)["image"] for name in SORTED]
    assert torch.equal(images, torch.cat(one_by_one))


def test_pictures_are_decoded_a_batch_at_a_time(tmp_path, fields):
    batches = new_batches(in_folder(tmp_path, NEW), fields, 2)
    assert [len(b["image"]) for b, _ in batches] == [2, 2, 1]


def test_several_places_at_once_are_told_apart_by_name(tmp_path, fields):
    folder, archive = in_folder(tmp_path / "a", NEW), in_zip(tmp_path / "b.zip", NEW)
    _, names = read([folder, archive, folder / "0.png"], fields)
    assert names[0] == f"{folder.as_posix()}/0.png" and names[5] == f"{archive.as_posix()}/0.png"
    assert names[-1] == str(folder / "0.png") and len(names) == 11


def test_what_lies_beside_pictures_is_left_out_with_a_word_and_hidden_files_without(tmp_path, fields):
    place = in_zip(tmp_path / "new.zip", {**NEW, "labels.csv": b"a,b", "__MACOSX/0.png": b"x", ".hidden.png": b"x"})
    with pytest.warns(DeepglassWarning, match=r"no pictures by name or content: 1 \(labels\.csv\)"):
        assert read(place, fields)[1] == SORTED


def test_every_picture_that_cannot_be_read_is_named_and_nothing_is_predicted(tmp_path, fields):
    place = in_zip(tmp_path / "new.zip", {**NEW, "2.png": b"<html>", "deep/er/3.png": NEW["deep/er/3.png"][:50]})
    with pytest.raises(DataError, match=r"2 of 5 pictures cannot be read\. .*--skip-unreadable") as caught:
        read(place, fields)
    assert "new.zip, 2.png is no picture: it is an HTML page" in str(caught.value)
    assert "new.zip, deep/er/3.png is damaged" in str(caught.value)


def test_what_cannot_be_read_is_left_out_when_that_is_asked_for(tmp_path, fields):
    place = in_folder(tmp_path, {**NEW, "2.png": b"<html>", "0.png": b""})
    with pytest.warns(DeepglassWarning, match=r"2 of 5 pictures cannot be read and were left out") as said:
        images, names = read(place, fields, skip_unreadable=True)
    assert names == ["4.png", "deep/er/1.png", "deep/er/3.png"] and len(images) == 3
    assert "0.png is empty" in str(said[0].message)
    for name in SORTED:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match="5 of 5 pictures cannot be read"):
        read(place, fields, skip_unreadable=True)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path, fields):
    in_folder(tmp_path, {"secret.png": picture(), "new/0.png": picture()})
    try:
        (tmp_path / "new" / "1.png").symlink_to(tmp_path / "secret.png")
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(DataError, match=r"1\.png is a link that leads out of the folder"):
        read(tmp_path / "new", fields)


def test_a_table_names_pictures_row_by_row(tmp_path, fields):
    in_folder(tmp_path, NEW)
    (tmp_path / "list.csv").write_text("image,class\n4.png,cat\ndeep/er/1.png,dog\n4.png,dog\n")
    images, names = read(tmp_path / "list.csv", fields)
    assert names == ["4.png", "deep/er/1.png", "4.png"] and torch.equal(images[0], images[2])
    (tmp_path / "list.csv").write_text("files\n0.png\n2.png\n")  # one column can only be the names
    assert read(tmp_path / "list.csv", fields)[1] == ["0.png", "2.png"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("a,b\n1,2\n3,4\n", r"no column 'image' that names their files; it has a, b"),
        ("image,class\n0.png,cat\n,dog\n", r"column 'image': no file is named in row 3"),
        ("image,class\n0.png,cat\n../secret.png,dog\n", r"'\.\./secret\.png' leads out"),
        ("image,class\n0.png,cat\n9.png,dog\n", r"1 of 2 pictures cannot be read.*\n.*9\.png is not there"),
    ],
)
def test_a_table_of_pictures_that_cannot_be_is_told_why(tmp_path, fields, table, says):
    in_folder(tmp_path, NEW)
    (tmp_path / "list.csv").write_text(table)
    with pytest.raises(DataError, match=says):
        read(tmp_path / "list.csv", fields)


def test_what_holds_no_pictures_or_is_not_there_is_said(tmp_path, fields):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.pdf").write_text("x")
    with pytest.raises(DataError, match="empty holds no pictures"):
        read(tmp_path / "empty", fields)
    for name in ("gone.zip", "gone.png"):
        with pytest.raises(DataError, match=f"There is no file .*{name}"):
            read(tmp_path / name, fields)
    with pytest.raises(DataError, match=r"text\.pdf is not of a kind that can be read"):
        read(tmp_path / "text.pdf", fields)
    with pytest.raises(DataError, match="holds pictures, but the network takes x"):
        read(in_folder(tmp_path / "new", NEW), dg.load("iris").fields)


def test_arrays_of_a_npz_are_found_by_name_or_because_there_is_one_alone(tmp_path, fields):
    images = np.random.default_rng(0).integers(0, 256, (3, 3, 8, 8)).astype(np.uint8)
    expected = encode_inputs(images, fields)["image"]
    contents = {"named": {"image": images, "other": images[:1]}, "alone": {"x": images, "class": np.arange(3)}}
    for name, arrays in contents.items():
        np.savez(tmp_path / f"{name}.npz", **arrays)
        assert torch.equal(encode_inputs(tmp_path / f"{name}.npz", fields)["image"], expected)
    np.savez(tmp_path / "many.npz", a=images, b=images)
    with pytest.raises(DataError, match=r"many\.npz has the arrays a, b; needed: image"):
        encode_inputs(tmp_path / "many.npz", fields)
    np.save(tmp_path / "x.npy", images)
    assert torch.equal(encode_inputs(tmp_path / "x.npy", fields)["image"], expected)
