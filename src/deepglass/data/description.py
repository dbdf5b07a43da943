"""Description: what a Dataset holds, in words for a person and in numbers for a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from deepglass.data.encode import Field
from deepglass.data.source import Source
from deepglass.data.split import Splits
from deepglass.data.table_encoding import table_notes
from deepglass.data.text_description import text_notes, text_what
from deepglass.plurals import counted


@dataclass(frozen=True)
class Description:
    """Fields, splits and notes of a Dataset; `str()` for the terminal, `to_html()` for a notebook."""

    name: str
    rows: int
    fields: list[dict[str, Any]]
    splits: dict[str, int]
    class_counts: dict[str, int]  # of the training and validation examples: the test split stays behind glass
    notes: list[str]
    facts: dict[str, str]

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.rows:,} examples"]
        if "description" in self.facts:
            lines.append(f"  {self.facts['description']}")
        for f in self.fields:
            lines.append(f"  {f['role']:<7} {f['name']:<12} {f['what']}")
        lines.append("  splits  " + ", ".join(f"{n} {c:,}" for n, c in self.splits.items()))
        if self.class_counts:
            lines.append("  classes " + ", ".join(f"{c} {n:,}" for c, n in list(self.class_counts.items())[:20]))
        lines += [f"  note    {note}" for note in self.notes]
        return "\n".join(lines)

    def to_html(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(f['role'])}</td><td>{escape(f['name'])}</td><td style='text-align:left'>{escape(f['what'])}</td></tr>"
            for f in self.fields
        )
        splits = ", ".join(f"{n} {c:,}" for n, c in self.splits.items())
        notes = "".join(f"<li>{escape(n)}</li>" for n in self.notes)
        return (
            f"<b>{escape(self.name)}</b>: {self.rows:,} examples ({splits})"
            f"<table><tr><th>role</th><th>field</th><th>what</th></tr>{rows}</table><ul>{notes}</ul>"
        )

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass data`."""
        return {
            "rows": self.rows,
            "fields": self.fields,
            "splits": self.splits,
            "classes": self.class_counts,
            "notes": self.notes,
            "facts": self.facts,
            "problems": [],
        }


def describe(source: Source, fields: Mapping[str, Field], splits: Splits) -> Description:
    """Describe a source with its encodings and splits."""
    shown = [
        {"name": f.name, "role": f.role, "kind": f.kind, "shape": list(f.shape), "what": what(f), "unit": f.unit}
        | ({"rate": f.rate} if f.rate else {})
        for f in fields.values()
    ]
    counts: dict[str, int] = {}
    codes = source.codes()
    target = fields.get(source.targets[0]) if source.targets else None
    if codes is not None and target is not None and target.kind == "category":
        open_ids = np.concatenate([splits.train, splits.validation])
        index = np.asarray(target.encoding["index"])[codes[open_ids]]
        counts = {str(c): int((index == i).sum()) for i, c in enumerate(target.classes)}
    rows = sum(splits.counts().values())
    notes = [
        *source.notes,
        *(n for f in fields.values() if f.kind == "table" for n in table_notes(f.encoding["columns"])),
        *(
            note
            for f in fields.values()
            if f.kind == "text" and f.name in source.fields
            for note in text_notes(f, source.fields[f.name], splits.validation)
        ),
    ]
    return Description(source.name, rows, shown, splits.counts(), counts, notes, dict(source.facts))


HOW = {
    "standard": "scaled to mean 0, deviation 1",
    "unit": "scaled to 0..1",
    "imagenet": "scaled by the means and deviations of ImageNet",
    "centred": "scaled from black at -1 to white at 1",
    "none": "as it is",
}


def what(field: Field) -> str:
    """Say in words what a field holds and how it is encoded."""
    size = " x ".join(map(str, field.shape)) or "1"
    encoding = field.encoding
    if field.kind in ("number", "image"):
        how = HOW[encoding["scaling"]]
        names = encoding.get("columns", [])
        listed = f" ({_some(names)})" if names else ""
        unit = f" in {field.unit}" if field.unit else ""
        return f"{field.kind}, {size}{listed}{unit}; {how}"
    if field.kind == "signal":
        return _signal(field)
    if field.kind == "category" and len(field.classes) == 2:
        return f"category, 2 classes ({field.classes[0]} is 0, {field.classes[1]} is 1)"
    if field.kind in ("category", "labels"):
        return f"{field.kind}, {len(field.classes)} classes ({_some(field.classes)})"
    if field.kind == "table":
        return f"table of {len(encoding['columns'])} columns ({_some([c['name'] for c in encoding['columns']])}), {size} numbers"
    if field.kind == "series":
        return _series(field)
    if field.kind == "text":
        return text_what(field)
    if field.kind == "strokes":
        cut = f" ({counted(encoding['cut'], 'longer one')} elsewhere cut)" if encoding.get("cut") else ""
        points = f"{counted(field.shape[0], 'point')}{cut}"
        return f"strokes, up to {points} of dx, dy and pen; offsets divided by {encoding['scale']:.4g}"
    return f"{field.kind}, examples of uneven length"


SCALED = {
    "standard": "scaled to mean 0, deviation 1",
    "unit": "scaled to -1..1",
    "peak": "each scaled to its own mean and peak",
    "none": "as it is",
}
ENDS = {"centre": "at both ends", "start": "at the end"}


def _signal(field: Field) -> str:
    """Channels, length and rate; and how many training signals were made to fit that length."""
    channels, samples = field.shape
    encoding = field.encoding
    named = f" ({_some(field.channels)})" if field.channels else ""
    fitted = [f"{encoding[word]:.0%} {word}" for word in ("padded", "cut") if encoding.get(word)]
    fit = f"; of those to train on {' and '.join(fitted)} {ENDS[encoding['align']]}" if fitted else ""
    return (
        f"signal, {counted(channels, 'channel')}{named} of {samples / field.rate:.4g} s at {field.rate:,.6g} Hz "
        f"({samples:,} samples){fit}; {SCALED[encoding['scaling']]}"
    )


def _series(field: Field) -> str:
    """Steps, variables and how they are scaled; of what is to be forecast also the season that was found."""
    encoding = field.encoding
    variables = encoding["variables"]
    unit = f" in {field.unit}" if field.unit else ""
    span = "" if encoding.get("fixed") else "up to "
    season = encoding.get("period", 1) if field.role == "target" else 1
    return (
        f"series, {span}{counted(field.shape[0], 'time step')} of {counted(len(variables), 'variable')} ({_some(variables)}){unit}"
        f"; {HOW[encoding['scaling']]}"
        + ("; beside each variable what is known" if encoding.get("known") else "")
        + (f"; a season of {season} steps" if season > 1 else "")
    )


def _some(names: list[Any], most: int = 8) -> str:
    return ", ".join(map(str, names[:most])) + (f", ... {len(names) - most} more" if len(names) > most else "")
