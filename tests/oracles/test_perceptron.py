"""Worked examples with known answers: the slash classifier of four signs, and Rosenblatt's rule."""

import itertools
from collections import Counter

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from deepglass.data import load
from deepglass.data.builtin import BUILTIN
from deepglass.errors import SettingError
from deepglass.networks import build
from deepglass.tasks.losses import LOSSES
from deepglass.tasks.separability import separable
from deepglass.training import Recipe, Training

SLASH = BUILTIN["slash"]()
DRAWINGS = SLASH.fields["image"].values.reshape(4, 4)  # pixels: top left, top right, bottom left, bottom right
SIDES = 1 - 2 * SLASH.codes()  # a backslash is 1, a slash -1
BACK, SLANT = DRAWINGS[:2]
BEST = np.array([1, -1, -1, 1])
LOGIC = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}


def test_neither_sum_nor_product_of_the_pixels_tells_the_strokes_apart():
    assert BACK.sum() == SLANT.sum() == 0 and BACK.prod() == SLANT.prod() == 1


def test_four_signs_score_the_clean_drawings_4_and_the_poor_ones_2():
    assert (DRAWINGS @ BEST).tolist() == [4, -4, 2, -2]


def test_two_of_the_sixteen_sign_classifiers_get_all_drawings_right():
    signs = list(itertools.product([1, -1], repeat=4))
    right = {w: int((np.sign(DRAWINGS @ w) == SIDES).sum()) for w in signs}
    assert sorted(w for w, count in right.items() if count == 4) == [(1, -1, -1, 1), (1, 1, -1, 1)]
    assert Counter(right.values()) == {0: 8, 2: 6, 4: 2}
    assert Counter(int(BACK @ w) for w in signs) == {0: 6, 2: 4, -2: 4, 4: 1, -4: 1}
    assert all(SLANT @ w == -(BACK @ w) for w in signs)


@pytest.mark.parametrize("start", list(itertools.product([1, -1], repeat=4)))
def test_flipping_the_best_sign_finds_the_best_classifier_without_a_detour(start):
    w, flips = np.array(start), 0
    while w @ BACK < 4:
        w[max(range(4), key=lambda i: -w[i] * BACK[i])] *= -1
        flips += 1
    assert w.tolist() == BEST.tolist() and flips == (np.array(start) != BEST).sum()


