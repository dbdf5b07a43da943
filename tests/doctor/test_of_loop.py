"""What two lines around somebody's own loop tell of data, loss and targets."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.doctor.standing import standing

ROWS = 160


def table(seed=0):
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(ROWS, 3, generator=random)
    return x, (x[:, 0] + x[:, 1] > 0).long() + 2 * (x[:, 2] > 0.5).long()


def watched(
    x, y, loss_of=F.cross_entropy, *, network=None, optimizer=None, epochs=12, mixed=True, asked=None, rate=0.02
):
    torch.manual_seed(0)
    network = network or nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 4))
    optimizer = optimizer(network) if optimizer else torch.optim.Adam(network.parameters(), lr=rate)
    with dg.watch(network, optimizer=optimizer) as evidence:
        for _ in range(epochs):
            network.train()
            for batch in (torch.randperm(len(x)) if mixed else torch.arange(len(x))).split(16):
                optimizer.zero_grad()
                loss_of(network(x[batch]), y[batch]).backward()
                optimizer.step()
            if asked is not None:
                with torch.no_grad():
                    network(asked)
    return evidence


def names(evidence):
    return [finding.symptom for finding in evidence.diagnose() if finding.is_serious]


def test_a_sound_loop_that_says_nothing_does_well_and_gets_no_finding():
    evidence = watched(*table())
    assert names(evidence) == []
    how = standing(evidence)
    assert (how.word, how.metric, how.split) == ("well", "accuracy", "train")
    assert (
        evidence.before["target"]["counts"] == torch.bincount(table()[1]).tolist()
    )  # every row once, however often it came
    assert evidence.before["judged"]["accuracy"] > 0.9


def test_the_settings_of_the_optimizer_are_read():
    evidence = watched(
        *table(), epochs=1, optimizer=lambda n: torch.optim.SGD(n.parameters(), lr=0.1, momentum=0.8, weight_decay=0.01)
    )
    found = evidence.loop["optimizer"]
    assert (found["optimizer"], found["learning_rate"], found["momentum"]) == ("momentum", 0.1, 0.8)
    assert found["weight_decay"] == 0.01


@pytest.mark.parametrize(
    ("loss_of", "symptom"),
    [
        (lambda o, y: F.cross_entropy(o.softmax(1), y), "activation_twice"),
        (lambda o, y: F.nll_loss(o, y), "wrong_loss"),
        (lambda o, y: F.nll_loss(F.log_softmax(o, 0), y), "wrong_loss"),
        (lambda o, y: -F.cross_entropy(o, y), "ascends"),
        (lambda o, y: F.cross_entropy(o.relu(), y), "output_range"),
    ],
    ids=["softmax twice", "likelihood of logits", "over the batch", "minus", "ReLU"],
)
def test_a_loss_that_does_not_fit_is_named_first(loss_of, symptom):
    assert names(watched(*table(), loss_of, epochs=3))[:1] == [symptom]


def test_targets_that_spread_over_predictions_are_named():
    x, _ = table()
    network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    evidence = watched(x, x.sum(1), lambda o, y: ((o - y) ** 2).mean(), network=network, epochs=3)
    assert names(evidence)[:1] == ["broadcast"]


def test_labels_that_binary_cross_entropy_does_not_take_are_named():
    x, y = table()
    network = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    marks = 255.0 * (y > 1)
    evidence = watched(x, marks, lambda o, y: F.binary_cross_entropy_with_logits(o[:, 0], y), network=network, epochs=3)
    assert names(evidence)[:1] == ["labels_encoded_wrongly"]


def test_batches_of_one_class_each_are_named():
    x, y = table()
    order = y.argsort(stable=True)
    assert "sorted_batches" in names(watched(x[order], y[order], mixed=False, epochs=4, rate=0.05))


def test_one_value_that_is_missing_is_named_with_its_data():
    x, y = table()
    x[5, 1] = float("nan")
    evidence = watched(x, y, epochs=3)
    assert names(evidence)[:1] == ["inputs_not_finite"]


def test_a_network_that_is_judged_with_its_dropout_on_is_named():
    x, y = table()
    network = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4))
    assert "mode_gap" in names(watched(x, y, network=network, asked=x[:40] + 0.01))


def test_rows_that_are_judged_in_other_units_are_named():
    x, y = table()
    assert "validation_shift" in names(watched(x, y, asked=20 + 10 * torch.randn(60, 3)))


def test_remedies_of_a_loop_are_done_in_its_code():
    finding = watched(*table(), lambda o, y: F.cross_entropy(o.softmax(1), y), epochs=2).diagnose()[0]
    assert {remedy.by for remedy in finding.remedies} == {"code"}
    assert not any(remedy.change for remedy in finding.remedies)


def test_the_sample_is_not_part_of_what_is_written_down():
    evidence = watched(*table(), epochs=1)
    assert evidence.to_dict()["examples"] is None


def test_calls_that_no_backward_pass_follows_are_not_taken_for_training():
    x, y = table()
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 4))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    with dg.watch(network, optimizer=optimizer) as evidence:
        for _ in range(12):
            for batch in torch.randperm(len(x)).split(16):
                network(1000 + x[:16])  # judged with gradients on, as people forget to switch them off
                optimizer.zero_grad()
                F.cross_entropy(network(x[batch]), y[batch]).backward()
                optimizer.step()
    assert names(evidence) == []
    assert evidence.before["judged"]["accuracy"] > 0.9
    assert evidence.before["inputs"]["inputs"]["max"] < 10
