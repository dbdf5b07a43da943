import torch
from torch.testing import assert_close

from deepglass.layers import StandardizeExample

X = torch.randn(3, 2, 4, 5, generator=torch.Generator().manual_seed(0))


def test_each_example_has_mean_0_and_deviation_1_whatever_the_others_are():
    y = StandardizeExample()(X)
    assert_close(y.flatten(1).mean(1), torch.zeros(3), atol=1e-6, rtol=0)
    assert_close(y.flatten(1).std(1, correction=0), torch.ones(3))
    assert_close(StandardizeExample()(X[:1]), y[:1])


def test_neither_an_offset_nor_a_factor_matters_and_channels_keep_their_proportions():
    assert_close(StandardizeExample()(7 * X + 3), StandardizeExample()(X))
    quiet = X * torch.tensor([1.0, 0.1])[:, None, None]
    y = StandardizeExample()(quiet)
    assert_close(
        y[:, 1].std(dim=(1, 2)) / y[:, 0].std(dim=(1, 2)), quiet[:, 1].std(dim=(1, 2)) / quiet[:, 0].std(dim=(1, 2))
    )


def test_an_example_without_any_difference_becomes_zeros():
    assert_close(StandardizeExample()(torch.full((1, 1, 2, 2), -80.0)), torch.zeros(1, 1, 2, 2))
