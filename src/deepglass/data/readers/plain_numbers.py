"""Plain numbers: columns that hold nothing else, read by pandas' parser; whatever it may see otherwise is left to `texts`."""

import csv
import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.data.readers.texts import EXACT, Texts

SAMPLE = 100  # cells that have to look like numbers before a column is tried
PLAIN = re.compile(rb"-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|")
DIGITS = (ord("0"), ord("9"))
FEWEST = 5000  # rows below which the other way is as fast


def parsed(data: bytes, separator: str, columns: Sequence[Texts], block: np.ndarray) -> list[Texts]:
    """Add the numbers to the columns of an unquoted table that hold plain numbers and gaps alone.

    Args: data: the rows, one a line; block: the bytes that the columns point into.
    """
    likely = [
        i for i, c in enumerate(columns) if all(PLAIN.fullmatch(x) for x in c.take(np.arange(SAMPLE) % len(c)).cells())
    ]
    if len(columns[0]) < FEWEST or not likely or separator == " ":
        return list(columns)
    import pandas

    exact: dict[str, Any] = {} if _version(pandas.__version__) >= (3, 1) else {"float_precision": "round_trip"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pandas.read_csv(
            io.BytesIO(data),
            sep=separator[0],
            header=None,
            names=list(range(len(columns))),
            usecols=likely,
            quoting=csv.QUOTE_NONE,
            keep_default_na=False,
            na_values=[""],
            skipinitialspace=len(separator) > 1,
            low_memory=False,
            **exact,
        )
    if len(frame) != len(columns[0]):
        return list(columns)
    found = list(columns)
    for i in likely:
        values = frame[i].to_numpy()
        if values.dtype.kind in "if" and _is_plain(values, columns[i], block):
            found[i] = replace(columns[i], parsed=values)
    return found


def _is_plain(values: np.ndarray, cells: Texts, block: np.ndarray) -> bool:
    """Whether the numbers are what the rules of `read_numbers` make of the cells, with nothing left to ask."""
    empty = cells.ends == cells.starts
    if values.dtype.kind == "f":
        if (np.isnan(values) != empty).any() or np.isinf(
            values
        ).any():  # somebody wrote nan or inf, or too large a number
            return False
        known = values[~empty]
        if (known == np.round(known)).all():  # perhaps whole numbers beside gaps: how they are written decides
            return False
    elif len(values) and max(abs(int(values.max())), abs(int(values.min()))) >= EXACT:
        return False
    starts = cells.starts[~empty]
    signed = np.isin(block[starts], (ord("-"), ord("+")))
    starts = starts + signed
    after = block[np.minimum(starts + 1, len(block) - 1)]
    padded = (
        (block[starts] == DIGITS[0]) & (after >= DIGITS[0]) & (after <= DIGITS[1]) & (starts + 1 < cells.ends[~empty])
    )
    plain = (block[starts] >= DIGITS[0]) & (block[starts] <= DIGITS[1])
    return bool(plain.all() and not padded.any())


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(p) for p in re.findall(r"[0-9]+", text)[:2])
