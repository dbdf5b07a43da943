"""What two lines around a loop tell of losses, penalties and shapes that people write themselves."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.doctor.before.asked import of_asked
from deepglass.doctor.standing import standing
from deepglass.probes.examples import Kept
from deepglass.probes.graph import told
from deepglass.probes.through_time import heard_of_steps

ROWS = 160


def rings(seed=0):
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(ROWS, 3, generator=random)
    return x, (x[:, 0] + x[:, 1] > 0).float()


def small(outputs=1):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, outputs))


def watched(x, y, loss_of, network, optimizers=None, *, epochs=12, rate=0.02, says=lambda network: {}, asked=None):
    torch.manual_seed(0)
    optimizers = optimizers or [torch.optim.Adam(network.parameters(), lr=rate)]
    with dg.watch(network, optimizer=optimizers) as evidence:
        for _ in range(epochs):
            for batch in torch.randperm(len(x)).split(16):
                optimizers[0].zero_grad()
                loss_of(network(x[batch]), y[batch]).backward()
                optimizers[0].step()
            with torch.no_grad():
                if asked is not None:
                    network(asked)
                evidence.log(**says(network))
    return evidence


def names(evidence):
    return [finding.symptom for finding in evidence.diagnose() if finding.is_serious]


def by_hand_hinge(o, y):
    return (1 - y * o[:, 0]).clamp(min=0).mean()


@pytest.mark.parametrize("form", [by_hand_hinge, lambda o, y: F.relu(1 - o.squeeze(1) * y).mean()])
def test_a_hinge_by_hand_is_read_off_the_graph_with_its_marks(form):
    y = small()(torch.ones(4, 3))
    marks = torch.tensor([1.0, -1.0, -1.0, 1.0])
    found = told(form(y, marks), [y])
    assert (found.loss, found.takes, found.is_plain) == ("hinge", "scores", True)
    assert found.targets.tolist() == marks.tolist()


def test_a_hinge_with_labels_0_and_1_is_named_and_one_with_sides_does_well():
    x, y = rings()
    assert names(watched(x, y, by_hand_hinge, small()))[:1] == ["labels_encoded_wrongly"]
    sound = watched(x, 2 * y - 1, by_hand_hinge, small())
    assert names(sound) == []
    assert (standing(sound).word, standing(sound).metric) == ("well", "accuracy")


def test_a_logarithm_of_a_score_of_either_sign_is_the_reason_for_nan():
    x, y = rings()
    loss = lambda o, y: ((torch.log(9 * o[:, 0] + 1) - torch.log(y + 1)) ** 2).mean()  # noqa: E731
    assert names(watched(x, y, loss, small(), epochs=3))[:1] == ["log_of_zero"]
    kept_above = lambda o, y: ((torch.log(F.softplus(o[:, 0]) + 1) - torch.log(y + 1)) ** 2).mean()  # noqa: E731
    assert "log_of_zero" not in names(watched(x, y, kept_above, small(), epochs=3))


def test_a_weight_of_one_weighs_nothing():
    y = small()(torch.ones(4, 3))
    weighs = lambda w: F.binary_cross_entropy_with_logits(y[:, 0], torch.ones(4), pos_weight=torch.tensor(w))  # noqa: E731
    assert not told(weighs(1.0), [y]).weighs_classes
    assert told(weighs(8.0), [y]).weighs_classes


def test_a_penalty_that_is_put_into_the_loss_by_hand_is_told_when_it_outweighs_the_answers():
    def with_penalty(factor, network):
        def loss(o, y):
            penalty = sum(p.abs().sum() for p in network.parameters())
            return F.binary_cross_entropy_with_logits(o[:, 0], y) + factor * penalty

        return loss

    x, y = rings()
    for factor, wanted in ((0.1, ["decay_too_strong"]), (1e-4, [])):
        network = small()
        assert names(watched(x, y, with_penalty(factor, network), network, epochs=20))[:1] == wanted


def test_a_part_whose_optimizer_never_steps_is_named():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Sequential(nn.Linear(3, 12), nn.Tanh()), nn.Linear(12, 2))
    first, second = (torch.optim.Adam(part.parameters(), lr=0.02) for part in network[::1])
    x, y = rings()
    evidence = watched(x, y.long(), F.cross_entropy, network, [second, first], epochs=4)
    finding = next(f for f in evidence.diagnose() if f.symptom == "wrong_parameters")
    assert finding.layer == "0.0"


def test_an_accuracy_that_its_loss_forbids_is_named():
    (x, y), (new, wanted) = rings(), rings(seed=1)
    loss_of = lambda o, y: F.binary_cross_entropy_with_logits(o[:, 0], y)  # noqa: E731

    def says(wrong):
        def scores(network):
            o = network(new)
            answers = (o[:, 0].round() if wrong else (o[:, 0] > 0).float()) == wanted
            return {"validation_loss": loss_of(o, wanted).item(), "validation_accuracy": answers.float().mean().item()}

        return scores

    assert "metric_disagrees" in names(watched(x, y, loss_of, small(), says=says(wrong=True)))
    assert "metric_disagrees" not in names(watched(x, y, loss_of, small(), says=says(wrong=False)))


def test_targets_of_every_place_are_counted_together():
    x = torch.randn(40, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    y = (x > 1.2).float()
    torch.manual_seed(0)
    sound = nn.Sequential(nn.Conv2d(1, 4, 1), nn.ReLU(), nn.Conv2d(4, 1, 1))
    loss = F.binary_cross_entropy_with_logits
    evidence = watched(x, y, loss, sound, epochs=40)
    assert names(evidence) == []  # the first pixel is the same in many pictures, which says nothing of the others
    assert evidence.before["target"]["counts"] == [int((y == 0).sum()), int((y == 1).sum())]
    assert evidence.before["judged"]["recalls"][1] > 0.9
    rare = (torch.rand(y.shape, generator=torch.Generator().manual_seed(1)) < 0.03).float()
    assert "imbalance" in names(watched(x, rare, loss, nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 1, 1)), epochs=6))


def test_a_loss_of_ones_own_that_falls_with_the_score_is_a_score_turned_round():
    (x, y), (new, wanted) = rings(), rings(seed=1)

    def dice(o, y):
        share = o[:, 0].sigmoid()
        return 2 * (share * y).sum() / (share.sum() + y.sum())

    def says(network):
        said = (network(new)[:, 0] > 0).float()
        return {"validation_f1": (2 * (said * wanted).sum() / (said.sum() + wanted.sum())).item()}

    assert names(watched(x, y, dice, small(), epochs=30, says=says)) == ["ascends"]
    assert "ascends" not in names(watched(x, y, lambda o, y: 1 - dice(o, y), small(), epochs=30, says=says))


class Reading(nn.Module):
    def __init__(self, kind, *, forgets=False, length=12):
        super().__init__()
        torch.manual_seed(0)
        self.cell, self.end, self.forgets = kind(1, 8), nn.Linear(8, 2), forgets

    def forward(self, x):
        h = x.new_zeros(len(x), 8)
        for step in x.unbind(1):
            h = self.cell(step, h.detach() if self.forgets else h)
        return self.end(h)


def test_what_the_answer_hears_of_each_step_is_asked_of_the_inputs():
    x = torch.randn(6, 5, 1)
    kept = Kept(0, (x,), {}, 6, 6)
    linear = Reading(nn.GRUCell)
    heard = heard_of_steps(linear, kept)
    assert len(heard) == 5 and all(value > 0 for value in heard)
    own = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad((linear(own) * torch.tensor([0.5, 1.0])).sum(), own)
    assert heard == pytest.approx(slope.double().square().sum((0, 2)).sqrt().tolist(), rel=1e-5)
    assert heard_of_steps(small(), kept) == ()


def test_a_state_that_is_cut_at_every_step_is_told_and_one_that_is_carried_is_not():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(ROWS, 6, 1, generator=random)
    y = (x[:, 0, 0] > 0).long()  # what counts comes first
    cut = watched(x, y, F.cross_entropy, Reading(nn.GRUCell, forgets=True), epochs=10)
    assert names(cut)[:1] == ["cut_gradient"]
    assert "cut_gradient" not in names(watched(x, y, F.cross_entropy, Reading(nn.GRUCell), epochs=10))


def test_what_came_long_ago_vanishes_in_a_plain_recurrent_network():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(ROWS, 60, 1, generator=random)
    y = (x[:, 0, 0] > 0).long()
    assert "vanishing" in names(watched(x, y, F.cross_entropy, Reading(nn.RNNCell), epochs=12, rate=0.003))


def test_copies_in_every_call_are_a_leak_and_training_rows_asked_beside_others_are_none():
    random = torch.Generator().manual_seed(0)
    rows = torch.randn(100, 6, generator=random)
    new = torch.randn(60, 6, generator=random)

    def call(x):
        return Kept(0, (x,), {}, len(x), len(x))

    copied = of_asked(rows.double().numpy(), [call(torch.cat([new[:30], rows[:30]]))])
    assert (copied["same"], copied["least_same"]) == (0.5, 0.5)
    assert copied["bits"] > 30
    beside = of_asked(rows.double().numpy(), [call(new), call(rows)])
    assert beside["least_same"] == 0
    assert of_asked(rows.double().numpy(), [call(new)], [call(rows)])["alone"] == 1
    few = rows[:4].repeat(25, 1).double().numpy()  # four rows are all there are, so that to meet one again is no leak
    assert of_asked(few, [call(rows[:4])], [Kept(0, (), {}, 50, 50)] * 2)["alone"] == 0.08
    coins = torch.randint(2, (100, 3), generator=random).double()
    assert (
        of_asked(coins.numpy(), [call(coins[:40])])["bits"] < 3.7
    )  # 12 of 28 pairs of different rows are equal in a column
