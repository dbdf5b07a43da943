"""Networks that do the same in training and in evaluation mode are not run twice, and nothing that is seen of them changes."""

import pytest
from torch import nn

import deepglass as dg
from deepglass.probes import look
from deepglass.probes.modes import has_modes
from deepglass.training.probing import look_into, steps_looked_into


class Own(nn.Linear):
    """A layer of somebody's own, which may ask for the mode."""


def hooked():
    layer = nn.Linear(4, 3)
    layer.register_forward_hook(lambda module, arguments, output: output)
    return layer


def seen(data, network):
    training = dg.Training(network, data, dg.Recipe(epochs=6, batch_size=8, threads=1))
    look_into(training)
    for _ in steps_looked_into(training):
        pass
    probes = training.prober.evidence.probes
    return [{**probe, "network": {k: v for k, v in probe["network"].items() if k != "seconds"}} for probe in probes]


@pytest.mark.parametrize(
    ("source", "layers"),
    [
        ({"source": "iris"}, [{"Linear": 5}, "ReLU", {"Linear": 3}]),
        (
            {"source": "digits", "classes": [0, 1]},
            [{"Conv2d": [2, 3]}, "Tanh", {"MaxPool2d": 2}, "Flatten", {"Linear": 2}],
        ),
    ],
    ids=["dense", "convolutions"],
)
def test_what_is_seen_of_a_network_without_modes_is_what_both_modes_give(source, layers, monkeypatch):
    data = dg.load(**source, validation=0, test=0)

    def network():
        return dg.build(layers, data)

    assert not has_modes(network())
    once = seen(data, network())
    runs = []
    evaluate = look.Look._evaluate
    monkeypatch.setattr(look, "has_modes", lambda network: True)
    monkeypatch.setattr(look.Look, "_evaluate", lambda self: runs.append(self) or evaluate(self))
    assert seen(data, network()) == once
    assert len(runs) == len(once) > 1


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.1)),
        nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)),
        nn.Sequential(Own(4, 3)),
        nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)),
        nn.LSTM(4, 3),
        hooked(),
    ],
    ids=["dropout", "batch norm", "a layer of one's own", "parametrized", "recurrent", "hooked"],
)
def test_what_may_differ_between_modes_is_run_in_both(network):
    assert has_modes(network)
    assert not has_modes(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2)))
