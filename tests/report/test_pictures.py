"""What a reader sees in the pictures, read from the text of their SVG."""

import re

import numpy as np
import pytest

from deepglass.data import Field
from deepglass.report.contents import Points, Surface
from deepglass.report.pictures import (
    Example,
    Standing,
    calibration,
    class_balance,
    confusion,
    decision_surface,
    example_pictures,
    learning_curves,
    metrics_of,
    precision_recall,
    residuals,
    standings,
    to_png,
    to_svg,
)
from deepglass.tasks.calibration import reliability
from deepglass.training.records import Epoch

NAN = float("nan")


def history(losses, validation=True):
    return [
        Epoch(
            n, 0.1, 0.01, {"loss": v, "accuracy": 0.5}, {"loss": v, "accuracy": 0.25} if validation else {}, {"loss": v}
        )
        for n, v in enumerate(losses, start=1)
    ]


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "losses",
    [[1.0], [2.0, 1.0], [1.0, NAN, 3.0, NAN, 0.5], [NAN, NAN], [0.0, -1.0], [1.0, float("inf"), 2.0], [5.0] * 3],
)
def test_curves_are_drawn_whatever_the_losses(losses, log):
    figure = learning_curves(history(losses), ["loss", "accuracy"], best_epoch=1, log=log)
    assert to_png(figure, 40).startswith(b"\x89PNG")


def test_curves_name_their_parts_and_the_best_epoch():
    said = texts(to_svg(learning_curves(history([2.0, 0.125]), best_epoch=2)))
    assert {"training", "validation", "as it ran", "best epoch", "Loss: validation 0.125 at epoch 2"} <= set(said)


def test_without_a_validation_split_the_training_curve_stands_alone():
    said = texts(to_svg(learning_curves(history([2.0, 1.0], validation=False), best_epoch=2)))
    assert "validation" not in said
    assert "Loss: training 1 at epoch 2" in said


def test_a_point_between_two_gaps_is_still_seen():
    panel = learning_curves(history([1.0, NAN, 3.0, NAN] * 20)).axes[0]
    dots = [line for line in panel.lines if line.get_linestyle() == "None" and line.get_marker() == "o"]
    assert max(len(line.get_xdata()) for line in dots) == 40


def test_very_long_histories_make_small_pictures_that_keep_the_spike():
    losses = [1.0] * 20_000
    losses[12_345] = 50.0
    figure = learning_curves(history(losses))
    assert max(line.get_ydata().max() for line in figure.axes[0].lines if len(line.get_ydata())) == 50
    assert len(to_svg(figure)) < 200_000


def test_metrics_are_listed_with_the_loss_first():
    assert metrics_of(history([1.0])) == ["loss", "accuracy"]
    assert metrics_of([]) == []


@pytest.mark.parametrize("classes", [2, 3, 10, 12, 13, 30, 60])
def test_confusion_is_drawn_for_any_number_of_classes(classes):
    counts = np.eye(classes, dtype=int) * 41
    counts[0, 1] = 7
    said = texts(to_svg(confusion(counts, [f"class number {i}" for i in range(classes)])))
    assert f"{41 * classes:,} of {41 * classes + 7:,} on the diagonal are right" in said
    assert ("7" in said) == (classes <= 30)


def test_a_class_without_examples_leaves_a_white_row():
    assert "0 of 0 on the diagonal are right" in texts(to_svg(confusion(np.zeros((2, 2), int), ["a", "b"])))


def test_names_that_look_like_markup_or_formulas_are_drawn_as_they_are():
    svg = to_svg(confusion(np.eye(2, dtype=int), ["<script>", "$\\frac"]))
    assert "&lt;script&gt;" in svg
    assert "<script" not in svg
    assert "$\\frac" in svg


def test_two_pictures_in_one_page_share_no_id():
    figures = [to_svg(class_balance({"a": 1, "b": count})) for count in (2, 3)]
    ids = [set(re.findall(r'id="([^"]+)"', svg)) for svg in figures]
    assert ids[0]
    assert not ids[0] & ids[1]
    for svg, own in zip(figures, ids):
        assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)) <= {(i, "") for i in own} | {
            ("", i) for i in own
        }
        assert "<style" not in svg


def test_the_same_numbers_give_the_same_picture():
    assert to_svg(class_balance({"a": 1, "b": 4})) == to_svg(class_balance({"a": 1, "b": 4}))


def test_drawing_leaves_the_reader_s_matplotlib_alone():
    import matplotlib

    with matplotlib.rc_context({"font.size": 31, "axes.grid": False}):
        mine = dict(matplotlib.rcParams)
        svg = to_svg(class_balance({"a": 1, "b": 4}))
        assert dict(matplotlib.rcParams) == mine
    assert svg == to_svg(class_balance({"a": 1, "b": 4}))


def test_residuals_are_told_in_the_unit_of_the_target():
    said = texts(to_svg(residuals([1.0, 2.0, NAN], [1.0, 5.0, 1.0], name="height", unit="cm")))
    assert "true height (cm)" in said
    assert "Half of the errors are below 1.5 cm" in said  # errors 0 and 3; what is nan is left out
    assert "mean 1.5" in said


def test_residuals_of_nothing_say_so():
    assert "No finite predictions" in texts(to_svg(residuals([NAN], [1.0])))


def test_standings_show_each_model_with_its_score():
    rows = [Standing("this network", 0.9, (0.8, 0.95), own=True), Standing("small tree", 0.5)]
    said = texts(to_svg(standings(rows, "accuracy")))
    assert {"this network", "small tree", "0.900", "0.500"} <= set(said)


