"""Signs: a classifier of four pixels with a sign for each, found in three ways: all of them, one flip at a time, by gradients."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepglass.data import load
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import images
from deepglass.networks import build
from deepglass.training import Recipe, Training

ALL = np.array(list(itertools.product([1, -1], repeat=4)))  # the 16 patterns of signs
BEST = np.array([1, -1, -1, 1])  # the clean backslash itself
CLEAN = 2  # of the four drawings, the first ones
RATE = 0.5
SHOWN = (0, 1, 10)  # steps after which the learned weights are drawn, beside the last


def sign_classifiers(form: Form) -> Outcome:
    """Look for four signs, or weights, that tell a backslash from a slash, and count what each way takes.

    Source: with ink 1 and paper -1 a drawing is a backslash when the sum of its pixels, each with its sign, is above 0.
    """
    drawings = load("slash").source.fields["image"].values.reshape(-1, 4).astype(float)
    truth = np.array([1, -1, 1, -1])
    right = [int((np.sign(drawings @ signs) == truth).sum()) for signs in ALL]
    flips = [_flips(start, drawings[0]) for start in ALL]
    differ = [int((start != BEST).sum()) for start in ALL]
    learned = [_learned(form, seed) for seed in form.seeds]
    moved = np.array([ways[-1] - ways[0] for ways in learned])
    told = [int((np.sign(drawings @ ways[-1]) == truth).sum()) for ways in learned]
    clean = [bool((np.sign(drawings[:CLEAN] @ ways[-1]) == truth[:CLEAN]).all()) for ways in learned]
    return Outcome(
        [
            {"way": "all patterns", "patterns tried": "16", "drawings right": f"{max(right)} of 4"},
            {
                "way": "one flip at a time, from each of the 16",
                "patterns tried": f"4 a flip: {4 * min(flips)} to {4 * max(flips)}, {4 * np.mean(flips):.0f} on average",
                "drawings right": f"{int((np.sign(drawings @ BEST) == truth).sum())} of 4",
            },
            {
                "way": f"gradient descent on the clean drawings, {len(learned)} starts",
                "patterns tried": f"none; {form.epochs} steps",
                "drawings right": f"{min(told)} to {max(told)} of 4",
            },
        ],
        images(_drawn(right, learned[0])),
        [
            Expectation(
                "2 of the 16 get all four drawings right, 6 get two, 8 none",
                sorted(right) == [0] * 8 + [2] * 6 + [4] * 2,
                ", ".join(f"{n} drawings: {right.count(n)}" for n in (4, 2, 0)),
            ),
            Expectation(
                "flips lead from every start to the clean backslash, one for each sign that differs: 4 at most",
                flips == differ and max(flips) == 4,
                f"{min(flips)} to {max(flips)}",
            ),
            Expectation(
                "gradient descent only moves along that pattern, from wherever it starts",
                bool(np.allclose(moved, moved[:, :1] * BEST, atol=1e-5) and (moved[:, 0] > 0).all()),
                f"by {moved[:, 0].min():.2f} to {moved[:, 0].max():.2f} of it",
            ),
            Expectation(
                "and tells both clean drawings, from every start", all(clean), f"{sum(clean)} of {len(clean)} starts"
            ),
        ],
    )


def _flips(start: np.ndarray, backslash: np.ndarray) -> int:
    """How many flips, each the best of four, lead to the largest score of the clean backslash."""
    signs, flips = start.copy(), 0
    while signs @ backslash < len(signs):
        flipped = [np.where(np.arange(4) == i, -signs, signs) for i in range(4)]
        signs, flips = max(flipped, key=lambda one: float(one @ backslash)), flips + 1
    return flips


def _learned(form: Form, seed: int) -> list[np.ndarray]:
    """The four weights before training and after each step, on the clean drawings alone and without a bias."""
    known = load("slash").source
    data = load((known.fields["image"].values[:CLEAN], ["\\", "/"]), validation=0, test=0, scaling="none")
    layers = ["Flatten", {"Linear": {"out_features": "outputs", "bias": False}}]
    network = build(layers, data, seed=seed, initialization="glorot")
    weights = next(network.parameters())
    recipe = Recipe(
        epochs=form.epochs, optimizer="sgd", learning_rate=RATE, batch_size="all", early_stopping=False, seed=seed
    )
    found = [weights.detach().numpy().ravel().copy()]
    training = Training(network, data, recipe)
    while not training.finished:
        for _ in training.steps():
            found.append(weights.detach().numpy().ravel().copy())
        training.close_epoch()
    upright = 1 if data.target.classes[1:] == ["\\"] else -1  # which of the two a positive sum stands for
    return [upright * one for one in found]


def _drawn(right: Sequence[int], learned: Sequence[np.ndarray]) -> dict[str, list[tuple[str, np.ndarray]]]:
    """The patterns by how many drawings they get right, and the weights that were learned, as pictures of 2x2."""
    rows: dict[str, list[tuple[str, Any]]] = {
        f"{n} of 4 right\nblue: +1, red: -1": [("", signs.reshape(2, 2)) for signs, r in zip(ALL, right) if r == n]
        for n in (4, 2, 0)
    }
    last = len(learned) - 1
    rows["by gradients"] = [(f"step {k}", learned[k].reshape(2, 2)) for k in (*SHOWN, last) if k <= last]
    return rows
