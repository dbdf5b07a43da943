import math

import pytest
from tokens_data import Reader, Writer, reversals, source, split_of, tagged, windows

import deepglass as dg
from deepglass.tasks import LanguageModelling, Tagging, Translation


def prepared(task, data, make):
    tokens = [len(f.tokens) for f in data.fields.values()]
    task.prepare(data, make(*tokens))
    return task


def test_counts_of_runs_give_the_mixed_probabilities_of_witten_and_bell():
    data = windows("abababababababac" + "abababab" + "a", train=0.67)  # two windows to count on, one to foretell
    task = prepared(LanguageModelling(), data, Reader)
    found = task.beside(data, data.members("validation"), 0)
    tokens = len(data.target.tokens)
    # in training: 16 targets, b a b a ... and at the end c a: 8 a, 7 b, 1 c, three kinds
    a, b = ((n + 3 / tokens) / 19 for n in (8, 7))
    assert found["token frequencies"]["loss"] == pytest.approx(-(4 * math.log(a) + 4 * math.log(b)) / 8)
    # after a: 7 b and 1 c, two kinds; after b: 7 a, one kind; after c: 1 a
    a_after_b, b_after_a = (7 + 1 * a) / 8, (7 + 2 * b) / 10
    assert found["bigram counts"]["loss"] == pytest.approx(-(math.log(a_after_b) + math.log(b_after_a)) / 2)
    assert found["bigram counts"]["accuracy"] == 1.0
    assert found["token frequencies"]["accuracy"] == 0.5
    assert found["trigram counts"]["loss"] < found["bigram counts"]["loss"]


def test_each_word_gets_the_tag_that_it_had_most_often():
    inputs = ["Rome is big", "Rome Rome", "Rome is", "is Oslo"]
    tags = ["B-city O O", "B-city B-name", "B-city O", "O B-city"]
    data = dg.load(source("cities", inputs, tags, split_of(3, 1), aligned=True), level="tokens")
    found = prepared(Tagging(), data, Reader).beside(data, data.members("validation"), 0)
    assert found["commonest tag of each word"]["accuracy"] == 1.0  # Oslo was never seen: the commonest tag of all
    assert found["commonest tag"]["accuracy"] == 0.5
    assert found["commonest tag of each word"]["f1_micro"] == 1.0


def test_a_translation_stands_beside_its_input_and_the_nearest_training_text():
    inputs = ["the cat", "the dog", "a bird", "a dog"]
    answers = ["le chat", "le chien", "un oiseau", "le chien"]
    data = dg.load(source("pairs", inputs, answers, split_of(3, 1)), level="words")
    found = prepared(Translation(), data, Writer).beside(data, data.members("validation"), 0)
    assert found["nearest training text"]["sequence_accuracy"] == 1.0
    assert found["copy of the input"]["sequence_accuracy"] == 0.0


def test_every_baseline_has_the_metrics_that_the_network_is_measured_by():
    data = tagged()
    task = prepared(Tagging(), data, Reader)
    found = task.beside(data, data.members("validation"), 0)
    assert all({"accuracy", "f1_micro", "sequence_accuracy"} <= scores.keys() for scores in found.values())
    data = reversals(120)
    found = prepared(Translation(), data, Writer).beside(data, data.members("validation"), 0)
    palindromes = [w for w in data.source.fields["x"].values[data.members("validation").numpy()] if w == w[::-1]]
    assert found["copy of the input"]["sequence_accuracy"] == pytest.approx(len(palindromes) / 30)
