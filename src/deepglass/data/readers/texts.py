"""Texts: one column of a text table as it stands in the file, turned into numbers or classes only when all of it agrees."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

EXACT = 2**53  # whole numbers beyond this lose digits as float64


@dataclass(frozen=True)
class Texts:
    """Cells of a column: places in one block of UTF-8 bytes, so that a million of them are not a million objects.

    Shapes: starts and ends (cells,) int64; parsed (cells,), when every cell is known to be a plain number or empty (nan).
    """

    data: bytes
    starts: np.ndarray
    ends: np.ndarray
    parsed: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, row: int) -> str:
        return self.data[self.starts[row] : self.ends[row]].decode()

    @classmethod
    def of(cls, cells: Sequence[str]) -> "Texts":
        """Keep cells that are texts already."""
        encoded = [c.encode() for c in cells]
        ends = np.cumsum([len(c) for c in encoded], dtype=np.int64)
        return cls(b"".join(encoded), ends - np.array([len(c) for c in encoded], dtype=np.int64), ends)

    @classmethod
    def joined(cls, parts: Sequence["Texts"]) -> "Texts":
        """Put columns one below the other."""
        if len(parts) == 1:
            return parts[0]
        known = [p.parsed for p in parts if p.parsed is not None]
        parsed = np.concatenate(known) if len(known) == len(parts) else None
        offsets = np.cumsum([0, *(len(p.data) for p in parts[:-1])])
        starts = np.concatenate([p.starts + o for p, o in zip(parts, offsets)])
        ends = np.concatenate([p.ends + o for p, o in zip(parts, offsets)])
        return cls(b"".join(p.data for p in parts), starts, ends, parsed)

    def take(self, rows: np.ndarray) -> "Texts":
        return Texts(self.data, self.starts[rows], self.ends[rows], None if self.parsed is None else self.parsed[rows])

    def cells(self) -> list[bytes]:
        """The cells as they stand in the file."""
        data = self.data
        return [data[a:b] for a, b in zip(self.starts.tolist(), self.ends.tolist())]

    def missing(self, words: Iterable[str]) -> np.ndarray:
        """Which cells are empty (or blank), or say one of `words`."""
        said = {b"", *(w.strip().encode() for w in words)}
        lengths = self.ends - self.starts
        if self.parsed is None:
            block = np.frombuffer(self.data or b" ", dtype=np.uint8)
            blank = np.isin(block[np.minimum(self.starts, len(block) - 1)], (ord(" "), ord("\t")))
            blank |= np.isin(block[np.maximum(self.ends - 1, 0)], (ord(" "), ord("\t")))
        else:
            blank = np.zeros(len(self), dtype=bool)  # plain numbers have none
        may = np.flatnonzero(np.isin(lengths, [len(w) for w in said]) | blank)
        missing = np.zeros(len(self), dtype=bool)
        missing[may] = (
            True if said == {b""} and not blank.any() else [c.strip() in said for c in self.take(may).cells()]
        )
        return missing

    def classes(self, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Number the different texts of `rows`, in alphabetical order. Returns: codes (rows,) and the texts."""
        import pandas

        cells = np.array(self.take(rows).cells(), dtype=object)
        codes, found = pandas.factorize(cells)
        names = [bytes(f).decode() for f in found]
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(names), dtype=np.int64)
        place[order] = np.arange(len(names))
        return place[codes], [names[i] for i in order]


@dataclass(frozen=True)
class Numbers:
    """What a column is when read as numbers.

    Shapes: all (cells,): values float64 (nan where there is none), good (a number), padded (a whole number with zeros
    before it), long (a whole number of more digits than a number keeps). `whole`: no cell has a decimal mark or an exponent.
    """

    values: np.ndarray
    good: np.ndarray
    padded: np.ndarray
    long: np.ndarray
    whole: bool


def read_numbers(texts: Texts, present: np.ndarray, *, decimal: str = ".", thousands: str | None = None) -> Numbers:
    """Read the cells that are `present` (a mask) as numbers, written with these marks and no others."""
    if texts.parsed is not None and decimal == "." and thousands is None:
        none = np.zeros(len(texts), dtype=bool)
        values = np.where(present, texts.parsed, np.nan)
        return Numbers(values, present & ~np.isnan(values), none, none, whole=texts.parsed.dtype.kind == "i")
    pattern, column = _patterns(decimal, thousands)
    rows = np.flatnonzero(present)
    cells = texts.take(rows).cells() if len(rows) < len(texts) else texts.cells()
    block = b"\n".join(cells) + b"\n"
    if b" " in block or b"\t" in block or block.count(b"\n") != len(cells):  # blanks or line breaks inside cells
        cells = [c.strip() for c in cells]
        block = b"\n".join(cells) + b"\n"
    good = np.zeros(len(texts), dtype=bool)
    if cells and column.fullmatch(block) and block.count(b"\n") == len(cells):
        good[rows] = True
    else:
        fits = [pattern.fullmatch(c) is not None for c in cells]
        good[rows] = fits
        cells = [c for c, fit in zip(cells, fits) if fit]
        block = b"\n".join(cells) + b"\n"
    values = np.full(len(texts), np.nan)
    if thousands:
        block = block.replace(thousands.encode(), b"")
    if decimal != ".":
        block = block.replace(decimal.encode(), b".")
    if cells:
        values[good] = np.fromstring(block, dtype=np.float64, sep="\n")
    padded, long = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    if re.search(rb"(?:^|\n)[+-]?0[0-9]", block):
        padded[good] = [re.fullmatch(rb"[+-]?0[0-9]+", c) is not None for c in cells]
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero(np.abs(values[good]) >= EXACT)
    long[np.flatnonzero(good)[large]] = [re.fullmatch(rb"[+-]?[0-9]+", cells[i]) is not None for i in large]
    return Numbers(values, good, padded, long, whole=not re.search(rb"[.eE]", block))


@lru_cache
def _patterns(decimal: str, thousands: str | None) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What one number looks like, and a whole column of them, each before a line end."""
    point = re.escape(decimal.encode())
    digits = rb"[0-9]++"
    if thousands:
        digits = rb"(?>[0-9]{1,3}(?:" + re.escape(thousands.encode()) + rb"[0-9]{3})++(?![0-9])|[0-9]++)"
    one = rb"[+-]?+(?>" + digits + rb"(?:" + point + rb")?+[0-9]*+|" + point + rb"[0-9]++)(?>[eE][+-]?+[0-9]++)?+"
    return re.compile(one), re.compile(rb"(?>" + one + rb"\n)*+")
