import pytest

from deepglass.errors import ShapeError
from deepglass.networks import build, calculator


def test_every_axis_is_pooled_as_long_as_it_has_two_places():
    found = calculator("conv3d", (2, 3, 16, 8), 5)
    assert [layer.output_shape for layer in found.layers if layer.kind == "MaxPool3d"] == [
        (16, 1, 8, 4),
        (32, 1, 4, 2),
        (64, 1, 2, 1),
    ]
    kernels, norms = 27 * (2 * 16 + 16 * 32 + 32 * 64), 2 * (16 + 32 + 64)
    assert found.parameters == kernels + norms + 64 * 5 + 5


def test_it_says_that_it_takes_volumes():
    message = r"conv3d takes volumes \(channels, depth, height, width\), and an example here has shape \(8, 8, 8\)"
    with pytest.raises(ShapeError, match=message):
        build("conv3d", inputs=(8, 8, 8), outputs=2)
