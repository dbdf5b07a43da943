"""What a user gets from `run.look`."""

import re

import numpy as np
import pandas
import pytest
import torch

import deepglass as dg
from deepglass.errors import DataError, SettingError, UnknownName
from deepglass.report.pictures import to_svg

pytestmark = pytest.mark.usefixtures("in_tmp")
QUICK = {"threads": 1, "progress": False}


def texts(svg: str) -> str:
    return " | ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


@pytest.fixture(scope="module")
def iris(tmp_path_factory):
    return dg.train("mlp", "iris", epochs=3, out=tmp_path_factory.mktemp("look") / "iris", **QUICK)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return dg.train("lenet5", "digits", epochs=1, out=tmp_path_factory.mktemp("look") / "digits", **QUICK)


def test_the_answer_the_layers_and_the_columns_are_shown_by_name(iris):
    seen = iris.look(2)
    said = texts(seen._repr_html_())
    assert "example #2 of the validation split" in said and "true setosa" in said
    for name in ("setosa", "versicolor", "virginica", "petal length = 1.3", "sepal width = 3.2"):
        assert name in said
    for layer in ("hidden1  (Linear): 64 units", "output  (Linear): 3 units"):
        assert layer in said
    assert "Orange speaks for it, blue against it" in said and "White is 0, orange above, blue below" in said
    assert list(seen.activations) == ["hidden1", "activation1", "hidden2", "activation2", "output"]


def test_what_is_written_below_the_bars_adds_up(iris):
    seen = iris.look(2).seen.saliency
    assert float(seen.sums) == pytest.approx(float(seen.score - seen.start), abs=1e-3)


def test_an_image_is_shown_with_maps_and_filters_and_written_to_a_file(digits, tmp_path):
    seen = digits.look(saliency="grad_cam")
    picture = seen.picture(tmp_path / "look.png")
    assert (tmp_path / "look.png").read_bytes().startswith(b"\x89PNG")
    said = texts(to_svg(picture))
    assert "c1  (Conv2d): 6 maps of 28×28" in said and "c3  (Conv2d): the first 4 of 16 filters of 5×5" in said
    assert "Grad-CAM" in said and "flatten" not in said
    assert seen.saliency["image"].shape == (1, 1, 8, 8)


def test_a_unit_is_shown_with_the_examples_that_excite_it(digits):
    seen = digits.look(layer="c3", unit=5, embedding="pca")
    assert set(seen.exciting.ids.tolist()) <= set(digits.data.members("validation").tolist())
    said = texts(seen._repr_html_())
    assert "What excites unit 5 of c3 most, in the validation split" in said
    assert f"#{int(seen.exciting.ids[0])}" in said
    assert "The validation split as c3 sees it: 1,600 numbers as 2, by PCA" in said
    assert f"this example (#{seen.seen.example})" in said
    assert list(seen.activations) == ["c3"] and list(seen.filters) == ["c3"]


def test_the_test_split_stays_behind_glass(iris):
    for example in iris.data.splits.test[:3].tolist():
        with pytest.raises(
            DataError, match=r"is in the test split, which is behind glass\. Take one of the validation split"
        ):
            iris.look(example)
    with pytest.raises(DataError, match="Example 150 of iris is not there"):
        iris.look(150)
    with pytest.raises(DataError, match="behind glass"):
        iris.look(split="test")
    assert not iris.folder.looks()


def test_an_example_of_the_training_split_may_be_looked_at(iris):
    number = int(iris.data.members("train")[0])
    assert iris.look(number).seen.split == "train"


def test_a_new_example_is_looked_at_without_a_truth(iris):
    seen = iris.look(np.array([[6.9, 3.1, 5.4, 2.1]]))
    assert seen.seen.truth == "" and "a new example" in repr(seen)
    rows = np.array([[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]])
    assert iris.look(rows, row=1).saliency.keys() == seen.saliency.keys()
    assert torch.equal(iris.look(rows, row=1).activations["output"], seen.activations["output"])
    with pytest.raises(
        DataError, match=r"There are 2 examples to look at. Say which one, from 0: row=0 \(--example 0\)"
    ):
        iris.look(rows)
    with pytest.raises(DataError, match="There is no example 2 among the 2 new ones"):
        iris.look(rows, row=2)


def test_another_class_than_the_answer_can_be_explained(iris):
    score = float(iris.look(2, target="virginica").seen.saliency.score)
    assert score == pytest.approx(float(iris.look(2).activations["output"][0, 2]))
    with pytest.raises(SettingError, match=r"There is no 'virginca' to explain. Did you mean 'virginica'\?"):
        iris.look(2, target="virginca")


