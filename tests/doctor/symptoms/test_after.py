import math
from typing import Any

import pytest
from hand_made import chain, found
from trained import epochs, losses, trained

from deepglass.probes.evidence import Evidence

FALLING = [1.0 * 0.8**n for n in range(12)]


def curves(train: list[float], validation: list[float], **recipe: Any) -> Evidence:
    return Evidence("run", epochs=epochs(train, validation), settings={"recipe": {"epochs": len(train), **recipe}})


def test_validation_that_gets_worse_while_training_is_learned_by_heart_is_overfitting():
    rising = [1.0, 0.7, 0.5, 0.4, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75]
    finding = found("overfitting", curves(FALLING, rising, early_stopping=False))[0]
    assert finding.epoch == 4 and finding.evidence["lowest"] == 0.4
    assert finding.remedies[0].change == {"recipe.early_stopping": True}
    assert not found("overfitting", curves(FALLING, rising, early_stopping=True))  # the best weights are brought back


@pytest.mark.parametrize(
    "validation",
    [
        [1.0, 0.7, 0.5, 0.4] + [0.42] * 8,  # hardly risen
        [1.0, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.28, 0.26, 0.25, 0.3],  # one wobble at the end
        [1.0, 0.6, 0.9, 0.5, 0.9, 0.4, 0.8, 0.6, 0.4, 0.7, 0.5, 0.6],  # up and down all the time
    ],
)
def test_a_wobble_of_validation_is_no_overfitting(validation: list[float]):
    assert not found("overfitting", curves(FALLING, validation, early_stopping=False))


def test_a_training_that_falls_fast_at_its_end_is_unfinished():
    fast = [1.0 - 0.05 * n for n in range(8)]
    finding = found("unfinished", curves(fast, fast))[0]
    assert finding.remedies[0].change == {"recipe.epochs": 64}
    assert finding.evidence["gained"] == pytest.approx(0.1)  # the last 2 of 8 epochs, of a start at 1
    done = [1.0, 0.5, 0.4, 0.38, 0.37, 0.37, 0.37, 0.37]
    assert not found("unfinished", curves(done, done))
    begun = [1.1, 1.09, 1.07]  # gets faster and faster, and a cheap model is far ahead
    behind = {"baselines": {"accuracy": {"constant": 0.3, "linear": 0.9, "best": 0.9}}}
    scores = epochs(begun, begun, accuracy=[0.3, 0.32, 0.35])
    assert found("unfinished", Evidence("run", epochs=scores, before=behind))
    slower = epochs([1.1, 1.05, 1.037], [1.1, 1.05, 1.037], accuracy=[0.3, 0.32, 0.35])
    assert not found("unfinished", Evidence("run", epochs=slower, before=behind))
    stopped = Evidence("run", epochs=epochs(fast, fast), settings={"recipe": {"epochs": 100}})
    assert not found("unfinished", stopped)  # early stopping ended it


def test_fewer_epochs_than_three_are_judged_by_their_steps_where_a_cheap_model_is_ahead():
    falling, flat = [1.0 - 0.02 * n for n in range(32)], [1.0 - 0.3 * (1 - 0.7**n) for n in range(32)]
    for curve, accuracy, is_unfinished in ((falling, 0.4, True), (falling, 0.92, False), (flat, 0.4, False)):
        evidence = Evidence(
            "run",
            epochs=epochs([curve[0], curve[-1]], [curve[0], curve[-1]], accuracy=[0.3, accuracy]),
            losses=losses(*curve),
            before={"baselines": {"accuracy": {"constant": 0.3, "linear": 0.9, "best": 0.9}}},
        )
        assert bool(found("unfinished", evidence)) is is_unfinished


