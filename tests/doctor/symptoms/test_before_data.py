from typing import Any

import pytest
from hand_made import before, chain, found, look

from deepglass.probes.evidence import Evidence

COLUMN = {"name": "age", "mean": 0.0, "std": 1.0, "bulk": 1.0, "min": -3.0, "max": 3.0, "distinct": 90, "not_finite": 0}


def field(*columns: dict[str, Any], **known: Any) -> dict[str, Any]:
    whole = {"kind": "number", "shape": [3], "scaling": "none", "not_finite": 0, "distinct": 1.0}
    return {
        **whole,
        "mean": 0.0,
        "std": 1.0,
        "min": -3.0,
        "max": 3.0,
        "columns": list(columns or (COLUMN,) * 3),
        **known,
    }


def test_a_missing_value_is_named_with_its_row():
    finding = found("inputs_not_finite", before(inputs={"x": field(not_finite=3, first_row=41)}))[0]
    assert (finding.severity, finding.column, finding.evidence["first_row"]) == ("alarm", "x", 41)
    assert not found("inputs_not_finite", before(inputs={"x": field()}))


def test_a_first_layer_with_finite_weights_gives_bad_inputs_away():
    broken = look(chain("Linear", "ReLU"), activation_nonfinite=[4, 4], weight_nonfinite=[0, None])
    assert found("inputs_not_finite", broken)[0].layer == "linear0"
    weights = look(chain("Linear", "ReLU"), activation_nonfinite=[4, 4], weight_nonfinite=[72, None])
    assert not found("inputs_not_finite", weights)  # then the weights are to blame


def test_weights_that_turn_nan_out_of_the_blue_in_a_loop_are_laid_to_the_data():
    def loop(output: float) -> Evidence:
        layers = chain("Linear", "ReLU")
        calm = look(layers, weight_nonfinite=[0, None], update_ratio=[0.01, None], network={"output_max": output})
        calm.probes += look(layers, weight_nonfinite=[72, None], step=8).probes
        return calm

    assert found("inputs_not_finite", loop(1.3))
    assert not found("inputs_not_finite", loop(900.0))  # then the training itself went astray


def test_one_row_again_and_again_is_an_alarm_and_a_constant_column_a_remark():
    fixed = {**COLUMN, "std": 0.0, "distinct": 1}
    assert found("inputs_constant", before(inputs={"x": field(fixed, fixed, distinct=0.0)}))[0].severity == "alarm"
    assert found("inputs_constant", before(inputs={"x": field(fixed, COLUMN)}))[0].severity == "remark"
    assert not found("inputs_constant", before(inputs={"x": field()}))


def test_a_column_a_thousand_times_as_wide_is_named_when_it_is_not_scaled():
    wide = {**COLUMN, "name": "salary", "std": 1000.0}
    assert found("huge_column", before(inputs={"x": field(COLUMN, COLUMN, wide)}))[0].column == "salary"
    assert not found("huge_column", before(inputs={"x": field(COLUMN, COLUMN, {**COLUMN, "std": 50.0})}))


def test_a_few_far_values_squeeze_a_scaled_column_and_a_long_tail_does_not():
    far = {**COLUMN, "name": "height", "bulk": 0.001, "max": 12.0}
    assert found("huge_column", before(inputs={"x": field(COLUMN, far, scaling="standard")}))[0].column == "height"
    tail = {**COLUMN, "bulk": 0.3, "max": 12.0}
    assert not found("huge_column", before(inputs={"x": field(COLUMN, tail, scaling="standard")}))


@pytest.mark.parametrize(
    ("mean", "std", "seen"), [(78.0, 90.0, True), (0.0, 0.001, True), (0.3, 0.3, False), (4.9, 6.0, False)]
)
def test_inputs_far_from_one_are_told_and_usual_pixels_are_not(mean, std, seen):
    column = {**COLUMN, "mean": mean, "std": std}
    assert bool(found("inputs_unscaled", before(inputs={"x": field(column, mean=mean, std=std)}))) is seen


def test_unscaled_inputs_are_an_alarm_where_the_first_units_are_flat():
    evidence = look(chain("Linear", "Sigmoid"), saturated=[None, 0.9])
    evidence.before["inputs"] = {"x": field(mean=78.0, std=90.0)}
    assert found("inputs_unscaled", evidence)[0].severity == "alarm"


@pytest.mark.parametrize(
    ("shape", "seen"), [([32, 32, 3], True), ([3, 32, 32], False), ([1, 28, 28], False), ([8, 4, 4], False)]
)
def test_colours_in_the_last_axis_are_seen(shape, seen):
    assert bool(found("channels_last", before(inputs={"x": field(kind="image", shape=shape)}))) is seen


