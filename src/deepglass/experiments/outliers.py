"""Outliers: what a few wrong points do to a line fitted with the squared error, and with errors that forgive."""

import numpy as np

from deepglass.data import load
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import fits
from deepglass.networks import build
from deepglass.tasks import Regression
from deepglass.training import Recipe, Training

SLOPE, SHARE, HOW_WRONG = 3.0, 0.05, 60.0  # of the line; of wrong points; how far off these are


def outliers(form: Form) -> Outcome:
    """Fit a line of slope 3 to points of which 5 % are far off, all at one end, with three losses."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, size=form.examples).astype(np.float32)
    y = (SLOPE * x + random.normal(scale=0.2, size=form.examples)).astype(np.float32)
    wrong = np.argsort(x)[-int(SHARE * form.examples) :]
    y[wrong] -= HOW_WRONG * SHARE * 10
    data = load((x[:, None], y), validation=0, test=0, scaling="none", target_scaling="none")
    slopes = {loss: _slope(form, data, loss) for loss in ("mse", "huber", "mae")}
    return Outcome(
        [{"loss": loss, "slope": f"{slope:.2f}"} for loss, slope in slopes.items()],
        fits(x, y, slopes, f"{SHARE:.0%} of the points are far off"),
        [
            Expectation(
                "the squared error loses the slope, by 1 or more",
                abs(slopes["mse"] - SLOPE) > 1,
                f"{slopes['mse']:.2f}",
            ),
            *(
                Expectation(f"{loss} keeps it within 0.2", abs(slopes[loss] - SLOPE) < 0.2, f"{slopes[loss]:.2f}")
                for loss in ("huber", "mae")
            ),
        ],
    )


def _slope(form: Form, data: object, loss: str) -> float:
    network = build("linear", data, seed=form.seeds[0])
    recipe = Recipe(epochs=form.epochs, optimizer="adam", learning_rate=0.02, schedule="cosine", early_stopping=False)
    for _ in Training(network, data, recipe, task=Regression(loss=loss)):  # type: ignore[arg-type]
        pass
    return float(next(p for p in network.parameters() if p.ndim == 2).detach())