def test_a_handful_of_steps_is_no_training():
    behind = {"baselines": {"accuracy": {"constant": 0.3, "linear": 0.9, "best": 0.9}}}
    curve = [1.1, 1.1, 1.09, 1.09, 1.08]
    scores = epochs(curve, curve, accuracy=[0.3, 0.3, 0.3, 0.3, 0.31])
    few, many = ([(n + 1, v, 0.0) for n, v in enumerate(curve)], [(200 * (n + 1), v, 0.0) for n, v in enumerate(curve)])
    assert found("unfinished", Evidence("run", epochs=scores, losses=few, before=behind))[0].evidence["steps"] == 5
    assert not found("unfinished", Evidence("run", epochs=scores, losses=many, before=behind))
    halved = [(n + 1, v, 0.0) for n, v in enumerate([1.1, 0.9, 0.7, 0.6, 0.55])]
    assert not found("unfinished", Evidence("run", epochs=scores, losses=halved, before=behind))
    well = epochs(curve, curve, accuracy=[0.3, 0.9, 0.9, 0.9, 0.92])  # L-BFGS may need no more
    assert not found("unfinished", Evidence("run", epochs=well, losses=few, before=behind))


def compared(accuracy: float, best: float, hidden: int = 2, validation: float = 1.0, **settings: Any) -> Evidence:
    layers = chain(*["Linear", "ReLU"] * hidden, "Linear")
    before = {"baselines": {"accuracy": {"constant": 0.5, "linear": 0.5, "neighbours": best, "best": best}}}
    scores = epochs([1.1, 1.0], [1.1, validation], accuracy=[0.5, accuracy])
    return trained(
        None,
        layers=layers,
        before=before,
        epochs=scores,
        settings={"network": {"name": "mlp", "hidden": []}, **settings},
    )


def test_a_line_that_neighbours_beat_by_far_is_too_simple():
    finding = found("underfitting", compared(0.6, 0.95, hidden=0))[0]
    assert finding.evidence["behind"] == pytest.approx(0.7)  # (0.95 - 0.6) / (1 - 0.5)
    assert finding.remedies[0].change == {"network.hidden": [64, 64]}


def test_layers_without_an_activation_between_them_are_one_plane():
    evidence = compared(0.85, 0.95)  # close enough for a network that bends
    assert not found("underfitting", evidence)
    evidence.layers = chain("Linear", "Dropout", "Linear", "Linear", "Sigmoid")
    finding = found("underfitting", evidence)[0]
    assert "no activation stands between" in finding.what and "activation" in finding.remedies[0].why
    evidence.layers = chain("Linear", "MaxPool1d", "Linear")
    assert not found("underfitting", evidence)


@pytest.mark.parametrize(
    ("network", "change"),
    [
        ({"name": "text_cnn", "filters": 32}, {"network.filters": 128}),  # one number of filters for all widths
        ({"name": "convnet", "filters": [2, 8]}, {"network.filters": [16, 32]}),
        ({"name": "lstm", "units": 64}, {"network.units": 128}),
        ({"name": "transformer", "width": 32}, {"network.width": 64}),
    ],
)
def test_each_family_is_widened_where_its_width_is_written(network: dict[str, Any], change: dict[str, Any]):
    finding = found("underfitting", compared(0.6, 0.95, hidden=0, network=network))[0]
    assert finding.remedies[0].change == change


@pytest.mark.parametrize(
    "healthy",
    [
        compared(0.6, 0.62, hidden=0),  # there is no more to find
        compared(0.85, 0.95),  # close enough for a network with hidden layers
        compared(0.6, 0.95, validation=2.0),  # a gap: more capacity would be learned by heart
        compared(0.6, 0.95, task={"class_weight": "balanced"}),  # accuracy is given up on purpose
    ],
)
def test_a_low_score_has_other_reasons_than_size(healthy: Evidence):
    assert not found("underfitting", healthy)


def test_two_units_for_eight_classes_to_pass_through_are_too_few():
    network = {"target_shares": [[0.125] * 8] * 5}
    layers = chain("Linear", "ReLU", units=2) + chain("Flatten", "Flatten", "Linear")[2:]
    assert "2 units for 8 classes" in found("underfitting", trained(0.3, layers=layers, network=network))[0].what
    assert not found("underfitting", trained(0.97, layers=layers, network=network))


