import hashlib
import signal
import sys
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
import torch

import deepglass as dg
from deepglass.networks import build

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "doctor"
sys.path.insert(0, str(FOLDER))
try:
    import repair
    from bench import chosen, visited
    from case import Fault, Healthy, Loop, half
    from cases import FAULTS, WELL
    from cases.fresh import FRESH_FAULTS, FRESH_WELL, part
    from counted import Visit, figures, unknown
    from kinds import KINDS
    from outcome import Log, Outcome, carry_out
    from random_search import drawn
    from verify import is_worse
finally:
    sys.path.remove(str(FOLDER))

EVERY = [*FAULTS.values(), *WELL.values()]


def made(case, seed=0, mended=False):
    torch.manual_seed(seed)
    return case.make(seed, mended) if isinstance(case, Fault) else case.make(seed)


def test_every_kind_of_fault_has_a_case():
    assert {case.kind for case in FAULTS.values()} == set(KINDS)


def test_there_are_enough_cases_and_each_has_one_name():
    assert len(FAULTS) >= 70
    assert len(WELL) >= 45
    assert len({case.name for case in EVERY}) == len(EVERY)


def test_the_half_of_a_case_is_said_by_the_hash_of_its_name():
    for case in EVERY:
        first_byte = int(hashlib.sha256(case.name.encode()).hexdigest()[:2], 16)
        assert half(case.name) == ("open" if first_byte % 2 == 0 else "set aside")
    for cases in (FAULTS, WELL):
        assert 0.35 <= sum(half(name) == "open" for name in cases) / len(cases) <= 0.65


def test_both_halves_together_are_all_cases():
    names = [case.name for name in ("open", "set aside") for case in chosen(name, None, "1/1")]
    assert sorted(names) == sorted(case.name for case in EVERY)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_a_case_can_be_made_and_its_network_takes_its_data(case):
    for mended in (False, True) if isinstance(case, Fault) else (False,):
        one = made(case, mended=mended)
        if isinstance(one, Loop):
            continue
        assert isinstance(one.data, dg.Dataset)
        batch = one.data.examples("train", limit=4)
        with torch.no_grad():
            output = build(one.network, one.data)(*(batch[name] for name in one.data.inputs))
        assert len(output) == 4


def test_the_fresh_cases_are_parted_in_two_by_their_names():
    assert len(FRESH_FAULTS) >= 60
    assert len(FRESH_WELL) >= 40
    names = [*FRESH_FAULTS, *FRESH_WELL]
    assert not set(names) & {case.name for case in EVERY}
    parts = [[case.name for case in chosen(name, None, "1/1")] for name in ("mended on", "looked at after")]
    assert sorted(parts[0] + parts[1]) == sorted(names)
    assert all(part(name) == "mended on" for name in parts[0])
    assert min(map(len, parts)) >= 0.4 * len(names)


@pytest.mark.parametrize("case", [*FRESH_FAULTS.values(), *FRESH_WELL.values()], ids=lambda case: case.name)
def test_a_fresh_case_can_be_made(case):
    one = made(case)
    assert isinstance(one, Loop) or isinstance(one.data, dg.Dataset)


def test_two_seeds_give_a_case_other_data_or_other_weights():
    one, other = (made(FAULTS["digits_from_large_weights"], seed) for seed in (0, 1))
    assert not torch.equal(one.network.hidden1.weight, other.network.hidden1.weight)
    assert one.data.splits.validation.tolist() != other.data.splits.validation.tolist()


def test_a_word_that_is_no_kind_is_refused():
    known = {"repair": "", "metric": "accuracy", "level": 1.0}
    with pytest.raises(ValueError, match=r"mine: \['typo'\] is none of the words"):
        Fault("mine", lambda seed, mended: None, kind="rate_too_low", also=("typo",), **known)


def test_nothing_in_a_run_says_which_case_it_is(tmp_path):
    case = FAULTS["wine_as_it_is"]
    carry_out(partial(case.make, mended=False), 0, tmp_path / "run")
    texts = [p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()]
    assert texts
    assert not any(word.encode() in text for text in texts for word in (case.name, "inputs_unscaled", "proline, about"))


def test_a_loop_is_carried_out_and_its_last_scores_are_kept():
    case = FAULTS["digits_without_a_step"]
    still, moving = (carry_out(partial(case.make, mended=m), 0, None) for m in (False, True))
    assert moving.scores["accuracy"] > 0.8 > 0.3 > still.scores["accuracy"]


def test_a_loss_that_is_not_finite_leaves_a_run_without_scores(tmp_path):
    outcome = carry_out(partial(FAULTS["clouds_with_bare_log"].make, mended=False), 0, tmp_path / "run")
    assert outcome.scores == {}
    assert "not finite" in outcome.error
    assert outcome.run.path == tmp_path / "run"


def pairs(*scores, metric="accuracy"):
    return [[Outcome({metric: bad}), Outcome({metric: good})] for bad, good in scores]


def test_a_signal_stops_the_bench_and_no_training_cut_short_is_judged(tmp_path, monkeypatch):
    from deepglass.training.interrupts import Interrupts

    enter = Interrupts.__enter__

    def enter_and_stop(self):
        enter(self)
        signal.raise_signal(signal.SIGTERM)
        return self

    monkeypatch.setattr(Interrupts, "__enter__", enter_and_stop)
    case = next(case for case in WELL.values() if not isinstance(made(case), Loop))
    with pytest.raises(SystemExit, match="Stopped by SIGTERM"):
        carry_out(case.make, 0, tmp_path / "run")


