"""Curves: records of epochs from a table of numbers, whatever its columns are called."""

import csv
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepglass.errors import DataError
from deepglass.probes.evidence import Evidence

SPLITS = {
    "train": "train",
    "training": "train",
    "tr": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "eval": "validation",
    "test": "test",
}
METRICS = {
    "acc": "accuracy",
    "binary_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
}
RATES = ("lr", "learning_rate", "rate")
MISSING = ("", "na", "n/a", "nan", "none", "null", "-")
NOT_FINITE = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf}
LARGEST_FILE = 50_000_000  # bytes; curves of a training are some kilobytes


def place_of(name: str) -> tuple[str, str]:
    """Return (split, metric) of a column's name, or ("", what it is) for epoch, step and learning rate.

    >>> place_of("val_acc"), place_of("loss/train"), place_of("accuracy"), place_of("lr-Adam")
    (('validation', 'accuracy'), ('train', 'loss'), ('train', 'accuracy'), ('', 'learning_rate'))
    """
    words = [w for w in re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()) if w]
    if words in (["epoch"], ["epochs"]):
        return "", "epoch"
    if words in (["step"], ["steps"], ["global", "step"], ["iteration"]):
        return "", "step"
    if words and ("_".join(words[:2]) in RATES or words[0] in RATES):
        return "", "learning_rate"
    split = "train"
    for end in (0, -1):
        if len(words) > 1 and words[end] in SPLITS:
            split = SPLITS[words.pop(end)]
            break
    metric = "_".join(words)
    return split, METRICS.get(metric, metric)


def add_row(evidence: Evidence, values: Mapping[str, Any]) -> None:
    """Add what was measured after an epoch to the record of that epoch, made where there is none."""
    found: dict[tuple[str, str], float] = {}
    for name, value in values.items():
        try:
            found[place_of(name)] = float(value)
        except (TypeError, ValueError, RuntimeError):
            note = f"log: {name}={value!r:.60} is no number, and was left out."
            evidence.notes += [] if note in evidence.notes else [note]
    number = found.pop(("", "epoch"), None)
    found.pop(("", "step"), None)
    if not found:
        return
    if number is not None and math.isfinite(number):
        record = next((e for e in evidence.epochs if e["epoch"] == int(number)), None)
        number = int(number)
    else:
        last = evidence.epochs[-1] if evidence.epochs else None
        record = last if last is not None and not any(_has(last, place) for place in found) else None
        number = (last["epoch"] if last else 0) + 1
    if record is None:
        record = {"epoch": number, "train": {}, "validation": {}}
        evidence.epochs.append(record)
        evidence.epochs.sort(key=lambda e: e["epoch"])
    for (split, metric), value in found.items():
        (record.setdefault(split, {}) if split else record)[metric] = value


def read_curves(path: Path) -> Evidence:
    """Read a file of curves: one row an epoch, or rows of steps with the number of their epoch, which are averaged.

    Raises: DataError, when it cannot be read as that.
    """
    rows, heads = _table(path)
    places = {head: place_of(head) for head in heads if head.strip()}
    sums: dict[float, dict[tuple[str, str], list[float]]] = {}
    evidence = Evidence("csv")
    for number, row in enumerate(rows):
        cells = {head: _number(path, number + 2, head, row.get(head)) for head in places}
        known = {places[h]: v for h, v in cells.items() if v is not None}
        epoch, step = known.pop(("", "epoch"), None), known.pop(("", "step"), None)
        mine = sums.setdefault(float(number) if epoch is None else epoch, {})
        for (split, metric), value in known.items():
            if metric.endswith("_step"):  # Lightning writes both, for a metric that is logged by step and by epoch
                metric = metric.removesuffix("_step")
                if (split, metric + "_epoch") in places.values():
                    if (split, metric) == ("train", "loss") and step is not None:
                        evidence.losses.append((int(step) + 1, value, 0.0))
                    continue
            mine.setdefault((split, metric.removesuffix("_epoch")), []).append(value)
    if not any(sums.values()):
        raise DataError(
            f"{path} holds no curve: no row has a number beside its epoch. Columns: {', '.join(heads)}. Name one epoch, and "
            "fill one such as loss."
        )
    first = min(sums)
    for epoch in sorted(e for e in sums if sums[e]):
        record: dict[str, Any] = {"epoch": int(epoch) + (1 if first < 1 else 0), "train": {}, "validation": {}}
        for (split, metric), values in sums[epoch].items():
            (record.setdefault(split, {}) if split else record)[metric] = math.fsum(values) / len(values)
        evidence.epochs.append(record)
    return evidence


def _has(record: Mapping[str, Any], place: tuple[str, str]) -> bool:
    split, metric = place
    return metric in (record.get(split, {}) if split else record)


def _table(path: Path) -> tuple[list[dict[str, str]], list[str]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise DataError(
                f"{path} has {path.stat().st_size} bytes; curves have at most {LARGEST_FILE}. Keep a row an epoch."
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8. Save it as a CSV in UTF-8.") from None
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}. Give the path of a CSV of curves."
        ) from None
    lines = text.splitlines()
    if len([line for line in lines if line.strip()]) < 2:
        raise DataError(
            f"{path} holds no curve: a line of names and a line of numbers are the least. Write epoch,loss into the first."
        )
    separator = max(",;\t", key=lines[0].count)
    try:
        reader = csv.DictReader(lines, delimiter=separator, restkey="")
        rows = [row for row in reader if any(isinstance(v, str) and v.strip() for v in row.values())]
    except csv.Error as error:
        raise DataError(f"{path} is no table: {error}. Save it as a CSV in UTF-8.") from None
    if separator != ",":  # then 0,5 is a number, as much of the world writes it
        rows = [
            {h: cell.replace(",", ".") if isinstance(cell, str) else cell for h, cell in row.items()} for row in rows
        ]
    heads = [head for head in reader.fieldnames or [] if head]
    for number, row in enumerate(rows):
        if row.get(""):
            raise DataError(
                f"{path}, row {number + 2} has more cells than there are names: {len(heads)}. Name each column, or quote a comma "
                "in text."
            )
    words = {h for h in heads if all(_is_word(row.get(h)) for row in rows)}  # a column of names or times is no curve
    return rows, [h for h in heads if h not in words]


def _is_word(cell: str | None) -> bool:
    text = (cell or "").strip().lower()
    if text in MISSING or text in NOT_FINITE:
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _number(path: Path, row: int, head: str, cell: str | None) -> float | None:
    text = (cell or "").strip().lower()
    if text == "nan":
        return math.nan
    if text in MISSING:
        return None
    if text in NOT_FINITE:
        return NOT_FINITE[text]
    try:
        return float(text)
    except ValueError:
        raise DataError(
            f"{path}, row {row}, column {head!r}: {cell!r:.40} is not a number. Correct it, or empty it."
        ) from None
