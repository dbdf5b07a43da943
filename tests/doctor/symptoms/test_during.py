import math
from typing import Any

import pytest
from hand_made import chain, found
from trained import DENSE, STEPS, epochs, losses, trained

from deepglass.probes.evidence import Evidence

SIGMOIDS = chain("Linear", "Sigmoid", "Linear", "Sigmoid", "Linear")


def moved(ratio: float, *others: float) -> dict[str, list[Any]]:
    first, second, third = (ratio, *others) if others else (ratio, ratio, ratio)
    return {"update_ratio": [first, None, second, None, third]}


def thrown(accuracy: float) -> Evidence:
    """Steps of 20 % of the weights that land higher than they began, by half; the slope is turned round behind them."""
    seen = {"loss": [1.4, 2.0, 2.0, 2.0, 2.0], "loss_after": [2.1, 3.0, 3.0, 3.0, None], "learning_rate": 0.1}
    slopes = {"slope_before": [-1.0] * 4 + [None], "slope_after": [1.0] * 4 + [None]}
    return trained(
        accuracy, network={**seen, **slopes}, of_layers=moved(0.2), recipe={}, losses=losses(1.4, 5.0, 2.0, 2.0)
    )


def test_steps_that_overshoot_are_too_long_and_a_shorter_rate_is_worked_out_from_them():
    finding = found("rate_too_high", thrown(0.3))[0]
    assert finding.evidence["update_ratio"] == 0.2 and finding.evidence["landed_higher"] == 4
    # 0.2 is twenty times the usual 0.01; of one figure, 0.1 / 20 = 0.005
    assert [r.change.get("recipe.learning_rate") for r in finding.remedies[:2]] == [0.005, 0.0005]


def test_a_high_rate_that_gets_there_is_a_good_one():
    assert not found("rate_too_high", thrown(0.95))


def test_large_steps_alone_do_not_make_a_rate_too_high():
    assert not found(
        "rate_too_high", trained(0.3, network={"loss": 1.4}, of_layers=moved(0.2), losses=losses(1.4, 1.2, 1.0, 0.9))
    )


def test_a_bare_curve_that_becomes_nan_is_enough():
    assert found("rate_too_high", Evidence("csv", epochs=epochs([2.0, 9.0, math.nan])))
    assert not found("rate_too_high", Evidence("csv", epochs=epochs([2.0, 1.0, 0.5])))


def short(accuracy: float, ratio: float, turned: float) -> Evidence:
    slopes = {"slope_before": [-1.0] * 4 + [None], "slope_after": [turned] * 4 + [None], "learning_rate": 0.1}
    return trained(
        accuracy, network={"loss": 1.4, **slopes}, of_layers=moved(ratio), recipe={}, losses=losses(1.4, 1.39, 1.38)
    )


def test_steps_that_hardly_move_on_a_slope_that_goes_on_are_too_short():
    # the slope is 0.99 of what it was after the step: it could go 100 times as far
    finding = found("rate_too_low", short(0.3, 3e-5, -0.99))[0]
    assert finding.evidence["threshold"] == 1e-4
    assert finding.remedies[0].change == {"recipe.learning_rate": 10.0}  # 3e-3 / 3e-5 = 100 times 0.1


@pytest.mark.parametrize("healthy", [short(0.95, 3e-5, -0.99), short(0.3, 3e-3, -0.99), short(0.3, 3e-5, 0.5)])
def test_short_steps_are_fine_where_the_run_does_well_or_moves_or_the_slope_ends(healthy: Evidence):
    assert not found("rate_too_low", healthy)


def test_longer_steps_are_too_short_as_well_where_the_slope_stays_and_nothing_is_lost():
    # 5e-4 is in the healthy range; the slope of 0.995 goes on 200 times as far, and the loss went from 1.4 to 1.38
    assert found("rate_too_low", short(0.3, 5e-4, -0.995))[0].evidence["threshold"] == 1e-3
    assert not found("rate_too_low", short(0.3, 5e-4, -0.98))  # 50 times as far


def test_a_curve_that_crawls_without_slowing_down_asks_for_a_higher_rate():
    crawling = [2.0 - 0.01 * n for n in range(10)]
    assert found("rate_too_low", Evidence("csv", epochs=epochs(crawling)))
    assert not found("rate_too_low", Evidence("csv", epochs=epochs([2.0 * 0.9**n for n in range(10)])))


