import torch
from torch.testing import assert_close

from deepglass.networks import build, calculator


def test_blocks_and_the_two_layers_around_them_have_weights():
    for blocks, layers in [(1, 4), (5, 12), (10, 22), (20, 42)]:
        found = calculator("residual_mlp", (1, 28, 28), 10, blocks=blocks)
        assert sum(layer.kind == "Linear" for layer in found.layers) == layers
        assert found.parameters == 784 * 30 + 30 + 2 * blocks * (30 * 30 + 30) + 30 * 10 + 10


def test_it_starts_as_the_network_without_its_blocks_however_deep_it_is():
    network = build("residual_mlp", inputs=(6,), outputs=3, blocks=20)
    x = torch.randn(4, 6)
    assert_close(network(x), network.output(network.first(x).relu()))


def test_a_plain_network_and_naive_blocks_start_from_hes_weights():
    for options in ({"skips": False}, {"zero_start": False}):
        network = build("residual_mlp", inputs=(6,), outputs=3, width=400, blocks=1, **options)
        assert abs(network.block1.second.weight.std().item() / (2 / 400) ** 0.5 - 1) < 0.02  # sqrt(2 / inputs)
