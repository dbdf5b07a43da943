"""What follows the end of a drawing is no input of a recurrent network."""

import torch

from deepglass.layers import DrawnOnly
from deepglass.layers.masks import mask_of
from deepglass.networks import build


def padded(points):
    rows = torch.zeros(1, 6, 5)
    rows[:, :, 4] = 1
    rows[0, :points] = torch.tensor([0.5, -1.0, 1, 0, 0])
    return rows


def test_rows_that_are_over_are_masked_and_others_stay():
    given = DrawnOnly()(padded(4))
    assert mask_of(given).tolist() == [[True] * 4 + [False] * 2]
    assert torch.equal(given[:, :4], padded(4)[:, :4])


def test_an_lstm_that_tells_drawings_apart_does_not_read_their_padding():
    import deepglass as dg

    data = dg.load("strokes", options={"drawings": 30})
    network = build("lstm", data, units=8).eval()
    with torch.no_grad():
        torch.testing.assert_close(network(padded(4)), network(padded(4)[:, :4]))
        assert not torch.allclose(network(padded(4)), network(padded(5)))
