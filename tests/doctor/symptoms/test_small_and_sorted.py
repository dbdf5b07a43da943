"""What loops of people's own say of modes, of the order of examples, of rare classes and of tiny batches; and what settings say."""

import math

import pytest
import torch
from hand_made import before, chain, found
from torch import nn
from torch.nn import functional as F
from trained import epochs, losses, trained

import deepglass as dg
from deepglass.doctor.symptoms import batch_too_small, imbalance, mode_gap, sorted_batches
from deepglass.probes.evidence import Evidence

NORMED = chain("Linear", "BatchNorm1d", "ReLU", "Linear")
DROPPED = chain("Linear", "Dropout", "Linear")


def asked(times: int, in_training: int, gap: float, layers=DROPPED) -> Evidence:
    loop = {"judgements": times, "judgements_in_training_mode": in_training}
    return trained(layers=layers, loop=loop, network={"mode_gap": gap})


def test_a_network_that_is_always_judged_in_training_mode_is_told_where_dropout_changes_the_answers():
    finding = found("mode_gap", asked(12, 12, 0.6))[0]
    assert finding.evidence["threshold"] == mode_gap.DROPPED
    assert "All 12 calls" in finding.what and "dropout" in finding.what
    assert "network.eval()" in finding.remedies[0].why
    assert not found("mode_gap", asked(12, 11, 0.6))  # once in evaluation mode
    assert not found("mode_gap", asked(12, 12, 0.1))  # a small share makes little difference
    assert not found("mode_gap", asked(12, 12, 0.6, chain("Linear", "ReLU", "Linear")))


def test_outputs_that_differ_between_the_modes_need_running_values_that_are_off_as_well():
    def modes(gap: float, off: float) -> Evidence:
        lag = {"norm_variance_gap": [None, off, None, None]}
        return trained(layers=NORMED, network={"mode_gap": gap}, of_layers=lag, recipe={"batch_size": 4})

    finding = found("mode_gap", modes(2.0, 1.0))[0]
    assert "factor of 2.7" in finding.what  # e to the 1.0
    assert finding.remedies[0].change == {"recipe.batch_size": 32}
    assert not found("mode_gap", modes(0.9, 1.0)) and not found("mode_gap", modes(2.0, 0.4))


def test_one_bad_look_in_evaluation_mode_is_noise_and_many_are_none():
    def judged(evaluated: list[float]) -> Evidence:
        network = {"loss": [2.0, 1.0, 0.5, 0.5, 0.5], "loss_evaluated": evaluated}
        return trained(layers=NORMED, network=network, of_layers={"norm_variance_gap": [None, 1.0, None, None]})

    assert not found("mode_gap", judged([2.0, 1.0, 0.5, 0.5, 1.4]))
    assert not found("mode_gap", judged([2.0, 1.0, 0.6, 0.64, 1.4]))  # the middle is 1.28 times, under WORSE
    assert found("mode_gap", judged([2.0, 1.0, 1.1, 0.7, 1.4]))  # at least 1.4 times at each, 2.2 in the middle


def mixture(share: float, size: int = 16) -> Evidence:
    return before(batch={"size": size, "mixture": share})


def test_batches_of_a_loop_whose_targets_are_alike_are_sorted():
    finding = found("sorted_batches", mixture(0.05))[0]
    assert "within a batch targets differ 5% as much" in finding.what
    assert finding.evidence["threshold"] == sorted_batches.SORTED
    assert not found("sorted_batches", mixture(0.6))
    assert not found("sorted_batches", mixture(0.05, size=3))  # so few are alike by chance


def test_a_loop_that_goes_through_sorted_classes_is_told_and_one_that_mixes_them_is_not():
    y = torch.arange(4).repeat_interleave(24)
    x = F.one_hot(y, 4) + 0.3 * torch.randn(96, 4, generator=torch.Generator().manual_seed(0))

    def symptoms(order: torch.Tensor) -> set[str]:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4))
        optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
        with dg.watch(network, optimizer=optimizer) as evidence:
            for _ in range(3):
                for rows in order.split(12):
                    optimizer.zero_grad()
                    F.cross_entropy(network(x[rows]), y[rows]).backward()
                    optimizer.step()
        return {finding.symptom for finding in evidence.diagnose()}

    mixed = torch.randperm(96, generator=torch.Generator().manual_seed(1))
    assert "sorted_batches" in symptoms(torch.arange(96))
    assert "sorted_batches" not in symptoms(mixed)


def rare(counts: tuple[int, ...] = (480, 500, 20), **judged) -> Evidence:
    names = {"classes": ["circle", "square", "cross"][: len(counts)], "counts": list(counts)}
    return before(target=names, judged=judged)


