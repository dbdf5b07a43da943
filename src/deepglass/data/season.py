"""Season: after how many time steps a series repeats itself, and what repeating it is off by."""

import numpy as np

LEAST = 0.3  # correlation at a peak, and how far it stands out of the deepest valley before: a slow fall with ripples has none
LEAST_OF_CHANGES = 0.1  # correlation of the changes from step to step, which noise blurs but no slow wave carries
SURE = 4.0  # times what white noise gives, that any peak has to exceed
AGAIN = 0.5  # share of a peak that has to come back after two seasons: a lone hump, as of a random walk, does not
MOST_ROWS = 20_000  # rows that are looked at, the last ones
AS_HIGH = 0.8  # share of the highest peak from which on an earlier one is the season: three years repeat as well as one
BROAD = 0.9  # share of a peak that is left of a broad one when it is smoothed
SEASONS = 3  # that the rows have to hold at least: two would be one comparison


def period_of(rows: np.ndarray) -> int:
    """Find the season of a series: the lag at which its autocorrelation has its highest peak that comes back after two.

    That of the changes from step to step is asked first, as a slow wave hides a daily one in the series itself; where the
    changes are noise, that of the series without its straight trend.
    Shapes: rows (time, variables), in the order of time; the autocorrelations of all variables are averaged.
    Returns: time steps, at most a third of the series; 1 where there is no such peak.
    Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, sections 2.8 and 9.1; the
        thresholds were chosen here, on the series of the gallery and on random walks.
    """
    rows = rows[-MOST_ROWS:]
    most = len(rows) // SEASONS
    changes = autocorrelation(np.diff(rows, axis=0), 2 * most)
    noise = 1.96 / max(1, len(rows)) ** 0.5  # Bartlett's bound at 95 %
    found = _highest(changes, np.flatnonzero(changes >= max(LEAST_OF_CHANGES, SURE * noise)), most)
    if found == 1:
        plain = autocorrelation(rows, 2 * most)
        stands_out = (plain - np.minimum.accumulate(plain) >= LEAST) & (plain >= max(LEAST, SURE * noise))
        found = _highest(plain, np.flatnonzero(stands_out), most)
    return found


def autocorrelation(rows: np.ndarray, lags: int) -> np.ndarray:
    """Correlation of a series with itself so many steps before, shape (lags + 1,), 1 at lag 0; averaged over its variables.

    Shapes: rows (time, variables). Missing values count as the trend. A constant variable does not count.
    Source: Box and Jenkins, "Time Series Analysis", 1970, section 2.1.5, here without its bias: the sum at each lag is divided
        by the number of its pairs.
    """
    time = np.linspace(-1, 1, len(rows))
    total, count = np.zeros(lags + 1), 0
    for values in rows.T:
        known = np.isfinite(values)
        if known.sum() < 4:
            continue
        rest = np.where(known, values - np.polyval(np.polyfit(time[known], values[known], 1), time), 0.0)
        if rest.std() <= 1e-9 * max(1e-6, np.abs(values[known]).max()):
            continue
        size = 1 << (2 * len(rest) - 1).bit_length()
        power = np.abs(np.fft.rfft(rest, size)) ** 2
        sums = np.fft.irfft(power, size)[: lags + 1] / (len(rest) - np.arange(lags + 1))
        total, count = total + sums / sums[0], count + 1
    return total / count if count else total


def naive_error(rows: np.ndarray, period: int) -> list[float]:
    """What the value a season before is off by on average, in each variable: the unit of the mean absolute scaled error.

    Shapes: rows (time, variables). Returns: one number a variable, 0 where the series is too short or repeats itself exactly.
    Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", International Journal of Forecasting 2006.
    """
    lag = period if period < len(rows) else 1
    error = np.abs(rows[lag:] - rows[:-lag])
    known = np.isfinite(error)
    return (np.where(known, error, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)).tolist()


def _highest(found: np.ndarray, candidates: np.ndarray, most: int) -> int:
    """The first lag whose peak is about as high as the highest, and comes back near twice its lag; 1 where none does."""
    lags = [p for p in candidates.tolist() if 2 <= p <= min(most, len(found) - 2)]
    lags = [p for p in lags if found[p] == _near(found, p, p // 10 + 1).max()]
    lags = [p for p in lags if _near(found, 2 * p, p // 10 + 1).max(initial=-1) >= AGAIN * found[p]]
    if not lags:
        return 1
    best = next(p for p in lags if found[p] >= AS_HIGH * max(found[lags]))
    wide = best // 40  # of a long season the top is broad and ragged
    smooth = np.convolve(found, np.ones(2 * wide + 1) / (2 * wide + 1), mode="same")
    return (
        best - 2 * wide + int(_near(smooth, best, 2 * wide).argmax()) if smooth[best] >= BROAD * found[best] else best
    )


def _near(found: np.ndarray, lag: int, reach: int) -> np.ndarray:
    return found[max(0, lag - reach) : lag + reach + 1]
