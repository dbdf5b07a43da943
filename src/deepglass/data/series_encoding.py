"""Series encoding: how series become numbers, each variable scaled by itself, with nan where there is only padding."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.ragged import Ragged
from deepglass.data.season import naive_error, period_of
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.data.windows import Windows
from deepglass.errors import DataError, SettingError
from deepglass.plurals import counted
from deepglass.settings import said

FLAT = 1e-9  # a deviation below this share of the size of the values is rounding: the variable is constant
ONLY_SERIES = ("series", "lookback", "horizon", "stride", "steps", "gaps", "doubled", "period")
READ = ("variables", "step", "dates", "lookback", "horizon")  # of how a series was read, what an encoding keeps


def fit_series(
    name: str, raw: Raw, role: str, train: np.ndarray, settings: DataSettings
) -> tuple[tuple[int, ...], dict[str, Any]]:
    """Fit one offset and scale a variable on the training examples; of windows, on all rows that these run over.

    Returns: the shape of one example, (time, variables), twice as many variables where holes are kept: first the values, then
        1 or 0 for known or not; and as encoding
        offset, scale    encoded = (raw - offset) / scale
        deviation        of each variable, by which errors are normalized however the series is scaled
        period           time steps of a season, 1 where none was found; of windows
        naive_error      what repeating the season before is off by on average in the training past; of windows to learn
        known            whether it is said beside each variable what is known
    Raises: DataError, when a value is missing or not finite, or no window is to train on.
    """
    windows = isinstance(raw.values, Windows)
    rows = _training_rows(name, raw, train)
    keeps = windows and settings.on_missing == "keep"
    bad = ~np.isfinite(rows) & ~(np.isnan(rows) if keeps or not windows else np.zeros(rows.shape, dtype=bool))
    if bad.any() and settings.on_missing not in ("drop",):
        raise DataError(f"Field {name!r}: {int(bad.sum()):,} training values are missing or not finite. Correct them.")
    with np.errstate(invalid="ignore"):
        counts = np.isfinite(rows).sum(axis=0)
        mean = np.where(counts > 0, np.nansum(rows, axis=0) / np.maximum(counts, 1), 0.0)
        deviation = np.sqrt(np.nansum((rows - mean) ** 2, axis=0) / np.maximum(counts, 1))
    deviation = np.where(deviation > FLAT * np.maximum(1e-6, np.abs(mean)), deviation, 1.0)
    scaling = settings.target_scaling if role == "target" else settings.scaling
    if scaling not in ("standard", "unit", "none"):
        raise SettingError(f"data.scaling={scaling} does not go with series. Use standard, unit or none.")
    offset, scale = mean, deviation
    if scaling == "unit":
        low, high = _range(rows)
        offset, scale = low, np.where(high > low, high - low, 1.0)
    if scaling == "none":
        offset, scale = np.zeros_like(mean), np.ones_like(mean)
    encoding: dict[str, Any] = {
        "offset": offset.tolist(),
        "scale": scale.tolist(),
        "deviation": deviation.tolist(),
        "scaling": scaling,
        "variables": [c.name for c in raw.columns] or [f"{name}{i}" for i in range(len(mean))],
        **{n: raw.reading[n] for n in READ if n in raw.reading},
    }
    shape = (_length(raw), len(mean))
    if role == "input":
        encoding["reading"] = {k: v for k, v in raw.reading.items() if k not in ("breaks", "before", "after")}
    if windows:
        period = settings.period or (period_of(rows) if raw.reading.get("horizon") else 1)
        encoding |= {"period": period, "fixed": True}
        if role == "target":
            encoding["naive_error"] = naive_error(rows, period)
    if keeps and role == "input":
        encoding["known"] = True
        shape = (shape[0], 2 * shape[1])
    return shape, encoding


def encode_series(encoding: Mapping[str, Any], shape: tuple[int, ...], values: Any) -> Any:
    """Scale series, and pad them with nan to `shape[0]` steps.

    Shapes: values (n, time, variables), a Ragged of (time, variables) or a dense array; returned (n, *shape) float32. `Windows`
        stay windows, as large examples that overlap are written out batch by batch.
    Where holes are kept, a missing value is 0 and its variable of what is known 0; elsewhere nan stays nan.
    """
    if isinstance(values, Windows):
        return replace(values, values=_encoded(encoding, values.values))
    if isinstance(values, Ragged):
        encoded = _encoded(encoding, values.values)
        padded = torch.full((len(values), shape[0], encoded.shape[-1]), torch.nan, device=encoded.device)
        for i, (start, length) in enumerate(zip(values.offsets.tolist(), values.lengths.tolist())):
            padded[i, :length] = encoded[start : start + min(length, shape[0])]
        return padded
    x = values if isinstance(values, Tensor) else torch.as_tensor(np.asarray(values))
    encoded = _encoded(encoding, x)
    short = shape[0] - encoded.shape[1]
    return torch.nn.functional.pad(encoded, (0, 0, 0, max(0, short)), value=torch.nan)[:, : shape[0]]


def decode_series(encoding: Mapping[str, Any], encoded: Tensor) -> np.ndarray:
    """Bring encoded series back to their own units. Shapes: (..., variables), also beside what is known; as float64."""
    offset, scale = np.asarray(encoding["offset"]), np.asarray(encoding["scale"])
    return encoded.detach().cpu().double().numpy()[..., : len(offset)] * scale + offset


def match_series(name: str, encoding: Mapping[str, Any], shape: tuple[int, ...], raw: Raw) -> None:
    """Raises: DataError, when new series have other variables, or are longer than those that were learned."""
    variables = encoding["variables"]
    got = int((raw.values.values if isinstance(raw.values, Ragged | Windows) else raw.values).shape[-1])
    if got != len(variables):
        raise DataError(
            f"Field {name!r}: series of {counted(len(variables), 'variable')} were learned "
            f"({', '.join(variables[:8])}{', ...' if len(variables) > 8 else ''}); these have {got}."
        )
    longest = _length(raw)
    if longest > shape[0] or (encoding.get("fixed") and longest != shape[0]):
        raise DataError(
            f"Field {name!r}: series of {'' if encoding.get('fixed') else 'at most '}{shape[0]:,} time steps were learned; these "
            f"have {longest:,}. Cut them."
        )


def check_series_settings(settings: DataSettings, kinds: set[str]) -> None:
    """Raises: SettingError, when something that goes with series was said of other data."""
    if "series" in kinds:
        return
    for setting in said(settings, ONLY_SERIES):
        longer = "Say how many time steps a network looks back on: data.lookback="
        mend = "Leave it out" if setting == "lookback" else longer
        raise SettingError(f"data.{setting}={getattr(settings, setting)!r} goes with time series. {mend}.")
    if settings.on_missing == "keep":
        raise SettingError("data.on_missing=keep goes with time series. Use stop, drop or fill.")


def _encoded(encoding: Mapping[str, Any], values: Tensor) -> Tensor:
    offset = torch.tensor(encoding["offset"], dtype=torch.float64, device=values.device)
    scale = torch.tensor(encoding["scale"], dtype=torch.float64, device=values.device)
    x = ((values - offset) / scale).float()
    if not encoding.get("known"):
        return x
    missing = x.isnan()
    return torch.cat([x.masked_fill(missing, 0.0), (~missing).float()], dim=-1)


def _training_rows(name: str, raw: Raw, train: np.ndarray) -> np.ndarray:
    """Every row (rows, variables) float64 that a training example holds, in the order of time; of windows each once."""
    values = raw.values
    if isinstance(values, Windows):
        at = values.rows(train, int(raw.reading.get("before", 0)), int(raw.reading.get("after", 0)))
        rows = values.values[torch.from_numpy(at)]
    elif isinstance(values, Ragged):
        rows = values.take(torch.from_numpy(np.asarray(train))).values if len(train) else values.values
    else:
        array = np.asarray(values[train] if len(train) else values)
        rows = torch.from_numpy(array.reshape(-1, array.shape[-1]).astype(np.float64))
    if not len(rows):
        raise DataError(f"Field {name!r}: the training examples hold no time step. Give longer series.")
    return rows.double().cpu().numpy()


def _range(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(rows)
    low = np.where(known, rows, np.inf).min(axis=0)
    high = np.where(known, rows, -np.inf).max(axis=0)
    empty = ~known.any(axis=0)
    return np.where(empty, 0.0, low), np.where(empty, 0.0, high)


def _length(raw: Raw) -> int:
    """The most time steps of an example."""
    if isinstance(raw.values, Ragged):
        return max(1, int(raw.values.lengths.max())) if len(raw.values) else 1
    return int(raw.values.shape[1])