def test_balanced_accuracy_of_a_loop_s_own_rows_tells_a_rare_class_that_is_ignored():
    finding = found("imbalance", rare(accuracy=0.97, balanced_accuracy=0.66))[0]
    assert (
        "Class cross makes 2.0%" in finding.what and "66% of the training rows are right instead of 97%" in finding.what
    )
    assert finding.evidence["behind"] == pytest.approx(0.31)
    assert finding.evidence["threshold"] == pytest.approx(imbalance.RARE / 3)
    assert not found("imbalance", rare(accuracy=0.97, balanced_accuracy=0.9))
    assert not found("imbalance", rare((996, 4), accuracy=0.996, balanced_accuracy=0.5))  # four rows say nothing


def test_rare_places_of_a_map_that_are_found_are_no_imbalance():
    missed = {"accuracy": 0.97, "balanced_accuracy": 0.66}
    assert found("imbalance", rare(**missed, recalls=[1.0, 1.0, 0.2]))
    assert not found("imbalance", rare(**missed, recalls=[1.0, 1.0, 0.8]))


def test_a_loop_that_weighs_its_classes_has_made_up_for_the_rare_one():
    evidence = rare(accuracy=0.97, balanced_accuracy=0.66)
    assert not found("imbalance", before(**evidence.before, output={"weighs_classes": True}))


def tiny(size: int, *levels: float, accuracy: float = 0.3) -> Evidence:
    evidence = trained(accuracy, losses=losses(*levels))  # nobody measured the noise, and there are no settings
    evidence.before["batch"] = {"size": size}
    evidence.facts.pop("batch_size", None)
    return evidence


def test_one_example_a_step_in_a_loop_whose_loss_is_thrown_about_is_too_few():
    finding = found("batch_too_small", tiny(1, 1.0, 4.0, 2.5))[0]
    assert "A step sees 1 example," in finding.what
    assert finding.remedies[0].change == {"recipe.batch_size": batch_too_small.USUAL}
    assert not found("batch_too_small", tiny(1, 1.0, 1.2, 0.9))  # nothing was thrown about
    assert not found("batch_too_small", tiny(4, 1.0, 4.0, 2.5))  # more than BARE, and no noise was measured
    assert not found("batch_too_small", tiny(1, 1.0, 4.0, 2.5, accuracy=0.95))


def test_a_loss_that_is_lost_with_one_example_a_step_is_told_by_the_batch():
    evidence = tiny(2, 1.0, math.inf)
    evidence.epochs[:] = epochs([math.nan], [math.nan], accuracy=[0.25])
    assert found("batch_too_small", evidence)


def rates(evidence: Evidence, symptom: str) -> list[float]:
    changes = [remedy.change for remedy in found(symptom, evidence)[0].remedies]
    return [change["recipe.learning_rate"] for change in changes if set(change) == {"recipe.learning_rate"}]


def lost(rate: float, optimizer: str) -> Evidence:
    """A run whose steps grew to a billion times the weights before the loss was nan."""
    recipe = {"learning_rate": rate, "optimizer": optimizer}
    moved = {"update_ratio": [1e9, None, 1e9, None, 1e9]}
    return trained(None, losses=losses(1.0, math.inf), of_layers=moved, recipe=recipe)


def test_after_a_loss_that_was_lost_no_rate_is_offered_at_which_nothing_moves():
    assert rates(lost(8.0, "momentum"), "rate_too_high") == [0.05, 0.0005]  # the usual one, and a hundredth of it
    assert rates(lost(0.1, "sgd"), "rate_too_high") == [0.0001]  # the usual one is no less: a thousandth


def test_a_rate_far_under_the_usual_one_is_raised_to_that_first():
    slopes = {"slope_before": -1.0, "slope_after": -1.0}  # as steep after the step as before
    moved = {"update_ratio": [1e-6, None, 1e-6, None, 1e-6]}
    evidence = trained(0.3, network=slopes, of_layers=moved, recipe={"learning_rate": 1e-5, "optimizer": "adam"})
    assert rates(evidence, "rate_too_low")[0] == 0.001


def left_early(rate: float, **recipe) -> list[dict]:
    falls = [1.4, 1.2, 1.0, 0.8]
    scores = epochs(falls, falls, accuracy=[0.3, 0.35, 0.4, 0.45])
    given = {"learning_rate": rate, "optimizer": "adam", "epochs": 4, **recipe}
    return found("unfinished", trained(None, epochs=scores, recipe=given))[0].remedies


def test_a_training_left_early_is_given_longer_steps_first_where_they_are_far_under_the_usual():
    assert [remedy.change for remedy in left_early(1e-4)] == [{"recipe.learning_rate": 0.001}, {"recipe.epochs": 32}]
    assert [remedy.change for remedy in left_early(1e-3)] == [{"recipe.epochs": 32}]


def test_more_epochs_are_said_to_end_early_only_where_they_do():
    assert left_early(1e-3)[0].why == "32 epochs; early stopping ends it when nothing is gained any more."
    assert left_early(1e-3, early_stopping=False)[0].why == "32 epochs."
