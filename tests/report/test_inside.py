"""What the page says of the looks into a training, on evidence made by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

import deepglass as dg
from deepglass.errors import RunError, SettingError, UnknownName
from deepglass.probes import Evidence, Layer
from deepglass.report import inside, pictures, render
from deepglass.report.pictures.looks import numbers, spread
from deepglass.report.words import cost_words

LAYERS = (
    Layer("first", "Linear", (4,), 0, 12, 12),
    Layer("bend", "ReLU", (4,), 1),
    Layer("drop", "Dropout", (4,), 2),
    Layer("last", "Linear", (2,), 3, 10, 10),
)


def look(step, **layers):
    return {"step": step, "epoch": 1, "network": {}, "layers": layers}


def evidence(*, gradients=(0.2, 0.4), updates=(0.01, 0.03), dead=0.0, stds=(1.0, 0.5, 0.5, 2.0)):
    first, last = gradients
    bands = [[-3, -2, -1, 0, 1, 2, 3]] * 4
    start = look(
        0,
        gradient_norm=[0.1, None, None, 0.1],
        update_ratio=[updates[0], None, None, updates[1]],
        activation_std=list(stds),
        dead_units=[0.0, 0.0, 0.0, 0.0],
        activation_quantiles=bands,
    )
    end = look(
        50, gradient_norm=[first, None, None, last], activation_std=list(stds), dead_units=[0.0, dead, dead, 0.0]
    )
    return Evidence(layers=LAYERS, probes=[start, end], facts={"rows": 64, "seconds": 0.5, "share": 0.1})


def test_a_gradient_that_comes_through_is_told_with_its_quotients():
    said = inside.of_gradients(evidence(gradients=(0.2, 0.4)))
    assert "is 1 times that of last, the last one, at the start, and 0.5 times in the end" in said
    assert said.endswith("as they are here.")


@pytest.mark.parametrize(
    "gradients, words",
    [
        ((1e-5, 0.1), "here it fades"),  # 1e-4, under 1e-3
        ((500.0, 0.1), "here it grows"),  # 5000, over 1e3
        ((0.1, 0.0), "No gradient came to last"),
        ((math.nan, 0.1), "From step 50 on the gradient of first is not finite"),
        ((0.1, math.inf), "From step 50 on the gradient of last is not finite"),
    ],
)
def test_a_gradient_that_does_not_is_said_to(gradients, words):
    assert words in inside.of_gradients(evidence(gradients=gradients))


def test_the_median_update_stands_beside_the_usual_one():
    said = inside.of_updates(evidence(updates=(0.01, 0.03)))
    assert said.startswith("A step changes the weights by 0.02 of their length at the start")
    assert "About 0.001 is usual" in said
    assert "it hardly moves" in inside.of_updates(evidence(updates=(1e-6, 3e-6)))
    assert "throws away" in inside.of_updates(evidence(updates=(0.5, 0.7)))


def test_spread_and_silent_units_are_told_of_layers_that_compute():
    quiet, silent = inside.of_activations(evidence(dead=0.75))
    assert "from 0.5 (bend) to 2 (last)" in quiet and quiet.endswith("as here.")
    assert silent.startswith("In the end 75 % of the units of bend give 0 for all these examples. Half of a layer")
    assert "here it is more" in inside.of_activations(evidence(stds=(1.0, 0.01, 0.01, 1.0)))[0]


def test_trouble_gets_a_map_of_its_own():
    assert inside.telling_maps(evidence()) == ["gradient_norm", "update_ratio", "activation_std"]
    assert inside.telling_maps(evidence(dead=0.1))[-1] == "dead_units"
    assert inside.telling_maps(Evidence(layers=LAYERS)) == []


def test_the_cost_is_told():
    assert inside.how_it_was_seen(evidence()).endswith(
        "examples of the training split. It took 0.5 s, 10 % of the training."
    )
    assert cost_words(2.0, 0.001) == "2.0 s, less than 1 % of the training"


def test_a_map_shows_each_number_once_at_its_layer_and_look():
    figure = pictures.layer_map(evidence(gradients=(0.2, math.nan)))
    panel = figure.axes[0]
    shown = panel.images[0].get_array()
    assert np.ma.allclose(shown, np.ma.masked_invalid([[0.1, 0.2], [0.1, math.nan]]))
    assert [t.get_text() for t in panel.get_yticklabels()] == ["first", "last"]
    assert [t.get_text() for t in panel.get_xticklabels()] == ["0", "50"]
    assert sorted(t.get_text() for t in panel.texts) == ["0.1", "0.1", "0.2", "not finite"]
    assert "mathdefault" not in pictures.to_svg(figure)


def test_a_share_is_coloured_from_0_to_1_and_layers_that_hand_on_are_left_out():
    figure = pictures.layer_map(evidence(dead=0.25), "dead_units")
    image = figure.axes[0].images[0]
    assert image.get_clim() == (0, 1)
    assert image.get_array().tolist() == [[0, 0], [0, 0.25], [0, 0]]  # first, bend, last


@pytest.mark.parametrize(
    "quantity, error, words",
    [
        ("gradient_nrom", UnknownName, "gradient_norm"),
        ("activation_quantiles", SettingError, "no number that a colour could show"),
        ("backward_rms", RunError, "measured: activation_std, dead_units, gradient_norm, update_ratio"),
    ],
)
def test_what_cannot_be_mapped_is_said(quantity, error, words):
    with pytest.raises(error, match=words):
        pictures.layer_map(evidence(), quantity)


def test_flow_updates_and_bands_draw_the_numbers():
    (flow,) = pictures.gradient_flow(evidence()).axes
    assert [line.get_ydata().tolist() for line in flow.get_lines()] == [[0.1, 0.1], [0.2, 0.4]]
    lines = pictures.update_ratios(evidence()).axes[0].get_lines()
    assert [line.get_ydata()[0] for line in lines] == [0.01, 0.03, 1e-3]  # the last one: the usual ratio
    bands = pictures.activation_bands(evidence())
    assert [a.get_title(loc="left") for a in bands.axes if a.axison] == [
        "first  (Linear)",
        "bend  (ReLU)",
        "last  (Linear)",
    ]
    nothing = Evidence(layers=LAYERS)
    assert (
        pictures.gradient_flow(nothing) is pictures.update_ratios(nothing) is pictures.activation_bands(nothing) is None
    )


def test_many_looks_are_thinned_but_the_ends_stay():
    many = Evidence(layers=LAYERS, probes=[look(s, gradient_norm=[1.0, None, None, 2.0]) for s in range(100)])
    steps, values = numbers(many, "gradient_norm", ["first", "last"])
    assert len(steps) == 24 and steps[0] == 0 and steps[-1] == 99 and values[:, 5].tolist() == [1.0, 2.0]
    assert spread([1, 2, 3], 5) == [1, 2, 3]


def test_the_page_of_a_kept_training_has_the_section_and_one_without_looks_has_not(in_tmp):
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    options = {"epochs": 2, "threads": 1, "progress": False}
    seen = dg.train({"name": "mlp", "hidden": [4]}, (x, x[:, 0]), out="seen", **options)
    contents = seen._contents()
    page = render(contents)
    assert (
        "<h2>Inside</h2>" in page and page.count('name="map"') >= 3 and "What the layers give for one example" in page
    )
    assert "<h2>Inside</h2>" not in render(replace(contents, evidence=None, history=[], answers=None))
    assert [t.get_text() for t in seen.map("update_ratio").axes[0].get_yticklabels()] == ["hidden1", "output"]


def test_a_training_that_was_not_looked_into_has_no_map(in_tmp):
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    unseen = dg.train("linear", (x, x[:, 0]), out="unseen", epochs=1, threads=1, progress=False, probes=False)
    assert unseen._contents().evidence is None
    with pytest.raises(RunError, match=r"recipe\.probes=false"):
        unseen.map()
