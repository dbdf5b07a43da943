from typing import Any

import pytest
from hand_made import before, chain, found, look

PLAIN = {
    "last_layer": "Linear",
    "gives": "logits",
    "outputs": 3,
    "loss": "cross_entropy",
    "own_loss": False,
    "takes": "logits",
    "loss_for": "category",
    "target": "category",
    "classes": 3,
    "low": None,
    "high": None,
}


def output(**known: Any) -> Any:
    return before(output={**PLAIN, **known})


@pytest.mark.parametrize(
    "name", ["activation_twice", "softmax_on_one_unit", "wrong_loss", "output_range", "labels_encoded_wrongly"]
)
def test_logits_with_their_loss_are_left_alone(name):
    assert not found(name, output())


def test_softmax_before_a_loss_that_has_its_own_is_an_alarm():
    finding = found("activation_twice", output(last_layer="Softmax", gives="probabilities"))[0]
    assert finding.remedies[0].change == {"network.output_activation": "none"}
    own = output(last_layer="Softmax", gives="probabilities", takes="probabilities")
    assert not found("activation_twice", own)


def test_a_loop_that_ends_in_softmax_is_told_by_the_floor_of_its_loss():
    layers = chain("Linear", "Softmax", units=4)
    evidence = look(layers, network={"output_row_sums_to_one": 1.0, "output_max": 1.0})
    evidence.epochs = [{"epoch": 1, "train": {}, "validation": {"loss": 0.76}}]  # log(1 + 3 / e) = 0.744
    assert found("activation_twice", evidence)
    evidence.epochs[0]["validation"]["loss"] = 0.3  # probabilities with a loss of their own
    assert not found("activation_twice", evidence)


def test_softmax_on_one_output_is_an_alarm():
    assert found("softmax_on_one_unit", output(last_layer="Softmax", gives="probabilities", outputs=1))
    assert not found("softmax_on_one_unit", output(last_layer="Sigmoid", gives="probabilities", outputs=1))


def test_a_loop_with_one_output_and_no_gradient_at_all_is_told():
    layers = chain("Linear", "ReLU", "Linear", units=1)
    evidence = look(layers, gradient_zero=[1.0, None, 1.0], dead_units=[0.0, 0.0, 0.0])
    evidence.probes.append({**evidence.probes[0], "step": 8})
    assert found("softmax_on_one_unit", evidence)
    evidence.probes[1]["layers"] = {**evidence.probes[1]["layers"], "gradient_zero": [0.2, None, 0.0]}
    assert not found("softmax_on_one_unit", evidence)


def number(last: str, low: Any, high: Any, least: float, most: float) -> Any:
    known = {"target": "number", "loss_for": "number", "gives": "values", "takes": "values", "loss": "mse"}
    evidence = output(last_layer=last, low=low, high=high, outputs=1, **known)
    evidence.before["target"] = {"kind": "number", "min": least, "max": most, "distinct": 9}
    return evidence


def test_relu_for_a_signed_target_is_an_alarm_and_for_a_positive_one_fine():
    assert found("output_range", number("ReLU", 0.0, None, -2.0, 2.0))[0].severity == "alarm"
    assert not found("output_range", number("Softplus", 0.0, None, 0.1, 2.0))
    assert not found("output_range", number("Sigmoid", 0.0, 1.0, 0.1, 0.9))


def test_many_sigmoids_with_a_loss_that_looks_at_one_are_told():
    many = output(last_layer="Sigmoid", gives="probabilities", takes="probabilities", outputs=10, classes=10)
    assert found("output_range", many)[0].remedies[0].change == {"network.output_activation": "softmax"}


def test_probabilities_that_are_logits_are_the_wrong_loss():
    assert found("wrong_loss", output(loss="categorical_cross_entropy", takes="probabilities"))[0].severity == "alarm"


def test_classes_that_behave_like_a_quantity_are_told_and_digits_are_not():
    counts = output(classes=37)
    counts.before["labels"] = {"as_number": 0.65, "accuracy": 0.08, "within": 0.3}
    assert found("wrong_loss", counts)
    digits = output(classes=10)
    digits.before["labels"] = {"as_number": 0.55, "accuracy": 0.96, "within": 1.15}
    assert not found("wrong_loss", digits)


def test_three_classes_as_quantities_are_a_warning_and_two_a_remark():
    evidence = number("Linear", None, None, 0.0, 3.0)
    evidence.before["target"] |= {"codes": True, "name": "y"}
    assert found("labels_encoded_wrongly", evidence)[0].severity == "warning"
    evidence.before["target"]["distinct"] = 2  # Adaline's targets of -1 and 1
    assert found("labels_encoded_wrongly", evidence)[0].severity == "remark"


def test_a_cross_entropy_that_falls_through_zero_says_that_labels_lie_outside():
    evidence = look(chain("Linear", "ReLU", "Linear", units=1))
    evidence.epochs = [{"epoch": n, "train": {}, "validation": {"loss": v}} for n, v in ((1, 0.2), (2, -9.0))]
    assert found("labels_encoded_wrongly", evidence)
    evidence.epochs[1]["validation"]["loss"] = 0.01
    assert not found("labels_encoded_wrongly", evidence)


def test_a_loss_that_does_not_mind_whose_target_it_gets_spreads_shapes():
    own = {"order_matters": False, "output_shape": [32, 1], "target_shape": [32]}
    assert "(32, 1)" in found("broadcast", before(own_loss=own))[0].what
    assert not found("broadcast", before(own_loss={**own, "order_matters": True}))


def test_a_loss_that_prefers_wrong_answers_ascends():
    assert found("ascends_at_start", before(own_loss={"right": -0.1, "wrong": -8.0}))
    assert not found("ascends_at_start", before(own_loss={"right": 0.1, "wrong": 8.0}))


def test_the_logarithm_of_zero_is_a_remark_until_the_training_has_met_it():
    evidence = before(own_loss={"not_finite_at": 30.0})
    assert found("log_of_zero", evidence)[0].severity == "remark"
    evidence.losses = [(8, float("nan"), 0.0)]
    assert found("log_of_zero", evidence)[0].severity == "alarm"
    assert not found("log_of_zero", before(own_loss={"not_finite_at": None}))
