"""What a user gets from `dg.profile`."""

import time

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import DataError, SettingError
from deepglass.profiling import Roof, advice, steps
from deepglass.profiling.phases import phases_of

pytestmark = pytest.mark.usefixtures("in_tmp", "known_roof", "short_time")
PARTS = ["data", "forward", "backward", "update", "guard and records", "probes", "measuring", "saving"]


@pytest.fixture
def known_roof(monkeypatch):
    """A machine of 100 GFLOP/s and 10 GB/s, which is measured in no time."""
    roof = Roof({"float32": 1e11, "bfloat16": 4e11}, 1e10)
    monkeypatch.setattr("deepglass.profiling.profiles.measure_roof", lambda device: roof)


@pytest.fixture
def short_time(monkeypatch):
    monkeypatch.setattr(steps, "SECONDS", 0.2)
    monkeypatch.setattr(steps, "TRACED", 2)
    monkeypatch.setattr(steps, "MEASURED", 64)


def look(network, data, **options):
    return dg.profile(network, data, progress=False, threads=1, **options)


def of(profile, name, layer):
    return [o for o in profile.operations if o.name == name and o.layer == layer]


def test_the_shares_of_the_parts_sum_to_one():
    found = look("mlp", "digits")
    assert [part.name for part in found.parts] == PARTS
    assert sum(part.share for part in found.parts) == pytest.approx(1)
    assert all(part.seconds > 0 for part in found.parts)
    assert found.epoch_seconds == pytest.approx(found.step_seconds * 36)
    assert found.threads == 1 and "1 thread, as recipe.threads says." in found.advice


def test_forward_and_backward_are_told_apart_where_derivatives_are_written_out():
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    found = look(network, "iris", batch_size=10)
    assert found.rewrites == ("derivatives written out",)
    (forward,) = of(found, "addmm", "0 Linear")
    assert (forward.part, forward.calls, forward.flops) == ("forward", 1, 2 * 10 * 4 * 6)
    (backward,) = of(found, "mm", "0 Linear")  # no gradient of the input is wanted before the first layer
    assert (backward.part, backward.flops) == ("backward", 2 * 6 * 10 * 4)
    assert {o.flops for o in of(found, "mm", "2 Linear")} == {2 * 10 * 6 * 3}
    assert all(o.part == "forward" for o in found.operations if o.name == "_log_softmax")


def test_the_operations_of_autograd_go_to_the_layer_that_they_belong_to():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 36, 10))
    found = look(network, "digits", batch_size=10, precision="float32")
    (forward,) = of(found, "convolution", "0 Conv2d")
    assert (forward.part, forward.flops) == ("forward", 2 * (10 * 36) * (2 * 9))
    (backward,) = of(found, "convolution_backward", "0 Conv2d")
    assert (backward.part, backward.flops) == ("backward", forward.flops)  # for the weights alone
    assert [o.part for o in of(found, "threshold_backward", "1 ReLU")] == ["backward"]
    assert sum(o.flops for o in of(found, "mm", "3 Linear")) == 2 * (2 * 10 * 72 * 10)
    layers = {layer.name: layer for layer in found.layers}
    assert layers["0 Conv2d"].forward > 0 and layers["0 Conv2d"].backward > 0


def test_batches_that_are_taken_together_are_seen_layer_by_layer_as_well():
    found = look(nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)), "iris", batch_size=10, accumulate=2)
    (forward,) = of(found, "addmm", "0 Linear")
    assert (forward.part, forward.calls, forward.flops) == ("forward", 2, 2 * (2 * 10 * 4 * 6))
    assert {o.part for o in of(found, "mm", "2 Linear")} == {"backward"}


def test_a_network_of_ones_own_is_not_changed():
    network = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3))
    before = {n: v.clone() for n, v in network.state_dict().items()}
    look(network, "iris", optimizer=lambda p: torch.optim.SGD(p, lr=0.1), freeze=["0"])
    assert all(torch.equal(v, before[n]) for n, v in network.state_dict().items())
    assert all(p.requires_grad and p.grad is None for p in network.parameters())


def test_watching_the_phases_leaves_the_same_bits_and_nothing_behind():
    class Nothing:
        def begin(self, name): ...

        def end(self): ...

    weights = []
    for watched in (False, True):
        data = dg.load("iris")
        training = dg.Training(dg.build("mlp", data), data, dg.Recipe(epochs=1, threads=1))
        before = [
            set(vars(part)) for part in (training, training.execution, training.stepper, training.execution.chain)
        ]
        if watched:
            with phases_of(training, Nothing()):
                list(training)
        else:
            list(training)
        after = [set(vars(part)) for part in (training, training.execution, training.stepper, training.execution.chain)]
        assert after == before
        weights.append(training.network.state_dict())
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_a_slow_dataset_is_blamed_on_data():
    class Slow(torch.utils.data.Dataset):
        def __len__(self):
            return 60

        def __getitem__(self, index):
            time.sleep(0.002)
            return np.full(3, index, dtype=np.float32), index % 2

    found = look("mlp", dg.load(Slow()), batch_size=10, epochs=20)
    share = {part.name: part.share for part in found.parts}
    assert share["data"] > 0.25 and max(share, key=share.get) in ("data", "measuring")  # which reads the same examples
    assert any(sentence.startswith("Data takes") and "__getitem__" in sentence for sentence in found.advice)


def test_small_operations_are_told_to_take_a_larger_batch(monkeypatch):
    monkeypatch.setattr(advice, "SMALL_CALL", 1.0)  # seconds: on a busy machine every call takes long,
    monkeypatch.setattr(advice, "NEAR_THE_ROOF", 1e9)  # and the roof is low
    found = look("mlp", "iris", batch_size=4)
    assert any("a larger batch (now 4)" in sentence for sentence in found.advice)
    found = look("mlp", "iris", batch_size="all")
    assert not any("larger batch" in sentence for sentence in found.advice)


def test_probes_are_counted_only_where_the_training_has_them():
    found = look("mlp", "iris", probes=False)
    assert {part.name: part.seconds for part in found.parts}["probes"] == 0


def test_the_picture_and_the_page_of_a_notebook_are_drawn(tmp_path):
    found = look("mlp", "iris")
    figure = found.picture(tmp_path / "why.png")
    assert (tmp_path / "why.png").stat().st_size > 20_000
    assert {axes.get_xlabel() for axes in figure.axes} >= {"operations a byte"}
    page = found._repr_html_()
    assert "<svg" in page and "1 thread" in page and "GFLOP/s" in page
    assert "10 GB/s of memory" in repr(found)


def test_the_roof_is_the_lower_of_what_memory_and_the_processor_give():
    roof = Roof({"float32": 1e11, "bfloat16": 4e11}, 1e10)
    assert roof.ridge("float32") == 10  # operations a byte
    assert roof.limit(2, "float32") == 2e10 and roof.limit(50, "float32") == 1e11
    assert roof.least_seconds(1e11, 1e9, "float32") == 1 and roof.least_seconds(1e9, 1e10, "float32") == 1


def test_bad_input_is_told_what_to_do():
    with pytest.raises(DataError, match=r"dg.profile\('mlp', 'digits'\)"):
        dg.profile("mlp")
    with pytest.raises(SettingError, match="steps=0 is no number of steps"):
        dg.profile("mlp", "iris", steps=0)
