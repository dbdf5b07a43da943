"""What a user gets from freezing by depth, gradual unfreezing and rates by depth."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.training.learning_plan import learning_plan

IRIS = dg.load("iris")


def network():
    torch.manual_seed(0)
    made = nn.Sequential()
    made.one = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU())
    made.two = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU())
    made.head = nn.Linear(5, 3)
    return made


def training(made=None, **recipe):
    given = {"threads": 1, "epochs": 6, "batch_size": 32, "learning_rate": 0.01, "early_stopping": False, **recipe}
    return dg.Training(made or network(), IRIS, dg.Recipe(**given))


def changed(made, before):
    """The parts of which a parameter, or what a norm has measured, is no longer what it was."""
    state = made.state_dict()
    return {n.partition(".")[0] for n, v in before.items() if "num_batches" not in n and not torch.equal(state[n], v)}


def copied(made):
    return {n: v.clone() for n, v in made.state_dict().items()}


def by_epoch(one):
    """The parts that change in each epoch."""
    found, before = [], copied(one.network)
    for _ in one:
        found.append(changed(one.network, before))
        before = copied(one.network)
    return found


HEAD, UPPER, ALL = {"head"}, {"two", "head"}, {"one", "two", "head"}


@pytest.mark.parametrize(
    ("recipe", "learns"),
    [
        ({"unfreeze_depth": 1}, [HEAD] * 6),
        ({"unfreeze_depth": 2}, [UPPER] * 6),
        ({"unfreeze_depth": 3}, [ALL] * 6),
        ({"unfreeze_after": 2}, [HEAD] * 2 + [ALL] * 4),
        ({"unfreeze_depth": 2, "unfreeze_after": 4}, [UPPER] * 4 + [ALL] * 2),
        ({"unfreeze_every": 2}, [HEAD] * 2 + [UPPER] * 2 + [ALL] * 2),
        ({"unfreeze_every": 2, "unfreeze_after": 3}, [HEAD] * 2 + [UPPER] + [ALL] * 3),
        ({"unfreeze_every": 1, "freeze": ["one"]}, [HEAD] + [UPPER] * 5),
    ],
)
def test_layers_learn_from_the_head_down_when_the_recipe_says_so(recipe, learns):
    one = training(**recipe)
    assert by_epoch(one) == learns
    assert all(p.requires_grad for p in one.network.parameters())  # given back
    assert all(m.training for m in one.network.modules())


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "adagrad", "lbfgs"])
def test_what_is_frozen_has_not_moved_when_its_turn_comes_whatever_the_optimizer(optimizer):
    size = {"batch_size": "all"} if optimizer == "lbfgs" else {}
    learns = by_epoch(training(optimizer=optimizer, learning_rate=0.05, weight_decay=0.1, unfreeze_after=3, **size))
    assert learns[:3] == [HEAD] * 3 and learns[-1] == ALL


@pytest.mark.parametrize(("keep", "moves"), [(None, [False, False, True]), (True, [False] * 3), (False, [True] * 3)])
def test_the_statistics_of_norms_stay_with_frozen_layers_or_always_or_never(keep, moves):
    one = training(unfreeze_after=2, freeze_statistics=keep, epochs=3)
    found, before = [], one.network.one[1].running_mean.clone()
    for _ in one:
        found.append(not torch.equal(one.network.one[1].running_mean, before))
        before = one.network.one[1].running_mean.clone()
    assert found == moves


@pytest.mark.parametrize("stop", [3, 6, 7, 11])  # steps; an epoch has 3
def test_gradual_unfreezing_resumes_to_the_last_bit(stop):
    recipe = {"unfreeze_every": 2, "rate_decay_by_depth": 0.5, "early_stopping": True}
    whole = training(**recipe)
    list(whole)
    broken, taken = training(**recipe), 0
    while taken < stop:
        for _ in broken.steps():
            taken += 1
            if taken == stop:
                break
        else:
            broken.close_epoch()
    state = broken.state_dict()
    again = training(**recipe)
    again.load_state_dict(state)
    list(again)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name
    assert [e.validation for e in whole.history] == [e.validation for e in again.history]


def test_stopping_waits_until_all_layers_have_had_their_turn():
    def stopped(**recipe):
        still = training(learning_rate=1e-12, epochs=30, patience=2, early_stopping=True, min_change=1.0, **recipe)
        return len(list(still))

    assert stopped() == 3
    assert stopped(unfreeze_after=10) == 12  # patience counts from the tenth epoch
    assert stopped(unfreeze_every=4) == 10  # two groups thaw, after 4 and 8 epochs
    assert stopped(unfreeze_after=10, tolerance=0.5) == 11  # what has converged while frozen is not done


def test_each_group_learns_at_the_rate_of_the_one_above_times_a_factor():
    one = training(optimizer="sgd", learning_rate=0.5, batch_size="all", rate_decay_by_depth=0.1)
    plain = training(optimizer="sgd", learning_rate=0.5, batch_size="all")
    start = copied(one.network)
    for each in (one, plain):
        next(each.steps())
    factors = {"one": 0.01, "two": 0.1, "head": 1.0}
    for name, p in one.network.named_parameters():
        moved, full = p - start[name], plain.network.get_parameter(name) - start[name]
        assert_close(moved, factors[name.partition(".")[0]] * full, rtol=1e-3, atol=1e-6)


def test_a_part_with_a_rate_of_its_own_goes_by_that():
    one = training(optimizer="sgd", learning_rate=1.0, rate_decay_by_depth=0.5, rates={"one.0": 0.125})
    rates = {id(p): group["lr"] for group in one.players[0].optimizer.param_groups for p in group["params"]}
    found = {n: rates[id(p)] for n, p in one.network.named_parameters() if n.endswith("weight")}
    assert found == {
        "one.0.weight": 0.125,
        "one.1.weight": 0.25,
        "two.0.weight": 0.5,
        "two.1.weight": 0.5,
        "head.weight": 1.0,
    }


def test_a_depth_that_is_not_there_is_told_the_groups():
    with pytest.raises(
        SettingError, match=r"unfreeze_depth=9: this network has 3 groups of layers, .* one.0, two.0, head"
    ):
        training(unfreeze_depth=9)


def test_the_plan_says_which_layers_learn_when_and_how_fast():
    recipe = dg.Recipe(unfreeze_every=3, rate_decay_by_depth=0.5, freeze=["one.0"])
    plan = learning_plan(network(), recipe)
    assert [(g.name, g.parameters, g.learning, g.from_epoch, g.rates) for g in plan] == [
        ("one.0", 42, 12, 7, (0.25, 0.25)),
        ("two.0", 45, 45, 4, (0.5, 0.5)),
        ("head", 18, 18, 1, (1.0, 1.0)),
    ]
    assert learning_plan(network(), dg.Recipe(freeze=["one"]))[0].from_epoch is None
    assert learning_plan(network(), dg.Recipe()) == []
