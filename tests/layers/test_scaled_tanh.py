import torch
from torch.testing import assert_close

from deepglass.layers import ScaledTanh


def test_one_stays_one():
    x = torch.tensor([-1.0, 0.0, 1.0])
    assert_close(ScaledTanh()(x), x, atol=1e-4, rtol=0)
