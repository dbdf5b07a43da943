import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from deepglass.tasks.baselines import all_judged, answered, baselines, fitted
from deepglass.tasks.plain_models import PlainModel, plain_arrays


def examples(classes):
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 4)).astype(np.float32)
    clear = np.sin(2 * x[:, 0]) + x[:, 1]
    y = np.column_stack([clear, x[:, 2]]) if not classes else np.digitize(clear, np.linspace(-0.5, 0.5, classes - 1))
    return x[:300], y[:300], x[300:], y[300:]


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_kept_models_say_of_other_examples_what_a_new_fit_says(classes):
    kind = "category" if classes else "number"
    x, y, new, actual = examples(classes)
    first = fitted(kind, x, y, new[:50], seed=0, boosted=True)
    models = {name: fit.model for name, fit in first.items()}
    assert len(models) == 4 and None not in models.values()
    again = all_judged(kind, answered(models, new[50:]), len(y), actual[50:], actual[50:])
    assert again == baselines(kind, x, y, new[50:], actual[50:], seed=0, own=actual[50:], boosted=True)


def test_a_tree_by_hand_goes_left_up_to_its_threshold():
    tree = {
        "feature": np.array([1, -2, -2]), "threshold": np.array([0.5, -2.0, -2.0]), "left": np.array([1, -1, -1]),
        "right": np.array([2, -1, -1]), "value": np.array([[0.0, 0.0], [0.9, 0.1], [0.2, 0.8]]),
        "classes": np.array([3, 7]),
    }  # fmt: skip
    x = np.array([[9.0, 0.5], [9.0, 0.6]])
    assert PlainModel("tree", tree, 2).answer(x).tolist() == [3, 7]


def test_a_model_that_is_not_known_is_not_kept():
    x, y, _, _ = examples(2)
    for model in (LinearSVC().fit(x, y), LogisticRegression().fit(x, y)):  # the second without a scaler before it
        assert plain_arrays(model) is None
