"""What a user gets from RUN@EPOCH, and from `deepglass show` of a run that was looked into."""

import re
from pathlib import Path

import pytest

import deepglass as dg


@pytest.fixture
def run(deepglass):
    dg.train({"name": "mlp", "hidden": [3]}, "iris", epochs=4, keep_every=2, out="mine", threads=1, progress=False)
    return deepglass


def test_look_and_byhand_take_an_epoch(run):
    early, late = (run("look", f"mine@{epoch}", "--json", "-o", "look.svg") for epoch in (2, 4))
    assert early.code == late.code == 0, early.err
    assert early.json["probabilities"] != late.json["probabilities"]
    by_hand = [run("byhand", f"mine@{epoch}", "--json").json for epoch in (2, 4)]
    assert by_hand[0] != by_hand[1] and by_hand[0]["run"] == "mine"


def test_an_epoch_that_is_not_saved_is_a_line_and_exit_code_2(run):
    for command in ("look", "byhand"):
        answer = run(command, "mine@17")
        assert answer.code == 2 and "Traceback" not in answer.err
        assert re.search(r"Epoch 17 of mine was not kept\. Kept: .*2,.* 4", answer.err)


def test_a_folder_with_an_at_in_its_name_is_still_a_run(run):
    Path("mine").rename("mine@home")
    assert run("look", "mine@home", "--json", "-o", "look.svg").code == 0
    assert run("look", "mine@home@2", "--json", "-o", "look.svg").code == 0


def test_a_run_that_is_not_there_is_said_as_ever(run):
    answer = run("look", "none@2")
    assert answer.code == 2 and "none" in answer.err


def test_show_says_what_looking_inside_cost(run):
    assert re.search(r"looked inside \d+ times: .* of the training\n", run("show", "mine").out)
