"""Precision: which products are rounded to bfloat16, and what stays in float32."""

import pytest
import torch

import deepglass as dg
from deepglass.training.execution.precision import LEAST_PRODUCT, Precision, has_bfloat16_units, precision_for

CPU = torch.device("cpu")
DIGITS = dg.load("digits")


def training(**recipe):
    return dg.Training(dg.build("mlp", DIGITS, hidden=[64]), DIGITS, dg.Recipe(batch_size=64, **recipe))


def test_auto_lowers_large_products_only_where_the_hardware_is_faster_with_them():
    auto = precision_for("auto", CPU)
    assert auto.lowers(LEAST_PRODUCT) == has_bfloat16_units(CPU)
    assert not auto.lowers(LEAST_PRODUCT - 1)
    assert not precision_for("float32", CPU).lowers(1 << 40)
    assert precision_for("bfloat16", CPU).lowers(1)


def test_a_small_network_stays_in_float32_by_itself():
    assert training().execution.precision == "float32"  # 64 x 64 x 64 multiply-adds a step


@pytest.mark.parametrize("network", ["mlp", "convnet"])
def test_bfloat16_learns_as_float32_does_and_keeps_weights_and_losses_in_float32(network):
    accuracy = {}
    for precision in ("float32", "bfloat16"):
        trained = dg.Training(network, DIGITS, dg.Recipe(epochs=4, batch_size=64, precision=precision))
        assert trained.execution.precision == precision
        for step in trained.steps():
            assert step.losses["loss"].dtype == torch.float32
        trained.close_epoch()
        accuracy[precision] = list(trained)[-1].validation["accuracy"]
        assert {p.dtype for p in trained.network.parameters()} == {torch.float32}
    assert accuracy["bfloat16"] > accuracy["float32"] - 0.03


def test_only_the_layers_that_are_large_enough_are_lowered(monkeypatch):
    wide = dg.build("mlp", DIGITS, hidden=[600])
    made = dg.Training(wide, DIGITS, dg.Recipe(batch_size=64, precision="float32")).execution.chain
    assert made is not None and not made.low
    from deepglass.training.execution.links import DenseLink

    lowered = [
        DenseLink(layer, 64, Precision(low=True, least=LEAST_PRODUCT)).low for layer in (wide.hidden1, wide.output)
    ]
    assert lowered == [True, False]  # 64 x 64 x 600 = 2.5 million, 64 x 600 x 10 = 0.4 million


def test_a_run_says_its_precision_and_its_rewrites(tmp_path):
    run = dg.train("mlp", "iris", epochs=1, out=tmp_path / "run", progress=False, precision="bfloat16")
    assert run.facts["precision"] == "bfloat16" and run.facts["rewrites"] == ["derivatives written out"]
    plain = dg.train("mlp", "iris", epochs=1, out=tmp_path / "plain", progress=False, rewrites=False)
    assert plain.facts["precision"] == "float32" and plain.facts["rewrites"] == []
