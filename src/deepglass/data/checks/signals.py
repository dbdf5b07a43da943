"""Signals: recordings with nothing in them, cut off at full scale, far too short, cut short, or of different rates."""

from collections.abc import Iterator, Sequence

import numpy as np

from deepglass.data.checks.problem import Problem, Severity, share, some
from deepglass.data.checks.view import OPEN, View
from deepglass.data.encode import Field
from deepglass.data.placing import place
from deepglass.data.ragged import Ragged
from deepglass.data.signal_encoding import lengths_of

RUN = 3  # samples in a row at the same extreme: a wave that is not cut off passes its peak in one or two (our choice)
RUNS = 3  # so many such runs make a recording clipped; one alone may be chance
LEVELS = 100  # distinct values, below which a signal is quiet or has steps of its own, and often stays at one level
SHORT = 0.25  # of the length that the network is given: less is mostly padding (our choice)
MANY = 0.1  # share of the signals that lose something, from which on it is worth a warning; the usual length cuts 5 %


def silent_signals(view: View) -> Iterator[Problem]:
    """Find signals that hold one value alone where the network looks."""
    for name, field, signals, ids in _signals(view):
        silent = [i for i, x in zip(ids, signals) if not len(x) or bool((_used(x, field) == x[:1]).all())]
        if silent:
            text = (
                f"are silent: they hold one value alone (examples {some(silent)}). Look at these files: the recording may have "
                f"failed."
            )
            yield _problem("silent_signals", "warning", name, silent, len(ids), text)


def clipped_signals(view: View) -> Iterator[Problem]:
    """Find signals that stay at their own largest or smallest value again and again: cut off at full scale."""
    for name, _, signals, ids in _signals(view):
        clipped = [i for i, x in zip(ids, signals) if any(_is_clipped(channel) for channel in x.T)]
        if clipped:
            text = (
                f"are clipped: they stay at their own extreme for {RUN} samples or more, {RUNS} times or more (examples "
                f"{some(clipped)}). Record them more quietly, if you can; what was cut off is lost."
            )
            yield _problem(
                "clipped_signals",
                "warning" if len(clipped) >= MANY * len(ids) else "remark",
                name,
                clipped,
                len(ids),
                text,
            )


def short_signals(view: View) -> Iterator[Problem]:
    """Find signals that are mostly padding, and say when many are cut."""
    for name, field, signals, ids in _signals(view):
        samples = field.shape[1]
        seconds = samples / (field.rate or 1.0)
        lengths = np.array([len(x) for x in signals])
        short = [i for i, n in zip(ids, lengths) if n < SHORT * samples]
        if short:
            text = (
                f"are shorter than a quarter of the {seconds:.3g} s that the network is given (examples {some(short)}): the rest "
                f"is padding. Lower data.seconds, or see whether they are whole."
            )
            severity: Severity = "warning" if len(short) >= MANY * len(ids) else "remark"
            yield _problem("short_signals", severity, name, short, len(ids), text)
        cut = [i for i, n in zip(ids, lengths) if n > samples]
        if len(cut) > MANY * len(ids):
            text = (
                f"are longer than the {seconds:.3g} s that the network is given, and are cut (examples {some(cut)}; the longest "
                f"has {lengths.max() / (field.rate or 1.0):.3g} s). Raise data.seconds if what is cut off matters."
            )
            yield _problem("short_signals", "warning", name, cut, len(ids), text)


def mixed_rates(view: View) -> Iterator[Problem]:
    """Say that files had different rates: what was recorded at a lower one lacks the high tones, resampled or not."""
    rates = view.dataset.source.facts.get("rates")
    if rates:
        yield Problem(
            "mixed_rates",
            "remark",
            f"the recordings had different rates ({rates}) and were resampled to one. If rates go with classes, a network may "
            f"learn the recorder: compare them, or load with the lowest one (rate=).",
        )


def _signals(view: View) -> Iterator[tuple[str, Field, list[np.ndarray], list[int]]]:
    """Each signal field, with the raw signals (samples, channels) of training and validation, and their examples."""
    for name, field in view.dataset.inputs.items():
        if field.kind != "signal":
            continue
        found: list[np.ndarray] = []
        ids: list[int] = []
        for split in OPEN:
            raw = view.raw[split].get(name)
            if raw is not None and len(raw):
                found += _apart(raw)
                ids += view.ids[split].tolist()
        if found:
            yield name, field, found, ids


def _apart(raw: object) -> list[np.ndarray]:
    if isinstance(raw, Ragged):
        ends = np.cumsum(lengths_of(raw))[:-1]
        return np.split(raw.values.numpy(), ends)
    return [x.T for x in np.asarray(raw)]


def _used(signal: np.ndarray, field: Field) -> np.ndarray:
    first, _, used = place(len(signal), field.shape[1], field.encoding["align"])
    return signal[first : first + used]


def _is_clipped(x: np.ndarray) -> bool:
    if len(x) < RUN or x.min() == x.max():
        return False
    runs = 0
    for extreme in (x.min(), x.max()):
        at = np.concatenate([[0], (x == extreme).astype(np.int8), [0]])
        starts, ends = np.flatnonzero(np.diff(at) == 1), np.flatnonzero(np.diff(at) == -1)
        runs += int((ends - starts >= RUN).sum())
    return runs >= RUNS and len(np.unique(x)) >= LEVELS


def _problem(check: str, severity: Severity, name: str, ids: Sequence[int], of: int, text: str) -> Problem:
    return Problem(
        check,
        severity,
        f"field {name!r}: {share(len(ids), of)} signals {text}",
        name,
        "",
        len(ids),
        of,
        tuple(ids[:20]),
    )
