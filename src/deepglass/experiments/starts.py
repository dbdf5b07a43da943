"""Starts: the numbers that training begins from, too small ones and zeros."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.experiments.arms import arms, pictures, spread
from deepglass.experiments.depth import (
    CHANCE,
    DEEP,
    RELU,
    UNITS,
    ladder,
    ladder_picture,
    ladder_rows,
    learned,
    starting_norms,
    steady,
)
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import answers, examples
from deepglass.experiments.pictures import images

SMALL: dict[str, Any] = {**RELU, "initialization": "normal"}  # 0.01 times standard normal numbers
ROUNDING = 1e-5  # of weights about 1; a matrix product may round its last columns otherwise than the others
SHOWN = 6  # units whose weights are drawn


def around_zero(form: Form) -> Outcome:
    """Train ReLU networks from He's weights and from very small ones."""
    depths = (2, 10, 20) if form.data == "mnist" else (2, 10)
    found = ladder(form, {"He": RELU, "0.01 x normal": SMALL}, depths, steady(form))
    he, small = ({d: float(a.last("accuracy").mean()) for d, a in by.items()} for by in found.values())
    norms = {name: starting_norms(form, start, DEEP) for name, start in (("He", RELU), ("small", SMALL))}
    floor = learned(form)
    ratio = norms["small"][1] / norms["small"][-2]
    return Outcome(
        ladder_rows(found),
        ladder_picture(found),
        [
            Expectation(f"2 hidden layers learn from small weights: over {floor}", small[2] > floor, f"{small[2]:.3f}"),
            *(
                Expectation(f"{d} hidden layers stay at chance, under {CHANCE}", small[d] < CHANCE, f"{small[d]:.3f}")
                for d in depths[1:]
            ),
            Expectation(f"10 hidden layers learn from He's weights: over {floor}", he[10] > floor, f"{he[10]:.3f}"),
            Expectation(
                f"with {DEEP} hidden layers, matrix 2 gets within a factor of 10 what the last hidden one gets, as if healthy",
                0.1 < ratio < 10,
                f"{ratio:.2f}",
            ),
            Expectation(
                "and yet less than a millionth of what it gets from He's weights",
                norms["small"][1] < 1e-6 * norms["He"][1],
                f"{norms['small'][1]:.1e} against {norms['He'][1]:.1e}",
            ),
        ],
    )


def zero_initialization(form: Form) -> Outcome:
    """Train one hidden layer from zeros and from small random weights."""
    data = pictures(form, scaling="unit")
    kinds = ("sigmoid", "tanh", "relu")
    sides = {
        f"{a}, {word}": {"network": {"hidden": [UNITS], "activation": a, "initialization": start}}
        for start, word in (("zeros", "zeros"), ("normal", "0.01 x normal"))
        for a in kinds
    }
    found = arms(form, sides, data=data, recipe={"learning_rate": 0.1 if form.data == "mnist" else 0.5})
    score = {name: arm.last("accuracy") for name, arm in found.items()}
    apart = {name: max(_apart(t.network) for t in arm.trainings) for name, arm in found.items()}
    shown = {
        name: [(f"unit {k + 1}", weight) for k, weight in enumerate(_weights(found[name].trainings[0].network)[:SHOWN])]
        for name in ("sigmoid, zeros", "sigmoid, 0.01 x normal")
    }
    random = [float(score[f"{a}, 0.01 x normal"].mean()) for a in kinds]
    x, _ = examples(data)
    told = {
        a: max(len(answers(t.network, x).argmax(1).unique()) for t in found[f"{a}, zeros"].trainings)
        for a in ("tanh", "relu")
    }
    return Outcome(
        [
            {"activation, start": name, "units differ by at most": f"{apart[name]:.2g}"}
            | {"accuracy, validation": spread(score[name])}
            for name in found
        ],
        images(shown),
        [
            *(
                Expectation(
                    f"{a}, zeros: after training all hidden units are the same, but for rounding",
                    apart[f"{a}, zeros"] < ROUNDING,
                    f"they differ by {apart[f'{a}, zeros']:g} at most",
                )
                for a in kinds
            ),
            Expectation(
                "sigmoid, zeros: as good as one unit, under 0.5",
                float(score["sigmoid, zeros"].mean()) < 0.5,
                f"{score['sigmoid, zeros'].mean():.3f}",
            ),
            *(
                Expectation(f"{a}, zeros: every picture gets the same answer", told[a] == 1, f"{told[a]} digits told")
                for a in told
            ),
            Expectation(
                "small random weights learn, with each activation: over 0.8",
                min(random) > 0.8,
                ", ".join(f"{r:.3f}" for r in random),
            ),
        ],
    )


def _weights(network: nn.Module) -> np.ndarray:
    """The weights of each unit of the first layer as a square picture: (units, side, side)."""
    first: Tensor = next(p for p in network.parameters() if p.ndim == 2).detach()
    side = round(first.shape[1] ** 0.5)
    return first.reshape(-1, side, side).numpy()


def _apart(network: nn.Module) -> float:
    """The largest difference between a weight of two hidden units, of those that come in and those that go out."""
    first, last = (p.detach() for p in network.parameters() if p.ndim == 2)
    units = torch.cat([first, last.T], dim=1)
    return float((units - units[0]).abs().max())
