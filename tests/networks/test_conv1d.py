import pytest

from deepglass.errors import ShapeError
from deepglass.networks import build, calculator


def lengths(length, kind="MaxPool1d"):
    found = calculator("conv1d", (1, length), 10)
    return [layer.output_shape[1] for layer in found.layers if layer.kind == kind]


def test_on_waveforms_it_is_m5():
    found = calculator("conv1d", (1, 32_000), 10)
    kernels = {layer.name: layer.rule.partition(":")[0] for layer in found.layers if layer.kind == "Conv1d"}
    assert kernels == {
        "conv1": "128 kernels of 1x80",
        "conv2": "128 kernels of 128x3",
        "conv3": "256 kernels of 128x3",
        "conv4": "512 kernels of 256x3",
    }
    # Table 1 of the paper: 8,000 places after the first convolution, then a quarter at each pooling.
    assert lengths(32_000, "Conv1d") == [8_000, 2_000, 500, 125] and lengths(32_000) == [2_000, 500, 125, 31]
    weights, norms, last = (
        80 * 128 + 3 * (128 * 128 + 128 * 256 + 256 * 512),
        2 * (128 + 128 + 256 + 512),
        512 * 10 + 10,
    )
    assert found.parameters == weights + norms + last == 558_090  # "0.5M"


def test_shorter_signals_are_pooled_as_often_as_they_can_be():
    assert lengths(100) == [25, 6, 3]
    assert lengths(5) == [2] and lengths(3) == []


def test_it_says_that_it_takes_signals():
    with pytest.raises(
        ShapeError, match=r"conv1d takes signals \(channels, length\), and an example here has shape \(3, 8, 8\)"
    ):
        build("conv1d", inputs=(3, 8, 8), outputs=2)
