"""Source: data as it was read, before it is split and encoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepglass.data.ragged import Ragged
from deepglass.data.texts import Texts

Label = str | int | float | bool

KINDS = ("number", "category", "labels", "image", "signal", "table", "text", "series", "strokes", "boxes")


@dataclass(frozen=True)
class Column:
    """One column of a table input.

    Kinds and what it holds: number, with nan where it is missing; boolean and category, codes into `classes`; date, days
    since 1970-01-01, with nan where it is missing, written in `form`.
    """

    name: str
    kind: str = "number"
    classes: tuple[Label, ...] = ()
    form: str = ""


@dataclass(frozen=True)
class Raw:
    """The raw values of one field, one entry an example.

    Kinds and what `values` holds for n examples:
        number    float array (n, ...), any shape of an example
        category  int64 codes (n,) into `classes`
        labels    bool array (n, classes): an example may have several of `classes`
        image     uint8 or float array (n, channels, height, width), or `Pictures` that are read when asked for
        signal    array (n, channels, samples), or a `Ragged` of float32 (samples, channels) an example, or
                  `StreamedRecordings`, such a one that is read when asked for; `rate` in hertz; `columns` name the channels
                  where they are known
        table     float64 array (n, columns), with `columns` that say what each one is
        text      strings, kept as `Texts`; a list of tokens is one string with blanks between them. `reading` may say its
                  `level` (words, characters, tokens) for where settings leave it open, `start` and `end` (these tokens are put
                  around it), `cut` ("sentences": of too long ones the last sentences are kept) and `from` (line, file: what
                  one text was)
        series    array (n, time, variables), a `Ragged` of (time, variables) an example, or `Windows` that run over a long one;
                  `columns` name the variables
        strokes   a `Ragged` of (points, 3) an example: dx, dy, and 1 where the pen is lifted after this point
        boxes     a `Ragged` of (boxes, 4) values an example, or anything else of uneven length
    """

    kind: str
    values: Any
    classes: tuple[Label, ...] = ()
    columns: tuple[Column, ...] = ()
    unit: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)  # how the table was written, to read new rows alike
    top: float | None = None  # of an image: the number that stands for white, where it is known
    rate: float = 0.0  # of a signal: samples in a second
    shares: str = ""  # of a text: the other field with which it has one vocabulary
    aligned: bool = False  # of a text or series to predict: it has one entry for each of the input, at the same place

    def __post_init__(self) -> None:
        if self.kind == "text" and not isinstance(self.values, Texts) and self.values is not None:
            known = isinstance(self.values, Ragged)
            texts = Texts(self.values.values, self.values.offsets) if known else Texts.from_strings(self.values)
            object.__setattr__(self, "values", texts)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Source:
    """Examples from one place: raw fields by name, which are inputs and which are targets.

    `splits` is the source's own membership when it has one: split name -> indices of examples.
    `notes` say in sentences what was taken for what; `facts` hold licence, address and the like.
    """

    name: str
    fields: Mapping[str, Raw]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    splits: Mapping[str, np.ndarray] | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()  # the file of each example, where examples are files
    weights: np.ndarray | None = None  # how much each example counts
    groups: np.ndarray | None = None  # a number an example: equal ones stay together in one split
    times: np.ndarray | None = None  # when each example was: the past trains, the future tests
    spans: np.ndarray | None = None  # of windows, (n, 2): the first and the last time step of what is to be learned
    count: int | None = None  # the number of examples, where the fields hold no values (a torch Dataset)

    def __len__(self) -> int:
        return len(next(iter(self.fields.values()))) if self.count is None else self.count

    def codes(self) -> np.ndarray | None:
        """The class of every example, when the first target is a category, else None."""
        raw = self.fields[self.targets[0]] if self.targets else None
        return None if raw is None or raw.kind != "category" or raw.values is None else np.asarray(raw.values)


def numbers(values: Any, names: Sequence[str] = (), *, unit: str = "") -> Raw:
    """Make a number field from an array (n, ...); `names` are the columns of a two-dimensional one."""
    return Raw("number", np.asarray(values), columns=tuple(Column(n) for n in names), unit=unit)


def categories(codes: Any, classes: Sequence[Label]) -> Raw:
    """Make a category field from codes (n,) into `classes`."""
    return Raw("category", np.asarray(codes, dtype=np.int64), classes=tuple(classes))


def images(values: Any) -> Raw:
    """Make an image field from an array (n, channels, height, width)."""
    return Raw("image", np.asarray(values))


def texts(strings: Any, *, shares: str = "", aligned: bool = False, **reading: Any) -> Raw:
    """Make a text field from strings, or from lists of tokens. Args: reading: as in `Raw`."""
    return Raw("text", strings, reading=reading, shares=shares, aligned=aligned)
