"""Depth: what more layers do to gradients and to accuracy, with sigmoid units and with others."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from deepglass.experiments.arms import Arm, arms, pictures, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import examples, gradient_norms
from deepglass.experiments.pictures import lines, sweep
from deepglass.networks import build

UNITS = 30  # of every hidden layer, as in the course
SIGMOID: dict[str, Any] = {"activation": "sigmoid", "initialization": "glorot"}
RELU: dict[str, Any] = {"activation": "relu", "initialization": "he"}
STARTS: dict[str, dict[str, Any]] = {
    "sigmoid, Glorot": SIGMOID,
    "sigmoid, variance 1/n": {"activation": "sigmoid", "initialization": "lecun"},
    "tanh, Glorot": {"activation": "tanh", "initialization": "glorot"},
    "ReLU, He": RELU,
}
DEEP, CHANCE = 10, 0.2  # hidden layers; an accuracy under which nothing was learned of ten digits


def vanishing_gradients(form: Form) -> Outcome:
    """Measure the gradient at every weight matrix of networks that were just made."""
    norms = {name: starting_norms(form, start, DEEP) for name, start in STARTS.items()}
    shallow = _first_to_last(starting_norms(form, SIGMOID, 4))
    ratio = {name: _first_to_last(found) for name, found in norms.items()}
    return Outcome(
        [
            {"activation, start": name, "at matrix 2": f"{found[1]:.1e}", f"at matrix {DEEP}": f"{found[DEEP - 1]:.1e}"}
            | {"one over the other": f"{ratio[name]:.2g}"}
            for name, found in norms.items()
        ],
        lines(
            {name: (np.arange(1, DEEP + 2), found) for name, found in norms.items()},
            "weight matrix, from the input",
            "norm of its gradient, at the start",
            log=True,
        ),
        [
            *(
                Expectation(
                    f"{name}: with {DEEP} hidden layers, matrix 2 gets less than 1/10,000 of what the last hidden one gets",
                    ratio[name] < 1e-4,
                    f"{ratio[name]:.1e}",
                )
                for name in ("sigmoid, Glorot", "sigmoid, variance 1/n")
            ),
            *(
                Expectation(f"{name}: it gets a fifth or more", ratio[name] > 0.2, f"{ratio[name]:.2f}")
                for name in ("tanh, Glorot", "ReLU, He")
            ),
            Expectation(
                "sigmoid, Glorot: with 4 hidden layers it gets between 0.01 and 0.2",
                0.01 < shallow < 0.2,
                f"{shallow:.3f}",
            ),
        ],
    )


def deep_sigmoid(form: Form) -> Outcome:
    """Train 2, 10 and 20 hidden layers of sigmoid and of ReLU units."""
    depths = (2, 10, 20) if form.data == "mnist" else (2, 10)
    found = ladder(form, {"sigmoid": SIGMOID, "ReLU": RELU}, depths, steady(form))
    score = {name: {d: float(a.last("accuracy").mean()) for d, a in by.items()} for name, by in found.items()}
    sigmoid, relu = score.values()
    return Outcome(
        ladder_rows(found),
        ladder_picture(found),
        [
            Expectation("2 layers of sigmoid units learn: over 0.8", sigmoid[2] > 0.8, f"{sigmoid[2]:.3f}"),
            *(
                Expectation(
                    f"{d} layers of them stay at chance, under {CHANCE}", sigmoid[d] < CHANCE, f"{sigmoid[d]:.3f}"
                )
                for d in depths[1:]
            ),
            *(
                Expectation(f"{d} layers of ReLU units get over {floor}", relu[d] > floor, f"{relu[d]:.3f}")
                for d, floor in zip(depths[1:], (learned(form), 0.6))
            ),
        ],
    )


def depth_ladder(form: Form) -> Outcome:
    """Train 0 to 4 hidden layers of 30 sigmoid units for long."""
    start = {"activation": "sigmoid", "initialization": "lecun"}
    recipe = {"learning_rate": 0.32, "weight_decay": 1e-4}  # of batches of 32: as 0.1 and batches of 10
    found = ladder(form, {"sigmoid": start}, range(5), recipe)
    score = [float(arm.late("accuracy").mean()) for arm in found["sigmoid"].values()]
    biases = starting_norms(form, start, 4, "bias")
    factors = [after / before for before, after in pairwise(biases)]
    said = ", ".join(f"{s:.3f}" for s in score)
    if form.data == "mnist":
        reached = [
            Expectation("without hidden layers 0.915 to 0.928", 0.915 < score[0] < 0.928, f"{score[0]:.4f}"),
            Expectation("with one and with two over 0.962", min(score[1:3]) > 0.962, said),
            Expectation("a third adds 0.001 at most", score[2] >= score[3] - 0.001, said),
        ]
    else:
        reached = [Expectation("a third and a fourth add 0.01 at most", max(score[3:]) <= max(score[1:3]) + 0.01, said)]
    return Outcome(
        ladder_rows(found),
        ladder_picture(found),
        [
            *reached,
            Expectation(
                "at the start, the gradient of the biases grows 3 to 8 times from layer to layer",
                all(3 < f < 8 for f in factors),
                ", ".join(f"{f:.1f}" for f in factors),
            ),
        ],
    )


# What depth is compared by


def starting_norms(form: Form, start: Mapping[str, Any], depth: int, kind: str = "weight") -> np.ndarray:
    """Return the gradient norm of each layer before any training, the median over the seeds."""
    data = pictures(form, scaling="unit")
    x, y = examples(data, "train", 500)
    return np.median(
        [
            gradient_norms(build("mlp", data, hidden=[UNITS] * depth, seed=seed, **start), x, y, kind)
            for seed in form.seeds
        ],
        axis=0,
    )


def ladder(
    form: Form, kinds: Mapping[str, Mapping[str, Any]], depths: Sequence[int], recipe: Mapping[str, Any]
) -> dict[str, dict[int, Arm]]:
    """Train each kind of network at each depth."""
    data = pictures(form, scaling="unit")
    found: dict[str, dict[int, Arm]] = {}
    for name, network in kinds.items():
        sides = {f"{name}, {d} layers": {"network": {"hidden": [UNITS] * d, **network}} for d in depths}
        found[name] = dict(zip(depths, arms(form, sides, data=data, recipe=recipe).values()))
    return found


def steady(form: Form) -> dict[str, Any]:
    """The steps of the course; with momentum on the embedded digits, of which an epoch has few."""
    return {"learning_rate": 0.05} if form.data == "mnist" else {"optimizer": "momentum", "learning_rate": 0.03}


def learned(form: Form) -> float:
    """The accuracy from which a network has learned its digits; an epoch has few steps of the embedded ones."""
    return 0.85 if form.data == "mnist" else 0.6


def ladder_rows(found: Mapping[str, Mapping[int, Arm]], depth_name: str = "hidden layers") -> list[dict[str, Any]]:
    return [
        {"network": name, depth_name: depth}
        | {f"accuracy, {part}": spread(arm.last("accuracy", part)) for part in ("train", "validation")}
        for name, by_depth in found.items()
        for depth, arm in by_depth.items()
    ]


def ladder_picture(found: Mapping[str, Mapping[int, Arm]], depth_name: str = "hidden layers") -> Any:
    """Draw accuracy against depth, for training and validation."""
    panels = {
        f"accuracy, {part}": {
            name: {depth: arm.last("accuracy", part) for depth, arm in by.items()} for name, by in found.items()
        }
        for part in ("train", "validation")
    }
    return sweep(panels, depth_name)


def _first_to_last(norms: np.ndarray) -> float:
    """The second matrix beside the last of the hidden ones; the first is apart, for it sees the pixels."""
    return float(norms[1] / norms[-2])