def test_a_fault_is_worse_when_it_is_so_on_every_seed_and_clearly_on_average():
    assert is_worse(pairs((0.5, 0.9), (0.88, 0.9)), "accuracy")
    assert not is_worse(pairs((0.5, 0.9), (0.91, 0.9)), "accuracy")  # one seed goes the other way
    assert not is_worse(pairs((0.88, 0.9), (0.86, 0.9)), "accuracy")  # 3 points on average
    assert is_worse(pairs((1.0, 0.8), (2.0, 0.9), metric="loss"), "loss")
    assert not is_worse(pairs((1.0, 0.95), (1.0, 0.95), metric="loss"), "loss")  # 5 %
    assert is_worse([[Outcome(), Outcome({"accuracy": 0.4})]], "accuracy")  # the loss was not finite


def test_the_figures_are_counted_as_by_hand():
    fault = Fault("a", lambda s, m: None, "rate_too_high", "", "loss", 0.0, also=("exploding",))
    other = Fault("b", lambda s, m: None, "overfitting", "", "loss", 0.0)
    well = Healthy("c", lambda s: None, "accuracy")
    visits = [
        Visit(fault, 0, ("dead_units", "rate_too_high")),  # right, not first
        Visit(fault, 1, ("exploding",)),  # right and first: an equal explanation
        Visit(other, 0, ("underfitting",), ("overfitting",)),  # wrong, right in a remark alone
        Visit(other, 1, ()),  # nothing
        Visit(well, 0, ("never_heard_of",)),  # a false alarm
        Visit(well, 1, (), ("overfitting",)),  # a remark is none
    ]
    found = figures(visits)
    assert found["detected"].startswith("0.750 (3 of 4;")
    assert found["right cause"].startswith("0.500 (2 of 4;")
    assert found["right cause, remarks too"].startswith("0.750 (3 of 4;")
    assert found["right cause first"].startswith("0.250 (1 of 4;")
    assert found["precision of findings"] == "0.500 (2 of 4)"
    assert found["false alarms"].startswith("0.500 (1 of 2;")
    assert found["false alarms"].endswith("over 1 cases)")
    assert unknown(visits) == ["never_heard_of"]


def test_a_random_search_changes_one_to_three_settings_that_the_network_has(tmp_path):
    case = FAULTS["wine_as_it_is"]
    spec = carry_out(partial(case.make, mended=False), 0, tmp_path / "run").run.spec
    specs = list(islice(drawn(spec, 0), 60))
    assert all("filters" not in s.network for s in specs)
    assert {s.data.scaling for s in specs} == {"none", "standard", "unit"}
    optimizers = [{"recipe.optimizer", "recipe.learning_rate"} <= s.changes_from(spec).keys() for s in specs]
    assert all(1 <= len(s.changes_from(spec)) <= 3 + own for s, own in zip(specs, optimizers))


def test_a_random_search_trains_as_often_as_it_may_and_keeps_the_best_for_fresh_seeds(monkeypatch):
    trained = []

    def by_rate(case, spec, seed, folder):
        trained.append((seed, spec))
        return Outcome({"accuracy": 0.97 if _rate(spec) < 1 else 0.1})

    monkeypatch.setattr(repair, "_trained", by_rate)
    found = repair.by_search(FAULTS["digits_with_long_steps"], 30)
    assert [seed for seed, _ in trained] == [0] * 30 + list(repair.FRESH)
    assert all(_rate(spec) < 1 for _, spec in trained[30:])
    assert (found.trainings, found.reached, found.proved) == (30, True, False)


def _rate(spec):
    return spec.recipe.learning_rate or 0.01  # where it is left open, the usual one of the optimizer


def test_a_fault_counts_as_repaired_by_the_doctor_only_where_it_was_proved():
    cases = [(True, True, False), (True, False, True), (False, True, True)]  # proved, reached, reached by the search
    lines = [
        {"doctor": {"tried": True, "proved": p, "reached": r, "trainings": 10}, "search": {"reached": s}}
        for p, r, s in cases
    ]
    found = repair._figures(lines)
    assert found["proved to help"].startswith("0.667 (2 of 3;")
    assert found["repaired and proved"].startswith("0.333 (1 of 3;")
    assert found["by random search"].startswith("0.667 (2 of 3;")
    assert found["trainings of each"] == "30"


class Said:
    """A finding, as far as the bench reads it."""

    def __init__(self, symptom, severity):
        self.symptom, self.severity = symptom, severity


def test_the_bench_asks_for_findings_of_runs_and_of_watched_loops(monkeypatch):
    class Watched(Log):
        def diagnose(self):
            return [Said("no_steps", "alarm"), Said("unfinished", "remark")]

    @contextmanager
    def watch(network, *, optimizer):
        yield Watched()

    monkeypatch.setattr(dg, "watch", watch, raising=False)
    monkeypatch.setattr(dg.Run, "findings", property(lambda run: [Said("zero_weights", "warning")]), raising=False)
    loop, run = visited(FAULTS["digits_without_a_step"], 0), visited(FAULTS["digits_from_zero"], 0)
    assert (loop.found, loop.remarks, loop.right) == (("no_steps",), ("unfinished",), (True,))
    assert (run.found, run.remarks, run.right) == (("zero_weights",), (), (True,))


def test_parts_of_a_half_share_its_cases():
    whole = {case.name for case in chosen("open", None, "1/1")}
    parts = [{case.name for case in chosen("open", None, f"{part}/3")} for part in (1, 2, 3)]
    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)
