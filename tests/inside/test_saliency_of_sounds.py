"""Saliency behind a front: what cannot be said is said so."""

import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.inside.saliency import SHARED_OUT, saliency

DATA = dg.load("chirps")


@pytest.mark.parametrize("method", SHARED_OUT)
def test_parts_that_would_not_add_up_are_refused_behind_a_front(method):
    network = dg.build({"name": "convnet", "front": "mel"}, DATA)
    x = torch.randn(1, *next(iter(DATA.input_shapes.values())))
    with pytest.raises(SettingError, match="ignores loudness"):
        saliency(network, x, method=method)


def test_slopes_are_given_behind_a_front():
    network = dg.build({"name": "convnet", "front": "mel"}, DATA)
    x = torch.randn(1, *next(iter(DATA.input_shapes.values())))
    assert saliency(network, x, method="gradient").values.shape == x.shape


def test_unless_asked_otherwise_it_is_smooth_gradients_there():
    network = dg.build({"name": "convnet", "front": "mel"}, DATA)
    x = torch.randn(1, *next(iter(DATA.input_shapes.values())))
    assert saliency(network, x).method == "smooth_grad"
    assert saliency(dg.build("conv1d", DATA), x).method == "integrated_gradients"
