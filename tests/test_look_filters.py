"""What a user gets from `run.look(what="filters")`."""

import re

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError

QUICK = {"threads": 1, "progress": False}
pytestmark = pytest.mark.usefixtures("in_tmp")
LAYERS = [{"Conv2d": [2, 3]}, "ReLU", "Flatten", {"Linear": "outputs"}]


def test_the_filters_before_are_those_that_the_seed_gives(tmp_path):
    run = dg.train(LAYERS, "digits", epochs=1, out=tmp_path / "run", **QUICK)
    seen = run.look(what="filters")
    fresh = dg.train(LAYERS, "digits", epochs=0, out=tmp_path / "fresh", **QUICK)
    assert torch.equal(seen.before["0"].values, fresh.network[0].weight.detach())
    assert torch.equal(seen.after["0"].values, run.network[0].weight.detach().cpu())
    assert not torch.equal(seen.before["0"].values, seen.after["0"].values)
    before, after = (found["0"].values for found in (seen.before, seen.after))
    assert seen.moved["0"] == pytest.approx(float((after - before).norm() / before.norm()))
    said = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", seen._repr_html_()))
    assert "0 before  (Conv2d): 2 filters of 3×3" in said and "0 after  (Conv2d): 2 filters of 3×3" in said
    again = dg.Run(tmp_path / "run").look(what="filters")
    assert torch.equal(again.before["0"].values, seen.before["0"].values)


def test_of_a_network_of_ones_own_the_start_is_the_one_it_was_handed_over_with(tmp_path):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 10))
    start = network[0].weight.detach().clone()
    seen = dg.train(network, "digits", epochs=1, out=tmp_path / "own", **QUICK).look(what="filters")
    assert torch.equal(seen.before["0"].values, start) and seen.moved["0"] > 0


def test_where_the_start_is_not_known_it_is_told(tmp_path):
    run = dg.train(LAYERS, "digits", epochs=0, out=tmp_path / "first", **QUICK)
    other = dg.train(LAYERS, "digits", epochs=0, weights=run, out=tmp_path / "second", **QUICK)
    with pytest.raises(SettingError, match="began with weights from elsewhere"):
        other.look(what="filters")
