"""Portrait of series: how they run, and after how many steps they repeat themselves. The test split is not looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data.encode import Field
from deepglass.data.ragged import Ragged
from deepglass.data.season import autocorrelation
from deepglass.data.versions import spread
from deepglass.data.windows import Windows

if TYPE_CHECKING:
    from deepglass.data.dataset import Dataset

MOST_VARIABLES = 6  # that are drawn, what is to be forecast first
MOST_POINTS = 4000  # of a line, evenly spread; more would be finer than a print
SEASONS = 4  # that the autocorrelation runs over, where there is one
FEWEST_LAGS, MOST_LAGS = 40, 2000
CLASSES, A_CLASS = 10, 4  # of which series are drawn, and how many of each


@dataclass(frozen=True)
class SeriesPortrait:
    """What pictures of series show.

    Args:
        variables: name -> (times, values) of one long series, the open part of it in raw units.
        dates: whether times are days since 1970-01-01.
        border: where validation begins; None without it.
        period: time steps of the season, 1 where none was found; of `learned`, the first variable to be forecast.
        correlation: of that variable with itself so many steps before, (lags + 1,).
        several: of how many series the first is drawn.
        examples: class or "" -> series that are examples of their own, each (time, variables) in raw units.
        names: of the variables of these.
    """

    variables: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    dates: bool = False
    border: float | None = None
    period: int = 1
    learned: str = ""
    correlation: np.ndarray = field(default_factory=lambda: np.zeros(0))
    several: int = 1
    examples: list[tuple[str, list[np.ndarray]]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def series_portrait(
    data: Dataset, one: Field, raw: Any, truth: np.ndarray | None, classes: list[str]
) -> SeriesPortrait:
    """Gather it. Args: raw: sampled examples of the field, truth: class codes of these (n,), where there are any."""
    values = data.source.fields[one.name].values
    if isinstance(values, Windows):
        return _of_windows(data, one, values)
    parts = [raw[i].numpy() for i in range(len(raw))] if isinstance(raw, Ragged) else list(np.asarray(raw))
    chosen: list[tuple[str, np.ndarray]] = [("", spread(np.arange(len(parts)), 2 * A_CLASS))]
    if classes and truth is not None:
        codes = np.unique(np.linspace(0, len(classes) - 1, min(CLASSES, len(classes))).round().astype(int))
        chosen = [(classes[c], spread(np.flatnonzero(truth == c), A_CLASS)) for c in codes]
    examples = [(name, [parts[int(i)] for i in ids]) for name, ids in chosen if len(ids)]
    return SeriesPortrait(examples=examples, names=list(one.encoding["variables"]))


def _of_windows(data: Dataset, one: Field, values: Windows) -> SeriesPortrait:
    target = next(iter(data.targets.values()))
    learned = data.source.fields[target.name].values
    assert isinstance(learned, Windows) and data.source.times is not None
    last = int(data.source.fields[target.name].reading.get("breaks", [0])[-1])
    breaks = np.asarray(data.source.fields[target.name].reading.get("breaks", [0]))
    opened = np.concatenate([data.splits.train, data.splits.validation])
    own = opened[
        learned.starts.numpy()[opened] < (breaks[1] if last else len(learned.values))
    ]  # the first series alone
    own = own if len(own) else opened
    rows = learned.rows(own, before=0 if target.aligned else values.length)
    stamp = _stamps(data, learned, rows)
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS)).round().astype(int)]
    place = {int(r): i for i, r in enumerate(rows.tolist())}
    times = stamp[[place[int(r)] for r in some]]
    drawn: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for windows, names in ((learned, target.encoding["variables"]), (values, one.encoding["variables"])):
        for i, name in enumerate(names):
            if name not in drawn and len(drawn) < MOST_VARIABLES:
                drawn[name] = (times, windows.values[:, i].numpy()[some])
    period = int(target.encoding.get("period", 1))
    lags = min(max(SEASONS * period, FEWEST_LAGS), MOST_LAGS, len(rows) // 2)
    train = learned.rows(data.splits.train)
    validation = data.splits.validation
    return SeriesPortrait(
        variables=drawn,
        dates=bool(one.encoding.get("dates")),
        border=float(data.source.times[validation].min()) if len(validation) else None,
        period=period,
        learned=target.encoding["variables"][0],
        correlation=autocorrelation(learned.values.numpy()[train, :1], lags) if lags > 1 else np.zeros(0),
        several=len(breaks),
    )


def _stamps(data: Dataset, windows: Windows, rows: np.ndarray) -> np.ndarray:
    """The time of each row: known where a window begins, on a straight line between such rows and beyond them."""
    starts = windows.starts.numpy()
    order = np.argsort(starts, kind="stable")
    assert data.source.times is not None
    known, times = starts[order], data.source.times[order]
    found = np.interp(rows, known, times)
    if len(known) > 1:
        pace = (times[1] - times[0]) / max(1, known[1] - known[0])
        end = (times[-1] - times[-2]) / max(1, known[-1] - known[-2])
        found = np.where(rows < known[0], times[0] - pace * (known[0] - rows), found)
        found = np.where(rows > known[-1], times[-1] + end * (rows - known[-1]), found)
    return found
