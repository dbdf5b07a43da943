"""Paths: how gradient descent walks down the loss of a line with a slope and a bias, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data import Dataset, load
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.networks import build
from deepglass.report.pictures.figure import CLASS_COLOURS, MARKERS, TEXT, new_figure, on_paper
from deepglass.training import Recipe, Training

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SLOPE, BIAS = 1.0, 0.5  # of the line that the points lie on
START = (-1.0, -1.2)
X = (-0.5, 1.5)  # where the points lie: not around 0, so that the valley is oblique
WAYS: dict[str, dict[str, Any]] = {
    "descent, rate 0.02": {"optimizer": "sgd", "learning_rate": 0.02},
    "descent, rate 0.5": {"optimizer": "sgd", "learning_rate": 0.5},
    "descent, rate 0.85": {"optimizer": "sgd", "learning_rate": 0.85},
    "momentum, rate 0.05": {"optimizer": "momentum", "learning_rate": 0.05},
    "adam, rate 0.2": {"optimizer": "adam", "learning_rate": 0.2},
}
SHOWN, FAR = 7, 5.0  # of a way that leaves the picture only the first steps are drawn
NEAR = 0.05  # of the lowest point, in slope and bias


def descent_paths(form: Form) -> Outcome:
    """Fit a line by gradient descent with several rates and rules, and draw each way on the surface of the loss."""
    x = np.linspace(*X, form.examples, dtype=np.float32)
    data = load((x[:, None], SLOPE * x + BIAS), validation=0, test=0, scaling="none", target_scaling="none")
    ways = {name: _walk(form, data, recipe) for name, recipe in WAYS.items()}
    off = {name: float(np.hypot(*(way[-1] - (SLOPE, BIAS)))) for name, way in ways.items()}
    loss = {name: [_loss(x, *point) for point in way] for name, way in ways.items()}
    slow, good, wild = list(WAYS)[:3]
    return Outcome(
        [
            {"way": name, "steps": len(way) - 1}
            | {f"loss after {k}": f"{loss[name][k]:.3g}" for k in (0, 1, 5, len(way) - 1)}
            for name, way in ways.items()
        ],
        _picture(x, ways),
        [
            Expectation(
                "the good rate arrives; the small one is still under way", off[good] < NEAR < off[slow],
                f"{off[good]:.3f} and {off[slow]:.2f} away",
            ),
            Expectation(
                "one rate too large jumps from side to side, further each time",
                loss[wild][-1] > loss[wild][0],
                f"loss {loss[wild][0]:.2g}, then {loss[wild][-1]:.2g}",
            ),
            Expectation(
                "where the good rate walks, each step makes the loss smaller",
                bool((np.diff(loss[good]) < 1e-9).all()),
                f"{loss[good][0]:.2g} to {loss[good][-1]:.1e}",
            ),
        ],
    )  # fmt: skip


def _walk(form: Form, data: Dataset, recipe: dict[str, Any]) -> np.ndarray:
    """Slope and bias before the first step and after each: (steps + 1, 2)."""
    import torch

    network = build("linear", data)
    weight, bias = network.parameters()
    with torch.no_grad():
        weight.fill_(START[0])
        bias.fill_(START[1])
    found = [START]
    asked = Recipe(epochs=form.epochs, batch_size="all", early_stopping=False, **recipe)
    training = Training(network, data, asked)
    while not training.finished:
        for _ in training.steps():
            found.append((weight.item(), bias.item()))
        training.close_epoch()
    return np.array(found)


def _loss(x: np.ndarray, slope: Any, bias: Any) -> Any:
    return ((np.multiply.outer(slope, x) + np.asarray(bias)[..., None] - SLOPE * x - BIAS) ** 2).mean(axis=-1)


@on_paper
def _picture(x: np.ndarray, ways: dict[str, np.ndarray]) -> Figure:
    figure, (panel,) = new_figure(8.6, 5.4)
    slopes, biases = np.meshgrid(np.linspace(-2.2, 3.4, 120), np.linspace(-1.9, 2.4, 100))
    lines = panel.contour(
        slopes, biases, _loss(x, slopes, biases), levels=[0.02, 0.1, 0.3, 0.7, 1.5, 3, 6], cmap="Greys_r"
    )
    panel.clabel(lines, fontsize=7, fmt="%g")
    for colour, marker, (name, way) in zip(CLASS_COLOURS, MARKERS, ways.items()):
        panel.plot(
            *way[: SHOWN if np.abs(way).max() > FAR else None].T,
            color=colour,
            marker=marker,
            markersize=4,
            linewidth=1.2,
            label=name,
        )
    panel.plot(*START, "o", color=TEXT, markersize=9, markerfacecolor="none")
    panel.plot(SLOPE, BIAS, "*", color=TEXT, markersize=13)
    panel.set(xlim=(-2.2, 3.4), ylim=(-1.9, 2.4), xlabel="slope", ylabel="bias")
    panel.set_title("The loss as a landscape, and each way down from the ring to the star")
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return figure