def answered(shares: list[float], accuracy: float = 0.9) -> Evidence:
    network = {"predicted_shares": [shares] * 5, "target_shares": [[0.4, 0.3, 0.2, 0.1]] * 5, "output_spread": 1.0}
    return trained(accuracy, network=network, recipe={})


def test_a_class_with_enough_rows_that_is_never_answered_is_named():
    assert found("class_never_predicted", answered([0.5, 0.3, 0.2, 0.0]))[0].evidence["rows_of_it"] == pytest.approx(
        12.8
    )
    assert not found("class_never_predicted", answered([0.5, 0.3, 0.19, 0.01]))
    assert not found(
        "class_never_predicted", answered([1.0, 0.0, 0.0, 0.0], 0.4)
    )  # that is another matter: one answer for all


def test_one_answer_for_all_rows_is_told_unless_nearly_all_are_of_that_class():
    assert found("predicts_mean", answered([1.0, 0.0, 0.0, 0.0], 0.25))
    assert not found("predicts_mean", answered([0.6, 0.4, 0.0, 0.0], 0.25))
    rare = {"predicted_shares": [[1.0, 0.0]] * 5, "target_shares": [[0.95, 0.05]] * 5, "output_spread": 1.0}
    assert not found("predicts_mean", trained(0.25, network=rare))


def test_numbers_that_hardly_spread_are_the_mean():
    def spread(of_answers: float) -> Evidence:
        before = {"target": {"kind": "number", "std": 1.0}, "baselines": {"r2": {"constant": 0.0, "linear": 0.8}}}
        scores = epochs([1.0, 1.0], [1.0, 1.0], r2=[0.0, 0.01])
        return trained(None, before=before, epochs=scores, network={"output_spread": of_answers})

    assert found("predicts_mean", spread(0.01))[0].evidence["spread_share"] == pytest.approx(0.01)
    assert not found("predicts_mean", spread(0.5))


def rare(counts: list[int], accuracy: float, balanced: float, **task: Any) -> Evidence:
    before = {"target": {"classes": ["circle", "square", "cross"], "counts": counts}}
    scores = epochs([1.0], [1.0], accuracy=[accuracy], balanced_accuracy=[balanced])
    return trained(None, before=before, epochs=scores, settings={"task": task, "recipe": {}})


def test_a_rare_class_that_is_answered_worse_is_ignored():
    finding = found("imbalance", rare([480, 500, 20], 0.96, 0.7))[0]
    assert "cross" in finding.what and finding.remedies[0].change == {"task.class_weight": "balanced"}
    assert not found("imbalance", rare([480, 500, 20], 0.96, 0.95))  # rare, and learned
    assert not found("imbalance", rare([300, 350, 350], 0.96, 0.7))
    assert not found("imbalance", rare([480, 500, 20], 0.96, 0.7, class_weight="balanced"))


def test_an_epoch_chosen_by_accuracy_with_a_far_higher_loss_is_told():
    def kept(last: float, monitor: str) -> Evidence:
        scores = epochs([1.0, 0.5, 0.3], [1.0, 0.5, last], accuracy=[0.6, 0.7, 0.8])
        facts = {"run": {"best_epoch": 3}}
        return Evidence(
            "run", epochs=scores, facts=facts, settings={"recipe": {"monitor": monitor, "early_stopping": True}}
        )

    assert found("metric_disagrees", kept(1.5, "accuracy"))[0].remedies[0].change == {"recipe.monitor": "loss"}
    assert not found("metric_disagrees", kept(0.52, "accuracy"))
    assert not found("metric_disagrees", kept(1.5, "loss"))


