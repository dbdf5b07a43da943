from typing import Any

import pytest
from hand_made import before, chain, found, look

from deepglass.probes.evidence import Evidence, Layer

DENSE = chain("Linear", "ReLU", "Linear", "ReLU", "Linear")


def test_hidden_layers_of_zeros_are_an_alarm_and_a_last_layer_of_zeros_is_none():
    assert found("zero_weights", look(DENSE, weight_zero=[1.0, None, 1.0, None, 1.0]))[0].layer == "linear0"
    assert not found("zero_weights", look(DENSE, weight_zero=[0.0, None, 0.0, None, 1.0]))


def test_units_that_start_alike_are_an_alarm():
    known = {"weight_zero": [0.0, None, 0.0, None, 0.0]}
    assert (
        found("symmetric_weights", look(DENSE, twin_units=[1.0, None, 0.0, None, 0.0], **known))[0].layer == "linear0"
    )
    assert not found("symmetric_weights", look(DENSE, twin_units=[0.0, None, 0.0, None, 0.0], **known))


def sized(of_he: float, **known: Any) -> Evidence:
    """Weights of 8 inputs a unit; He's deviation is 0.5."""
    weights = [0.5 * of_he, None] * 2 + [0.5 * of_he]
    return look(DENSE, weight_std=weights, weight_norm=[1.0, None, 1.0, None, 1.0], **known)


def test_wide_weights_are_told_only_with_the_harm_that_they_do():
    growing = {"activation_std": [1.0, 1.0, 30.0, 30.0, 900.0]}
    assert found("weights_too_large", sized(6.0, **growing))
    assert not found("weights_too_large", sized(6.0, activation_std=[1.0] * 5))
    assert not found("weights_too_large", sized(1.0, **growing))


def test_narrow_weights_are_told_where_the_signal_is_lost():
    lost = {"activation_unit_std": [1.0, 0.5, 0.05, 0.02, 0.001]}
    assert found("weights_too_small", sized(0.03, **lost))
    assert not found("weights_too_small", sized(0.4, **lost))  # PyTorch's own start
    assert not found("weights_too_small", sized(0.03, activation_unit_std=[1.0] * 5))


def test_a_gradient_that_shrinks_through_depth_vanishes():
    deep = chain(*["Linear", "Sigmoid"] * 5, "Linear")
    back = [10.0 ** (n / 2 - 5) for n in range(len(deep))]
    assert found("vanishing_at_start", look(deep, backward_rms=back))[0].layer == "linear0"
    assert not found("vanishing_at_start", look(deep, backward_rms=[10.0 ** (n / 8 - 1) for n in range(len(deep))]))


def test_keys_that_hear_little_beside_their_values_are_no_matter_of_depth():
    looks_of_attention = chain(*["Linear"] * 7)  # three matrices a hop, the first of which makes the keys
    back = [1e-4, 6e-3, 0.1, 1e-4, 6e-3, 0.1, 0.37]
    assert not found("vanishing_at_start", look(looks_of_attention, backward_rms=back))


def test_a_recurrent_layer_that_swells_from_step_to_step_explodes():
    layers = chain("RNN", "Linear")

    def first(spread: float) -> Evidence:
        seen = look(layers, activation_std=[spread, 1.0])
        seen.before = {"inputs": {"x": {"mean": 0.0, "std": 2.0}}}
        return seen

    assert found("exploding_at_start", first(1000.0))[0].evidence["growth"] == 500
    assert not found("exploding_at_start", first(1.0))


def test_a_signal_that_grows_through_depth_explodes():
    assert found("exploding_at_start", look(DENSE, activation_std=[1.0, 1.0, 20.0, 20.0, 400.0]))
    assert not found("exploding_at_start", look(DENSE, activation_std=[1.0, 1.0, 2.0, 2.0, 4.0]))


def test_units_that_are_dead_before_the_first_step_are_told_unless_the_signal_has_vanished():
    known = {"activation_std": [1.0] * 5, "activation_unit_std": [1.0] * 5}
    dead = [0.0, 0.0, 0.0, 0.9, 0.0]
    assert found("dead_at_start", look(DENSE, dead_units=dead, **known))[0].layer == "relu3"
    assert not found("dead_at_start", look(DENSE, dead_units=[0.0, 0.3, 0.0, 0.3, 0.0], **known))
    assert not found("dead_at_start", look(DENSE, dead_units=dead, **{**known, "activation_unit_std": [1e-3] * 5}))


def frozen(**settings: Any) -> Evidence:
    layers = (Layer("first", "Linear", (8,), 0, 72, 0), Layer("last", "Linear", (2,), 1, 18, 18))
    return Evidence("run", layers=layers, settings=settings)


def test_frozen_layers_are_a_warning_and_a_remark_where_the_recipe_asks_for_them():
    assert found("frozen", frozen())[0].severity == "warning"
    assert found("frozen", frozen(recipe={"freeze": ["first"]}))[0].severity == "remark"


def test_layers_that_no_forward_calls_are_told():
    layers = (Layer("first", "Linear", None, None, 72, 72), Layer("last", "Linear", (2,), 0, 18, 18))
    assert found("unused_parameters", Evidence("run", layers=layers))[0].layer == "first"
    assert not found("unused_parameters", Evidence("run", layers=DENSE))


def test_layers_in_a_plain_list_and_parameters_in_no_optimizer_are_told():
    assert found("wrong_parameters", before(parameters={"hidden": ["layers"]}))[0].layer == "layers"
    assert found("wrong_parameters", Evidence(loop={"unoptimized": ["first.weight"], "frozen": []}))[0].layer == "first"
    assert not found("wrong_parameters", Evidence(loop={"unoptimized": ["first.weight"], "frozen": ["first.weight"]}))


def batch(**known: Any) -> dict[str, Any]:
    return {"size": 32, "examples": 600, "steps_an_epoch": 19, "shuffled": True, "changes": 1.0, **known}


def test_sorted_examples_that_are_not_mixed_are_an_alarm():
    assert found("sorted_batches", before(batch=batch(shuffled=False, changes=0.01)))[0].severity == "alarm"
    assert not found("sorted_batches", before(batch=batch(changes=0.01)))  # mixed in every epoch
    assert not found("sorted_batches", before(batch=batch(shuffled=False)))


@pytest.mark.parametrize(("size", "seen"), [(2, True), (32, False)])
def test_batch_norm_on_few_examples_is_told(size, seen):
    evidence = Evidence("run", layers=chain("Linear", "BatchNorm1d", "ReLU"), before={"batch": batch(size=size)})
    assert bool(found("batch_norm_tiny_batch", evidence)) is seen


def test_dropout_after_the_last_layer_is_an_alarm_and_before_it_usual():
    assert found("dropout_on_output", Evidence("run", layers=chain("Linear", "ReLU", "Linear", "Dropout")))
    assert not found("dropout_on_output", Evidence("run", layers=chain("Linear", "Dropout", "Linear")))


def test_a_batch_that_cannot_be_learned_by_heart_is_told():
    measured = {"rows": 32, "steps": 300, "constant": 1.4, "least_loss": 1.3}
    assert found("cannot_memorize", before(measurements={"memorize": measured}))
    assert not found("cannot_memorize", before(measurements={"memorize": {**measured, "least_loss": 0.01}}))
