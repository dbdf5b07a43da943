"""Series split: windows in time, parted so that no step to be learned in one split is to be learned in another."""

import numpy as np

from deepglass.data.settings import DataSettings
from deepglass.errors import DataError


def split_steps(examples: np.ndarray, spans: np.ndarray, settings: DataSettings) -> dict[str, np.ndarray]:
    """Divide windows by the time steps that they are to forecast: the earliest train, the next validate, the last test.

    A window belongs to the split that holds its whole target; one whose target crosses a border belongs to none. What it
    looks back on may reach into the split before, as the past is known when a forecast is made.
    Shapes: examples (some,) of indices, spans (examples, 2) of the first and last time step of each target.
    Args: settings: of which `steps`, or else `test` and `validation`, as shares or numbers of time steps.
    Raises: DataError, when there are fewer time steps than asked for, or nothing would be left to train on.
    """
    there = int(spans.max(initial=-1)) + 1
    train, validation, test = _lengths(there, settings)
    borders = np.cumsum([0, train, validation, test])
    parts = {}
    for name, low, high in zip(("train", "validation", "test"), borders, borders[1:]):
        inside = (spans[examples, 0] >= low) & (spans[examples, 1] < high)
        parts[name] = np.sort(examples[inside])
        if high > low and not inside.any():
            needed = int(spans[0, 1] - spans[0, 0]) + 1
            how = "of which the first windows only look back on" if name == "train" else "which no forecast fits into"
            raise DataError(
                f"The {name} split has {high - low:,} time steps, {how}: a window forecasts {needed:,}. Give it more "
                f"(data.steps=[train, validation, test], data.validation=, data.test=), or choose a smaller horizon or lookback."
            )
    return parts


def _lengths(there: int, settings: DataSettings) -> tuple[int, int, int]:
    if settings.steps is not None:
        train, validation, test = settings.steps
        if train + validation + test > there:
            raise DataError(
                f"data.steps={settings.steps} asks for {train + validation + test:,} time steps, and the series has {there:,}. "
                f"Choose less."
            )
        return train, validation, test
    assert not isinstance(settings.test, str)
    test = _part(settings.test, there, "test", there)
    validation = _part(settings.validation, there - test, "validation", there)
    if there - test - validation < 1:
        raise DataError(
            f"No time step is left to train on: {there:,} steps, test={settings.test}, validation={settings.validation}. Give "
            f"a longer series or smaller shares."
        )
    return there - test - validation, validation, test


def _part(share: float, of: int, name: str, there: int) -> int:
    count = int(share) if share >= 1 else round(share * of)
    if count > of:
        raise DataError(f"{name}={share} asks for more than the {of:,} time steps left of {there:,}. Choose less.")
    return count
