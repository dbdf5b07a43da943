"""Sixteen: dropout on two inputs and two hidden units is an average of 16 networks; all of them are computed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.report.pictures.colours import bare
from deepglass.report.pictures.figure import BLUE, GREEN, GRID, ORANGE, QUIET, on_paper, shown_in_notebooks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEEP = 0.5  # probability of each unit; then all 16 networks count alike
MASKS = np.array(list(itertools.product([1, 0], repeat=4)))  # two inputs, two hidden units
EXACT = 1e-12  # rounding of float64
UNITS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
}


def sixteen_networks(form: Form) -> Outcome:
    """Compare the average of all networks with the whole one whose numbers are halved, for several kinds of units.

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 2014, section 1; the
        geometric mean: Baldi and Sadowski, "Understanding Dropout", NeurIPS 2013.
    """
    nets = [_network(seed) for seed in form.seeds]
    ways = [bool(mask[:2].any() and mask[2:].any()) for mask in MASKS]
    silent = np.array([_answers(net, np.tanh)[~np.array(ways)] for net in nets])
    gaps: dict[str, Any] = {
        name: np.array([_answers(net, f).mean() - _halved(net, f) for net in nets]) for name, f in UNITS.items()
    }
    of_hidden: dict[str, Any] = {
        "tanh, hidden units alone dropped": [_hidden_alone(net).mean() - _halved_hidden(net) for net in nets],
        "the same and a sigmoid, plain mean": [
            _sigmoid(_hidden_alone(net)).mean() - _sigmoid(_halved_hidden(net)) for net in nets
        ],
        "the same and a sigmoid, geometric mean": [_geometric(net) - _sigmoid(_halved_hidden(net)) for net in nets],
    }
    most = {name: float(np.abs(gap).max()) for name, gap in [*gaps.items(), *of_hidden.items()]}
    near, linear_end, plain, geometric = max(most["relu"], most["tanh"]), *(most[name] for name in of_hidden)
    return Outcome(
        [{"units": name, "largest difference": f"{gap:.2g}"} for name, gap in most.items()],
        _picture(nets[0], ways, gaps),
        [
            Expectation(
                "of the 16 networks 9 have a way from input to output, the others say 0",
                sum(ways) == 9 and not silent.any(),
                f"{sum(ways)}, the others {silent.max():g}",
            ),
            Expectation(
                "with linear units the average is the halved network, exactly",
                most["linear"] < EXACT,
                f"{most['linear']:.2g}",
            ),
            Expectation(
                "with other hidden units too, where only these are dropped and the output is linear",
                linear_end < EXACT,
                f"{linear_end:.2g}",
            ),
            Expectation("where inputs are dropped before such units it is only near", EXACT < near < 1, f"{near:.2g}"),
            Expectation(
                "behind a sigmoid the normalized geometric mean is exact, the plain mean is near",
                geometric < EXACT < plain < 0.1,
                f"{geometric:.2g} and {plain:.2g}",
            ),
        ],
    )


Net = Mapping[str, np.ndarray]


def _network(seed: int) -> Net:
    random = np.random.default_rng(seed)
    return {"x": random.normal(size=2), "w": random.normal(size=(2, 2)), "v": random.normal(size=2)}


def _answers(net: Net, unit: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """What each of the 16 says, (16,)."""
    hidden = unit((MASKS[:, :2] * net["x"]) @ net["w"].T) * MASKS[:, 2:]
    return np.asarray(hidden @ net["v"])


def _halved(net: Net, unit: Callable[[np.ndarray], np.ndarray]) -> float:
    return float(KEEP * unit(net["w"] @ (KEEP * net["x"])) @ net["v"])


def _hidden_alone(net: Net) -> np.ndarray:
    """What stands before the sigmoid when only hidden units are dropped, (4,)."""
    return np.asarray((MASKS[:4, 2:] * np.tanh(net["w"] @ net["x"])) @ net["v"])


def _halved_hidden(net: Net) -> float:
    return float(KEEP * np.tanh(net["w"] @ net["x"]) @ net["v"])


def _geometric(net: Net) -> float:
    """The geometric mean of the probabilities of yes, beside that of no, so that both add up to 1."""
    yes = _sigmoid(_hidden_alone(net))
    means = np.exp(np.log(yes).mean()), np.exp(np.log(1 - yes).mean())
    return float(means[0] / sum(means))


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(z)))


@on_paper
def _picture(net: Net, connected: list[bool], gaps: Mapping[str, np.ndarray]) -> Figure:
    """The 16 networks with what each says, and below how far their average is from the halved network."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 8.2), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[6, 2])[:, 0]
    said = _answers(net, np.tanh)
    told = f"On average they say {said.mean():.3f}, the halved network says {_halved(net, np.tanh):.3f}."
    head = "Two inputs, two hidden units of tanh: 16 networks, 9 with a way from input to output."
    above.suptitle(f"{head}\n{told}", fontsize=9.5, x=0.01, ha="left")
    for panel, mask, way, answer in zip(above.subplots(4, 4).ravel(), MASKS, connected, said):
        _small(panel, mask, way, answer)
    panel = below.subplots()
    for i, (name, gap) in enumerate(gaps.items()):
        panel.plot(gap, np.full(len(gap), i), "o", color=BLUE, alpha=0.5, markersize=5)
        panel.text(0.01, i + 0.18, name, transform=panel.get_yaxis_transform(), fontsize=9)
    panel.set_yticks([])
    panel.set_ylim(-0.5, len(gaps) - 0.2)
    panel.set_xlabel("average of the 16 less the halved network, a point for each draw of weights")
    return shown_in_notebooks(figure)


def _small(panel: Any, mask: np.ndarray, way: bool, answer: float) -> None:
    places = [(0, 0.2), (0, 0.8), (1, 0.2), (1, 0.8), (2, 0.5)]
    kept, live = [*mask, 1], BLUE if way else QUIET
    for a, b in [(0, 2), (0, 3), (1, 2), (1, 3), (2, 4), (3, 4)]:
        style = {"color": live, "linewidth": 1.4} if kept[a] and kept[b] else {"color": GRID, "linewidth": 0.7}
        panel.plot(*zip(places[a], places[b]), zorder=1, **style)
    for k, place in enumerate(places):
        colour = ORANGE if k == 4 else GREEN if k < 2 else BLUE
        face, rim = (colour, colour) if kept[k] else ("white", GRID)
        panel.plot(*place, "o", markersize=11, color=face, markeredgecolor=rim, zorder=2)
    bare(panel)
    panel.set_xlim(-0.4, 2.4)
    panel.set_ylim(-0.1, 1.1)
    panel.set_title(f"{answer:.3f}" if way else "no way: 0", fontsize=9, fontweight="normal", color=live, loc="center")