@pytest.mark.parametrize("classes", [2, 3, 9])
def test_surfaces_of_classes_are_drawn(classes):
    values = np.random.default_rng(0).dirichlet(np.ones(classes), size=(20, 30))
    points = Points(np.zeros((classes, 2)), np.arange(classes))
    surface = Surface(("width", "height"), np.linspace(0, 1, 30), np.linspace(0, 1, 20), values, points, points)
    said = texts(to_svg(decision_surface(surface, [f"c{i}" for i in range(classes)])))
    assert {"width", "height", "c0", f"c{classes - 1}", "validation"} <= set(said)


def test_surfaces_of_numbers_are_drawn_with_their_unit():
    points, none = Points(np.zeros((1, 2)), np.array([3.0])), Points(np.zeros((0, 2)), np.zeros(0))
    values = np.arange(600.0).reshape(20, 30)
    surface = Surface(("a", "b"), np.linspace(0, 1, 30), np.linspace(0, 1, 20), values, points, none)
    assert "weight in kg" in texts(to_svg(decision_surface(surface, target="weight", unit="kg")))


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (3, 8, 8), (2, 8, 8), (5, 8, 8)])
def test_images_are_drawn_with_truth_and_answer(shape):
    field = Field("image", "image", "input", shape, {"top": 16.0})
    said = texts(to_svg(example_pictures([Example(7, np.ones(shape), "cat", "dog", 0.875)], field)))
    assert {"true cat", "said dog (0.88)", "#7"} <= set(said)


def test_rows_are_drawn_with_their_columns_in_raw_units():
    encoding = {
        "columns": [
            {"name": "age", "kind": "number", "offset": 40.0, "scale": 10.0},
            {"name": "colour", "kind": "category", "classes": ["red"], "all": ["blue", "red"]},
            {"name": "known", "kind": "boolean", "classes": ["no", "yes"], "all": ["no", "yes"]},
            {"name": "day", "kind": "date", "first": 10957.0, "offset": 30.0, "scale": 15.0},
            {"name": "height", "kind": "number", "offset": 40.0, "scale": 10.0},
        ]
    }
    field = Field("table", "table", "input", (5,), encoding)
    figure = example_pictures([Example(1, np.array([60.0, 0.0, 1.0, 10957.0, NAN]), "yes", "no")], field)
    drawn = {" ".join(t.split()) for t in texts(to_svg(figure))}
    assert {"age 60", "colour blue", "known yes", "day 2000-01-01", "height missing"} <= drawn
    assert [p.get_width() for p in figure.axes[0].patches] == [
        2.0,
        0.0,
        0.0,
        -2.0,
        0.0,
    ]  # (60 - 40) / 10, (0 - 30) / 15


def test_of_many_columns_the_most_unusual_are_drawn():
    field = Field("x", "number", "input", (50,), {"offset": [0.0], "scale": [1.0], "scaling": "standard"})
    raw = np.zeros(50)
    raw[33] = 4
    said = [" ".join(t.split()) for t in texts(to_svg(example_pictures([Example(1, raw, "a", "b")], field)))]
    assert "x[33] 4" in said


def test_long_vectors_are_drawn_as_lines():
    field = Field("x", "number", "input", (500,), {"offset": [0.0], "scale": [1.0], "scaling": "standard"})
    assert len(example_pictures([Example(1, np.arange(500.0), "a", "b")], field).axes[0].lines) == 1


def test_the_reliability_diagram_says_how_far_probabilities_are_off():
    measured = reliability([0.95, 0.9, 0.65, 0.6, 0.6], [1, 1, 1, 0, 1], bins=5)
    said = texts(to_svg(calibration(measured)))
    assert {"Expected calibration error 0.140", "as sure as right", "share that is right", "answers"} <= set(said)
    assert "Expected calibration error 0.140, 0.300 before" in texts(to_svg(calibration(measured, before=0.3)))
    assert "No answers" in texts(to_svg(calibration(reliability([], []))))


def test_precision_is_drawn_over_recall_for_each_class_with_its_average():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.5, 0.5]])
    truth = np.array([[1, 0], [0, 0], [1, 0], [1, 0], [0, 1]])
    said = texts(to_svg(precision_recall(p, truth, ["cat", "dog"])))
    assert {"Mean average precision 0.903", "cat: 0.806", "dog: 1.000"} <= set(said)  # (1 + 2/3 + 3/4) / 3
    assert "Average precision 0.806" in texts(to_svg(precision_recall(p[:, :1], truth[:, :1], ["cat"])))
    assert "No examples" in texts(to_svg(precision_recall(p, 0 * truth, ["cat", "dog"])))
    many = np.random.default_rng(0).random((40, 12))
    said = texts(to_svg(precision_recall(many, np.eye(12)[np.arange(40) % 12], list(range(12)))))
    assert "the 8 of 12 classes that are found worst" in said


def test_the_filters_of_a_signal_are_curves_that_can_be_read():
    import torch
    from matplotlib.figure import Figure

    from deepglass.inside import filters
    from deepglass.report.pictures.filters import filter_pictures, filters_height

    network = torch.nn.Sequential(torch.nn.Conv1d(1, 30, 80), torch.nn.ReLU(), torch.nn.Conv1d(30, 4, 3))
    found = filters(network)
    figure = Figure(figsize=(9, filters_height(found, (1, 800))))
    filter_pictures(figure, found, (1, 800))
    long, short = (panel for panel in figure.axes if panel.get_title())
    assert "the first 24 of 30 filters of 1×80" in long.get_title() and len(long.collections) == 48 and not long.images
    assert len(short.images) == 1  # three weights stay cells
    figure.draw_without_rendering()
    assert long.get_window_extent().height / 2 > 30  # points of each of the two rows
