"""What a user gets from `run.look(what="separation")` and `run.look(what="dream")`."""

import re

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import SettingError, UnknownName
from deepglass.inside.dreaming import dream
from deepglass.inside.separation import separation

QUICK = {"threads": 1, "progress": False, "epochs": 2}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    network = [{"Conv2d": [4, 3]}, "relu", {"MaxPool2d": 2}, "Flatten", {"Linear": "outputs"}]
    return dg.train(network, "digits", out=tmp_path_factory.mktemp("separation") / "digits", **QUICK)


class Square(nn.Module):
    """Makes of two numbers their product beside them: what a line needs for exclusive or."""

    def forward(self, x):
        return torch.cat([x, x[:, :1] * x[:, 1:]], dim=1)


def test_a_line_cannot_tell_xor_from_the_points_and_can_from_their_product():
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (300, 2)).astype(np.float32)
    data = dg.load((x, np.where(x[:, 0] * x[:, 1] > 0, "same", "other")), scaling="none", test=0)
    network = nn.Sequential(Square(), nn.Linear(3, 1))
    given, product = separation(network, data, None).layers[:2]
    assert given.layer == "input" and given.numbers == 2 and given.score < 0.75
    assert product.layer == "0" and product.numbers == 3 and product.score > 0.95
    ids = data.members("validation")
    assert torch.equal(given.points, data.read(ids)["x"])  # two numbers are their own plane


def test_of_a_number_the_share_of_its_variance_is_told():
    x = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    data = dg.load((x, x @ [1.0, 2.0, -1.0]), test=0)
    found = separation(nn.Sequential(nn.Linear(3, 1)), data)
    assert found.metric == "R2" and found.layers[0].score > 0.999


def test_layers_are_listed_with_their_scores_and_drawn(digits):
    seen = digits.look(what="separation")
    assert list(seen.scores) == ["input", "0", "1", "2", "4"]
    said = str(seen)
    assert "fitted on 1,000 training examples" in said and re.search(
        r"  2 +MaxPool2d +36 numbers  accuracy 0\.\d{3}", said
    )
    drawn = seen._repr_html_()
    assert "36 numbers" in drawn and "accuracy" in drawn
    one = digits.look(what="separation", layer="2")
    assert one.scores == {"2": seen.scores["2"]} and one.to_dict()["layers"][0]["numbers"] == 36


def test_a_run_that_tells_no_class_or_number_says_so(digits):
    data = dg.load("next_symbol", options={"examples": 50})
    with pytest.raises(SettingError, match="one class or one number"):
        separation(dg.build("rnn", data), data)


def test_a_dream_goes_where_a_linear_unit_points():
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    with torch.no_grad():
        network[1].weight[1] = torch.where(torch.arange(16) // 8 == 0, 1.0, -1.0)  # light above, dark below
    before = torch.get_rng_state()
    found = dream(network, torch.zeros(1, 1, 4, 4), "1", 1, low=-1.0, high=1.0)
    assert torch.equal(before, torch.get_rng_state())
    assert found.images.shape == (4, 1, 4, 4) and torch.equal(found.images[0], torch.zeros(1, 4, 4))
    last = found.images[-1, 0]
    assert float(last[0].mean()) > 0.9 and float(last[3].mean()) < -0.9 and float(last.abs().max()) <= 1
    assert float(found.values[-1]) > float(found.values[0]) + 10
    assert not any(module._forward_hooks for module in network.modules())


def test_a_class_and_a_map_are_dreamed_of_from_the_example_and_from_noise(digits):
    seen = digits.look(what="dream", target="3")
    assert seen.said == "the class 3" and "from noise: the class 3 gives" in str(seen)
    assert seen.from_noise.values[-1] > seen.from_noise.values[0]
    assert "the class 3 gives" in seen._repr_html_()
    assert digits.look(what="dream", layer="0", unit=2).to_dict()["unit"] == 2


def test_what_cannot_be_dreamed_of_is_told(digits, tmp_path):
    with pytest.raises(SettingError, match="has 4 units, counted from 0: there is no unit 9"):
        digits.look(what="dream", layer="0", unit=9)
    with pytest.raises(UnknownName, match="There is no class '12'"):
        digits.look(what="dream", target="12")
    with pytest.raises(SettingError, match="it is dead or saturated"):
        dream(nn.Sequential(nn.Conv2d(1, 2, 1), nn.Threshold(9, 9)), torch.zeros(1, 1, 4, 4), "1", 0, low=0, high=1)
    table = dg.train("linear", "iris", out=tmp_path / "iris", **QUICK)
    with pytest.raises(SettingError, match="what='dream' changes an image"):
        table.look(what="dream")
