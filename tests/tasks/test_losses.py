import math
import re

import pytest
import torch
from torch.testing import assert_close

from deepglass.errors import ShapeError, UnknownName
from deepglass.tasks.fit import impossible, misfits, pick_loss
from deepglass.tasks.losses import LOSSES

LOGITS = torch.tensor([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0], [-1.0, 0.5, 0.25], [0.1, 0.2, 0.3]])
CODES = torch.tensor([0, 2, 1, 2])
TWO_CODES = torch.tensor([0, 1, 1, 0])
LABELS = torch.tensor([[1.0, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]])


def of(name, output, target, **settings):
    return LOSSES[name].function(output, target, **settings)


def example_for(name):
    loss = LOSSES[name]
    output = LOGITS[:, :1] if loss.outputs == "one" else LOGITS
    output = {"probabilities": output.sigmoid(), "log_probabilities": output.log_softmax(1)}.get(loss.takes, output)
    target = {"labels": LABELS, "number": LABELS * 2 - 0.5}.get(
        loss.target, TWO_CODES if loss.outputs == "one" else CODES
    )
    return output.clone().requires_grad_(), target


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_gives_one_finite_number_an_example_with_a_gradient(name):
    output, target = example_for(name)
    each = of(name, output, target)
    assert each.shape == (4,) and each.isfinite().all() and (each >= 0).all()
    each.sum().backward()
    assert output.grad.isfinite().all() and output.grad.abs().sum() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_an_example_costs_the_same_whoever_is_in_its_batch(name):
    output, target = example_for(name)
    assert_close(of(name, output[1:2], target[1:2]), of(name, output, target)[1:2])


def test_cross_entropy_is_the_same_on_logits_probabilities_and_log_probabilities():
    expected = -LOGITS.softmax(1).log()[range(4), CODES]
    assert_close(of("cross_entropy", LOGITS, CODES), expected)
    assert_close(of("categorical_cross_entropy", LOGITS.softmax(1), CODES), expected)
    assert_close(of("negative_log_likelihood", LOGITS.log_softmax(1), CODES), expected)


def test_binary_cross_entropy_is_the_same_on_a_logit_and_on_its_probability():
    z = torch.tensor([[2.0], [-1.0], [0.0]])
    expected = torch.tensor([math.log(1 + math.exp(2)), math.log(1 + math.e), math.log(2)])
    target = torch.tensor([0, 1, 1])
    assert_close(of("binary_cross_entropy", z, target), expected)
    assert_close(of("binary_cross_entropy", z[:, 0], target), expected)
    assert_close(of("binary_cross_entropy_of_probabilities", z.sigmoid(), target), expected)


def test_a_probability_of_zero_costs_much_but_not_infinity():
    sure = torch.tensor([[0.0, 1.0]])
    assert of("categorical_cross_entropy", sure, torch.tensor([0])).item() == pytest.approx(87.3, abs=0.1)
    assert of("binary_cross_entropy_of_probabilities", torch.ones(1, 1), torch.tensor([0])).item() == pytest.approx(
        87.3, abs=0.1
    )
    assert of("binary_cross_entropy_of_probabilities", torch.ones(1, 1), torch.tensor([1])).item() == 0


def test_pictures_of_classes_count_as_one_example_each():
    logits = torch.zeros(2, 3, 4, 5)
    assert_close(of("cross_entropy", logits, torch.zeros(2, 4, 5, dtype=torch.int64)), torch.full((2,), math.log(3)))


def test_labels_are_averaged():
    z = torch.zeros(2, 5)
    assert_close(of("labels_cross_entropy", z, torch.ones(2, 5)), torch.full((2,), math.log(2)))


def test_a_column_and_a_row_of_numbers_do_not_become_a_square():
    output, target = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([1.0, 0.0, 0.0])
    assert of("mse", output, target).tolist() == [0, 4, 9]
    assert of("mae", output, target).tolist() == [0, 2, 3]
    assert of("huber", output, target).tolist() == [0, 1.5, 2.5]
    assert of("huber", output, target, delta=3.0).tolist() == [0, 2, 4.5]


def test_a_wrong_number_of_outputs_is_named():
    with pytest.raises(ShapeError, match=r"output has shape \(4, 3\) and the target \(4, 2\)\. .* numbers: 2\."):
        of("mse", LOGITS, torch.zeros(4, 2))


