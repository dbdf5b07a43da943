"""Series time: how far apart the stamps of a series stand, where steps are missing, and which stamps come next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

OFF = 0.2  # of a step: a stamp further than this from its place is off the grid; decimal years are rounded by 0.01 of a month
SECOND = 1 / 86_400  # days
NAMED = ((7.0, "week"), (1.0, "day"), (1 / 24, "hour"), (1 / 1440, "minute"), (SECOND, "second"))


@dataclass(frozen=True)
class Step:
    """The usual distance between two stamps.

    Args:
        unit: days, months (of the calendar), number (of whatever the column holds), or rows (times were not given, or ignored).
        size: how many of them.
    """

    unit: str
    size: float

    def __str__(self) -> str:
        if self.unit in ("number", "rows"):
            return f"{self.size:g}" if self.unit == "number" else "1 row"
        if self.unit == "months":
            years, rest = divmod(int(self.size), 12)
            return _counted(years, "year") if not rest else _counted(int(self.size), "month")
        for days, name in NAMED:
            if self.size >= 0.999 * days and (
                abs(self.size / days - round(self.size / days)) < 1e-3 or name == "second"
            ):
                return _counted(self.size / days, name)
        return f"{self.size / SECOND:g} seconds"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Step":
        return cls(facts["unit"], facts["size"])

    def between(self, stamps: np.ndarray) -> np.ndarray:
        """Steps from each stamp to the next, shape (stamps - 1,); whole numbers where the stamps stand on a grid."""
        if self.unit == "months":
            return np.diff(_months(stamps)[0]) / self.size
        return np.diff(stamps) / self.size

    def after(self, stamp: float, count: int) -> np.ndarray:
        """The next `count` stamps, shape (count,)."""
        ahead = np.arange(1, count + 1)
        if self.unit != "months":
            return stamp + self.size * ahead
        at = np.array([stamp])
        months, days, is_end = _months(at)
        begins = (months + np.round(self.size * ahead).astype(np.int64)).astype("datetime64[M]")
        last = (begins + 1).astype("datetime64[D]").astype(np.int64) - 1
        if is_end and days[0] > 28:
            return last.astype(np.float64)
        return np.minimum(begins.astype("datetime64[D]").astype(np.int64) + days[0] - 1, last).astype(np.float64)


def step_of(stamps: np.ndarray, *, dates: bool) -> Step:
    """Find the usual distance between rising stamps: the commonest one, in months where all stand on one day of a month.

    Shapes: stamps (n,) rising, n at least 2; nan between the stamps of one series and those of the next.
    Args: dates: whether they are days since 1970-01-01, otherwise plain numbers.
    """
    distances = np.diff(stamps)
    known = distances[distances > 0]
    there = stamps[np.isfinite(stamps)]
    if dates and known.min() >= 28 and (there == np.floor(there)).all():
        months, days, is_end = _months(there)
        if is_end or (days == days[0]).all():
            apart = np.diff(months)
            return Step("months", float(_commonest(apart[apart > 0])))
    if dates:
        return Step("days", _commonest(np.round(known / SECOND, 3)) * SECOND)
    return Step("number", float(np.median(known)))


def off_grid(steps: np.ndarray) -> np.ndarray:
    """Which distances between stamps, in steps, are no whole number of them; bool."""
    return (np.abs(steps - np.round(steps)) > OFF) | (np.round(steps) < 1)


def written(stamp: float, *, dates: bool) -> str:
    """Write a stamp for a person.

    >>> written(17167.0, dates=True), written(17167.5, dates=True), written(3.0, dates=False)
    ('2017-01-01', '2017-01-01 12:00:00', '3')
    """
    if not dates:
        return f"{stamp:.12g}"
    moment = np.datetime64(round(stamp / SECOND), "s")
    return str(moment.astype("datetime64[D]") if stamp == int(stamp) else moment).replace("T", " ")


def _months(stamps: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """The month of each stamp, counted from 1970-01, its day in the month from 1, and whether all are the last of theirs."""
    days = np.floor(stamps).astype(np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    place = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    ends = (days + 1).astype("datetime64[M]") != months
    return months.astype(np.int64), place, bool(ends.all())


def _commonest(values: np.ndarray) -> float:
    found, counts = np.unique(values, return_counts=True)
    return float(found[counts.argmax()])


def _counted(count: float, name: str) -> str:
    return f"{count:g} {name}{'s' * (round(count, 6) != 1)}"
