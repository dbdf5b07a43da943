"""Dates: in which of the common forms a column writes them, and their days since 1970-01-01."""

import re
from collections.abc import Sequence

import numpy as np

from deepglass.errors import SettingError

FORMS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
)
DIGITS = {
    "Y": r"\d{4}",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}",
    "H": r"\d{1,2}",
    "M": r"\d{2}",
    "S": r"\d{2}",
    "f": r"\d{1,9}",
}
DAY = 86_400_000_000  # microseconds


def forms_of(texts: Sequence[str]) -> list[str]:
    """Return the forms in which most of some different texts are dates: several when day and month cannot be told apart."""
    sample = [t.strip() for t in texts[:200]]
    likely = [f for f in FORMS if 2 * sum(bool(_pattern(f).fullmatch(t)) for t in sample) > len(sample)]
    if not likely:
        return []
    good = {f: int(np.isfinite(days(texts, f)).sum()) for f in likely}
    most = max(good.values())
    return [f for f in likely if good[f] == most and 2 * most > len(texts)]


def days(texts: Sequence[str], form: str) -> np.ndarray:
    """Return days since 1970-01-01 as float64, nan for what is no date in this form."""
    import pandas

    cells = pandas.Series([t.strip() for t in texts], dtype=object)
    try:
        found = pandas.to_datetime(cells, format=form, errors="coerce")
    except ValueError as error:
        raise SettingError(f"{form!r} is no form of dates: {error}. Write it as in %d.%m.%Y.") from None
    return days_of(np.asarray(found.to_numpy()))


def days_of(values: np.ndarray) -> np.ndarray:
    """Return days since 1970-01-01 of datetime64 values, nan for NaT."""
    found = values.astype("datetime64[us]")
    result = found.astype(np.int64) / DAY
    result[np.isnat(found)] = np.nan
    return result


def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"%(.)", form)
    return re.compile("".join(DIGITS[p] if i % 2 else re.escape(p) for i, p in enumerate(parts)))