def test_squared_error_takes_codes_as_rows_with_a_one():
    assert_close(of("mse", torch.tensor([[0.5, 0.5, 0.0]]), torch.tensor([1])), torch.tensor([0.5 / 3]))


def test_the_perceptron_loss_moves_zero_weights_and_leaves_right_answers_alone():
    f = torch.tensor([[0.0], [2.0], [-3.0], [-0.5]], requires_grad=True)
    each = of("perceptron", f, torch.tensor([1, 1, 1, 0]))
    assert each.tolist() == [0, 0, 3, 0]
    each.sum().backward()
    assert f.grad[:, 0].tolist() == [-1, 0, -1, 0]  # minus y on a mistake, a score of 0 included


def test_the_perceptron_and_the_hinge_take_codes_or_signs():
    f = torch.tensor([0.5, -2.0])
    for name in ("perceptron", "hinge"):
        assert_close(of(name, f, torch.tensor([0, 1])), of(name, f, torch.tensor([-1.0, 1.0])))


def test_the_perceptron_of_many_classes_moves_the_right_and_the_best_wrong_score():
    f = torch.zeros(1, 3, requires_grad=True)
    each = of("perceptron", f, torch.tensor([2]))
    each.sum().backward()
    assert each.item() == 0 and f.grad.tolist() == [[1, 0, -1]]
    assert of("perceptron", torch.tensor([[1.0, 4.0, 2.0]]), torch.tensor([2])).item() == 2
    assert of("perceptron", torch.tensor([[1.0, 4.0, 5.0]]), torch.tensor([2])).item() == 0


def test_the_hinge_asks_for_a_margin_of_one():
    assert of("hinge", torch.tensor([[0.25], [3.0]]), torch.tensor([1, 1])).tolist() == [0.75, 0]
    assert of("hinge", torch.tensor([[1.0, 4.0, 4.5]]), torch.tensor([2])).item() == 0.5


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("logits", "category", 1), "binary_cross_entropy"),
        (("probabilities", "category", 1), "binary_cross_entropy_of_probabilities"),
        (("logits", "category", 3), "cross_entropy"),
        (("values", "category", 3), "cross_entropy"),
        (("probabilities", "category", 3), "categorical_cross_entropy"),
        (("log_probabilities", "category", 3), "negative_log_likelihood"),
        (("logits", "labels", 3), "labels_cross_entropy"),
        (("probabilities", "labels", 1), "labels_cross_entropy_of_probabilities"),
        (("values", "number", 1), "mse"),
        (("probabilities", "number", 2), "mse"),
    ],
)
def test_auto_picks_the_loss_that_was_made_for_the_output_and_the_target(given, expected):
    assert pick_loss("auto", *given) == expected
    kind = given[1]
    facts = {"kind": kind, "classes": max(2, given[2]), "size": given[2], "min": 0.0, "max": 1.0}
    assert misfits(expected, given[0], "linear", given[2], facts) == []
    assert impossible(expected, given[2], facts) is None


def test_a_loss_that_was_named_is_kept_and_one_that_is_none_is_told_its_neighbour():
    assert pick_loss("mse", "logits", "category", 3) == "mse"
    with pytest.raises(UnknownName, match=r"There is no loss 'crossentropy'. Did you mean 'cross_entropy'?"):
        pick_loss("crossentropy", "logits", "category", 3)


