"""What programs drawn from a seed have taught: rules for contexts that no single case had shown."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hand_made import chain
from torch import nn
from torch.nn import functional as F
from trained import trained

import deepglass as dg
from deepglass.doctor.before.batch import differences_against_chance
from deepglass.doctor.before.columns import leaking
from deepglass.doctor.before.labels import of_several
from deepglass.doctor.symptoms import class_never_predicted, clipping_too_strict, dead_at_start, label_noise
from deepglass.doctor.symptoms import rate_too_high as too_high
from deepglass.probes.evidence import Evidence
from deepglass.probes.examples import Kept

ROWS = 120


def drawn(columns=4, seed=0):
    return torch.randn(ROWS, columns, generator=torch.Generator().manual_seed(seed))


def kept(x, y):
    return [Kept(0, (x,), {}, len(x), len(x), targets=y)]


def moved(ratio):
    return {"update_ratio": [ratio, None, ratio, None, ratio]}


def loop(network, x, y, loss_of, optimizer, *, epochs=10, size=16):
    torch.manual_seed(0)
    with dg.watch(network, optimizer=optimizer) as evidence:
        for _ in range(epochs):
            total = 0.0
            for batch in torch.randperm(len(x)).split(size):
                optimizer.zero_grad()
                loss = loss_of(network(x[batch]), y[batch])
                loss.backward()
                optimizer.step()
                total += loss.item() * len(batch) / len(x)
            evidence.log(loss=total)
    return {finding.symptom: finding for finding in evidence.diagnose() if finding.is_serious}


def test_a_column_that_is_the_target_is_found_in_a_loop_s_batches_and_one_that_helps_is_not():
    x, y = drawn(), (drawn(1, 1)[:, 0] > 0).long()
    told = torch.cat([x, 3 * y[:, None] - 1.0 + 0.01 * drawn(1, 2)], dim=1)
    column = leaking(told.double().numpy(), kept(told, y), "category")["columns"][0]
    assert (column["check"], column["severity"], column["column"]) == ("leaks", "alarm", "input[4]")
    assert column["with"] == 1.0 and column["without"] < 0.8
    some = torch.cat([x, y[:, None] + drawn(1, 3)], dim=1)
    assert leaking(some.double().numpy(), kept(some, y), "category") == {}


def test_numbers_of_rows_are_known_after_scaling_and_numbers_at_random_are_none():
    y = (drawn(1, 1)[:, 0] > 0).long()
    numbers = torch.randperm(ROWS, generator=torch.Generator().manual_seed(3))[:, None].float()
    x = torch.cat([drawn(), (numbers - numbers.mean()) / numbers.std()], dim=1)
    found = leaking(x.double().numpy(), kept(x, y), "category")["columns"]
    assert [(c["check"], c["column"]) for c in found] == [("identifiers", "input[4]")]


def test_several_numbers_a_row_have_a_cheap_model_too():
    x = drawn().double().numpy()
    y = np.stack([x[:, 0] + x[:, 1], np.random.default_rng(0).standard_normal(ROWS)], axis=1)
    found = of_several(x, y)
    assert found["score"] > 0.95  # of the first, which a plane tells
    assert found["r2"] == pytest.approx(y[:, 0].var() / y.var(0).sum(), abs=0.05)  # nothing of the second


def test_numbers_in_order_are_told_from_mixed_ones_by_their_neighbours():
    mixed = np.random.default_rng(0).standard_normal(2000)
    assert differences_against_chance(mixed) == pytest.approx(
        1.0, abs=0.1
    )  # von Neumann's ratio of an independent series
    assert differences_against_chance(np.sort(mixed)) < 0.01


def test_weights_that_are_frozen_beside_biases_that_learn_are_told():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
    for name, parameter in network.named_parameters():
        parameter.requires_grad = "bias" in name
    x = drawn()
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=0.1)
    found = loop(network, x, (x[:, 0] * x[:, 1] > 0).long(), F.cross_entropy, optimizer)
    assert "frozen" in found


def test_a_few_steps_on_all_examples_at_once_are_told_in_a_loop():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
    x = torch.randn(400, 4)
    y = x.square().sum(1, keepdim=True) / 3 - 1.3 + x[:, :1]
    rate = {"lr": 0.02}
    found = loop(network, x, y, F.mse_loss, torch.optim.SGD(network.parameters(), **rate), epochs=15, size=400)
    assert "batch_too_large" in found


def test_a_class_that_a_loop_never_answers_is_told_by_the_rows_it_was_trained_on():
    def answered(counts, predicted):
        sections = {
            "target": {"counts": counts, "classes": ["a", "b", "c", "d"]},
            "judged": {"accuracy": 0.8, "predicted": predicted, "rows": sum(counts)},
            "baselines": {"accuracy": {"constant": 0.3}},
        }
        return list(class_never_predicted.look(Evidence("watch", before=sections)))

    assert answered([30, 30, 30, 10], [40, 30, 30, 0])[0].evidence["rows_of_it"] == pytest.approx(10.0)
    assert not answered([30, 30, 38, 2], [32, 30, 38, 0])  # two rows tell nothing
    assert not answered([30, 30, 30, 10], [30, 30, 32, 8])


def test_labels_are_doubted_where_unseen_examples_are_answered_better_than_those_trained_on():
    def answered(validation):
        sections = {
            "labels": {"suspects": 0.4, "suspect_ids": [4]},
            "splits": {"sizes": {"validation": 200}},
            "baselines": {"accuracy": {"constant": 0.3, "best": 0.5}},
        }
        epochs = [
            {"epoch": n, "train": {"loss": 1.0, "accuracy": 0.6}, "validation": {"loss": 0.8, "accuracy": validation}}
            for n in (1, 2)
        ]
        return list(label_noise.look(Evidence("run", before=sections, epochs=epochs, settings={"recipe": {}})))

    assert "rows 4 first" in answered(0.85)[0].what
    assert not answered(0.65)  # what a split makes by chance


def test_a_limit_under_which_steps_were_long_once_is_not_what_makes_them_short_now():
    recipe = {"clip_norm": 0.001, "optimizer": "sgd"}
    clipped = trained(0.3, network={"step_gradient_norm": 2.0}, of_layers=moved(1e-5), recipe=recipe)
    assert list(clipping_too_strict.look(clipped))
    first = {**clipped.probes[0], "layers": moved(0.05)}
    assert not list(clipping_too_strict.look(replace(clipped, probes=[first, *clipped.probes[1:]])))


def test_a_loss_that_grew_before_it_was_not_finite_says_that_steps_are_too_long():
    def ended(*means):
        losses = [((n + 1) * 10, mean, 0.1) for n, mean in enumerate(means)]
        return list(
            too_high.look(
                replace(Evidence("watch"), losses=losses, probes=[{"step": 0, "network": {"loss": 1.0}, "layers": {}}])
            )
        )

    assert ended(1.0, 2.0, 9.0, float("nan"))
    assert not ended(1.0, 0.9, 0.8, float("nan"))  # a logarithm of 0 comes out of a sound loss


def test_units_that_were_born_dead_explain_a_rate_that_only_looks_too_high():
    probe = {"step": 0, "epoch": 1, "network": {}, "layers": {"dead_units": [0.0, 1.0, 0.0]}}
    found = list(dead_at_start.look(Evidence("run", layers=chain("Linear", "ReLU", "Linear"), probes=[probe])))
    assert "rate_too_high" in found[0].explains


def test_a_class_that_is_in_no_training_example_is_told_where_validation_is_worse_for_it():
    def cut(counts, validation):
        sections = {"target": {"counts": counts}, "judged": {"accuracy": 1.0, "predicted": counts, "rows": sum(counts)}}
        epochs = [{"epoch": 1, "train": {}, "validation": {"accuracy": validation}}]
        return list(class_never_predicted.look(Evidence("watch", before=sections, epochs=epochs)))

    assert cut([40, 40, 40, 0], 0.4)[0].evidence["classes"] == 1
    assert not cut([40, 40, 40, 0], 0.98)  # nobody asks for it
    assert not cut([4, 4, 4, 0], 0.4)  # so few examples may miss one
