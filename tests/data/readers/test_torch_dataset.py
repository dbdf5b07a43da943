import pytest
import torch

import deepglass as dg
from deepglass.errors import DataError, SettingError


class Items(torch.utils.data.Dataset):
    def __init__(self, item, count=20):
        self.item, self.count = item, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.item(index)


def test_tuples_are_inputs_and_a_target():
    data = dg.load(Items(lambda i: (torch.full((1, 4, 4), i / 20), i % 3)))
    assert data.input_shapes == {"x": (1, 4, 4)}
    assert data.inputs["x"].kind == "image"
    assert data.target.classes == [0, 1, 2]
    batch = data.read(torch.tensor([5]))
    assert batch["x"].unique().tolist() == [0.25]  # as the dataset gives it
    assert batch["y"].tolist() == [2]


def test_dictionaries_keep_their_names():
    data = dg.load(Items(lambda i: {"y": float(i), "image": torch.ones(2), "meta": torch.zeros(1)}), target="y")
    assert list(data.inputs) == ["image", "meta"]
    assert data.target.kind == "number"


def test_a_dataset_can_say_its_classes():
    items = Items(lambda i: (torch.ones(2), i % 2))
    items.classes = ["cat", "dog"]
    assert dg.load(items).target.classes == ["cat", "dog"]


def test_examples_of_uneven_length_come_ragged():
    batch = dg.load(Items(lambda i: (torch.ones(i % 3 + 1, 2), i % 2))).read(torch.tensor([0, 1, 2]))
    assert batch["x"].lengths.tolist() == [1, 2, 3]


def test_examples_that_cannot_stand_in_one_batch_are_refused():
    data = dg.load(Items(lambda i: (torch.ones(2, i % 2 + 1), i % 2)))
    with pytest.raises(DataError, match=r"'x': examples of shapes \(2, 1\) and \(2, 2\) cannot stand in one batch"):
        data.read(torch.tensor([0, 1]))


def test_folds_and_other_settings_keep_what_the_dataset_gives():
    data = dg.load(Items(lambda i: (torch.ones(2) * i, i % 2)))
    for derived in (*data.folds(2), data.with_(validation=0.5)):
        assert derived.fields == data.fields


def test_items_that_are_no_numbers_and_empty_datasets_are_refused():
    with pytest.raises(DataError, match=r"Field 'x' of the torch Dataset is str, not numbers"):
        dg.load(Items(lambda i: ("text", 1)))
    with pytest.raises(DataError, match="The torch Dataset holds no examples"):
        dg.load(Items(lambda i: (torch.ones(1), 1), count=0))
    with pytest.raises(SettingError, match=r"The torch Dataset has no field 'z'"):
        dg.load(Items(lambda i: (torch.ones(1), 1)), target="z")


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("code", [7, -1, 3])
def test_a_class_index_out_of_range_is_said_with_its_sample(code, workers):
    items = Items(lambda i: (torch.ones(2), code if i == 13 else i % 3))
    items.classes = ["cat", "dog", "owl"]
    data = dg.load(items, workers=workers, validation=0, test=0)
    wrong = rf"Field 'y': sample 13 has the class index {code}, which is none of the 3 classes, .* \(cat, dog, owl\)"
    with pytest.raises(DataError, match=wrong):
        list(data.reader().read(torch.arange(19, -1, -1), 4))


@pytest.mark.parametrize("code", [1.5, float("nan")])
def test_a_class_that_is_no_whole_number_is_said_with_its_sample(code):
    items = Items(lambda i: (torch.ones(2), code if i == 13 else i % 3))
    items.classes = ["cat", "dog", "owl"]
    with pytest.raises(DataError, match=rf"sample 13 has the class index {code}, which is none of the 3 classes"):
        dg.load(items).read(torch.tensor([12, 13]))


def test_a_run_that_meets_a_class_out_of_range_fails_with_that_word(tmp_path):
    items = Items(lambda i: (torch.ones(2), 7 if i == 13 else i % 3))
    items.classes = ["cat", "dog", "owl"]
    data = dg.load(items, validation=0, test=0)
    with pytest.raises(DataError, match="sample 13 has the class index 7"):
        dg.train("linear", data, out=tmp_path / "run", epochs=1, batch_size=4, threads=1, progress=False)