def test_an_accuracy_that_the_commonest_class_reaches_says_little():
    before = {"baselines": {"accuracy": {"constant": 0.95}}}
    scores = epochs([1.0], [1.0], accuracy=[0.95], balanced_accuracy=[0.5])
    assert found("metric_disagrees", Evidence("run", epochs=scores, before=before))
    better = epochs([1.0], [1.0], accuracy=[0.99], balanced_accuracy=[0.9])
    assert not found("metric_disagrees", Evidence("run", epochs=better, before=before))


def weighed(penalty: float, norms: list[float], accuracy: float = 0.3) -> Evidence:
    evidence = trained(accuracy, recipe={"weight_decay": 0.5})
    for record in evidence.epochs:
        record["train"]["penalty"] = penalty
    for probe, norm in zip(evidence.probes, norms, strict=True):
        probe["layers"] = {"weight_norm": [norm, None, norm, None, norm]}
    return evidence


def test_a_penalty_above_the_loss_with_weights_that_shrink_is_too_strong():
    finding = found("decay_too_strong", weighed(3.0, [4.0, 3.0, 2.0, 1.5, 1.0]))[0]
    assert finding.evidence["weights_left"] == 0.25
    assert [r.change for r in finding.remedies] == [{"recipe.weight_decay": 0.0}, {"recipe.weight_decay": 0.005}]
    assert not found("decay_too_strong", weighed(3.0, [4.0, 4.0, 5.0, 5.0, 6.0]))
    assert not found("decay_too_strong", weighed(0.1, [4.0, 3.0, 2.0, 1.5, 1.0]))
    assert not found("decay_too_strong", weighed(3.0, [4.0, 3.0, 2.0, 1.5, 1.0], 0.96))


def test_labels_that_a_confident_model_doubts_are_rows_to_look_at_where_the_network_agrees():
    def doubted(right: float, validation: list[float], reached: float = 0.6) -> Evidence:
        scores = epochs([1.2, 1.1, 1.0, 0.9, 0.9], validation, accuracy=[0.6] * 4 + [reached])
        for record in scores:
            record["train"]["accuracy"] = right
        before = {
            "labels": {"suspects": 0.3, "suspect_ids": [4, 8]},
            "baselines": {"accuracy": {"constant": 0.25, "best": 0.6}},
            "splits": {"sizes": {"validation": 90}},
        }
        return Evidence("run", epochs=scores, before=before)

    rising = [1.2, 1.0, 1.05, 1.1, 1.2]
    assert found(
        "label_noise", doubted(0.7, rising, reached=0.5)
    )  # 90 examples do not tell that from the cheap model's 0.6
    assert not found("label_noise", doubted(0.7, rising, reached=0.3))  # another fault holds it back
    assert "rows 4, 8" in found("label_noise", doubted(0.7, rising))[0].what
    assert not found("label_noise", doubted(1.0, rising))  # the network tells them apart
    assert not found("label_noise", doubted(0.7, [1.2, 1.1, 1.0, 0.95, 0.9]))  # it is still getting better


def test_validation_that_never_falls_is_unlike_training():
    unlike = curves([0.6, 0.3, 0.1, 0.05], [1.1, 1.2, 1.4, 1.6])
    unlike.losses = losses(1.0, 0.5, 0.1)
    assert [f.symptom for f in found("validation_unlike", unlike)] == ["validation_shift"]
    alike = curves([0.6, 0.3, 0.1, 0.05], [0.7, 0.4, 0.3, 0.3])
    alike.losses = losses(1.0, 0.5, 0.1)
    assert not found("validation_unlike", alike)


@pytest.mark.parametrize(
    "evidence", [Evidence("csv"), Evidence("csv", epochs=epochs([1.0])), Evidence("csv", epochs=epochs([math.nan] * 9))]
)
def test_next_to_no_evidence_is_no_reason_to_fail(evidence: Evidence):
    from deepglass.doctor.symptoms import SYMPTOMS

    for name, symptom in SYMPTOMS.items():
        if symptom.stage != "before":
            assert isinstance(found(name, evidence), list)
