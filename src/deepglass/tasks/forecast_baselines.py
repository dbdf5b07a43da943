"""Forecast baselines: what a forecast has to beat, from the last value to a linear model of the window."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.data.windows import Windows

MOST_FEATURES = 1500  # numbers of a window that the linear model sees: its equations are then solved in a second
MOST_NUMBERS = 24_000_000  # examples x features that it learns from
STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # of the ridge, times the number of examples
HELD_BACK = 0.2  # share of the training windows, the latest, on which the strength is chosen


@dataclass(frozen=True)
class Guess:
    """Forecasts in units, (examples, steps, variables), and what has to be said of them."""

    values: np.ndarray
    note: str = ""


def guesses(data: Dataset, seen: str, learned: str, ids: np.ndarray) -> dict[str, Guess]:
    """Forecast windows `ids` by the last value, by the season before, and by a linear model of the window.

    Args: seen, learned: the input and the target field, both `Windows` of the same rows.
    """
    target = data.source.fields[learned].values
    encoding = data.fields[learned].encoding
    assert isinstance(target, Windows)
    rows = _known(target.values.double().numpy())
    starts, steps = target.starts.numpy()[ids], target.length
    last = rows[starts - 1]  # (examples, variables); a window looks back on at least one row
    found = {"naive forecast": Guess(np.repeat(last[:, None], steps, axis=1))}
    period = int(encoding.get("period", 1))
    if period > 1:
        breaks = np.asarray(data.source.fields[learned].reading.get("breaks", [0]))
        found["seasonal naive forecast"] = _season_before(rows, starts, steps, period, breaks)
    found["linear model"] = _linear(data, seen, learned, ids)
    return found


def _season_before(rows: np.ndarray, starts: np.ndarray, steps: int, period: int, breaks: np.ndarray) -> Guess:
    """Repeat the last season that was seen; the last value where a series does not reach back so far."""
    ahead = np.arange(steps)
    at = starts[:, None] + ahead - period * (ahead // period + 1)  # (examples, steps)
    begins = breaks[np.searchsorted(breaks, starts, side="right") - 1][:, None]
    early = at < begins
    values = rows[np.where(early, starts[:, None] - 1, at)]
    share = early.any(axis=1).mean() if len(starts) else 0.0
    note = f"; the last value for {share:.0%} of the windows, which no whole season stands before" if share else ""
    return Guess(values, f"a season of {period} steps{note}")


def _linear(data: Dataset, seen: str, learned: str, ids: np.ndarray) -> Guess:
    """Ridge regression from the window to all steps at once, learned from the training windows.

    The strength is chosen on the latest fifth of these, and the model fitted again on all of them.
    Source: Hoerl and Kennard, "Ridge Regression", Technometrics 1970; that it is hard to beat: Zeng et al., "Are Transformers
        Effective for Time Series Forecasting?", AAAI 2023.
    """
    members = data.members("train")
    length, width = data.fields[seen].shape
    variables = len(data.fields[learned].encoding["variables"])
    alone = length * width > MOST_FEATURES  # then only what is to be forecast itself, and the latest of it
    kept = min(length, max(1, MOST_FEATURES // (variables if alone else width)))
    names = data.fields[seen].encoding["variables"]
    own = [names.index(n) for n in data.fields[learned].encoding["variables"] if n in names]
    columns = own if alone and own else list(range(width))
    most = max(10, MOST_NUMBERS // (kept * len(columns)))
    if len(members) > most:
        members = members[torch.linspace(0, len(members) - 1, most, dtype=torch.float64).round().long()]
    train, new = data.read(members), data.read(torch.from_numpy(ids))
    x, z = (_design(b[seen][:, -kept:, columns]) for b in (train, new))
    y = train[learned].flatten(1).double()
    holdout = max(1, int(HELD_BACK * len(x))) if len(x) > 4 else 0
    strength = _chosen(x, y, len(x) - holdout) if holdout else STRENGTHS[-1]
    weights = _solved(x.T @ x, x.T @ y, strength * len(x))
    encoded = (z @ weights).float().reshape(len(ids), *data.fields[learned].shape)
    part = [f"ridge of strength {strength:g}"]
    if kept < length or len(columns) < width:
        part.append(f"of the last {kept} steps of {len(columns)} of {width} variables, to stay quick")
    return Guess(data.fields[learned].decode(encoded), ", ".join(part))


def _design(x: Tensor) -> Tensor:
    """The numbers of each window with a 1 beside them, float64; what is missing counts as the mean."""
    flat = x.flatten(1).double().nan_to_num(0.0).cpu()
    return torch.cat([flat, torch.ones(len(flat), 1, dtype=torch.float64)], dim=1)


def _chosen(x: Tensor, y: Tensor, count: int) -> float:
    gram, cross = x[:count].T @ x[:count], x[:count].T @ y[:count]
    errors = [(x[count:] @ _solved(gram, cross, s * count) - y[count:]).square().mean() for s in STRENGTHS]
    return STRENGTHS[int(torch.stack(errors).nan_to_num(torch.inf).argmin())]


def _solved(gram: Tensor, cross: Tensor, strength: float) -> Tensor:
    """The weights of a ridge; the 1 in the last place is not held down."""
    ridge = torch.full((len(gram),), max(strength, 1e-12), dtype=torch.float64)
    ridge[-1] = 1e-9 * float(gram.diagonal().max().clamp_min(1.0))
    return torch.linalg.solve(gram + torch.diag(ridge), cross)


def _known(rows: np.ndarray) -> np.ndarray:
    """Rows with the value before in place of a missing one."""
    if not np.isnan(rows).any():
        return rows
    import pandas

    return pandas.DataFrame(rows).ffill().bfill().fillna(0.0).to_numpy()
