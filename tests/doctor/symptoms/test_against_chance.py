"""Symptoms that ask whether chance alone could look like this: what is expected is worked out from counts, not from runs."""

from dataclasses import replace
from math import nan

import numpy as np
import torch
from hand_made import before, chain, look
from torch import nn

import deepglass as dg
from deepglass.doctor.before.asked import of_asked
from deepglass.doctor.before.batches import once_each
from deepglass.doctor.before.columns import leaking
from deepglass.doctor.before.copies import of_copies
from deepglass.doctor.symptoms import (
    ascends,
    batch_too_small,
    identifier,
    label_noise,
    leakage_duplicates,
    momentum_too_high,
    output_range,
    underfitting,
    unfinished,
    wrong_loss,
)
from deepglass.probes.evidence import Evidence
from deepglass.probes.examples import Kept

RANDOM = np.random.default_rng(0)


def asked_about(x, new):
    return of_asked(x, [Kept(0, (torch.from_numpy(new),), {}, len(new), len(new))])


def judged(asked):
    return Evidence(epochs=[{"epoch": 1, "validation": {"loss": 0.5}}], before={"asked": asked})


def test_copies_with_another_rounding_in_validation_are_found_and_rows_drawn_alike_are_not():
    x, drawn = RANDOM.standard_normal((200, 3)), RANDOM.standard_normal((60, 3))
    copied = np.concatenate([drawn[:30], x[:30] + 1e-4])
    (finding,) = leakage_duplicates.look(judged(asked_about(x, copied)))
    assert "50%" in finding.what
    assert not list(leakage_duplicates.look(judged(asked_about(x, drawn))))


def test_a_table_of_a_few_categories_meets_all_its_rows_again_and_rows_of_numbers_do_not():
    categories, numbers = (
        (lambda rows: RANDOM.integers(0, 2, (rows, 7)).astype(float)),
        RANDOM.standard_normal((200, 3)),
    )
    met = {**asked_about(categories(800), categories(60)), "alone": 1.0}
    assert met["same"] > 0.95 and not list(leakage_duplicates.look(judged(met)))
    (finding,) = leakage_duplicates.look(judged({**asked_about(numbers, numbers[:60]), "alone": 1.0}))
    assert "100% of the rows that are judged" in finding.what


def test_rows_on_a_coarse_grid_lie_near_each_other_by_nature():
    grid = lambda rows: RANDOM.integers(0, 9, (rows, 2)).astype(float)  # noqa: E731
    assert asked_about(grid(200), grid(60))["near"] == 0


def test_a_row_that_is_kept_in_every_epoch_counts_once_when_equal_rows_are_judged_by_their_rarity():
    x = RANDOM.standard_normal((100, 2))
    once, often = asked_about(x, x[:40])["bits"], asked_about(np.tile(x, (8, 1)), x[:40])["bits"]
    assert once == often > np.log2(100) + 10  # two columns of 4950 pairs without an equal one: 24.5 bits


def test_rows_whose_inputs_are_judged_again_and_again_are_no_sample_of_their_own():
    x, few = RANDOM.standard_normal((100, 2)), np.tile(RANDOM.standard_normal((2, 2)) + 9, (20, 1))
    assert "shift" not in asked_about(x, few)


def numbered(rows, share):
    """A table with the numbers of some of its rows, in an order that the target has: y is 1 in the second half."""
    numbers = np.sort(RANDOM.permutation(rows)[: int(share * rows)])
    y = (numbers > rows / 2).astype(np.int64)
    scaled = (numbers - numbers.mean()) / numbers.std()
    x = np.stack([RANDOM.standard_normal(len(y)), scaled], 1).astype(np.float32)
    return leaking(
        x.astype(float), [Kept(0, (), {}, len(y), len(y), targets=torch.from_numpy(y))], "category"
    )  # fmt: skip


def test_numbers_of_rows_are_told_from_a_sample_of_a_tenth_of_them():
    columns = numbered(3000, 0.1)["columns"]
    assert {c["column"] for c in columns if c["check"] == "identifiers"} == {"input[1]"}
    (finding,) = identifier.look(before(leakage={"columns": columns}))
    assert finding.severity == "warning"


def test_whole_numbers_that_are_drawn_meet_and_are_no_identifiers():
    ages = RANDOM.integers(0, 3000, (300, 1)).astype(float)  # 15 pairs of equal ones are expected
    x = np.concatenate([ages, RANDOM.standard_normal((300, 1))], 1)
    y = torch.from_numpy(RANDOM.integers(0, 2, 300))
    assert not leaking(x, [Kept(0, (), {}, 300, 300, targets=y)], "category")
    few = np.concatenate([[0, 1], 2 + 50 * np.arange(1, 59)])[:, None].astype(
        float
    )  # of 3000 places: 0.6 pairs are expected
    x = np.concatenate([few, RANDOM.standard_normal((60, 1))], 1)
    assert not leaking(x, [Kept(0, (), {}, 60, 60, targets=y[:60])], "category")


