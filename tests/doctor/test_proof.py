"""What a proof says, and that it comes back from its file as it was."""

from dataclasses import replace

import pytest

from deepglass.doctor.proof import Proof, Tried, proofs_of, write_proof
from deepglass.report.pictures import to_svg

HELPED = Tried(
    {"recipe.learning_rate": 0.001},
    {"recipe.learning_rate": 1.0},
    why="smaller steps",
    symptom="rate_too_high",
    verdict="helped",
    metric="accuracy",
    effect=0.6,
    interval=(0.55, 0.65),
    margin=0.01,
    seeds=(1, 2, 3),
    control=(0.3, 0.35, 0.31),
    remedy=(0.9, 0.94, 0.92),
    examples=100,
)
NOTHING = replace(HELPED, change={"recipe.l1": 0.1}, was={"recipe.l1": 0.0}, verdict="no_difference", effect=0.001)
NOTHING = replace(NOTHING, interval=(-0.003, 0.005), remedy=(0.3, 0.353, 0.31))


def test_the_answer_stands_first_with_effect_and_interval():
    assert str(HELPED) == (
        "Helped: recipe.learning_rate 1 -> 0.001 raises accuracy by 0.600 (95 % interval +0.550 to +0.650, over 3 seeds and "
        "100 validation examples): 0.320 without the change, 0.920 with it."
    )


def test_a_remedy_that_did_nothing_is_told_so_plainly():
    assert str(NOTHING).startswith(
        "It did nothing: with recipe.l1 0 -> 0.1, accuracy changes by +0.0010 (95 % interval -0.0030"
    )
    assert "less than the 0.01 that would matter. Leave the setting as it was." in str(NOTHING)
    same = replace(NOTHING, effect=0.0, interval=(0.0, 0.0), remedy=NOTHING.control)
    assert "accuracy is the same in each of the 3 pairs of trainings (0.320 on average)" in str(same)


def test_less_of_an_error_is_told_as_a_help():
    error = replace(HELPED, metric="mae", sign=-1, effect=-2.0, interval=(-2.5, -1.5))
    assert "Helped: recipe.learning_rate 1 -> 0.001 lowers mean absolute error by 2.000" in str(error)


def test_trainings_that_came_to_nothing_are_counted():
    assert "2 of 3 trainings without the change came to nothing" in str(replace(HELPED, failed=(2, 0)))


def test_the_best_of_several_is_told_first_and_the_others_after_it():
    proof = Proof("runs/x", (NOTHING, HELPED), looks=(5, 10), planned=2)
    assert (proof.verdict, proof.effect, proof.interval) == ("helped", 0.6, (0.55, 0.65))
    lines = proof.text().splitlines()
    assert lines[0].startswith("Helped")
    assert lines[1].startswith("Also tried: It did nothing")
    assert (
        lines[2] == "Intervals are widened, so that all hold together at 95 %: 2 remedies, looks after 5 and 10 pairs."
    )


def test_of_two_errors_that_are_undecided_the_one_that_falls_more_is_the_best():
    some = replace(HELPED, verdict="undecided", metric="mae", sign=-1, effect=-1.0)
    more = replace(some, effect=-2.0)
    assert Proof("x", (some, more)).best is more


def test_a_proof_comes_back_from_its_file(tmp_path):
    (tmp_path / "proofs").mkdir()
    proof = Proof("runs/x", (HELPED, NOTHING), looks=(5, 10), planned=2, trainings=12, time="2026-01-02T03:04:05+00:00")
    written = write_proof(proof, tmp_path / "proofs" / "proof-1.json")
    assert proofs_of(tmp_path) == [written]
    assert proofs_of(tmp_path)[0].text() == proof.text()


def test_a_damaged_proof_is_left_out(tmp_path):
    (tmp_path / "proofs").mkdir()
    (tmp_path / "proofs" / "proof-1.json").write_text("{")
    assert proofs_of(tmp_path) == []


def test_what_machines_read_comes_first():
    plain = Proof("runs/x", (HELPED,)).to_dict()
    assert list(plain)[:4] == ["finding", "verdict", "effect", "interval"]
    assert (plain["finding"], plain["verdict"], plain["interval"]) == ("rate_too_high", "helped", [0.55, 0.65])


def test_the_picture_shows_pairs_and_interval_of_each_remedy():
    svg = to_svg(Proof("runs/x", (HELPED, NOTHING)).picture())
    for words in (
        "recipe.learning_rate 1",
        "Helped",
        "Did nothing",
        "3 pairs",
        "mean, 95 % interval",
        "too small to matter",
    ):
        assert words in svg


@pytest.mark.parametrize(
    "tried", [Tried({"recipe.l1": 1.0}, {}, trouble="It does not fit."), Tried({"recipe.l1": 1.0}, {})]
)
def test_a_remedy_without_trainings_is_undecided_and_drawn_as_a_sentence(tried):
    proof = Proof("runs/x", (tried,))
    assert proof.verdict == "undecided"
    assert proof.text().startswith("Undecided: recipe.l1 none -> 1")
    assert "No pair of trainings came to an end." in to_svg(proof.picture())
