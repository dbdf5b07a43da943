"""Approximation: what one hidden layer of more and more units makes of a curve, from several starts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch

from deepglass.data import load
from deepglass.experiments.arms import arms
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.report.pictures.figure import CLASS_COLOURS, QUIET, TEXT, new_figure, on_paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTHS = (1, 2, 4, 16)
RATE, BATCH = 0.05, 16
STRETCH = 5  # of x on the way in: from -1..1 small random weights see a straight line, and training stays with it
BEHIND = 2.0  # times the best start's error that a start of the same network may keep, and be called stuck


def universal_approximation(form: Form) -> Outcome:
    """Fit sin(3 pi x) exp(-x^2) on -1..1 with one hidden layer of tanh units, from several starts each.

    Source: Cybenko, "Approximation by Superpositions of a Sigmoidal Function", 1989.
    """
    x = np.linspace(-1, 1, form.examples, dtype=np.float32)
    y = np.sin(3 * np.pi * x) * np.exp(-(x**2))
    inputs = STRETCH * x[:, None]
    data = load((inputs, y), validation=0, test=0, scaling="none", target_scaling="none")
    recipe = {"optimizer": "adam", "learning_rate": RATE, "schedule": "cosine", "batch_size": BATCH}
    sides = {
        str(width): {"network": {"hidden": [width], "activation": "tanh", "initialization": "he"}} for width in WIDTHS
    }
    found = arms(form, sides, data=data, recipe=recipe)
    fits, errors = {}, {}
    for name, arm in found.items():
        with torch.no_grad():
            fits[name] = [t.network(torch.from_numpy(inputs)).numpy().ravel() for t in arm.trainings]
        errors[name] = np.array([float(((fit - y) ** 2).mean()) for fit in fits[name]])
    best = {name: float(e.min()) for name, e in errors.items()}
    apart = {name: float(e.max() / e.min()) for name, e in errors.items()}
    most = max(apart, key=lambda name: apart[name])
    return Outcome(
        [
            {"hidden units": name, "best squared error": f"{e.min():.1e}", "worst start": f"{e.max():.1e}"}
            for name, e in errors.items()
        ],
        _picture(x, y, fits, errors),
        [
            Expectation(
                "the best error falls with every widening",
                all(after < before for before, after in pairwise(best.values())),
                ", ".join(f"{e:.1e}" for e in best.values()),
            ),
            Expectation(
                f"{WIDTHS[-1]} units leave less than a fifth of what one unit leaves",
                best[str(WIDTHS[-1])] < 0.2 * best[str(WIDTHS[0])],
                f"{best[str(WIDTHS[-1])]:.1e} against {best[str(WIDTHS[0])]:.1e}",
            ),
            Expectation(
                f"good weights exist, and training may fail to find them: some start keeps over {BEHIND:g} times the error of "
                "another of the same width",
                apart[most] > BEHIND,
                f"{apart[most]:.0f} times with {most} units",
            ),
        ],
    )


@on_paper
def _picture(x: np.ndarray, y: np.ndarray, fits: dict[str, list[np.ndarray]], errors: dict[str, np.ndarray]) -> Figure:
    """A panel a width: the curve, the best start's answer, and those of the other starts."""
    figure, panels = new_figure(3.0 * len(fits) + 0.6, 3.2, 1, len(fits), sharey=True)
    for panel, (name, answers) in zip(panels, fits.items()):
        at = int(errors[name].argmin())
        for k, answer in enumerate(answers):
            if k != at:
                panel.plot(x, answer, color=QUIET, linewidth=0.9, label="other starts" if k == (at == 0) else None)
        panel.plot(x, y, color=TEXT, linestyle=":", linewidth=2, label="the curve")
        panel.plot(x, answers[at], color=CLASS_COLOURS[0], linewidth=1.8, label="best start")
        panel.set_title(f"{name} hidden unit{'' if name == '1' else 's'}: {errors[name].min():.0e}", fontsize=10)
        panel.set_xlabel("x")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
