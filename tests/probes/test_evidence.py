"""Reading evidence."""

import math
import subprocess
import sys

import pytest

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.probes import Evidence, Layer


def small() -> Evidence:
    return Evidence(
        layers=(Layer("first", "Linear", (3,), 0, 9, 9), Layer("relu", "ReLU", (3,), 1)),
        probes=[
            {
                "step": 0,
                "epoch": 1,
                "network": {"loss": 2.5},
                "layers": {"gradient_norm": [0.5, None], "dead_units": [0, 0.25]},
            },
            {"step": 4, "epoch": 1, "network": {"loss": "inf"}, "layers": {"gradient_norm": ["nan", None]}},
        ],
        epochs=[{"epoch": 1, "train": {"loss": 2.0}, "validation": {}}],
        before={"shapes": {"output": [3]}},
    )


def test_a_series_holds_what_was_measured_with_its_steps():
    evidence = small()
    assert list(evidence.series("loss")) == [(0, 2.5), (4, math.inf)]
    assert evidence.series("dead_units", "relu").values == (0.25,)
    assert evidence.series("gradient_norm", "relu").values == ()
    assert math.isnan(evidence.series("gradient_norm", "first").values[1])
    assert evidence.series("loss").at(3) == 2.5 and evidence.series("loss").at(-1) is None
    assert evidence.across("dead_units", 2) == {"first": 0.0, "relu": 0.25}


def test_it_says_what_it_has():
    evidence = small()
    assert evidence.steps == (0, 4)
    for there in ("gradients", "gradient_norm", "activations", "loss", "epochs", "probes", "before", "shapes"):
        assert evidence.has(there), there
    for missing in ("saturation", "validation", "loop", "losses", "update_ratio", "nothing"):
        assert not evidence.has(missing), missing
    assert evidence.curve("train") == [2.0] and math.isnan(evidence.curve("validation", "accuracy")[0])


def test_a_wrong_name_is_told_the_right_one():
    with pytest.raises(SettingError, match=r"a layer has no quantity 'gradient_nrom'\. Did you mean 'gradient_norm'"):
        small().series("gradient_nrom", "first")
    with pytest.raises(SettingError, match=r"There is no layer 'frist'\. Did you mean 'first'.* Layers: first, relu"):
        small().layer("frist")


def test_epochs_of_an_own_loop_are_logged_under_any_usual_name():
    evidence = Evidence()
    evidence.log(loss=1.0)
    evidence.log(val_loss=1.5, val_acc=0.5)  # the same epoch, said in two parts
    evidence.log(loss=0.5, validation_loss=1.25)
    evidence.log(epoch=2, lr=0.1)
    assert evidence.epochs == [
        {"epoch": 1, "train": {"loss": 1.0}, "validation": {"loss": 1.5, "accuracy": 0.5}},
        {"epoch": 2, "train": {"loss": 0.5}, "validation": {"loss": 1.25}, "learning_rate": 0.1},
    ]
    evidence.log(loss="low")
    assert evidence.notes == ["log: loss='low' is no number, and was left out."]


def test_evidence_is_read_without_torch():
    code = "import deepglass as dg, sys; dg.Evidence().log(loss=1); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert dg.Evidence is Evidence
