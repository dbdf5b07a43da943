"""Whether one training is better than another: what a user is told."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

import deepglass as dg
from deepglass.errors import RunError, SettingError
from deepglass.runs import RunFolder

QUICK = {"threads": 1, "progress": False}
pytestmark = pytest.mark.usefixtures("in_tmp")
SPEC = {"data": {"source": "iris"}, "network": {"name": "mlp"}, "task": {}, "recipe": {}}


def made(name, accuracy, *, seed=0, loss=1.0, validation=(1, 2, 3), loss_name="cross_entropy", source="same", **recipe):
    """A run as its folder would say it, without a training."""
    folder = RunFolder.create(name)
    folder.write_spec(dg.Spec.from_dict({**SPEC, "recipe": {"seed": seed, **recipe}}).to_dict())
    folder.write_fields(
        {"y": {"name": "y", "kind": "category", "role": "target", "shape": [], "encoding": {"classes": ["a", "b"]}}}
    )
    splits = {"train": range(10, 22), "validation": validation, "test": [30, 31]}
    folder.write_splits({n: torch.tensor(list(ids)) for n, ids in splits.items()})
    measured = {"loss": loss, "accuracy": accuracy}
    folder.append_history(
        {"epoch": 1, "seconds": 1.0, "learning_rate": 0.1, "train": measured, "validation": measured, "running": {}}
    )
    folder.update_facts(status="done", best_epoch=1, data_fingerprint=source, task={"loss": loss_name})
    return dg.Run(name)


def several(name, accuracies, **options):
    return [made(f"{name}/{i}", value, seed=i, **options) for i, value in enumerate(accuracies)]


A, B = [0.91, 0.93, 0.91, 0.95, 0.92], [0.90, 0.91, 0.90, 0.92, 0.91]


def test_the_better_of_two_ways_is_named_with_its_interval_over_seeds():
    found = dg.compare(several("a", A), several("b", B, learning_rate=0.5))
    interval = stats.ttest_rel(A, B).confidence_interval(0.95)
    assert found.difference == pytest.approx(0.016)
    assert found.interval == pytest.approx((interval.low, interval.high))
    assert found.sentence == (
        "A is better by 0.016 in accuracy (95 % interval 0.005 to 0.027 over 5 seeds, the same data)."
    )
    assert (found.better, found.covers, found.p_value) == ("A", "5 seeds, the same data", 2 / 2**5)
    assert found.values == {"A": A, "B": B}
    assert found.about[-1] == "they differ in recipe.learning_rate: A None, B 0.5"
    assert "p = 0.0625 (all choices of signs; interval: paired t)" in repr(found)
    assert found.to_dict()["sentence"] == found.sentence


def test_the_other_way_round_the_other_one_is_named_by_the_same_amount():
    found = dg.compare(several("b", B), several("a", A))
    assert found.sentence.startswith("B is better by 0.016 in accuracy (95 % interval 0.005 to 0.027")
    assert found.difference == pytest.approx(-0.016) and found.interval[1] < 0


def test_less_loss_is_better():
    lower = [made(f"a/{i}", 0.5, seed=i, loss=1.0 + 0.01 * i) for i in range(4)]
    higher = [made(f"b/{i}", 0.5, seed=i, loss=1.5 + 0.02 * i) for i in range(4)]
    found = dg.compare(lower, higher, metric="loss")
    assert found.better == "A" and found.sentence.startswith("A is better by 0.515 in loss (95 % interval 0.49")


def test_what_chance_alone_could_give_is_within_noise():
    found = dg.compare(several("a", [0.9, 0.8, 0.9]), several("b", [0.85, 0.88, 0.86]))
    assert found.better is None and found.sentence.startswith(
        "Within noise: A minus B is 0.00 in accuracy (95 % interval -0.1"
    )


def test_seeds_that_all_say_the_same_decide_nothing():
    found = dg.compare(several("a", [0.9, 0.8]), several("b", [0.8, 0.7]))
    assert found.better is None and found.interval is None
    assert found.sentence.startswith("Undecided: A and B differ by the same 0.1 every time in accuracy over 2 seeds")
    assert "do not differ" in dg.compare(several("c", [0.9, 0.8]), several("d", [0.9, 0.8])).sentence


def test_runs_may_be_given_by_their_folders():
    runs = several("a", A)
    other = several("b", B)
    assert dg.compare([str(r.path) for r in runs], [r.path for r in other]).sentence == dg.compare(runs, other).sentence


def test_only_seeds_that_both_have_make_pairs():
    found = dg.compare(several("a", A), several("b", B[:3]))
    assert found.covers == "3 seeds, the same data" and found.values["A"] == A[:3]


def test_seeds_that_are_no_pairs_are_compared_as_groups():
    found = dg.compare(several("a", A), [made(f"b/{i}", v, seed=10 + i) for i, v in enumerate(B)])
    interval = stats.ttest_ind(A, B, equal_var=False).confidence_interval(0.95)
    assert found.interval == pytest.approx((interval.low, interval.high))
    assert found.covers == "5 and 5 seeds that are no pairs, the same data"


def test_folds_widen_the_interval_because_they_share_examples():
    def folds(name, values):
        return [made(f"{name}/{i}", v, validation=range(3 * i, 3 * i + 3)) for i, v in enumerate(values)]

    found = dg.compare(folds("a", A), folds("b", B))
    spread = np.std(np.subtract(A, B), ddof=1)
    reach = stats.t.ppf(0.975, 4) * spread * np.sqrt(1 / 5 + 3 / 12)
    assert found.interval == pytest.approx((0.016 - reach, 0.016 + reach))
    assert found.covers == "5 splits, each with its seed" and "overlap" in found.method


def test_an_average_over_the_last_epoch_is_taken_when_stopping_was_off():
    run = made("a", 0.9, early_stopping=False)
    run.folder.append_history(
        {"epoch": 2, "seconds": 1.0, "learning_rate": 0.1, "train": {}, "validation": {"loss": 2.0, "accuracy": 0.7}}
    )
    other = several("b", [0.8, 0.8])
    found = dg.compare([run, made("c", 0.8, seed=1)], other)
    assert found.values["A"][0] == 0.7


@pytest.mark.parametrize(
    ("a", "b", "options", "error", "message"),
    [
        (
            [0.9],
            [0.8, 0.7],
            {},
            RunError,
            r"A has 1 run and B 2: one run says nothing of the luck of its seed.*seeds=5",
        ),
        ([], [0.8], {}, RunError, "A holds no run"),
        (
            [0.9, 0.8],
            [0.8, 0.7],
            {"metric": "acuracy"},
            SettingError,
            r"'acuracy' was not .*mean 'accuracy'\? Recorded: loss",
        ),
        (
            [0.9, 0.8],
            [0.8, 0.7],
            {"split": "train"},
            SettingError,
            "split='train' cannot be compared on. Choose one of validation",
        ),
    ],
)
def test_what_cannot_be_compared_is_told_why(a, b, options, error, message):
    with pytest.raises(error, match=message):
        dg.compare(several("a", a), several("b", b), **options)


def test_runs_that_were_judged_otherwise_are_not_compared():
    a = several("a", A)
    with pytest.raises(RunError, match="were trained on different data"):
        dg.compare(a, several("other", B, source="else"))
    with pytest.raises(
        SettingError, match=r"the losses are different functions \(cross_entropy, hinge\).*recorded: accuracy"
    ):
        dg.compare(a, several("hinge", B, loss_name="hinge"), metric="loss")
    with pytest.raises(RunError, match=r"make no pairs. Train both on one dataset with the same seeds"):
        dg.compare(a, several("splits", B, validation=(5, 6, 7)))
    with pytest.raises(RunError, match="not judged on the same validation examples"):
        dg.compare(a[0], made("one", 0.8, validation=(5, 6, 7)))
    with pytest.raises(
        RunError, match="A holds two runs with the same seed and the same splits, which are one measurement"
    ):
        dg.compare([a[0], made("again", 0.9)], a)
    empty = RunFolder.create("empty")
    empty.write_spec(dg.Spec.from_dict(SPEC).to_dict())
    with pytest.raises(RunError, match="has no epoch that was trained to its end"):
        dg.compare(a, [dg.Run("empty")])


class Cut(nn.Module):
    """Says "positive" where the first input lies above a number; trained for no epoch that matters."""

    def __init__(self, at):
        super().__init__()
        self.at, self.scale = at, nn.Parameter(torch.ones(1))

    def forward(self, x):
        return 8 * self.scale * (x[:, :1] - self.at)


def test_two_runs_are_compared_by_the_examples_that_only_one_gets_right():
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 1))
    data = dg.load((x, np.where(x[:, 0] > 0, "yes", "no")), scaling="none")
    good, poor = (
        dg.train(Cut(at), data, epochs=1, learning_rate=1e-9, out=name, **QUICK)
        for name, at in (("good", 0.0), ("poor", 0.4))
    )
    found = dg.compare(good, poor)
    validation = x[data.members("validation").numpy(), 0]
    share = ((validation > 0) & (validation <= 0.4)).mean()
    assert found.difference == pytest.approx(share) and found.better == "A"
    assert found.sentence.startswith(f"A is better by {share:.3f} in accuracy (95 % interval 0.0")
    assert found.covers == "the choice of 80 validation examples; one seed each, whose luck it does not cover"
    assert found.p_value == pytest.approx(2 * 0.5 ** round(80 * share))
    by_loss = dg.compare(good, poor, metric="loss")
    assert by_loss.better == "A" and by_loss.difference < 0 and by_loss.method == "paired bootstrap; p: the same"
    assert good.folder.looks() == [] and poor.folder.looks() == []
    test = dg.compare(good, poor, split="test")
    assert test.better == "A" and "100 test examples" in test.covers
    assert [len(run.folder.looks()) for run in (good, poor)] == [1, 1]
    assert good.folder.looks()[0]["why"] == "compare"
    assert dg.compare(good, good).sentence.startswith("Within noise: A minus B is 0.000")
