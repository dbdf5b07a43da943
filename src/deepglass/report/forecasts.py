"""Forecasts: what a network said of a series beside what came, as plain numbers for a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepglass.data import Dataset
from deepglass.data.readers.series_time import Step
from deepglass.data.windows import Windows
from deepglass.tasks.forecasting import Forecasting
from deepglass.tasks.supervised import Collected

SHOWN = 4  # windows that are drawn, evenly spread over the split
BEFORE = 3  # horizons of the past that are drawn before a forecast, at most: more would press it together


@dataclass(frozen=True)
class ShownForecast:
    """One window: what was known, what came, and what was said.

    Shapes: past (steps before,) with past_times alike; times, truth and value (steps,); quantiles (steps, quantiles).
    """

    past_times: np.ndarray
    past: np.ndarray
    times: np.ndarray
    truth: np.ndarray
    value: np.ndarray
    quantiles: np.ndarray | None = None


@dataclass(frozen=True)
class Forecasts:
    """Forecasts of one variable, in its unit.

    Shapes: by_step (steps,) the mean absolute error of each step ahead, `beside` alike for other models by name; starts
    (windows,) in rising order and residuals (windows,), the mean of forecast minus truth.
    Args: dates: whether times are days since 1970-01-01.
    """

    variable: str
    unit: str
    dates: bool
    levels: tuple[float, ...]
    shown: list[ShownForecast]
    by_step: np.ndarray
    starts: np.ndarray
    residuals: np.ndarray
    beside: Mapping[str, np.ndarray] = field(default_factory=dict)


def forecasts_of(task: Any, data: Dataset, said: Collected | None, baselines: Mapping[str, Any]) -> Forecasts | None:
    """Take the first variable that is forecast out of what a network said; None for other tasks.

    Args: baselines: as `Forecasting.beside` gives them, of which `by_step` is drawn.
    """
    if not isinstance(task, Forecasting) or said is None or not len(said.ids) or data.source.times is None:
        return None
    values = data.source.fields[task.targets[0]].values
    if not isinstance(values, Windows):
        return None
    steps, width = task.field.shape
    ids = said.ids.numpy()
    order = np.argsort(data.source.times[ids], kind="stable")
    shape = (len(ids), steps, width)
    guess = task.judged(said, "values").reshape(shape)[..., 0]
    truth = task.truth(said).reshape(shape)[..., 0]
    step = Step.from_dict(task.field.encoding["step"])
    chosen = order[np.linspace(0, len(order) - 1, min(SHOWN, len(order))).round().astype(int)]
    rows = values.values[:, 0].numpy()
    shown = []
    for i in chosen.tolist():
        start = int(values.starts[ids[i]])
        lookback = int(task.field.encoding["lookback"])
        before = min(lookback, max(BEFORE * steps, 12))
        first = float(data.source.times[ids[i]])
        unit = step.size if step.unit != "months" else step.size * 365.25 / 12
        times = np.append(first, step.after(first, steps - 1)) if steps > 1 else np.array([first])
        quantiles = None
        if task.quantiles:
            parts = [
                task.in_units(said.prediction["quantiles"][i : i + 1, :, k]).reshape(steps, width)[:, 0]
                for k in range(len(task.quantiles))
            ]
            quantiles = np.stack(parts, axis=1)
        past_times = first - unit * np.arange(before, 0, -1)
        shown.append(ShownForecast(past_times, rows[start - before : start], times, truth[i], guess[i], quantiles))
    off = guess - truth
    by_step = {n: np.asarray(s["by_step"]) for n, s in baselines.items() if "by_step" in s}
    return Forecasts(
        variable=task.variables[0],
        unit=task.field.unit,
        dates=bool(task.field.encoding.get("dates")),
        levels=task.quantiles,
        shown=shown,
        by_step=np.nanmean(np.abs(off), axis=0),
        starts=data.source.times[ids][order],
        residuals=np.nanmean(off, axis=1)[order],
        beside=by_step,
    )
