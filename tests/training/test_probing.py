"""Looks into a stack of trainings: what is seen of each is what would be seen of it alone."""

import pytest
import torch

import deepglass as dg
from deepglass.carrying import begin, shown_by
from deepglass.errors import TrainingError
from deepglass.job import plan
from deepglass.probes.stored import read_evidence
from deepglass.training.keep import keep
from deepglass.training.keep_all import keep_all
from deepglass.training.probing import MOST_OF_A_STACK, look_into, look_into_all
from deepglass.training.replicas import Replicas

FIRST_LOOKS = 3  # later, rounding has been carried on through many steps


@pytest.fixture(scope="module")
def digits():
    return dg.load("digits", test=0, validation=300, classes=[0, 1, 2, 3])


class Silent:
    def step(self, step):
        pass

    def epoch(self, epoch, best):
        pass


def made(data, recipes, network="mlp"):
    """Trainings of some recipes, with their specs."""
    plans = [plan(network, data, **{"epochs": 6, "batch_size": 32, "threads": 1, **r})[0] for r in recipes]
    return [(dg.Training(dg.build(p.network, data, seed=p.recipe.seed), data, p.recipe), p) for p in plans]


def begun(made, place):
    return [
        begin(training, spec, out=place / str(number), strict=False, shown=shown_by(False))
        for number, (training, spec) in enumerate(made)
    ]


def kept_stacked(data, recipes, place, network="mlp", probes=True):
    """Train in one step; the evidence of each."""
    both = made(data, recipes, network)
    folders = begun(both, place)
    trainings = [training for training, _ in both]
    if probes:
        look_into_all(trainings, [folder.path for folder in folders])
    keep_all(Replicas(trainings), folders, Silent())
    return trainings, [read_evidence(folder.path) for folder in folders]


def kept_alone(data, recipes, place, network="mlp"):
    both = made(data, recipes, network)
    folders = begun(both, place)
    for (training, _), folder in zip(both, folders):
        look_into(training, folder.path)
        keep(training, folder, Silent())
    return [read_evidence(folder.path) for folder in folders]


def assert_same(one, other, path=""):
    assert type(one) is type(other) or {type(one), type(other)} == {int, float}, path
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for name in one.keys() - {"seconds", "fingerprint"}:  # a fingerprint is of all bits
            assert_same(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list):
        assert len(one) == len(other), path
        for place, (a, b) in enumerate(zip(one, other)):
            assert_same(a, b, f"{path}[{place}]")
    elif isinstance(one, float | int):
        assert one == pytest.approx(other, rel=5e-3, abs=1e-5), path
    else:
        assert one == other, path


@pytest.mark.parametrize(
    ("network", "recipes"),
    [
        ({"name": "mlp", "hidden": [16], "dropout": 0.2}, [{"seed": seed} for seed in range(2)]),
        (
            ["Flatten", {"Linear": 16}, "ReLU", "BatchNorm1d", {"Linear": "outputs"}],
            [
                {"optimizer": "sgd", "learning_rate": rate, "clip_norm": norm}
                for rate, norm in ((0.1, 0.5), (0.01, None))
            ],
        ),
    ],
    ids=["seeds", "recipes"],
)
def test_the_evidence_of_each_is_that_of_the_lone_run(digits, tmp_path, network, recipes):
    _, stacked = kept_stacked(digits, recipes, tmp_path / "stacked", network)
    alone = kept_alone(digits, recipes, tmp_path / "alone", network)
    for one, other in zip(stacked, alone, strict=True):
        assert not one.notes
        assert one.layers == other.layers
        assert [p["step"] for p in one.probes] == [p["step"] for p in other.probes] == [0, 1, 2, 4, 8, 32, 84]
        assert [step for step, _, _ in one.losses] == [step for step, _, _ in other.losses] == list(range(1, 85))
        if (
            "dropout" not in network
        ):  # masks are others in a stack, so only what is measured before the first step is the same
            for a, b in zip(one.probes[:FIRST_LOOKS], other.probes[:FIRST_LOOKS]):
                assert_same(a, b)
        before = one.probes[0]["layers"], other.probes[0]["layers"]
        assert_same(*({n: v for n, v in layers.items() if not n.startswith("update")} for layers in before))


def test_looks_leave_every_bit_as_it_is_and_no_hook(digits, tmp_path):
    recipes = [{"seed": seed} for seed in range(2)]
    network = {"name": "mlp", "hidden": [16], "dropout": 0.2}
    probed, evidence = kept_stacked(digits, recipes, tmp_path / "on", network)
    plain, nothing = kept_stacked(digits, recipes, tmp_path / "off", network, probes=False)
    for one, other in zip(probed, plain, strict=True):
        for name, value in other.network.state_dict().items():
            assert torch.equal(one.network.state_dict()[name], value), name
        assert [e.train for e in one.history] == [e.train for e in other.history]
        assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in one.network.modules())
    assert all(e.probes for e in evidence) and not any(e.probes for e in nothing)


def test_what_looks_cost_is_said_of_each_and_is_no_part_of_its_epochs(digits, tmp_path, monkeypatch):
    from deepglass.probes import look

    original = look.Look.before

    def slow(self):
        original(self)
        torch.rand(1)
        __import__("time").sleep(0.05)

    monkeypatch.setattr(look.Look, "before", slow)
    trainings, evidence = kept_stacked(digits, [{"seed": 0}, {"seed": 1}], tmp_path)
    for training, one in zip(trainings, evidence):
        looks = len(one.probes)
        told = one.facts["run"]["probes"]
        assert told["looks"] == looks and told["seconds"] >= 0.05 * looks
        assert sum(e.seconds for e in training.history) < 0.05 * looks
        assert 0.5 < told["share"] < 1


def test_one_that_fails_is_looked_at_no_more_and_its_neighbours_to_their_end(digits, tmp_path, monkeypatch):
    def poisoned(self, losses):
        sound = losses.detach().isfinite()
        if self.active[0].step_number >= 5 and len(self.active) == 3:
            sound[1] = False
            return sound
        return None

    monkeypatch.setattr(Replicas, "_look", poisoned)
    with pytest.raises(TrainingError, match="replica 1 is not finite"):
        kept_stacked(digits, [{"seed": seed} for seed in range(3)], tmp_path)
    steps = [[p["step"] for p in read_evidence(tmp_path / str(number)).probes] for number in range(3)]
    assert steps == [[0, 1, 2, 4, 8, 32, 84], [0, 1, 2, 4], [0, 1, 2, 4, 8, 32, 84]]


def test_of_a_large_stack_the_first_are_looked_into(digits, tmp_path):
    trainings = [dg.Training("perceptron", digits, dg.Recipe(seed=seed)) for seed in range(MOST_OF_A_STACK + 2)]
    seen = look_into_all(trainings, [tmp_path] * len(trainings))
    assert seen == MOST_OF_A_STACK
    assert [t.prober is not None for t in trainings] == [True] * MOST_OF_A_STACK + [False] * 2
    off = [dg.Training("perceptron", digits, dg.Recipe(probes=False)) for _ in range(2)]
    assert look_into_all(off, [tmp_path] * 2) == 0