def test_a_picture_that_was_reshaped_is_seen_by_its_rows():
    image = field(kind="image", shape=[3, 32, 32], lag_ratio=0.4)
    assert found("channels_last", before(inputs={"x": image}))
    assert not found("channels_last", before(inputs={"x": {**image, "lag_ratio": 1.6}}))


def test_a_target_of_one_class_is_an_alarm():
    target = {"name": "y", "kind": "category", "rows": 100, "classes": ["no", "yes"], "counts": [100, 0]}
    assert "'no'" in found("targets_constant", before(target=target))[0].what
    assert not found("targets_constant", before(target={**target, "counts": [99, 1]}))


@pytest.mark.parametrize(
    ("mean", "std", "seen"), [(152.0, 77.0, True), (0.0, 1e-6, True), (0.0, 1.0, False), (0.5, 0.2, False)]
)
def test_targets_far_from_one_are_told(mean, std, seen):
    target = {"name": "y", "kind": "number", "rows": 100, "mean": mean, "std": std, "bulk": std, "distinct": 90}
    evidence = before(target={**target, "far": 0, "far_share": 0.0})
    assert bool(found("targets_unscaled", evidence)) is seen


def test_a_few_targets_beyond_all_rule_the_loss():
    target = {"name": "y", "kind": "number", "rows": 400, "mean": 0.0, "std": 1.0, "bulk": 0.01, "distinct": 90}
    finding = found("targets_unscaled", before(target={**target, "far": 4, "far_share": 0.99}))[0]
    assert finding.remedies[-1].change == {"task.loss": "huber"}


def run_that_reached(accuracy: float, **sections: Any) -> Evidence:
    evidence = before(baselines={"accuracy": {"constant": 0.5, "best": 0.5}}, **sections)
    evidence.epochs = [{"epoch": 1, "train": {"loss": 1.0}, "validation": {"loss": 1.0, "accuracy": accuracy}}]
    return evidence


def test_labels_that_nothing_predicts_are_suspected_unless_the_network_does():
    labels = {"score": 0.52, "chance": 0.5, "error": 0.02}
    assert found("labels_shuffled", run_that_reached(0.49, labels=labels))
    assert not found("labels_shuffled", run_that_reached(0.9, labels=labels))  # as on shapes that no plane tells apart
    assert not found("labels_shuffled", run_that_reached(0.49, labels={**labels, "score": 0.8}))


def split(train: list[int], validation: list[int], **known: Any) -> Evidence:
    sizes = {"train": sum(train), "validation": sum(validation), "test": 0}
    target = {"name": "y", "kind": "category", "counts": train, "validation_counts": validation}
    return before(target=target, splits={"sizes": sizes, "drift": [], "by_time": False, "by_group": False, **known})


def test_a_validation_split_of_one_unknown_class_is_cut_from_sorted_data():
    assert found("split_sorted", split([200, 200, 2], [0, 0, 180]))[0].is_serious
    assert not found("split_sorted", split([200, 200, 200], [40, 50, 45]))
    assert not found("split_sorted", split([200, 200, 2], [0, 0, 180], by_time=True))[0].is_serious  # it is meant so


def test_a_shift_of_inputs_is_a_remark_until_validation_falls_behind():
    drift = [{"column": "x2", "role": "input", "severity": "alarm", "sentence": "x2 differs."}]
    evidence = split([200, 200], [50, 50], drift=drift)
    assert found("validation_shift", evidence)[0].severity == "remark"
    evidence.epochs = [{"epoch": 1, "train": {"accuracy": 0.9}, "validation": {"accuracy": 0.6}}]
    assert found("validation_shift", evidence)[0].severity == "warning"


def leak(check: str, **known: Any) -> Evidence:
    record = {"check": check, "severity": "warning", "column": "id", "sentence": "id tells."}
    return before(leakage={"rows": [], "columns": [{**record, **known}]})


def test_a_column_that_tells_the_target_is_told_and_one_that_adds_nothing_is_a_remark():
    assert found("leakage_target", leak("leaks", **{"with": 0.99, "without": 0.3}))[0].severity == "warning"
    assert found("leakage_target", leak("leaks", **{"with": 0.99, "without": 0.98}))[0].severity == "remark"


def test_an_identifier_is_a_warning_where_it_helps_and_else_a_remark():
    assert found("identifier", leak("identifiers", **{"with": 0.9, "without": 0.4}))[0].severity == "warning"
    assert found("identifier", leak("identifiers", **{"with": 0.41, "without": 0.4}))[0].severity == "remark"


def test_copies_in_validation_are_told_when_they_move_the_score():
    row = {"check": "duplicates", "severity": "alarm", "count": 50, "of": 100, "sentence": "Half are copies."}
    assert found("leakage_duplicates", before(leakage={"rows": [row], "columns": []}))[0].severity == "alarm"
    assert not found("leakage_duplicates", before(leakage={"rows": [{**row, "severity": "remark"}], "columns": []}))
