"""Stories with questions, as bAbI writes them."""

import os
from pathlib import Path

import pytest

import deepglass as dg
from deepglass.errors import DataError, SettingError

STORY = """1 Mary moved to the bathroom.
2 John went to the hallway.
3 Where is Mary? \tbathroom\t1
4 Mary moved to the garden
5 Where is Mary? \tgarden\t4
1 John took the milk.
2 Is John there?\tyes\t1
"""
HERE = os.environ.get("DEEPGLASS_DATA")


def babi(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def told(data):
    fields = data.source.fields
    answers = [fields["answer"].classes[c] for c in fields["answer"].values]
    return list(zip(fields["story"].values, fields["question"].values, answers))


def test_each_question_has_the_sentences_before_it_and_its_answer(tmp_path):
    data = dg.load(babi(tmp_path, s=STORY) / "s.txt", test=0, validation=0)
    assert told(data) == [
        ("Mary moved to the bathroom . John went to the hallway .", "Where is Mary?", "bathroom"),
        (
            "Mary moved to the bathroom . John went to the hallway . Mary moved to the garden .",
            "Where is Mary?",
            "garden",
        ),
        ("John took the milk .", "Is John there?", "yes"),
    ]
    assert data.source.groups.tolist() == [0, 0, 1]  # questions of one story stay together
    assert data.fields["story"].tokens == data.fields["question"].tokens


def test_files_of_a_folder_are_tasks_and_splits(tmp_path):
    folder = babi(
        tmp_path,
        qa1_one_train=STORY * 6,
        qa1_one_test=STORY,
        qa2_two_train=STORY,
        qa2_two_test=STORY.replace("yes", "no"),
    )
    data = dg.load(folder, babi_tasks=[1])
    assert data.splits.counts()["test"] == 3 and len(data) == 21
    assert len(dg.load(folder)) == 27
    assert "1 questions have an answer that no training question has" in str(
        dg.load(folder, babi_tasks=[2], validation=0)
    )
    assert len(dg.load(folder / "qa1_one_train.txt")) == 21
    with pytest.raises(SettingError, match=r"has no task 7\. Tasks: 1, 2"):
        dg.load(folder, babi_tasks=[7])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STORY.replace("4 Mary", "Mary"), r"qa1_x_train.txt, line 4: 'Mary moved to the garden' is no line of a story"),
        (STORY.replace("4 Mary", "7 Mary"), r"line 4: sentence 7 follows sentence 3"),
        (STORY.replace("\tyes", "\t "), r"line 7: the question 'Is John there\?' has no answer"),
        ("1 Mary went home.\n", "holds no question"),
    ],
)
def test_a_line_that_does_not_parse_is_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        dg.load(babi(tmp_path, qa1_x_train=text))


def test_a_folder_without_stories_to_train_on_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no stories to train on, only test"):
        dg.load(babi(tmp_path, qa1_x_test=STORY))


@pytest.mark.skipif(not HERE, reason="DEEPGLASS_DATA names no folder of real data")
def test_the_real_tasks_have_as_many_questions_as_they_say():
    data = dg.load(Path(HERE) / "babi" / "en", babi_tasks=[1, 6])
    assert data.splits.counts() == {"train": 1600, "validation": 400, "test": 2000}


def test_one_of_the_inputs_can_be_chosen_and_another_target_is_refused(tmp_path):
    path = babi(tmp_path, s=STORY) / "s.txt"
    folder = babi(tmp_path, qa1_x_train=STORY)
    assert list(dg.load(folder, inputs=["question"], test=0, validation=0).inputs) == ["question"]
    with pytest.raises(
        SettingError, match=r"has the inputs story, question and the target answer, and no 'place' among them"
    ):
        dg.load(folder, target="place")
    assert len(dg.load(path, test=0, validation=0)) == 3