def rolling(momentum: float, *levels: float) -> Evidence:
    slopes = {"slope_before": [-1.0, -1.0, 0.5, 0.5, None]}
    return trained(0.3, network=slopes, recipe={"optimizer": "momentum", "momentum": momentum}, losses=losses(*levels))


def test_long_waves_with_much_momentum_are_told_and_short_waves_or_smooth_falls_are_not():
    waves = (1.0, 0.3, 1.0, 0.3, 1.0, 0.3)
    assert found("momentum_too_high", rolling(0.998, *waves))[0].remedies[0].change == {"recipe.momentum": 0.9}
    assert not found("momentum_too_high", rolling(0.9, *waves))
    assert not found("momentum_too_high", rolling(0.998, 1.0, 0.8, 0.6, 0.4))


def graded(first: float, accuracy: float = 0.3, **more: Any) -> Evidence:
    known = {"gradient_norm": [first, None, 1e-2, None, 1.0], "weight_norm": [1.0, None, 1.0, None, 1.0]}
    return trained(accuracy, of_layers={**known, **more})


def test_a_gradient_that_is_lost_on_its_way_down_is_told_by_layer():
    finding = found("vanishing", graded(1e-5))[0]
    assert finding.layer == "linear0" and finding.evidence["gradient_ratio"] == pytest.approx(1e-5)


def test_small_gradients_in_front_are_healthy_where_the_run_does_well_or_they_are_only_smaller():
    assert not found("vanishing", graded(1e-5, 0.95))
    assert not found("vanishing", graded(1e-2))
    assert not found("vanishing", graded(1e-5, gradient_zero=[1.0, None, 0.0, None, 0.0]))  # dead or cut, not shrunk


def test_one_layer_that_hears_little_beside_others_that_hear_enough_is_no_matter_of_depth():
    seven = chain(*["Linear", "ReLU"] * 6, "Linear")

    def deep(*gradients: float) -> Evidence:
        norms = [g for gradient in gradients for g in (gradient, None)][:-1]
        known = {"gradient_norm": norms, "weight_norm": [1.0 if g is not None else None for g in norms]}
        return trained(0.3, layers=seven, of_layers=known)

    assert found("vanishing", deep(1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 1.0))
    assert not found("vanishing", deep(1e-5, 0.2, 0.3, 1e-5, 0.2, 0.3, 1.0))


def test_outputs_that_grow_a_thousandfold_before_the_first_step_explode():
    growing = {"activation_std": [1.0, 1.0, 30.0, 30.0, 1000.0]}
    assert found("exploding", trained(0.3, of_layers=growing))[0].evidence["growth_up"] == 1000
    assert not found("exploding", trained(0.95, of_layers=growing))
    assert not found("exploding", trained(0.3, of_layers={"activation_std": [1.0, 1.0, 3.0, 3.0, 10.0]}))


def test_a_layer_of_dead_units_is_named_and_sparse_layers_of_a_good_run_are_not():
    dead = {"dead_units": [0.0, 0.2, 0.0, 0.9, 0.0]}
    assert found("dead_units", trained(0.3, of_layers=dead))[0].layer == "relu3"
    assert not found("dead_units", trained(0.95, of_layers=dead))
    assert not found("dead_units", trained(0.3, of_layers={"dead_units": [0.0, 0.2, 0.0, 0.4, 0.0]}))


def test_saturated_hidden_units_are_told_and_a_sure_output_is_not():
    flat = {"saturated": [None, 0.8, None, 0.1, None], "saturated_units": [None, 0.7, None, 0.0, None]}
    assert found("saturated_units", trained(0.3, layers=SIGMOIDS, of_layers=flat))[0].layer == "sigmoid1"
    assert not found("saturated_units", trained(0.95, layers=SIGMOIDS, of_layers=flat))
    ends = chain("Linear", "Sigmoid")
    sure = {"saturated": [None, 0.9], "saturated_units": [None, 0.9]}
    assert not found("saturated_units", trained(0.3, layers=ends, of_layers=sure))


def looped(**counted: Any) -> Evidence:
    return Evidence("watch", layers=DENSE, loop=counted, epochs=epochs([1.0] * 10), probes=trained().probes)


def test_gradients_that_were_still_there_at_every_step_were_not_cleared():
    assert found("gradients_not_cleared", looped(checked_for_leftovers=6, leftovers=6))
    assert not found("gradients_not_cleared", looped(checked_for_leftovers=6, leftovers=1))


