import pytest
import torch
from torch import nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import Maxout
from deepglass.networks import build


def test_the_largest_of_each_pair_stays():
    x = torch.tensor([[1.0, 5, -2, -3, 0, 0]])
    assert Maxout(2)(x).tolist() == [[5, -2, 0]] and Maxout(3)(x).tolist() == [[5, 0]]


def test_of_maps_it_is_the_largest_at_each_pixel():
    x = torch.tensor([[[[1.0, 9]], [[4, 2]]]])  # two maps of 1x2
    assert Maxout(2)(x).tolist() == [[[[4, 9]]]]


def test_two_pieces_can_be_an_absolute_value():
    network = build([{"Linear": [2, False]}, {"Maxout": 2}], inputs=(1,))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[1.0], [-1.0]]))
    assert network(torch.tensor([[-3.0], [2.0]])).flatten().tolist() == [3, 2]


def test_pieces_have_to_divide_what_arrives():
    with pytest.raises(ShapeError, match=r"joins 4 units, which does not divide the 6 that arrive\. .* 8 wide"):
        Maxout(4)(torch.zeros(1, 6))
    with pytest.raises(ShapeError, match=r"network\[1\] \(Maxout\) does not fit what arrives, \(7,\)"):
        build([{"Linear": 7}, {"Maxout": 2}], inputs=(3,))


def test_as_an_activation_it_is_told_where_it_belongs():
    with pytest.raises(SettingError, match=r"maxout joins units.* \[\{Linear: 128\}, \{Maxout: 2\}\] gives 64"):
        build("mlp", inputs=(3,), outputs=2, activation="maxout")


def test_it_learns():
    layer = Maxout(2)
    x = torch.tensor([[1.0, 5.0]], requires_grad=True)
    nn.functional.mse_loss(layer(x), torch.zeros(1, 1)).backward()
    assert x.grad.tolist() == [[0, 10]]