def test_an_identifier_that_tells_nothing_is_a_remark_and_one_that_tells_the_target_alone_is_more():
    column = {
        "check": "identifiers",
        "severity": "warning",
        "column": "n",
        "sentence": "n counts.",
        "with": 0.97,
        "without": 0.96,
    }
    assert [f.severity for f in identifier.look(before(leakage={"columns": [column]}))] == ["remark"]
    leak = {**column, "check": "leaks"}
    assert [f.severity for f in identifier.look(before(leakage={"columns": [leak, column]}))] == ["warning"]


def labelled(best, accuracy, **known):
    return before(
        labels={
            "suspects": 0.4,
            "score": accuracy,
            "accuracy": accuracy,
            "error": 0.03,
            "chance": 0.25,
            "suspect_ids": [7],
        },
        baselines={"accuracy": {"constant": 0.25, "best": best}},
        splits={"sizes": {"train": 200, "validation": 100}, "drift": []},
        target={"counts": [50, 50, 50, 50], "validation_counts": [25, 25, 25, 25]},
        **known,
    )


def test_labels_that_cheap_models_tell_in_validation_and_not_in_training_are_noisy():
    assert "row" in next(iter(label_noise.look(labelled(0.69, 0.36)))).what  # standard error 0.055, so 6 of them
    assert not list(label_noise.look(labelled(0.50, 0.36)))  # 2.4 of them
    copies = {"rows": [{"check": "duplicates", "severity": "warning"}]}
    assert not list(label_noise.look(labelled(0.69, 0.36, leakage=copies)))  # seen before: that explains it


def answered(accuracy, last):
    losses = [(step, 1.1 + (last - 1.1) * step / 20, 0.0) for step in range(1, 21)]
    known = {"judged": {"accuracy": accuracy, "rows": 150}, "target": {"counts": [50, 50, 50]}}
    return replace(look(chain("Linear"), network={"loss": 1.1, "slope_before": -0.1}), losses=losses, before=known)


def test_answers_that_are_wrong_more_often_than_chance_allows_are_learned_with_the_sign_turned():
    assert "0.7%" in next(iter(ascends.look(answered(0.0067, 9.0)))).what
    assert not list(ascends.look(answered(0.30, 9.0)))  # 0.9 standard errors under a third
    assert not list(ascends.look(answered(0.0067, 1.2)))


def test_a_cross_entropy_of_two_classes_takes_no_targets_outside_0_and_1():
    output = {
        "takes": "logits",
        "gives": "logits",
        "loss": "binary_cross_entropy",
        "own_loss": False,
        "loss_for": "category",
    }
    output |= {"target": "number", "classes": 0, "outputs": 2, "last_layer": ""}
    ends = lambda low, high: before(output=output, target={"kind": "number", "min": low, "max": high})  # noqa: E731
    assert "-1.8" in next(iter(wrong_loss.look(ends(-1.8, 1.7)))).what
    assert not list(wrong_loss.look(ends(0.0, 1.0)))


def test_scores_that_are_kept_within_1_can_never_win_by_a_margin_of_1():
    output = {"target": "category", "loss": "multi_margin", "takes": "scores", "outputs": 3, "classes": 3}
    assert list(output_range.look(before(output={**output, "last_layer": "sigmoid", "low": 0.0, "high": 1.0})))
    assert not list(output_range.look(before(output={**output, "last_layer": "", "low": None, "high": None})))


def behind(units, levels, **known):
    network = chain("Linear", "ReLU", "Linear", units=units)
    losses = [(step, level, 0.0) for step, level in enumerate(levels, 1)]
    facts = {"baselines": {"r2": {"constant": 0.0, "best": 0.9}}, "judged": {"r2": 0.1, "rows": 500}}
    return Evidence(layers=network, losses=losses, before=facts, **known)


FLAT, FALLING = [1.0, *[0.9] * 39], list(np.linspace(1.0, 0.5, 40))


def test_a_loss_that_falls_as_fast_as_ever_is_not_held_back_by_the_size_of_the_network():
    assert list(underfitting.look(behind(8, FLAT)))
    assert not list(underfitting.look(behind(8, FALLING)))