def test_of_two_classes_the_one_output_speaks_for_the_second_and_against_the_first():
    x = np.random.default_rng(0).normal(size=(60, 2))
    run = dg.train(
        "linear", (x, np.where(x[:, 0] > 0, "right", "left")), epochs=30, learning_rate=0.1, out="two", **QUICK
    )
    numbers = run.data.members("validation").tolist()
    for number in numbers[:6]:
        seen = run.look(number).seen
        assert float(seen.saliency.score) > 0  # the answer is what the output speaks for
        other = run.look(number, target="left" if seen.answer == "right" else "right").seen
        assert float(other.saliency.score) == -float(seen.saliency.score)


def test_a_number_is_explained_by_its_name():
    run = dg.train("mlp", "diabetes", epochs=2, out="number", **QUICK)
    said = texts(run.look(embedding="pca")._repr_html_())
    assert f"What the answer for {run.data.target.name} rests on" in said
    assert "bmi" in said


def test_a_table_is_explained_column_by_column():
    frame = pandas.DataFrame(
        {
            "age": np.arange(80.0) % 17,
            "town": ["Ulm", "Bonn", "Kiel", "Jena"] * 20,
            "paid": ["a", "b"] * 40,
        }
    )
    run = dg.train("mlp", dg.load(frame, target="paid"), epochs=1, out="table", **QUICK)
    for method in ("integrated_gradients", "gradient", "occlusion"):
        seen = run.look(saliency=method)
        assert set(seen.to_dict()["saliency"]["columns"]) == {"age", "town"}
    assert "town = " in texts(seen._repr_html_())


def test_several_inputs_are_drawn_each_in_its_own_way():
    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.look, self.read = torch.nn.Linear(16, 3), torch.nn.Linear(2, 3)

        def forward(self, picture, facts):
            return self.look(picture.flatten(1)) + self.read(facts)

    random = np.random.default_rng(0)
    data = dg.load(
        {
            "picture": random.integers(0, 255, (60, 1, 4, 4), dtype=np.uint8),
            "facts": random.normal(size=(60, 2)),
            "kind": np.arange(60) % 3,
        },
        target="kind",
        kinds={"picture": "image"},
    )
    run = dg.train(Both(), data, epochs=1, out="both", **QUICK)
    seen = run.look(saliency="occlusion")
    assert set(seen.saliency) == {"picture", "facts"}
    said = texts(seen._repr_html_())
    assert "facts0 = " in said and "The example" in said


def test_labels_are_explained_by_the_likeliest():
    random = np.random.default_rng(0)
    data = dg.load((random.normal(size=(60, 3)), random.random((60, 4)) > 0.5), kinds={"y": "labels"})
    run = dg.train("mlp", data, epochs=1, out="labels", **QUICK)
    seen = run.look().seen
    assert seen.explained == max(seen.chances, key=seen.chances.get)


def test_what_is_not_there_is_told_what_there_is(iris):
    with pytest.raises(UnknownName, match=r"There is no layer 'hiden1'\. Did you mean 'hidden1'"):
        iris.look(layer="hiden1")
    with pytest.raises(UnknownName, match="There is no saliency method 'cam'"):
        iris.look(saliency="cam")
    with pytest.raises(SettingError, match=r"unit=3 of which layer"):
        iris.look(unit=3)
    with pytest.raises(TypeError):
        iris.look(depth=3)


def test_the_input_itself_can_be_laid_out(iris):
    assert iris.look(layer="input", embedding="pca").embedding.features == 4


def test_a_series_is_explained_by_colour_and_its_steps_are_shown():
    class Reads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.out = torch.nn.LSTM(2, 5, batch_first=True), torch.nn.Linear(5, 3)

        def forward(self, x):
            return self.out(self.lstm(x)[0][:, -1])

    data = dg.load((np.random.default_rng(0).normal(size=(60, 9, 2)), np.arange(60) % 3))
    run = dg.train(Reads(), data, epochs=1, out="series", **QUICK)
    said = texts(run.look(layer="lstm", unit=2)._repr_html_())
    assert "lstm  (LSTM): 5 units, 9 steps" in said and "x: second index" in said


def test_a_signal_is_shown_over_seconds_with_what_its_stretches_say():
    data = dg.load((np.random.default_rng(0).normal(size=(20, 1, 200)), np.arange(20) % 2), rate=100)
    run = dg.train({"filters": [4]}, data, epochs=0, out="signals", **QUICK)
    assert run.spec.network["name"] == "conv1d"  # what suits a signal
    said = texts(run.look()._repr_html_())
    assert "x: seconds, in 160 stretches" in said and "would be" in said and "stands still at its mean" in said


def test_a_signal_that_becomes_an_image_gets_a_network_for_images():
    data = dg.load("chirps", options={"signals": 20})
    run = dg.train({"front": "mel"}, data, epochs=0, out="mel", **QUICK)
    assert run.spec.network["name"] == "convnet" and type(run.network[0][0]).__name__ == "MelSpectrogram"
