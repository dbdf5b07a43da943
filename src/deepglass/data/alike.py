"""Alike: inputs encoded as a trained network knows them, whatever is to be learned from them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from deepglass.data.dataset import Dataset
from deepglass.data.encode import Field, match
from deepglass.data.source import Raw
from deepglass.errors import DataError

TOOK_OVER = "encoded as the trained network knows"  # what is said of inputs whose encodings were taken


def encoded_alike(data: Dataset, fields: Mapping[str, Field]) -> tuple[Dataset, list[str]]:
    """Return data whose inputs have the encodings of another data set's, and say what was taken, or why it could not be.

    Targets keep their own encodings. An input goes by its name, or by being the only one on both sides. Pictures may have another
    size, and white another number.
    """
    theirs = {n: f for n, f in fields.items() if f.role == "input"}
    only = next(iter(theirs.values())) if len(theirs) == 1 and len(data.inputs) == 1 else None
    taken, said = {}, []
    for name, field in data.inputs.items():
        known = theirs.get(name, only)
        reason = "there is no such input there" if known is None else _differs(known, field)
        if known is None or reason:
            said.append(f"{name} is encoded by this data: {reason}.")
            continue
        try:
            taken[name] = _as(known, field, data.source.fields[name])
        except DataError as error:
            said.append(f"{name} is encoded by this data: {error}")
    if taken:
        said.insert(0, f"{', '.join(taken)}: {TOOK_OVER} {'it' if len(taken) == 1 else 'them'}.")
    return replace(data, fields={**data.fields, **taken}, borrowed=bool(taken) or data.borrowed), said


def _differs(known: Field, field: Field) -> str:
    """Why an encoding cannot be taken; nothing when it can."""
    if known.kind != field.kind:
        return f"it is {field.kind}, and was {known.kind}"
    for what in ("columns", "rate", "channels"):
        if field.kind != "table" and known.encoding.get(what) != field.encoding.get(what):
            return f"it has other {what}"
    if np.shape(known.encoding.get("offset", ())) != np.shape(field.encoding.get("offset", ())):
        return "an example has another shape"
    return ""


def _as(known: Field, field: Field, raw: Raw) -> Field:
    """The encoding of `known` for an input that may be named otherwise, of another size, or with another white."""
    if "offset" not in known.encoding:
        return replace(match(known, raw), name=field.name)
    white, there = field.encoding.get("top"), known.encoding.get("top")
    ratio = white / there if white and there else 1.0
    if {white, there} != {1.0, 255.0}:  # another brightest pixel is no other way to write pictures
        ratio = 1.0
    own = {n: (ratio * np.asarray(known.encoding[n])).tolist() for n in ("offset", "scale")}
    return replace(field, encoding={**field.encoding, **own, "scaling": known.encoding.get("scaling", "standard")})
