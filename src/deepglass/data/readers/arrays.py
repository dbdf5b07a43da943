"""Arrays and tensors in memory: what each is taken for is said in a note, never silently."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.data.distinct import coded, distinct
from deepglass.data.ragged import Ragged
from deepglass.data.readers.series_values import series_values
from deepglass.data.readers.signal_arrays import signal_values, uneven_signals
from deepglass.data.readers.text_arrays import aligned, text_field, text_values
from deepglass.data.source import KINDS, Column, Raw, Source
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

MOST_CLASSES = 100  # whole numbers with more distinct values than this are taken for quantities


def from_arrays(
    arrays: Mapping[str, Any], targets: tuple[str, ...], *, kinds: Mapping[str, str] | None = None, name: str = "arrays"
) -> Source:
    """Make a source of arrays by name; those in `targets` are to be learned, the others are inputs.

    Shapes: examples first. Images are (n, channels, height, width), (n, height, width, channels) or (n, height, width).
    Raises: DataError, when the arrays differ in length or hold what cannot be used.
    """
    kinds = kinds or {}
    for wrong in set(kinds) - set(arrays):
        raise SettingError(
            f"kinds names {wrong!r}, which is no field.{suggestion(wrong, arrays)} Fields: {', '.join(arrays)}."
        )
    fields, notes = {}, []
    for field, values in arrays.items():
        fields[field], note = raw_of(field, values, kinds.get(field), is_target=field in targets)
        notes.append(note)
    lengths = {field: len(raw) for field, raw in fields.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(
            "The fields differ in length: " + ", ".join(f"{n} has {c}" for n, c in lengths.items()) + ". "
            "Give one entry an example in each."
        )
    if not lengths or next(iter(lengths.values())) == 0:
        raise DataError(f"{name} holds no examples. Give at least a few.")
    inputs = tuple(n for n in arrays if n not in targets)
    fields, tagged = aligned(fields, inputs, targets)
    return Source(name, fields, inputs, targets, notes=(*notes, *tagged))


def grouped(source: Source, name: str | None) -> Source:
    """Take one of the inputs for the groups instead: examples of equal values stay together in one split.

    Raises: SettingError, when there is no such field.
    """
    if name is None:
        return source
    if name not in source.inputs:
        raise SettingError(
            f"data.group={name!r} is no field besides the target.{suggestion(name, source.inputs)} Fields: "
            f"{', '.join(source.inputs)}."
        )
    values = np.asarray(source.fields[name].values)
    groups = np.unique(values.reshape(len(values), -1), axis=0, return_inverse=True)[1].reshape(-1)
    inputs = tuple(n for n in source.inputs if n != name)
    if not inputs:
        raise SettingError(f"data.group={name!r} is the only input. There is nothing to learn from.")
    fields = {n: f for n, f in source.fields.items() if n != name}
    notes = [n for n in source.notes if not n.startswith(f"{name}: ")] + [f"{name}: {groups.max() + 1:,} groups"]
    return replace(source, fields=fields, inputs=inputs, notes=tuple(notes), groups=groups)


def raw_of(name: str, values: Any, kind: str | None = None, *, is_target: bool = False) -> tuple[Raw, str]:
    """Take an array for what it is, or for the `kind` that is asked for; with a note that says so."""
    if kind is not None and kind not in KINDS:
        raise SettingError(
            f"kinds={{{name!r}: {kind!r}}}: no such kind.{suggestion(kind, KINDS)} Kinds: {', '.join(KINDS)}."
        )
    if (strings := text_values(values, kind)) is not None:
        return text_field(name, strings)
    if kind == "text":
        raise DataError(f"Field {name!r} holds no strings, nor lists of them, so no texts. Correct kinds=.")
    if kind == "series":
        return series_values(name, values)
    if kind == "strokes":
        from deepglass.data.stroke_encoding import as_drawings  # late: few data have any

        return Raw("strokes", as_drawings(name, values)), f"{name}: {len(values):,} drawings, as kinds= says"
    if isinstance(values, Ragged):
        return Raw("boxes", values), f"{name}: examples of uneven length, taken as they are"
    try:
        array = _array(name, values)
    except ValueError:  # examples of different shapes
        return Raw("signal", uneven_signals(name, values)), f"{name}: signals of different lengths"
    kind = kind or _guess(array, is_target)
    if kind == "category":
        return _category(name, array)
    if kind == "labels":
        if array.ndim != 2 or not np.isin(array, (0, 1)).all():
            raise DataError(
                f"Field {name!r}: many labels are an array (n, labels) of 0 and 1; got shape {array.shape}."
            )
        return Raw(
            "labels", array.astype(bool), classes=tuple(range(array.shape[1]))
        ), f"{name}: {array.shape[1]} labels, any number of them an example"
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"Field {name!r}: {array.dtype} is not a number. Convert it, or load with kinds={{{name!r}: 'category'}}."
        )
    if kind == "image":
        return _image(name, array)
    array = array if array.dtype != np.float16 else array.astype(np.float32)
    if kind == "signal":
        array, note = signal_values(name, array)
        return Raw("signal", array), f"{name}: signals, {array.shape[1]} x {array.shape[2]} samples{note}"
    columns = tuple(Column(f"{name}{i}") for i in range(array.shape[1])) if array.ndim == 2 else ()
    size = " x ".join(map(str, array.shape[1:])) or "1"
    return Raw("number", array, columns=columns), f"{name}: numbers, {size} an example"


def _array(name: str, values: Any) -> np.ndarray:
    if hasattr(values, "detach"):  # a torch tensor
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.dtype == object:
        kinds = {type(v).__name__ for v in array.ravel()[:1000]}
        if not kinds <= {"str", "int", "bool"}:
            raise DataError(
                f"Field {name!r} is an array of Python objects ({', '.join(sorted(kinds))}), not of numbers or names. "
                f"Give numbers, text labels, or a deepglass.Ragged for examples of uneven length."
            )
    if array.ndim == 0:
        raise DataError(f"Field {name!r} is a single value, {array!r}. Give an array with one entry an example.")
    return array


def _guess(array: np.ndarray, is_target: bool) -> str:
    if array.ndim == 4 or (array.ndim == 3 and array.dtype == np.uint8):
        return "number" if is_target else "image"
    if array.ndim == 1 and array.dtype.kind in "USOb":
        return "category"
    if is_target and array.dtype.kind in "iu" and array.ndim == 1 and len(distinct(array)) <= MOST_CLASSES:
        return "category"
    if (
        is_target
        and array.ndim == 2
        and array.shape[1] > 1
        and array.dtype.kind in "biu"
        and np.isin(array, (0, 1)).all()
    ):
        return "labels"
    return "number"


def _category(name: str, array: np.ndarray) -> tuple[Raw, str]:
    flat = array.reshape(len(array), -1)
    if flat.shape[1] != 1:
        raise DataError(f"Field {name!r}: a category is one label an example; got shape {array.shape}.")
    if flat.dtype.kind == "f" and not np.isfinite(flat).all():
        bad = np.flatnonzero(~np.isfinite(flat[:, 0]))
        raise DataError(
            f"Field {name!r}: {len(bad)} labels are missing (first: example {bad[0]}, counted from 0). Remove them."
        )
    labels = flat[:, 0].astype(str) if flat.dtype == object else flat[:, 0]
    classes, codes = coded(labels)
    named = tuple(int(c) if isinstance(c, float) and c.is_integer() else c for c in classes.tolist())
    return Raw("category", codes, classes=named), f"{name}: {len(named)} classes"


def _image(name: str, array: np.ndarray) -> tuple[Raw, str]:
    note = ""
    if array.ndim == 3:
        array, note = array[:, None], " (grey)"
    if array.ndim != 4:
        raise DataError(f"Field {name!r}: images have 3 or 4 axes, examples first; got shape {array.shape}.")
    if array.shape[1] not in (1, 3, 4) and array.shape[3] in (1, 2, 3, 4):
        array, note = np.ascontiguousarray(array.transpose(0, 3, 1, 2)), " (channels stood last and were moved first)"
    channels, height, width = array.shape[1:]
    return Raw("image", array), f"{name}: images, {channels} channels of {height} x {width} pixels{note}"
