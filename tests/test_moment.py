"""What a user gets from `run.at`: the network as it was after an epoch."""

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.errors import RunError, SettingError

pytestmark = pytest.mark.usefixtures("in_tmp")
QUIET = {"threads": 1, "progress": False}


def trained(network=None, **settings):
    made = network or {"name": "mlp", "hidden": [6]}
    return dg.train(made, "iris", out="run", epochs=6, keep_every=2, batch_size=16, **QUIET, **settings)


@pytest.mark.parametrize("settings", [{}, {"average": 0.9}])
def test_a_saved_epoch_scores_what_its_record_says(settings):
    run = trained(**settings)
    for epoch in (2, 4, 6):
        moment = run.at(epoch)
        assert moment.epoch == epoch and moment.record.number == epoch
        for split in ("validation", "train"):
            measured, recorded = moment.evaluate_on(split), getattr(run.history[epoch - 1], split)
            assert {n: measured[n] for n in recorded} == pytest.approx(recorded, rel=1e-5)
    assert not torch.equal(run.at(2).network.hidden1.weight, run.at(6).network.hidden1.weight)


def test_the_best_epoch_is_the_network_of_the_run():
    run = trained()
    ours, theirs = run.at("best").network.state_dict(), run.network.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert run.at("best").epoch == run.facts["best_epoch"]


def test_an_epoch_that_is_not_saved_is_answered_with_those_that_are():
    with pytest.raises(RunError, match=r"Epoch 17 of .* was not kept\. Kept: .*2,.* 4,.* 6.* --keep-every"):
        trained(early_stopping=False).at(17)


def test_the_test_split_stays_behind_glass():
    run = trained()
    with pytest.raises(SettingError, match=r"validation or train, not on test\..*run\.evaluate\(\)"):
        run.at(2).evaluate_on("test")
    assert run.folder.looks() == []


def test_a_network_of_ones_own_stays_as_it_is():
    own = nn.Sequential(nn.Linear(4, 3))
    run = trained(own)
    before = own[0].weight.detach().clone()
    assert not torch.equal(run.at(2).network[0].weight, before)
    assert torch.equal(own[0].weight, before)


def test_a_temperature_that_came_later_is_not_laid_on_an_earlier_network():
    run = trained()
    plain = run.at(2).evaluate_on()["loss"]
    run.calibrate()
    assert run.at(2).evaluate_on()["loss"] == plain


def test_a_moment_predicts_and_is_looked_into():
    moment = trained().at(2)
    assert len(moment.predict([[5.1, 3.5, 1.4, 0.2]])) == 1
    assert repr(moment.look()).startswith("run@2: example")
    assert repr(moment).startswith("run@2: loss")
