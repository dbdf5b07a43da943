"""Ordering: what a score is worth when the past and the future of a series were mixed before they were parted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from deepglass.data import Dataset, load
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.randomness import derive
from deepglass.report.pictures.figure import BLUE, QUIET, TEXT, VERMILLION, new_figure, on_paper
from deepglass.tasks.metrics import r2

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HELD_OUT = 0.2  # share of the steps that are judged
TREES = 100  # of the forest, scikit-learn's default
SIDES = {"shuffled": "mixed before it was parted", "in time": "the past trains, the future tests"}


def shuffled_series(form: Form) -> Outcome:
    """Forecast random walks from the number of the step with a random forest, held out at random and in time."""
    walks = [_walk(form.examples, seed) for seed in form.seeds]
    scores: dict[str, list[float]] = {side: [] for side in SIDES}
    shown: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for seed, walk in zip(form.seeds, walks):
        form.tell(f"a random walk, seed {seed}")
        for side in SIDES:
            data = _parted(walk, side, seed)
            steps, guess, truth = _forest(data, seed)
            scores[side].append(float(r2(guess, truth) or 0.0))
            shown.setdefault(side, (steps, guess))
    low, high = min(scores["shuffled"]), max(scores["in time"])
    rows = [
        {
            "split": SIDES[side],
            "R2, mean": f"{np.mean(values):.3f}",
            "lowest": f"{min(values):.3f}",
            "highest": f"{max(values):.3f}",
        }
        for side, values in scores.items()
    ]
    return Outcome(
        rows,
        _picture(walks[0], shown, scores),
        [
            Expectation("mixed, every walk looks forecast: R2 of 0.98 and more", low >= 0.98, f"lowest {low:.3f}"),
            Expectation("in time, none is: R2 below 0", high < 0, f"highest {high:.3f}"),
        ],
    )


def _walk(steps: int, seed: int) -> np.ndarray:
    return np.random.default_rng(derive(seed, "walk")).standard_normal(steps).cumsum()


def _parted(walk: np.ndarray, side: str, seed: int) -> Dataset:
    import pandas

    frame = pandas.DataFrame({"step": np.arange(float(len(walk))), "value": walk})
    order = {"time": "step"} if side == "in time" else {}
    return load(frame, target="value", inputs=["step"], validation=HELD_OUT, test=0, split_seed=seed, **order)


def _forest(data: Dataset, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Learn from the training split; steps, answers and truth of the validation split, in the order of time."""
    from sklearn.ensemble import RandomForestRegressor

    steps = np.asarray(data.source.fields["features"].values)[:, 0]
    values = np.asarray(data.source.fields["value"].values).reshape(-1)
    train, held = data.members("train").numpy(), np.sort(data.members("validation").numpy())
    forest = RandomForestRegressor(TREES, random_state=derive(seed, "forest") % 2**32).fit(
        steps[train, None], values[train]
    )
    return steps[held], forest.predict(steps[held, None]), values[held]


@on_paper
def _picture(
    walk: np.ndarray, shown: Mapping[str, tuple[np.ndarray, np.ndarray]], scores: Mapping[str, list[float]]
) -> Figure:
    figure, panels = new_figure(10.5, 3.6, 1, 3, width_ratios=[1.3, 1.3, 0.8])
    for panel, (side, (steps, guess)) in zip(panels, shown.items()):
        panel.plot(walk, color=QUIET, linewidth=1.0, label="the walk")
        panel.plot(
            steps, guess, ".", color=BLUE if side == "shuffled" else VERMILLION, markersize=3.5, label="forecast"
        )
        panel.set_title(f"{side}: R² {scores[side][0]:.3f}")
        panel.set_xlabel("step")
        panel.legend(fontsize=8)
    for place, (side, values) in enumerate(scores.items()):
        colour = BLUE if side == "shuffled" else VERMILLION
        panels[2].plot(np.full(len(values), place), values, "o", color=colour, alpha=0.75)
    panels[2].axhline(0, color=TEXT, linewidth=1, linestyle=(0, (4, 2)))
    panels[2].set_xticks(range(len(scores)), list(scores))
    panels[2].set_xlim(-0.6, len(scores) - 0.4)
    panels[2].set_title("R² of each walk")
    return figure
