"""Signal arrays: numbers in arrays and in the columns of a table that are samples of signals, once their rate is said."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.readers.recordings import names_of_channels
from deepglass.data.settings import DataSettings
from deepglass.data.signal_encoding import channels_of, lengths_of
from deepglass.data.source import Column, Raw, Source
from deepglass.errors import DataError, SettingError
from deepglass.plurals import counted

MOST_LAST = 16  # channels that are looked for at the end of an array, where more values stand before them


def as_signals(source: Source, settings: DataSettings) -> Source:
    """Take number inputs for signals when a rate is said: one axis of an example is samples, two are channels and samples.

    Of a table every input column is a sample, in their order.
    Raises: SettingError, when signals lack a rate, or nothing can be one; DataError, for an array of another form.
    """
    known = [n for n in source.inputs if source.fields[n].kind == "signal"]
    if settings.rate is None:
        lacking = [n for n in known if not source.fields[n].rate]
        if lacking:
            raise SettingError(
                f"Field {lacking[0]!r} holds signals without a rate. Say how many samples a second: rate=100."
            )
        return source
    if any(source.fields[n].rate for n in known):  # recordings, and what was built in
        return source
    chosen = known or [n for n in source.inputs if _may_be_signal(source.fields[n])]
    if not chosen:
        kinds = ", ".join(f"{n!r} ({source.fields[n].kind})" for n in source.inputs)
        raise SettingError(
            f"data.rate={settings.rate:g} goes with signals, and the inputs are {kinds or 'none'}. Leave it out."
        )
    fields, notes = dict(source.fields), list(source.notes)
    for name in chosen:
        fields[name], note = _signal(name, fields[name], settings)
        notes = [n for n in notes if not n.startswith(f"{name}: ")] + [note]
    return replace(source, fields=fields, notes=tuple(notes))


def signal_values(name: str, array: np.ndarray) -> tuple[np.ndarray, str]:
    """Bring an array to (n, channels, samples). Returns: it, and what has to be said of it."""
    if array.ndim > 1 and 0 in array.shape[1:]:
        raise DataError(f"Field {name!r} holds signals without samples; its shape is {array.shape}. Leave them out.")
    if array.ndim == 2:
        return array[:, None, :], ""
    if array.ndim != 3:
        raise DataError(
            f"Field {name!r}: signals are (examples, samples) or (examples, channels, samples); got shape {array.shape}."
        )
    if array.shape[2] <= MOST_LAST < array.shape[1]:
        return np.ascontiguousarray(
            array.transpose(0, 2, 1)
        ), " (channels stood last and were moved before the samples)"
    return array, ""


def uneven_signals(name: str, values: Any) -> Ragged:
    """Take a list of signals of different lengths, each (samples,) or (channels, samples), in raw form.

    Raises: DataError, when they are anything else.
    """
    try:
        parts = [np.atleast_2d(np.asarray(v, dtype=np.float32)) for v in values]
    except (TypeError, ValueError):
        parts = []
    channels = sorted({p.shape[0] for p in parts if p.ndim == 2})
    if not parts or any(p.ndim != 2 for p in parts) or len(channels) > 1:
        several = f", with {' and '.join(map(str, channels))} channels" if len(channels) > 1 else ""
        raise DataError(
            f"Field {name!r}: the examples have different shapes{several}. Give all one shape; only signals, (samples,) or "
            f"(channels, samples), may differ, and only in their length."
        )
    empty = next((i for i, p in enumerate(parts) if not p.shape[1]), None)
    if empty is not None:
        raise DataError(f"Field {name!r}: example {empty} (counted from 0) has no samples. Leave it out.")
    return Ragged.of([torch.from_numpy(np.ascontiguousarray(p.T)) for p in parts])


def _may_be_signal(raw: Raw) -> bool:
    return raw.kind == "table" or (raw.kind == "number" and np.ndim(raw.values) in (2, 3))


def _signal(name: str, raw: Raw, settings: DataSettings) -> tuple[Raw, str]:
    assert settings.rate is not None
    values, note, reading = raw.values, "", dict(raw.reading)
    if raw.kind == "table":
        values, reading = _of_table(name, raw)
    elif raw.kind == "number":
        values, note = signal_values(name, np.asarray(values))
    channels, longest = channels_of(values), int(lengths_of(values).max(initial=0))
    names = names_of_channels(
        settings.channels or [c.name for c in raw.columns if raw.kind == "signal"] or None, channels
    )
    told = f"{name}: signals of {counted(channels, 'channel')}, {longest:,} samples at {settings.rate:g} Hz{note}"
    columns = tuple(Column(n) for n in names)
    return Raw("signal", values, columns=columns, unit=raw.unit, rate=settings.rate, reading=reading), told


def _of_table(name: str, raw: Raw) -> tuple[np.ndarray, dict[str, Any]]:
    """The columns of a table as the samples of one channel, and how new rows are read."""
    others = [f"{c.name} ({c.kind})" for c in raw.columns if c.kind != "number"]
    if others:
        raise SettingError(
            f"With a rate every column is a sample, and these hold no numbers: {', '.join(others[:5])}. Say which columns are "
            f"samples with inputs=, or which one tells signals apart with signal=."
        )
    return np.asarray(raw.values)[:, None, :], {"form": dict(raw.reading), "samples": [c.name for c in raw.columns]}