def test_gradient_descent_on_the_clean_drawings_only_moves_along_the_best_signs():
    start = torch.randn(4, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    w = start.clone().requires_grad_()
    x = torch.tensor(DRAWINGS[:2], dtype=torch.float64)
    for _ in range(200):
        loss = LOSSES["binary_cross_entropy"].function(x @ w, torch.tensor([1, 0])).mean()
        with torch.no_grad():
            w -= 0.5 * torch.autograd.grad(loss, w)[0]
    moved = (w - start).detach()[:, 0]
    assert moved[0] > 0
    assert_close(moved / moved[0], torch.tensor([1.0, -1, -1, 1], dtype=torch.float64))
    score = (x @ w).detach()
    assert score[0] > 0 > score[1]


def train(codes, epochs):
    """Train the perceptron one example at a time, and yield its mistakes, weights and bias after each step."""
    network = build("perceptron", inputs=(2,), outputs=1)
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    layer = next(m for m in network.modules() if isinstance(m, torch.nn.Linear))
    for _ in range(epochs):
        for x, code in zip(torch.tensor(LOGIC, dtype=torch.float32), codes):
            optimizer.zero_grad()
            LOSSES["perceptron"].function(network(x[None]), torch.tensor([code])).mean().backward()
            mistake = bool(layer.bias.grad.ne(0))
            optimizer.step()
            yield mistake, layer.weight.detach()[0].tolist(), layer.bias.item()


def rosenblatt(codes, epochs):
    """The rule as it was written down: after a mistake, add the example to the weights, with its sign."""
    w, b = np.zeros(2), 0.0
    for _ in range(epochs):
        for x, y in zip(LOGIC, 2 * np.array(codes) - 1):
            mistake = bool(y * (w @ x + b) <= 0)
            if mistake:
                w, b = w + y * x, b + y
            yield mistake, w.tolist(), float(b)


@pytest.mark.parametrize("gate", GATES)
def test_the_perceptron_loss_trains_step_by_step_as_rosenblatts_rule(gate):
    assert list(train(GATES[gate], 20)) == list(rosenblatt(GATES[gate], 20))


@pytest.mark.parametrize("gate", ["and", "or"])
def test_what_a_line_separates_is_learned_and_the_rule_comes_to_rest(gate):
    assert separable(LOGIC, GATES[gate], 1)
    steps = list(train(GATES[gate], 20))
    mistakes = [sum(m for m, *_ in steps[i : i + 4]) for i in range(0, len(steps), 4)]
    first = mistakes.index(0)
    assert 0 < first < 20 and not any(mistakes[first:])
    _, w, b = steps[-1]
    assert ((LOGIC @ w + b > 0) == np.array(GATES[gate])).all()


def test_xor_is_never_learned():
    assert separable(LOGIC, GATES["xor"], 1) is False
    steps = list(train(GATES["xor"], 200))
    assert all(any(m for m, *_ in steps[i : i + 4]) for i in range(0, len(steps), 4))


# AND, worked by hand from zeros: (w1, w2, b) after each epoch, and how many examples were corrected in it.
BY_HAND = [
    ((1, 1, 0), 2),
    ((2, 1, -1), 3),
    ((2, 1, -2), 3),
    ((2, 2, -2), 2),
    ((3, 2, -2), 2),
    ((3, 2, -3), 3),
    ((3, 3, -3), 2),
    ((3, 2, -4), 1),
    ((3, 2, -4), 0),
    ((3, 2, -4), 0),
]


def rosenblatt_training(x, y, **recipe):
    data = load((np.asarray(x, dtype=np.float32), np.asarray(y)), test=0, validation=0, scaling="none")
    settings = {"optimizer": "rosenblatt", "early_stopping": False, "shuffle": False, "threads": 1, **recipe}
    return Training("perceptron", data, Recipe(**settings))


def test_the_optimizer_rosenblatt_learns_and_as_it_was_worked_by_hand():
    training = rosenblatt_training(LOGIC, GATES["and"], epochs=10)
    layer, found, before = training.network.output, [], None
    while not training.finished:
        corrected = 0
        for _ in training.steps():
            now = (*layer.weight.detach()[0].tolist(), layer.bias.item())
            corrected += now != (before or (0, 0, 0))
            before = now
        training.close_epoch()
        found.append((before, corrected))
    assert found == BY_HAND


@pytest.mark.parametrize("rate", [1.0, 0.25])
def test_separable_points_are_learned_in_no_more_corrections_than_novikoff_allows(rate):
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    direction = np.array([0.6, -0.8])
    points = points[abs(points @ direction) > 0.1]
    y = (points @ direction > 0).astype(int)
    training = rosenblatt_training(points, y, epochs=30, learning_rate=rate)
    corrected = []
    while not training.finished:
        corrected.append(sum(step.loss > 0 for step in training.steps()))
        training.close_epoch()
    assert corrected[0] > 0 == corrected[-1]
    radius = np.hypot(np.linalg.norm(points, axis=1).max(), 1)  # with the bias as a third weight
    assert 1 + sum(corrected) <= (radius / 0.1) ** 2  # 1: the first score is a tie, a mistake that costs nothing
    with torch.no_grad():
        score = training.network(torch.tensor(points, dtype=torch.float32))[:, 0]
    assert ((score > 0).numpy() == y).all()


def test_it_decides_between_classes_alone():
    with pytest.raises(SettingError, match="rosenblatt' decides between classes, and 'y' is a number"):
        rosenblatt_training(LOGIC, [0.5, 1.5, 2.25, 3.0])


def test_the_rule_for_many_classes_learns_iris_setosa_from_zero_weights():
    iris = BUILTIN["iris"]()
    x, codes = torch.tensor(iris.fields["x"].values, dtype=torch.float32), torch.tensor(iris.codes())
    x, codes = x[codes < 2], codes[codes < 2]
    network = build("perceptron", inputs=(4,), outputs=2)
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    for _ in range(20):
        for i in range(len(x)):
            optimizer.zero_grad()
            LOSSES["perceptron"].function(network(x[i : i + 1]), codes[i : i + 1]).mean().backward()
            optimizer.step()
    assert (network(x).argmax(dim=1) == codes).all()