def test_backward_passes_without_steps_and_one_step_an_epoch_are_told():
    assert "not one step" in found("no_steps", looped(backwards=100, optimizer_steps=0))[0].what
    assert "10 steps in 10 epochs" in found("no_steps", looped(backwards=150, optimizer_steps=10))[0].what
    assert not found("no_steps", looped(backwards=150, optimizer_steps=150))
    assert not found(
        "no_steps", looped(backwards=800, optimizer_steps=100)
    )  # gradients of eight batches summed on purpose


def test_weights_that_keep_every_bit_have_seen_no_step():
    still = {"fingerprint": [7.0, None, 8.0, None, 9.0]}
    assert found("no_steps", trained(of_layers=still, network={"gradient_norm": 1.0}))
    assert not found("no_steps", trained(of_layers=still, network={"gradient_norm": 0.0}))  # nothing to step along


def test_the_layers_before_a_cut_are_named_with_where_the_way_ends():
    seen = {"gradient_norm": [None, None, 1.0, None, 1.0], "fingerprint": [1.0, None, 2.0, None, 3.0]}
    cut = trained(of_layers=seen, loop={"without_gradient": ["linear0.weight", "linear0.bias"]})
    finding = found("cut_gradient", cut)[0]
    assert finding.layer == "linear0" and "before 'linear2'" in finding.what
    assert not found("cut_gradient", trained(of_layers=seen, loop={"without_gradient": []}))


def test_a_loss_that_rises_steadily_up_the_slope_has_its_sign_turned_round():
    levels = losses(*(1.0 + 0.2 * n for n in range(8)))
    uphill = {"loss": 1.0, "slope_before": [0.1] * 4 + [None]}
    assert found("ascends", trained(network=uphill, of_layers=moved(1e-3), losses=levels))
    downhill = {"loss": 1.0, "slope_before": [-0.1] * 4 + [None]}
    assert not found("ascends", trained(network=downhill, of_layers=moved(1e-3), losses=levels))
    assert not found(
        "ascends", trained(network=uphill, of_layers=moved(0.3), losses=levels)
    )  # long steps make any loss rise


def test_a_loss_that_was_negative_from_the_start_and_teaches_nothing_has_its_sign_turned_round():
    falling = losses(-1.0, -10.0, -100.0, -1000.0)
    assert found("ascends", trained(0.25, network={"loss": -1.0}, losses=falling))
    assert not found("ascends", trained(0.95, network={"loss": -1.0}, losses=falling))  # a likelihood may be below 0


def test_turns_of_the_loss_are_a_remark():
    swinging = trained(losses=losses(*(1.0, 3.0) * 10))
    assert [f.severity for f in found("oscillating", swinging)] == ["remark"]
    assert not found("oscillating", trained(losses=losses(*(2.0 - 0.05 * n for n in range(20)))))


def test_a_layer_left_far_behind_is_named_with_the_rates_that_did_it():
    behind = trained(of_layers=moved(1e-7, 1e-2, 1e-2), recipe={"rates": {"linear0": 1e-5}})
    finding = found("slow_layer", behind)[0]
    assert finding.layer == "linear0" and finding.remedies[0].change == {"recipe.rates": {}}
    assert not found("slow_layer", trained(of_layers=moved(1e-3, 1e-2, 1e-2)))


def noisy(size: int, ratio: float, accuracy: float = 0.3, **known: Any) -> Evidence:
    """Every layer's gradient has the same signal to noise: with `ratio` 2, 128 rows have a noise scale of 128 / 3."""
    measured = {"gradient_norm": [1.0, None, 1.0, None, 1.0], "gradient_snr": [ratio, None, ratio, None, ratio]}
    facts = {"rows": 128, "batch_size": size, "steps_an_epoch": 1}
    return trained(
        accuracy, of_layers=measured, network={"loss": 1.0}, facts=facts, recipe={"batch_size": size}, **known
    )


def test_the_noise_scale_says_when_a_batch_is_too_small():
    finding = found("batch_too_small", noisy(1, 2.0, losses=losses(1.0, 5.0, 4.0)))[0]
    assert finding.evidence["noise_scale"] == pytest.approx(128 / 3)
    assert not found("batch_too_small", noisy(1, 2.0, losses=losses(1.0, 0.9, 0.8)))  # nothing was thrown about
    assert not found("batch_too_small", noisy(32, 2.0, losses=losses(1.0, 5.0, 4.0)))


