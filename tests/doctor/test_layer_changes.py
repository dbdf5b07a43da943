"""Remedies for networks that are lists of layers."""

from deepglass.doctor.layer_changes import usual_momentum, with_more_units, without_last_dropout

LAYERS = [
    [{"Conv2d": [2, 3]}, "ReLU"],
    "Flatten",
    {"Linear": {"out_features": 8, "bias": False}},
    {"Linear": "outputs"},
]


def changed(remedies):
    return [remedy.change["network.layers"] for remedy in remedies]


def test_the_dropout_at_the_end_is_left_out_and_no_other():
    inner = [{"Dropout": 0.2}, *LAYERS]
    assert changed(without_last_dropout({"layers": [*inner, {"Dropout": 0.5}]})) == [inner]
    assert changed(without_last_dropout({"layers": inner})) == []
    assert changed(without_last_dropout({"name": "mlp", "hidden": [3]})) == []


def test_layers_get_four_times_their_units_and_the_outputs_stay():
    (wide,) = changed(with_more_units({"layers": LAYERS}))
    assert wide == [
        [{"Conv2d": [16, 3]}, "ReLU"],
        "Flatten",
        {"Linear": {"out_features": 32, "bias": False}},
        {"Linear": "outputs"},
    ]
    assert changed(with_more_units({"layers": ["Flatten", {"Linear": "outputs"}]})) == []


def test_batch_norms_get_their_usual_momentum_back():
    norms = [{"BatchNorm1d": {"momentum": 1e-4}}, {"BatchNorm1d": {"momentum": 0.9, "eps": 1e-3}}, "ReLU"]
    assert changed(usual_momentum({"layers": norms})) == [["BatchNorm1d", {"BatchNorm1d": {"eps": 1e-3}}, "ReLU"]]
    assert changed(usual_momentum({"layers": LAYERS})) == []
