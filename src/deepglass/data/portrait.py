"""Portrait: what a picture of the data shows, as plain numbers and words. The test split is not looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.encode import Field
from deepglass.data.links import correlation, correlation_ratio, cramers_v
from deepglass.data.portrait_series import SeriesPortrait, series_portrait
from deepglass.data.portrait_signals import SignalPortrait, signal_portrait
from deepglass.data.portrait_strokes import StrokesPortrait, captioned, strokes_portrait
from deepglass.data.portrait_texts import TextPortrait, same_text, text_examples, text_portrait
from deepglass.data.ragged import Ragged
from deepglass.data.stores import ArrayStore, FileStore
from deepglass.data.texts import Texts
from deepglass.data.versions import Version, spread, versions_of

if TYPE_CHECKING:
    from deepglass.data.dataset import Dataset

VALUES = 4_000_000  # numbers that distributions and links are taken from, at most; of more, evenly spread examples
MOST_EXAMPLES = 10_000
STREAMED = 300  # examples read where each has to be fetched or decoded
STREAMED_BYTES = 256 << 20  # and no more than this, as far as it is known
CLASSES = 10  # of which examples are drawn, at most
A_CLASS = 10  # examples drawn of each class
ROWS = 6  # examples drawn as rows
MOST_COLUMNS = 2000  # numbers of an example that are looked at, evenly spread


@dataclass(frozen=True)
class PortraitColumn:
    """One column of the inputs, in raw units, on the sampled examples.

    Shapes: values (examples,): numbers, or codes into `classes` (-1: unknown).
    Args:
        link: how strongly it goes with the target, 0 to 1, by `measure` (a key of `links.MEASURES`).
        date: whether its numbers are days since 1970-01-01.
    """

    name: str
    values: np.ndarray
    classes: tuple[str, ...] = ()
    unit: str = ""
    link: float | None = None
    measure: str = ""
    date: bool = False


@dataclass(frozen=True)
class Portrait:
    """Examples, distributions, balance, links and augmentation of a Dataset.

    Args:
        splits: the number of examples of each split.
        sampled: the examples that columns and links were taken from, evenly spread over training and validation.
        open: how many there are in these two.
        classes: those of the target; `codes` (sampled,) into them.
        balance: split -> examples of each class.
        target_values: split -> the target's numbers, raw.
        pictures: class or value -> raw images (channels, height, width).
        top: the brightest raw value of an image.
        pixel_links: how strongly each pixel goes with the target (height, width), the strongest of its channels.
        pixels: raw values of some pixels, by channel (channels, values).
        signals: waveforms, lengths and spectra of the first signal input.
        texts: lengths and tokens of each text field; `text_rows` are examples, each as (name of a field, what stands in it).
        series: the course of the first series input, or examples of it.
        strokes: drawings of the first strokes input, and how long they are.
        captions: images with what is said of them.
        rows: texts of some examples, beneath `row_names`; the target is the last column.
        versions: training examples beside augmented ones; `changes` say what was changed.
    """

    name: str
    splits: dict[str, int]
    sampled: int = 0
    open: int = 0
    target: str = ""
    unit: str = ""
    classes: list[str] = field(default_factory=list)
    codes: np.ndarray | None = None
    balance: dict[str, list[int]] = field(default_factory=dict)
    target_values: dict[str, np.ndarray] = field(default_factory=dict)
    measure: str = ""
    pictures: list[tuple[str, list[np.ndarray]]] = field(default_factory=list)
    top: float | None = None
    pixel_links: np.ndarray | None = None
    pixels: np.ndarray | None = None
    signals: SignalPortrait | None = None
    texts: list[TextPortrait] = field(default_factory=list)
    text_rows: list[list[tuple[str, str]]] = field(default_factory=list)
    series: SeriesPortrait | None = None
    strokes: StrokesPortrait | None = None
    captions: list[tuple[np.ndarray, str]] = field(default_factory=list)
    columns: list[PortraitColumn] = field(default_factory=list)
    all_columns: int = 0
    row_names: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    version_names: list[str] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    variants: int = 1


def portrait(data: Dataset) -> Portrait:
    """Gather what a picture of the data shows, from at most a few million numbers of training and validation."""
    ids, opened = _sample(data)
    values = data.store.take(ids, 0)
    target = next(iter(data.targets.values()), None)
    facts: dict[str, Any] = {"name": data.name, "splits": data.splits.counts(), "sampled": len(ids), "open": opened}
    truth = None if target is None else _truth(target, values[target.name])
    if target is not None:
        facts |= {"target": _name(target), "unit": target.unit, **_target_facts(data, target, ids, truth)}
    columns: list[PortraitColumn] = []
    said = {n: v for n, v in values.items() if isinstance(v, Texts) and n in data.fields}
    facts["texts"] = [text_portrait(data, data.fields[n], v) for n, v in said.items() if not same_text(data.fields[n])]
    if any(n in data.inputs for n in said):
        facts["text_rows"] = text_examples(data.fields, said, truth, facts.get("classes", []))
    for one in data.inputs.values():
        if one.kind == "series":
            facts.setdefault("series", series_portrait(data, one, values[one.name], truth, facts.get("classes", [])))
            continue
        if one.kind == "strokes":
            facts.setdefault("strokes", strokes_portrait(one, values, data.inputs, truth, facts.get("classes", [])))
            continue
        if one.kind == "signal":
            facts.setdefault("signals", signal_portrait(one, values[one.name], truth, facts.get("classes", [])))
            continue
        if isinstance(values[one.name], Ragged) or one.kind == "boxes":
            continue
        raw = np.asarray(values[one.name])
        if one.kind == "image" and not facts.get("pictures"):
            facts |= _image_facts(one, raw, truth, facts.get("classes", []))
            if target is not None and target.kind == "text":
                facts["captions"] = captioned(raw, values[target.name])
        elif one.kind != "image":
            columns += _columns(one, raw.reshape(len(raw), -1), truth, target)
    facts |= {"columns": columns, "all_columns": len(columns)}
    if columns:
        at = np.linspace(0, len(ids) - 1, min(ROWS, len(ids))).round().astype(int)
        facts["row_names"] = [c.name for c in columns] + ([facts["target"]] if truth is not None else [])
        facts["rows"] = [_row(columns, int(i), _said(truth, facts.get("classes", []), int(i))) for i in at]
    if data.settings.augment.active:
        facts |= versions_of(data, facts.get("classes", []))
    return Portrait(**facts)


def _sample(data: Dataset) -> tuple[Tensor, int]:
    ids = torch.cat([data.members("train"), data.members("validation")]).sort().values
    size = sum(int(np.prod(f.shape)) for f in data.inputs.values())
    most = min(MOST_EXAMPLES, max(50, VALUES // max(1, size))) if isinstance(data.store, ArrayStore) else STREAMED
    if isinstance(data.store, FileStore):
        most = min(most, max(1, len(data.source) * STREAMED_BYTES // max(1, data.store.bytes)))
    if len(ids) <= most:
        return ids, len(ids)
    return ids[torch.linspace(0, len(ids) - 1, most, dtype=torch.float64).round().long()], len(ids)


def _truth(target: Field, raw: Any) -> np.ndarray | None:
    """The target of each example: a class code, or the first of its numbers; None for other kinds."""
    if target.kind == "category":
        return np.asarray(target.encode(raw).cpu())
    if target.kind == "number":
        return np.asarray(raw, dtype=float).reshape(len(raw), -1)[:, 0]
    return None


def _name(target: Field) -> str:
    columns = target.encoding.get("columns", [])
    return str(columns[0]) if target.kind == "number" and columns else target.name


def _target_facts(data: Dataset, target: Field, ids: Tensor, truth: np.ndarray | None) -> dict[str, Any]:
    if target.kind not in ("category", "labels", "number"):
        return {}
    whole = data.source.fields[target.name].values if target.name in data.source.fields else None
    in_split = {}
    for split in ("train", "validation"):
        members = data.members(split)
        if whole is not None and not isinstance(whole, Ragged):
            in_split[split] = np.asarray(whole)[members.numpy()]
        elif truth is not None:  # known of the sample alone
            in_split[split] = truth[torch.isin(ids, members).numpy()]
    if target.kind == "labels":
        counts = {s: np.asarray(v).sum(axis=0).astype(int).tolist() for s, v in in_split.items()}
        return {"classes": [str(c) for c in target.classes], "balance": counts}
    if whole is not None and truth is not None:
        in_split = {s: np.asarray(_truth(target, v)) for s, v in in_split.items()}
    if target.kind == "category":
        names = [str(c) for c in target.classes]
        counts = {s: np.bincount(v, minlength=len(names)).tolist() for s, v in in_split.items()}
        return {"classes": names, "codes": truth, "balance": counts, "measure": "eta"}
    return {"target_values": in_split, "measure": "r"} if target.kind == "number" else {}


def _image_facts(one: Field, raw: np.ndarray, truth: np.ndarray | None, classes: list[str]) -> dict[str, Any]:
    chosen: list[tuple[str, list[np.ndarray]]] = []
    if classes and truth is not None:
        for code in np.unique(np.linspace(0, len(classes) - 1, min(CLASSES, len(classes))).round().astype(int)):
            (members,) = np.nonzero(truth == code)
            chosen.append((classes[code], [raw[i] for i in spread(members, A_CLASS)]))
    else:
        order = np.arange(len(raw)) if truth is None else np.argsort(truth, kind="stable")
        for i in spread(order, 2 * A_CLASS):
            chosen.append(("" if truth is None else f"{truth[i]:.3g}", [raw[i]]))
    flat = raw.reshape(len(raw), -1)
    links = None
    if truth is not None:
        links = _link(flat.astype(float), truth, bool(classes)).reshape(raw.shape[1:]).max(axis=0)
    pixels = np.moveaxis(raw, 1, 0).reshape(raw.shape[1], -1)
    pixels = pixels[:, np.linspace(0, pixels.shape[1] - 1, min(50_000, pixels.shape[1])).round().astype(int)]
    return {"pictures": chosen, "top": one.encoding.get("top"), "pixel_links": links, "pixels": pixels}


def _columns(one: Field, raw: np.ndarray, truth: np.ndarray | None, target: Field | None) -> list[PortraitColumn]:
    listed = one.encoding.get("columns", [])
    is_class = target is not None and target.kind == "category"
    if one.kind == "table":
        kinds = [(c["name"], tuple(map(str, c.get("all") or c.get("classes", ())))) for c in listed]
    elif one.kind == "category":
        kinds = [(one.name, tuple(map(str, one.classes)))]
        raw = np.asarray(one.encoding["index"])[raw.astype(int)]
    elif raw.shape[1] == 1:
        kinds = [(str(listed[0]) if listed else one.name, ())]
    else:
        kinds = [
            (str(listed[i]) if len(listed) == raw.shape[1] else f"{one.name}[{i}]", ()) for i in range(raw.shape[1])
        ]
    places = spread(np.arange(raw.shape[1]), MOST_COLUMNS)
    numbers = raw[:, places].astype(float)
    links = None if truth is None else _link(numbers, truth, is_class)
    columns = []
    for place, i in enumerate(places):
        name, classes = kinds[i]
        values, link, measure = numbers[:, place], None, ""
        if classes:
            values = np.where(np.isfinite(values), values, -1).astype(int)
        if truth is not None and links is not None:
            link, measure = float(links[place]), "eta" if is_class else "r"
            if classes:
                measure = "V" if is_class else "eta"
                link = cramers_v(values, truth) if is_class else _of_classes(values, truth)
        date = one.kind == "table" and listed[i]["kind"] == "date"
        columns.append(PortraitColumn(name, values, classes, one.unit, link, measure, date))
    return columns


def _link(values: np.ndarray, truth: np.ndarray, is_class: bool) -> np.ndarray:
    return correlation_ratio(values, truth) if is_class else correlation(values, truth)


def _of_classes(codes: np.ndarray, truth: np.ndarray) -> float:
    known = (codes >= 0) & np.isfinite(truth)
    return float(correlation_ratio(truth[known, None], codes[known])[0]) if known.any() else 0.0


def _row(columns: list[PortraitColumn], i: int, said: Any) -> list[Any]:
    cells: list[Any] = []
    for column in columns:
        value = column.values[i]
        if column.classes:
            cells.append(column.classes[int(value)] if 0 <= int(value) < len(column.classes) else "unknown")
        elif column.date and np.isfinite(value):
            cells.append(str(np.datetime64(int(value), "D")))
        else:
            cells.append(float(value))
    return cells if said is None else [*cells, said]


def _said(truth: np.ndarray | None, classes: list[str], i: int) -> Any:
    if truth is None:
        return None
    return classes[int(truth[i])] if classes else float(truth[i])
