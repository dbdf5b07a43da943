import pytest

from deepglass.doctor import Finding, Remedy, diagnose
from deepglass.doctor.diagnose import fold, rank
from deepglass.doctor.standing import standing
from deepglass.doctor.symptoms import GROUPS, SYMPTOMS
from deepglass.probes.evidence import Evidence


def finding(symptom: str, severity: str = "warning", **known) -> Finding:
    return Finding(symptom, severity, "seen", "why", {}, **known)


def run_that_reached(accuracy: float, best: float = 0.9, **known) -> Evidence:
    before = {"baselines": {"accuracy": {"constant": 0.5, "best": best}}, "splits": {"sizes": {"validation": 400}}}
    epochs = [{"epoch": 1, "train": {"loss": 1.0}, "validation": {"loss": 1.0, "accuracy": accuracy}}]
    return Evidence("run", before={**before, **known}, epochs=epochs)


def test_nothing_is_found_where_nothing_was_measured():
    assert diagnose(Evidence()) == []


def test_an_alarm_comes_first_then_the_cause_that_lies_deepest():
    found = rank(
        [finding("overfitting"), finding("huge_column"), finding("vanishing", "alarm"), finding("frozen", "remark")]
    )
    assert [f.symptom for f in found] == ["vanishing", "huge_column", "overfitting", "frozen"]


def test_what_follows_from_a_cause_is_folded_under_it_through_others_too():
    unscaled = finding("inputs_unscaled", explains=("saturated_units",))
    flat = finding("saturated_units", explains=("vanishing",))
    found = fold([finding("vanishing", "alarm"), flat, unscaled])
    assert [f.symptom for f in found] == ["inputs_unscaled"]
    assert {f.symptom for f in found[0].folded} == {"saturated_units", "vanishing"}
    assert found[0].severity == "alarm"  # a cause is as bad as what it does


def test_a_remark_explains_no_alarm():
    found = fold([finding("inputs_unscaled", "remark", explains=("vanishing",)), finding("vanishing", "alarm")])
    assert [f.symptom for f in found] == ["vanishing", "inputs_unscaled"]


def test_several_findings_of_one_symptom_are_one():
    found = fold([finding("dead_units", strength=0.2, layer="a"), finding("dead_units", strength=0.9, layer="b")])
    assert [f.layer for f in found] == ["b"]
    assert [f.layer for f in found[0].folded] == ["a"]


def test_findings_that_explain_each_other_leave_the_first_cause():
    one, other = (
        finding("identifier", explains=("leakage_target",)),
        finding("leakage_target", explains=("identifier",)),
    )
    assert len(fold([one, other])) == 1


def test_unscaled_inputs_are_no_disease_while_the_run_does_well():
    field = {"kind": "number", "shape": [4], "scaling": "none", "mean": 70.0, "std": 90.0, "min": 0.0, "max": 255.0}
    inputs = {"x": {**field, "not_finite": 0, "distinct": 1.0}}
    assert [f.severity for f in diagnose(run_that_reached(0.95, inputs=inputs))] == ["remark"]
    assert [f.severity for f in diagnose(run_that_reached(0.52, inputs=inputs))] == ["warning"]


@pytest.mark.parametrize(
    ("accuracy", "best", "word"),
    [
        (0.95, 0.9, "well"),
        (0.89, 0.9, "well"),
        (0.52, 0.9, "poor"),
        (0.7, 0.9, "poor"),
        (0.84, 0.9, "fair"),
        (0.5, 0.5, "fair"),
    ],
)
def test_a_run_stands_by_the_constant_answer_and_the_best_cheap_model(accuracy, best, word):
    assert standing(run_that_reached(accuracy, best)).word == word


def test_without_baselines_a_loss_that_fell_by_half_is_well_and_one_that_rose_poor():
    curve = [{"epoch": n, "train": {"loss": loss}, "validation": {}} for n, loss in enumerate((1.0, 0.4), 1)]
    assert standing(Evidence(epochs=curve)).word == "well"
    assert standing(Evidence(epochs=curve[::-1])).word == "poor"


def test_a_loss_that_is_no_number_is_poor():
    assert standing(Evidence(epochs=[{"epoch": 1, "train": {"loss": float("nan")}, "validation": {}}])).is_poor


def test_every_symptom_has_a_group_and_a_stage():
    for name, symptom in SYMPTOMS.items():
        assert (symptom.name, symptom.group in GROUPS) == (name, True)
        assert symptom.stage in ("before", "during", "after")


def test_a_finding_comes_back_from_json_as_it_was():
    inner = finding("vanishing")
    remedy = Remedy({"recipe.learning_rate": 0.1}, "Shorter steps.")
    whole = finding("rate_too_high", remedies=(remedy,), explains=("vanishing",), folded=(inner,), layer="0", epoch=3)
    assert Finding.from_dict(whole.to_dict()) == whole
