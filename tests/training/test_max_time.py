"""What a user gets from `recipe.max_time`. The clock is moved by hand: no test waits for it."""

import pytest

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.runs import load_checkpoint
from deepglass.settings import checked
from deepglass.training import keep

QUICK = {"threads": 1, "progress": False, "batch_size": 32, "epochs": 4}  # 3 steps an epoch
pytestmark = pytest.mark.usefixtures("in_tmp")


@pytest.fixture
def a_second_a_look(monkeypatch):
    """Every look at the clock finds it a second later; a training looks once as it begins, and once a step to stop."""

    def later(clock):
        clock.looks = getattr(clock, "looks", 0) + 1
        return clock.before + clock.looks

    monkeypatch.setattr(keep.Clock, "spent", property(later))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1h 5s", 3605), ("2.5", 2.5), (7, 7), ("0.5h", 1800)],
)
def test_a_time_is_written_as_people_write_it(text, seconds):
    assert checked(dg.Recipe, {"max_time": text}, "recipe").max_time == seconds


@pytest.mark.parametrize("text", ["soon", "", "10 parrots", "1m1h", "-3s", 0, "0s", "nan", "inf", "1.2.3s"])
def test_what_is_no_time_is_refused_with_examples(text):
    with pytest.raises(SettingError, match=r"recipe.max_time=.*(90s, 10m or 1h30m|greater than 0|finite)"):
        checked(dg.Recipe, {"max_time": text}, "recipe")


def test_the_end_of_the_time_is_a_step_after_which_the_same_bits_follow(a_second_a_look):
    whole = dg.train("mlp", "iris", out="whole", **QUICK)
    run = dg.train("mlp", "iris", max_time=5, out="short", **QUICK)
    checkpoint = load_checkpoint(run.path)
    assert run.status == "time ended" and checkpoint.step == 5 and len(run.history) == 1
    assert checkpoint.values["position"] == 64  # the fifth step is the second of its epoch
    assert run.folder.facts["time_spent"] >= 5
    with pytest.raises(SettingError, match=r"time of short is used up: .*Give it more, such as --max-time"):
        dg.resume("short", progress=False)
    more = dg.resume("short", max_time="1h", progress=False)
    assert more.status == "done"
    ends = [load_checkpoint(r.path) for r in (whole, more)]
    for name, tensor in ends[0].tensors.items():
        assert tensor.equal(ends[1].tensors[name]), name
    assert ends[0].values["history"] == ends[1].values["history"]


def test_a_time_that_ends_within_the_first_epoch_leaves_a_run_that_opens(a_second_a_look):
    run = dg.train("mlp", "iris", max_time=1, out="short", **QUICK)
    assert run.status == "time ended" and not run.history
    assert dg.Run("short").report().is_file()
    assert dg.Run("short").evaluate()["examples"] == 30


def test_without_a_limit_no_clock_stops_it():
    clock = keep.Clock(None, before=1e9)
    assert not clock.is_over
