"""Columns: which encoded numbers of an input belong to which column, by name, and what they stand for."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from torch import Tensor

from deepglass.data import Field
from deepglass.data.table_encoding import width


def columns_of(field: Field) -> list[tuple[str, int, int]]:
    """Return (name, start, end) of each column among the encoded numbers of an example, flattened; none of an image or a text.

    A column may be several numbers: the 0/1s of a category, a date and its place in the year, a number and whether it is missing.
    """
    if field.kind in ("image", "text"):
        return []
    if field.kind == "category":
        return [(field.name, 0, len(field.classes))]
    size = prod(field.shape)
    listed = list(field.encoding.get("columns", []))
    if field.kind == "table":
        found, start = [], 0
        for column in listed:
            found.append((str(column["name"]), start, start + width(column)))
            start += width(column)
        return found
    names = listed if len(listed) == size else [field.name] if size == 1 else _places(field)
    return [(str(name), i, i + 1) for i, name in enumerate(names)]


def _places(field: Field) -> list[str]:
    """x[0], x[1], ...; of several axes x[0, 0], x[0, 1], ...; of a signal the seconds of each sample, behind its channel."""
    if field.kind == "signal":
        channels, samples = field.shape
        several = field.channels or [f"{field.name}[{i}]" for i in range(channels)]
        names = several if channels > 1 else [field.name]
        return [f"{name} at {i / field.rate:.4g} s" for name in names for i in range(samples)]
    return [f"{field.name}[{', '.join(map(str, place))}]" for place in np.ndindex(*field.shape)]


def by_column(field: Field, values: Tensor, *, add: bool) -> Tensor:
    """One number for each column of one example, (columns,): the sum of its numbers, or the one that is furthest from 0."""
    row = values.flatten()
    parts = [row[start:end] for _, start, end in columns_of(field)]
    return row.new_tensor([float(p.sum() if add else p[p.abs().argmax()]) for p in parts])


def values_of(field: Field, encoded: Tensor) -> list[str | float]:
    """What each column of one encoded example holds, in its own words or unit; none of an image.

    Shapes: encoded (...), one example.
    """
    row = encoded.detach().cpu().double().flatten()
    if field.kind == "table":
        described = zip(field.encoding["columns"], columns_of(field))
        return [_value(column, row[start:end]) for column, (_, start, end) in described]
    if field.kind == "category":
        return [_class(field.classes, row)]
    if field.kind == "number":
        return [float(v) for v in field.decode(encoded[None]).ravel()]
    return []


def _value(column: Mapping[str, Any], numbers: Tensor) -> str | float:
    if column["kind"] == "category":
        return _class(column["classes"], numbers)
    if column["kind"] == "boolean":
        return str(column["classes"][int(numbers[0] > 0.5)])
    if column.get("indicator") and numbers[-1] > 0.5:
        return "missing"
    value = float(numbers[0]) * column["scale"] + column["offset"] + column.get("first", 0.0)
    return str(np.datetime64(round(value), "D")) if column["kind"] == "date" else value


def _class(classes: Sequence[Any], numbers: Tensor) -> str:
    return str(classes[int(numbers.argmax())]) if len(numbers) and float(numbers.max()) > 0 else "unknown"
