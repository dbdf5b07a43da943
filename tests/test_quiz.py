"""What a learner gets from the quiz."""

import json
import sys

import pytest

from deepglass.cli import main
from deepglass.errors import UnknownName
from deepglass.quiz import QUESTIONS, mark

ANSWERS = {  # by hand
    "padding": "7x7",
    "stride": "5x5, 3x3, 2x2",
    "ten-filters": "760",
    "photograph": "196,709,100",
    "large-photograph": "6,220,901,100",
    "border": "1 and 9",
    "evenly": "full",
    "growth": "32",
    "reflection": "0",
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_worked_out_is_the_one_by_hand(name):
    assert mark(name, ANSWERS[name]).right
    wrong = mark(name, "12")
    assert not wrong.right and wrong.answer == ANSWERS[name] and str(wrong).startswith(f"Not 12, but {ANSWERS[name]}. ")


@pytest.mark.parametrize("given", ["7 x 7", "7×7", " 7X7 "])
def test_an_answer_may_be_written_in_many_ways(given):
    assert mark("padding", given).right


def test_a_number_may_be_given_with_or_without_its_commas():
    assert mark("photograph", 196709100).right and mark("photograph", "196'709'100").right


def test_a_name_that_is_no_question_is_told_what_is_near():
    with pytest.raises(UnknownName, match=r"There is no question 'pading'. Did you mean 'padding'"):
        mark("pading", "7x7")


def test_the_command_line_asks_and_marks(monkeypatch, capsys):
    said = []
    for words in ([], ["padding"], ["padding", "5x5"], ["padding", "7x7", "--json"]):
        monkeypatch.setattr(sys, "argv", ["deepglass", "quiz", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        said.append(capsys.readouterr().out)
    assert len(said[0].splitlines()) == len(QUESTIONS) and said[1].startswith("A 7x7 image")
    assert said[2].startswith("Not 5x5, but 7x7.") and json.loads(said[3])["right"] is True
