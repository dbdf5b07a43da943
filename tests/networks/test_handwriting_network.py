"""The network that draws: step by step as at once, blind to what comes, and what it refuses."""

import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError, ShapeError
from deepglass.networks import build


def drawing(batch=3, points=7):
    random = torch.Generator().manual_seed(0)
    pen = torch.nn.functional.one_hot(torch.randint(2, (batch, points), generator=random), 3).float()
    return torch.cat([torch.randn(batch, points, 2, generator=random), pen], dim=2)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_step_by_step_it_says_what_it_says_at_once(cell):
    network = build(
        "handwriting", inputs={"strokes": (7, 5), "digit": (4,)}, hidden=[8, 6], cell=cell, mixtures=2
    ).eval()
    strokes, digit = drawing(), torch.eye(4)[:3]
    at_once = network(strokes, digit)
    assert at_once.shape == (3, 8, 15)
    state = network.begin({"digit": digit}, 3)
    assert all(len(v) == 3 for v in state.values())
    said, point = [], None
    for t in range(8):
        output, state = network.step(point, state)
        said.append(output)
        point = strokes[:, t] if t < 7 else None
    torch.testing.assert_close(torch.stack(said, dim=1), at_once)


def test_what_is_expected_depends_on_what_came_before_alone():
    network = build("handwriting", inputs=(7, 5), hidden=[8], mixtures=2).eval()
    strokes = drawing()
    changed = strokes.clone()
    changed[:, 4] += 1
    one, other = network(strokes), network(changed)
    torch.testing.assert_close(one[:, :5], other[:, :5])
    assert not torch.allclose(one[:, 5], other[:, 5])


def test_the_class_that_is_told_changes_what_is_expected():
    network = build("handwriting", inputs={"strokes": (7, 5), "digit": (2,)}, hidden=[8], mixtures=2).eval()
    strokes = drawing(batch=1)
    assert not torch.allclose(network(strokes, torch.eye(2)[:1]), network(strokes, torch.eye(2)[1:]))
    with pytest.raises(ShapeError, match="told 2 numbers"):
        network(strokes)


def test_forget_gates_begin_open():
    network = build("handwriting", inputs=(7, 5), hidden=[8])
    layer = network.layers[0]
    assert (layer.bias_ih_l0[8:16] + layer.bias_hh_l0[8:16] == 1).all()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"mixtures": 0}, SettingError, "mixtures=0"),
        ({"cell": "rnn"}, SettingError, "cell='rnn'"),
        ({"dropout": 1}, SettingError, "dropout"),
        ({"inputs": (4,)}, ShapeError, r"reads strokes \(points, 5\)"),
    ],
)
def test_what_cannot_be_is_refused(options, error, said):
    with pytest.raises(error, match=said):
        build("handwriting", **{"inputs": (7, 5), **options})


def test_it_is_not_trained_to_name_drawings():
    with pytest.raises(
        SettingError, match=r"learns to draw, and here 'digit' is to be learned .*data.options.label=none.*lstm"
    ):
        dg.train("handwriting", dg.load("strokes", options={"drawings": 20}), epochs=1, progress=False)
