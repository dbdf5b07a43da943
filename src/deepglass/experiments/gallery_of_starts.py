"""Gallery of starts: what each initialization does to the numbers that pass through a deep network, before any training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.inside import activations
from deepglass.layers import INITIALIZATIONS
from deepglass.networks import build
from deepglass.report.pictures.figure import CLASS_COLOURS, TEXT, new_figure, on_paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS, DEPTH = 100, 5
SHOWN = (1, 3, 5)  # layers that are drawn
EXAMPLES = 200
ALIVE, FADED = 0.2, 1e-3  # deviations of what the last hidden layer gives: of tanh between -1 and 1
BINS = 41


def initializations(form: Form) -> Outcome:
    """Send standard normal numbers through five layers of tanh units that start in each of the ways there are.

    Source: the picture is that of Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
        Networks", AISTATS 2010, figure 6.
    """
    x = torch.randn(EXAMPLES, UNITS, generator=torch.Generator().manual_seed(form.seeds[0]))
    weights, given = {}, {}
    for name in INITIALIZATIONS:
        options = {"hidden": [UNITS] * DEPTH, "activation": "tanh", "initialization": name}
        network = build("mlp", inputs=(UNITS,), outputs=10, seed=form.seeds[0], **options)
        weights[name] = float(network.get_parameter("hidden1.weight").detach().std())
        heard = activations(network, x, [f"activation{k}" for k in range(1, DEPTH + 1)])
        given[name] = [one.values.numpy().ravel() for one in heard.values()]
    last = {name: float(by_layer[-1].std()) for name, by_layer in given.items()}
    return Outcome(
        [
            {"initialization": name, "weights": f"{weights[name]:.3g}"}
            | {f"layer {k} gives": f"{given[name][k - 1].std():.2g}" for k in SHOWN}
            for name in given
        ],
        _picture(given),
        [
            Expectation("from zeros every layer gives 0", last["zeros"] == 0, f"{last['zeros']:g}"),
            Expectation(
                f"from 0.01 x normal numbers layer {DEPTH} gives next to nothing: a deviation under {FADED}",
                0 < last["normal"] < FADED,
                f"{last['normal']:.1e}",
            ),
            Expectation(
                f"from Glorot's and LeCun's it still gives something: over {ALIVE}",
                min(last["glorot"], last["lecun"]) > ALIVE,
                f"{last['glorot']:.2f} and {last['lecun']:.2f}",
            ),
        ],
    )


@on_paper
def _picture(given: dict[str, list[np.ndarray]]) -> Figure:
    """A row for each way to start, a panel for each layer: how often each number between -1 and 1 comes out."""
    figure, axes = new_figure(8.4, 0.95 * len(given) + 0.6, len(given), len(SHOWN), sharex=True)
    edges: Any = np.linspace(-1, 1, BINS)
    for row, (name, by_layer) in enumerate(given.items()):
        for k, layer in enumerate(SHOWN):
            panel, values = axes[row * len(SHOWN) + k], by_layer[layer - 1]
            panel.stairs(np.histogram(values, edges)[0], edges, fill=True, color=CLASS_COLOURS[0])
            panel.set_yticks([])
            panel.grid(False)
            panel.text(
                0.98, 0.93, f"{values.std():.2g}", transform=panel.transAxes, ha="right", va="top", fontsize=8, color=TEXT,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5},
            )  # fmt: skip
            if not row:
                panel.set_title(f"layer {layer} gives", fontsize=10)
        axes[row * len(SHOWN)].set_ylabel(name, rotation=0, ha="right", va="center")
    figure.supxlabel(
        "Each number: the standard deviation. Five layers of 100 tanh units, before any training.", fontsize=9
    )
    return figure
