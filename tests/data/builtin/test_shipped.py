import numpy as np
import pytest
from sklearn import datasets

from deepglass.data.builtin import BUILTIN


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("iris", (150, 4), {"setosa": 50, "versicolor": 50, "virginica": 50}),
        ("wine", (178, 13), {"Barolo": 59, "Grignolino": 71, "Barbera": 48}),
        ("breast-cancer", (569, 30), {"malignant": 212, "benign": 357}),
        (
            "digits",
            (1797, 1, 8, 8),
            {0: 178, 1: 182, 2: 177, 3: 183, 4: 181, 5: 182, 6: 181, 7: 179, 8: 174, 9: 180},
        ),
    ],
)
def test_the_counts_are_the_published_ones(name, shape, classes):
    source = BUILTIN[name]()
    target = source.fields[source.targets[0]]
    assert source.fields[source.inputs[0]].values.shape == shape
    assert dict(zip(target.classes, np.bincount(target.values).tolist())) == classes


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("iris", datasets.load_iris),
        ("wine", datasets.load_wine),
        ("breast-cancer", datasets.load_breast_cancer),
        ("digits", datasets.load_digits),
        ("diabetes", datasets.load_diabetes),
    ],
)
def test_the_values_are_those_of_scikit_learn(name, reference):
    source = BUILTIN[name]()
    inputs, target = reference(return_X_y=True)
    np.testing.assert_array_equal(source.fields[source.inputs[0]].values.reshape(len(source), -1), inputs)
    np.testing.assert_array_equal(source.fields[source.targets[0]].values, target)


@pytest.mark.parametrize(
    ("name", "reference"), [("breast-cancer", datasets.load_breast_cancer), ("diabetes", datasets.load_diabetes)]
)
def test_the_columns_are_named_as_in_scikit_learn(name, reference):
    assert [column.name for column in BUILTIN[name]().fields["x"].columns] == list(reference().feature_names)


def test_iris_is_measured_in_cm():
    x = BUILTIN["iris"]().fields["x"]
    assert x.unit == "cm"
    assert [column.name for column in x.columns] == ["sepal length", "sepal width", "petal length", "petal width"]


def test_digits_run_from_0_to_16():
    image = BUILTIN["digits"]().fields["image"].values
    assert image.dtype == np.uint8
    assert (image.min(), image.max()) == (0, 16)


def test_diabetes_says_that_it_is_standardized():
    source = BUILTIN["diabetes"]()
    assert "already standardized" in source.notes[0]
    np.testing.assert_allclose(source.fields["x"].values.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.square(source.fields["x"].values).sum(axis=0), 1, rtol=1e-6)
    progression = source.fields["progression"]
    assert progression.unit == "progression score after one year"
    assert (progression.values.min(), progression.values.max()) == (25, 346)
