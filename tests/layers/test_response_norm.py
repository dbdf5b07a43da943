import pytest
import torch
from torch import nn
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import ResponseNorm


def test_it_is_the_formula_of_the_paper():
    x = torch.randn(2, 9, 3, 3, generator=torch.Generator().manual_seed(0)) * 30
    y = ResponseNorm(5, alpha=1e-4, beta=0.75, k=2)(x)
    for i in range(9):
        around = x[:, max(0, i - 2) : min(8, i + 2) + 1].square().sum(dim=1)
        assert_close(y[:, i], x[:, i] / (2 + 1e-4 * around) ** 0.75)


def test_torchs_own_divides_alpha_by_the_number_of_maps():
    x = torch.randn(1, 6, 4, 4) * 30
    assert_close(ResponseNorm(5)(x), nn.LocalResponseNorm(5, alpha=5e-4, k=2)(x))
    assert not torch.allclose(ResponseNorm(5)(x), nn.LocalResponseNorm(5, alpha=1e-4, k=2)(x), rtol=1e-4)


def test_towers_do_not_see_each_other():
    x = torch.randn(2, 8, 3, 3) * 30
    apart = torch.cat([ResponseNorm()(half) for half in x.chunk(2, dim=1)], dim=1)
    assert torch.equal(ResponseNorm(groups=2)(x), apart)


def test_what_cannot_be_is_said():
    with pytest.raises(SettingError, match="size=4 of ResponseNorm has to be odd"):
        ResponseNorm(4)
    with pytest.raises(ShapeError, match="groups=2, which does not divide the 3 maps"):
        ResponseNorm(groups=2)(torch.zeros(1, 3, 2, 2))