def test_what_goes_through_one_unit_is_too_little_however_the_loss_falls_and_however_few_the_steps():
    (finding,) = underfitting.look(behind(1, FALLING))
    assert finding.severity == "alarm" and "predicts_mean" in finding.explains
    moved = [{"step": 0, "epoch": 1, "network": {}, "layers": {"update_ratio": [1e-4, None, 1e-4]}}]
    assert not list(unfinished.look(behind(1, FLAT, probes=moved)))


def test_steps_that_move_the_weights_by_a_tenth_of_their_size_at_most_are_too_few_or_too_short():
    moving = lambda ratio: [{"step": 0, "epoch": 1, "network": {}, "layers": {"update_ratio": [ratio, None, ratio]}}]  # noqa: E731
    assert "0.4%" in next(iter(unfinished.look(behind(8, FLAT, probes=moving(1e-4))))).what  # 40 steps
    assert unfinished.travelled(behind(8, FLAT, probes=moving(1e-2))) == 0.4
    assert np.isnan(unfinished.travelled(behind(8, FLAT)))


def ended(*validation):
    epochs = [{"epoch": n, "validation": {"loss": v, "r2": 0.1}} for n, v in enumerate(validation, 1)]
    return Evidence(
        epochs=epochs, before={"baselines": {"r2": {"constant": 0.0, "best": 0.9}, "loss": {"constant": 1.0}}}
    )


def test_a_last_fall_that_is_no_larger_than_the_rise_before_is_no_gain():
    assert list(unfinished.look(ended(1.0, 0.9, 0.8, 0.7, 0.55)))
    assert not list(unfinished.look(ended(1.0, 0.9, 0.6, 0.85, 0.605)))


def alone(*validation):
    epochs = [{"epoch": n, "validation": {"loss": v, "accuracy": 0.5}} for n, v in enumerate(validation, 1)]
    facts = {"baselines": {"accuracy": {"constant": 0.4, "best": 0.9}}, "batch": {"size": 1}}
    return Evidence(layers=chain("Linear"), epochs=epochs, losses=[(9, 1.0, 0.0), (18, 1.0, 0.0)], before=facts)


def test_batches_of_one_whose_loss_jumps_and_gets_nowhere_are_too_small_and_a_smooth_fall_is_not():
    assert "nowhere" in next(iter(batch_too_small.look(alone(1.09, 0.83, 0.86, 1.17, 0.87, 1.05, 0.73)))).what
    assert not list(batch_too_small.look(alone(0.192, 0.203, 0.206, 0.175, 0.339)))  # a single jump
    assert not list(batch_too_small.look(alone(1.09, 1.0, 0.9, 0.82, 0.77, 0.73, 0.7)))


def test_a_wave_of_a_memory_as_long_as_the_training_is_seen_once():
    def swung(*levels):
        losses = [(20 * (n + 1), level, 0.0) for n, level in enumerate(levels)]
        return Evidence(losses=losses, loop={"optimizer": {"optimizer": "momentum", "momentum": 0.995}})

    wave = [
        0.75,
        0.66,
        0.6,
        0.52,
        0.36,
        0.3,
        0.26,
        0.23,
        0.23,
        0.27,
        0.31,
        0.35,
        0.39,
        0.38,
        0.33,
        0.28,
        0.25,
        0.22,
        0.21,
        0.2,
    ]
    assert list(momentum_too_high.look(swung(*wave)))
    assert not list(momentum_too_high.look(swung(*np.linspace(0.75, 0.2, 20))))


def test_targets_that_were_worked_out_from_a_difference_are_the_same_row_again():
    x, y = RANDOM.standard_normal((50, 2)), torch.randn(50, generator=torch.Generator().manual_seed(0)).double()
    assert len(once_each(np.tile(x, (2, 1)), torch.cat([y, y + 1e-8]))) == 50


def test_an_eighth_of_the_units_keeps_what_so_many_principal_components_keep():
    plane = RANDOM.standard_normal((80, 2)) @ RANDOM.standard_normal((2, 6))
    assert of_copies(plane, 16) > 0.999
    assert of_copies(plane, 8) < 0.99
    assert of_copies(RANDOM.standard_normal((80, 40)), 4) < 0.1


def test_gradients_that_are_no_numbers_say_nothing_of_what_was_not_cleared():
    network, x = nn.Linear(2, 1), torch.randn(8, 2)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with dg.watch(network, optimizer=optimizer) as evidence:
        for _ in range(6):
            optimizer.zero_grad()
            for half in x.split(4):
                (network(half).mean() * nan).backward()
            optimizer.step()
    assert evidence.loop["leftovers"] == 0