def test_the_noise_scale_says_when_a_batch_is_too_large():
    few = {"losses": losses(1.0, 0.9, 0.8, 0.7, 0.6)}
    assert found("batch_too_large", noisy(400, 2.0, **few))[0].remedies[0].change == {"recipe.batch_size": 32}
    assert not found("batch_too_large", noisy(400, 2.0, 0.95, **few))
    assert not found("batch_too_large", noisy(100, 2.0, **few))  # less than four times the noise scale


def test_clipping_that_leaves_next_to_nothing_is_told_and_clipping_of_a_good_run_is_not():
    def clipped(accuracy: float, limit: float, optimizer: str = "sgd") -> Evidence:
        recipe = {"clip_norm": limit, "optimizer": optimizer}
        return trained(accuracy, network={"step_gradient_norm": 2.0}, of_layers=moved(1e-5), recipe=recipe)

    finding = found("clipping_too_strict", clipped(0.3, 0.001))[0]
    assert [r.change for r in finding.remedies] == [{"recipe.clip_norm": 2.0}, {"recipe.clip_norm": None}]
    assert not found("clipping_too_strict", clipped(0.95, 0.001))
    assert not found("clipping_too_strict", clipped(0.3, 1.0))
    assert not found("clipping_too_strict", clipped(0.3, 0.001, "adam"))


def test_the_first_layer_that_was_not_finite_is_the_origin():
    broken = {"activation_nonfinite": [0, 0, 3, 8, 8], "gradient_nonfinite": [0, None, 0, None, 0]}
    finding = found("not_finite", trained(of_layers=broken, epochs=epochs([math.nan])))[0]
    assert finding.layer == "linear2" and finding.evidence["place"] == "forward"
    assert not found("not_finite", trained(of_layers=broken))


def test_rows_that_do_far_worse_in_evaluation_mode_show_running_values_that_are_off():
    layers = chain("Linear", "BatchNorm1d", "ReLU", "Linear")
    lag = {"norm_variance_gap": [None, 2.0, None, None]}
    off = {"loss": [2.0, 1.0, 0.2, 0.1, 0.1], "loss_evaluated": [2.0, 1.5, 1.3, 1.3, 1.3], "mode_gap": 5.0}
    assert (
        found("mode_gap", trained(layers=layers, network=off, of_layers=lag))[0].evidence["running_variance_off"] == 2.0
    )
    dropout = {"loss": [2.0, 1.0, 0.5, 0.5, 0.5], "loss_evaluated": [1.9, 0.8, 0.3, 0.2, 0.2], "mode_gap": 5.0}
    assert not found("mode_gap", trained(layers=layers, network=dropout, of_layers=lag))
    heads = {"loss": [3.2, 2.2, 1.1, 0.9, 0.9], "output_loss": off["loss"]}  # two heads in the middle hide nothing
    assert found("mode_gap", trained(layers=layers, network={**off, **heads}, of_layers=lag))


def test_training_in_evaluation_mode_is_told_where_a_layer_minds():
    layers = chain("Linear", "Dropout", "Linear")
    loop = {"backwards": 100, "backwards_in_evaluation_mode": 90}
    assert "90 of 100" in found("mode_gap", trained(layers=layers, loop=loop, network={"mode_gap": 0.0}))[0].what
    assert not found("mode_gap", trained(layers=DENSE, loop=loop, network={"mode_gap": 0.0}))


def test_dropout_that_drowns_the_answer_is_too_strong():
    def dropped(share: float, accuracy: float = 0.3) -> Evidence:
        before = {"parameters": {"dropouts": {"dropout1": share}}, "baselines": trained().before["baselines"]}
        return trained(accuracy, layers=chain("Linear", "Dropout", "Linear"), network={"mode_gap": 4.0}, before=before)

    assert found("dropout_too_strong", dropped(0.95))[0].layer == "dropout1"
    assert not found("dropout_too_strong", dropped(0.5)) and not found("dropout_too_strong", dropped(0.95, 0.95))


def test_the_usual_rates_are_those_of_the_optimizers():
    from deepglass.doctor.trend import USUAL_RATES
    from deepglass.training.optimizers import OPTIMIZERS

    assert {name: OPTIMIZERS[name].learning_rate for name in USUAL_RATES} == USUAL_RATES


def test_looks_are_where_the_tests_say():
    assert trained().steps == STEPS