TEN = {"kind": "category", "classes": 10}
TWO = {"kind": "category", "classes": 2}
SIGNED = {"kind": "number", "min": -1.5, "max": 2.0}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            ("binary_cross_entropy_of_probabilities", "probabilities", "Softmax", 1, TWO),
            "Softmax on one output is always 1",
        ),
        (("cross_entropy", "log_probabilities", "LogSoftmax", 1, TWO), "LogSoftmax on one output is always 0"),
        (("mse", "values", "softmax", 1, SIGNED), "softmax on one output is always 1"),
        (("cross_entropy", "probabilities", "softmax", 10, TEN), "already ends in softmax: twice is too flat"),
        (("binary_cross_entropy", "probabilities", "sigmoid", 1, TWO), "already ends in sigmoid: twice is too flat"),
        (
            ("categorical_cross_entropy", "logits", "linear", 10, TEN),
            "takes probabilities, and the network ends in linear, which gives logits",
        ),
        (
            ("negative_log_likelihood", "probabilities", "softmax", 10, TEN),
            "takes log-probabilities, and the network ends in softmax",
        ),
        (
            ("perceptron", "probabilities", "sigmoid", 1, TWO),
            "asks for scores of either sign, and sigmoid gives probabilities",
        ),
        (("cross_entropy", "logits", "ReLU", 10, TEN), "should not end in ReLU: all scores below zero become 0"),
        (
            ("labels_cross_entropy", "logits", "softplus", 4, {"kind": "labels"}),
            "should not end in softplus: no score can be negative",
        ),
        (("cross_entropy", "logits", "tanh", 10, TEN), r"no class can get a probability above 0\.45"),
        (("categorical_cross_entropy", "probabilities", "sigmoid", 10, TEN), "10 sigmoids do not sum to 1"),
        (
            ("mse", "values", "relu", 1, SIGNED),
            r"relu gives numbers from 0 to inf, and the encoded targets run from -1\.5 to 2",
        ),
        (("mse", "values", "sigmoid", 1, SIGNED), "sigmoid gives numbers from 0 to 1"),
        (("huber", "values", "tanh", 1, SIGNED), "tanh gives numbers from -1 to 1"),
        (("mse", "logits", "linear", 1, TWO), r"learned as numbers.*loss='auto'"),
        (
            ("mse", "values", "linear", 1, {"kind": "number", "codes": True}),
            r"learned as numbers.*label_encoding='index'",
        ),
        (("perceptron", "values", "linear", 1, {**SIGNED, "values": 30}), "how large it is counts for nothing"),
        (("hinge", "values", "linear", 1, {**SIGNED, "min": 1.0, "values": 2}), "how large it is counts for nothing"),
        (("binary_cross_entropy", "values", "linear", 1, SIGNED), "how large it is counts for nothing"),
        (("mse", "probabilities", "softmax", 10, TEN), "hardly moves a probability that is confidently wrong"),
        (("mse", "logits", "linear", 10, TEN), "also punishes a score that is better than right"),
        (
            ("binary_cross_entropy", "logits", "linear", 1, TEN),
            "One output can only tell two classes apart, and there are 10",
        ),
    ],
)
def test_a_misfit_is_said_in_one_sentence_with_its_mend(given, sentence):
    found = misfits(*given)
    assert len(found) == 1
    assert re.search(sentence, found[0]) and re.search(r" (Use|Give) .*\.$", found[0])


@pytest.mark.parametrize(
    "given",
    [
        ("cross_entropy", "log_probabilities", "log_softmax", 10, TEN),  # softmax of log-probabilities gives them back
        ("mse", "values", "softplus", 1, {"kind": "number", "min": 0.0, "max": 50.0}),
        ("mse", "values", "tanh", 1, {"kind": "number", "min": -1.0, "max": 1.0}),
        ("perceptron", "logits", "linear", 1, TWO),
        ("hinge", "logits", "linear", 10, TEN),
        ("perceptron", "values", "linear", 1, {"kind": "number", "min": -1.0, "max": 1.0, "values": 2}),
        ("binary_cross_entropy", "values", "linear", 1, {"kind": "number", "min": 0.0, "max": 1.0, "values": 50}),
    ],
)
def test_what_fits_raises_no_alarm(given):
    assert misfits(*given) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("cross_entropy", 5, TEN), "The network has 5 outputs for 10 classes, .* Give the last layer 10 outputs."),
        (("cross_entropy", 1, TWO), r"1 output for 2 classes.*\(or one output, with loss='binary_cross_entropy'\)"),
        (("mse", 3, TEN), "3 outputs for 10 classes"),
        (
            ("binary_cross_entropy", 2, TWO),
            "takes one output, and the network has 2. .* 2 outputs with loss='cross_entropy'",
        ),
        (("labels_cross_entropy", 10, TEN), "takes a target of many labels"),
        (("cross_entropy", 3, {"kind": "labels", "size": 3}), "may have several labels at once"),
        (("cross_entropy", 3, {"kind": "number", "size": 3}), "this target is a number"),
        (
            ("mse", 3, {"kind": "number", "size": 2}),
            "has 3 outputs, and the target has 2 numbers .* Give the last layer 2",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_with_the_mend(given, sentence):
    assert re.search(sentence, impossible(*given) or "")


@pytest.mark.parametrize(
    "given", [("mse", 1, TEN), ("perceptron", 1, TEN), ("mse", 10, TEN), ("cross_entropy", 12, TEN)]
)
def test_what_is_merely_unwise_is_not_refused(given):
    assert impossible(*given) is None
