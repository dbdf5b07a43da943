import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.data import portrait as portraits
from deepglass.data.portrait import portrait

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (80, 3, 6, 8), dtype=np.uint8)


def test_examples_are_given_by_class_and_no_test_example_is_among_them():
    marked = np.zeros((100, 1, 4, 4), dtype=np.uint8)
    marked[:, 0, 0, 0] = np.arange(100)
    data = dg.load((marked, np.arange(100) % 2))
    shown = portrait(data)
    assert [name for name, _ in shown.pictures] == ["0", "1"]
    seen = {int(image[0, 0, 0]) for _, images in shown.pictures for image in images}
    assert all(int(i[0, 0, 0]) % 2 == int(name) for name, images in shown.pictures for i in images)
    assert not seen & set(data.splits.test.tolist())
    assert shown.sampled == shown.open == 80
    assert not np.isin(shown.pixels, data.splits.test[data.splits.test > 0]).any()


def test_the_balance_counts_every_training_and_validation_example():
    data = dg.load("iris")
    shown = portrait(data)
    assert shown.classes == ["setosa", "versicolor", "virginica"]
    assert shown.balance == {"train": [32, 32, 32], "validation": [8, 8, 8]}
    assert shown.splits == {"train": 96, "validation": 24, "test": 30}


def test_rows_are_told_in_raw_units_with_the_target_last():
    shown = portrait(dg.load("iris"))
    assert shown.row_names == ["sepal length", "sepal width", "petal length", "petal width", "species"]
    assert shown.rows[0] == [5.1, 3.5, 1.4, 0.2, "setosa"]


def test_each_kind_of_column_has_the_measure_that_suits_it():
    frame = pd.DataFrame({"size": RANDOM.normal(size=60), "colour": ["red", "blue", "red"] * 20})
    frame["price"], frame["sold"] = frame["size"] * 2, (frame["colour"] == "red")
    by_class = portrait(dg.load(frame.drop(columns="price"), target="sold"))
    assert [(c.name, c.measure) for c in by_class.columns] == [("size", "eta"), ("colour", "V")]
    assert by_class.columns[1].link == pytest.approx(1)
    by_number = portrait(dg.load(frame.drop(columns="sold"), target="price"))
    assert [(c.name, c.measure) for c in by_number.columns] == [("size", "r"), ("colour", "eta")]
    assert by_number.columns[0].link == pytest.approx(1)
    assert set(by_number.columns[1].classes) == {"red", "blue"}


def test_the_pixel_that_gives_the_class_away_is_found():
    images = RANDOM.integers(0, 100, (80, 1, 5, 6)).astype(np.uint8)
    images[:, 0, 2, 4] = 200 * (np.arange(80) % 2)
    links = portrait(dg.load((images, np.arange(80) % 2))).pixel_links
    assert links.shape == (5, 6)
    assert np.unravel_index(links.argmax(), links.shape) == (2, 4)


def test_large_data_are_sampled_evenly_and_that_is_said(monkeypatch):
    monkeypatch.setattr(portraits, "VALUES", 200)
    data = dg.load((np.arange(4000.0).reshape(1000, 4), np.arange(1000) % 2))
    shown = portrait(data)
    assert (shown.sampled, shown.open) == (50, 800)
    steps = np.diff(shown.columns[0].values)
    assert steps.min() > 0
    assert steps.max() < 4 * 40
    assert shown.balance == {"train": [320, 320], "validation": [80, 80]}  # counted, not sampled


def test_augmented_versions_are_those_that_a_training_with_seed_0_sees():
    data = dg.load((IMAGES, np.arange(80) % 2), augment={"flip": True, "rotate": 10, "noise": 0.1})
    version = portrait(data).versions[0]
    own = data.members("train")[0]
    assert np.allclose(version.own, IMAGES[own], atol=1e-3)
    network = dg.build("mlp", data, hidden=[2])
    seen = []
    network.register_forward_pre_hook(lambda module, given: seen.append(given[0]) if module.training else None)
    training = dg.Training(network, data, dg.Recipe(epochs=2, batch_size="all", shuffle=False, threads=1, seed=0))
    list(training)
    for epoch in (0, 1):
        assert np.allclose(data.inputs["x"].decode(seen[epoch])[0], version.changed[epoch], atol=1e-3)
    assert not np.allclose(version.changed[0], version.own, atol=1)


def test_the_numbers_of_a_table_are_followed_through_augmentation_and_its_classes_left_out():
    frame = pd.DataFrame({"colour": ["red", "blue"] * 20, "size": np.arange(40.0), "y": np.arange(40) % 2})
    shown = portrait(dg.load(frame, target="y", augment={"noise": 0.1}))
    assert shown.version_names == ["size"]
    assert shown.versions[0].own.shape == (1,)
    assert [name for name, _ in shown.changes] == ["noise 0.1"]


class Coins(torch.utils.data.Dataset):
    def __len__(self):
        return 40

    def __getitem__(self, index):
        return torch.full((1, 4, 4), float(index)), index % 2


SOURCES = {
    "labels": (RANDOM.normal(size=(40, 3)), RANDOM.integers(0, 2, (40, 4))),
    "no target": RANDOM.normal(size=(40, 3)),
    "one column": (np.arange(40.0), np.arange(40) % 2),
    "many numbers": (RANDOM.normal(size=(40, 500)), np.arange(40) / 7),
    "several targets": (RANDOM.normal(size=(40, 2)), RANDOM.normal(size=(40, 2))),
    "images and numbers": {"picture": IMAGES, "age": np.arange(80.0), "y": np.arange(80) % 2},
    "many classes": (IMAGES, np.arange(80) % 40),
    "image to number": (IMAGES, np.arange(80.0) / 7),
    "image to image": {"x": IMAGES, "y": IMAGES},
    "uneven": {"x": dg.Ragged.of([torch.rand(i % 4, 2) for i in range(40)]), "y": np.arange(40) % 2},
    "constant": (np.ones((40, 2)), np.arange(40) % 2),
    "torch": Coins(),
    "four examples": "logic",
    "four pictures": "slash",
}


@pytest.mark.parametrize("name", SOURCES)
def test_any_data_can_be_drawn(name, in_tmp):
    assert dg.load(SOURCES[name]).show("picture.png").axes
    assert (in_tmp / "picture.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("ending", ["svg", "html", "pdf"])
def test_pictures_are_saved_in_the_format_of_their_name(ending, in_tmp):
    dg.load("xor", augment={"noise": 0.1}).show(f"picture.{ending}")
    content = (in_tmp / f"picture.{ending}").read_bytes()
    assert content.startswith({"svg": b"<svg", "html": b"<!doctype html>", "pdf": b"%PDF"}[ending])


def test_a_notebook_shows_the_picture():
    assert dg.load("logic").show()._repr_png_().startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_saved_is_told_why(in_tmp):
    data = dg.load("iris")
    with pytest.raises(dg.errors.SettingError, match=r"x\.gif does not end in a format of pictures\. Use one of \.png"):
        data.show("x.gif")
    with pytest.raises(dg.errors.SettingError, match=r"There is no folder nowhere to write x\.png into"):
        data.show("nowhere/x.png")
