"""Strokes: drawings as pen points, out of a folder, an archive, one file or a table, as a Source."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.readers.columns import take_column
from deepglass.data.readers.file_names import lay_out_by_names
from deepglass.data.readers.files import Files, Folder, shown
from deepglass.data.readers.folders import Wanted, wanted_among
from deepglass.data.readers.pen import offsets_of, simplified
from deepglass.data.readers.stroke_text import Drawn, is_stroke_text, read_stroke_json, read_stroke_text
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.text_file import read_text
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw, Source, categories
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

DRAWINGS = Wanted("drawing", "drawings", (".txt",), is_stroke_text)
JSON = (".json", ".ndjson", ".jsonl")
TABLE_COLUMNS = (
    "drawing",
    "stroke",
    "x",
    "y",
)  # of a table of pen points, one a row; label and drawer may stand beside them
DRAWER = re.compile(r"[^/]*_(\d+)\.[^/.]*$")  # the number at the end of a name, as in 0709_12.txt: who drew it
LONG = 100  # points of a usual drawing beyond which it is told how to have fewer


def holds_strokes(files: Files) -> bool:
    """Whether a place holds drawings: text files, and the first of them begins with START."""
    texts = (e for e in files.entries if e.name.lower().endswith(DRAWINGS.endings) and not e.problem)
    first = next((e for e in texts if not any(p.startswith((".", "__MACOSX")) for p in e.parts)), None)
    return first is not None and is_stroke_text(files.head(first.name)[:16])


def is_stroke_file(path: Path) -> bool:
    """Whether one file holds drawings: as text that begins with START, or as JSON."""
    if path.suffix.lower() in JSON and path.is_file():
        return True
    if path.suffix.lower() not in DRAWINGS.endings or not path.is_file():
        return False
    return is_stroke_text(Folder(path.parent, listed=False).head(path.name)[:16])


def is_stroke_table(table: Table) -> bool:
    """Whether a table holds pen points."""
    return set(TABLE_COLUMNS) <= set(table.columns)


def read_strokes(files: Files, settings: DataSettings) -> Source:
    """Read drawings from a folder or an archive, one file each.

    Folders say what was drawn: one level is the class, of two the upper one is the `alphabet` and both together the
    `character`; or `label_pattern` finds it. The number at the end of a name, as in 0709_12.txt, says who drew it: drawings of
    one drawer stay together in one split.
    Raises: DataError, naming file and line.
    """
    found, others = wanted_among(files, DRAWINGS)
    if not found:
        raise DataError(f"{files.title} holds no drawings as text. Put some into it.")
    names = [e.name for e in found]
    drawn = []
    for entry in found:
        if entry.problem:
            raise DataError(f"{files.where(entry.name)} {entry.problem}.")
        several = read_stroke_text(files.read(entry.name), files.where(entry.name))
        if len(several) > 1:
            raise DataError(
                f"{files.where(entry.name)} holds {len(several)} drawings. Put each into a file of its own."
            )
        drawn += several
    notes = []
    if others:
        notes.append(f"{len(others):,} files left out: no drawings ({', '.join(shown(e.name) for e in others[:3])})")
    splits = None
    if settings.label_pattern is not None:
        layout = lay_out_by_names(files, DRAWINGS, settings.label_pattern, settings)
        labels = {layout.target: [layout.classes[c] for c in layout.codes]}
        groups, splits = layout.groups, layout.splits
        notes += layout.notes
    else:
        labels = _labels(names)
        groups = _drawers(names, notes)
    name = Path(files.title).name
    return _source(name, drawn, labels, settings, notes, groups=groups, names=names, splits=splits)


def read_stroke_file(path: Path, settings: DataSettings) -> Source:
    """Read drawings from one file: text that begins with START, or JSON."""
    files = Folder(path.parent, listed=False)
    if path.suffix.lower() in JSON:
        text = read_text(path, settings.encoding)[0].decode()
        return stroke_source(path.name, read_stroke_json(text, str(path)), settings)
    return stroke_source(path.name, read_stroke_text(files.read(path.name), str(path)), settings)


def read_stroke_table(table: Table, settings: DataSettings) -> Source:
    """Read drawings from a table of pen points, one a row: drawing, stroke, x, y (downwards), and perhaps label and drawer.

    Points are joined in the order of the rows; label and drawer are those of a drawing's first row.
    Raises: DataError, naming row and column.
    """
    form = TableFormat.of(settings)
    xy = np.stack([take_column(table, c, form, kind="number").values for c in ("x", "y")], axis=1)
    for column in TABLE_COLUMNS:
        taken = take_column(table, column, form, kind="number" if column in ("x", "y") else "category")
        if taken.missing.any():
            rows = table.rows(np.flatnonzero(taken.missing).tolist())
            raise DataError(
                f"{table.name}, column {column!r}: nothing stands in {rows}. Fill it, or leave the rows out."
            )
    said = {c: _texts(table, c, form) for c in ("drawing", "stroke", "label", "drawer") if c in table.columns}
    places: dict[str, dict[str, list[int]]] = {}
    for row, (drawing, stroke) in enumerate(zip(said["drawing"], said["stroke"])):
        places.setdefault(drawing, {}).setdefault(stroke, []).append(row)
    drawn = []
    for strokes in places.values():
        first = next(iter(strokes.values()))[0]
        names = [said[c][first] if c in said else "" for c in ("label", "drawer")]
        drawn.append(Drawn([xy[rows] for rows in strokes.values()], *names))
    return stroke_source(table.name, drawn, settings, [*table.notes])


def stroke_source(name: str, drawn: Sequence[Drawn], settings: DataSettings, notes: Sequence[str] = ()) -> Source:
    """Make a source of drawings that say themselves what they are and who drew them, where all of them do."""
    labels = {"class": [d.label for d in drawn]} if all(d.label for d in drawn) else {}
    said = list(notes)
    groups = None
    if all(d.drawer for d in drawn):
        drawers, groups = np.unique([d.drawer for d in drawn], return_inverse=True)
        said.append(f"drawer: {len(drawers)} groups, each in one split")
    return _source(name, drawn, labels, settings, said, groups=groups)


def _source(
    name: str,
    drawn: Sequence[Drawn],
    labels: Mapping[str, Sequence[str]],
    settings: DataSettings,
    notes: Sequence[str],
    *,
    groups: np.ndarray | None = None,
    names: Sequence[str] = (),
    splits: Mapping[str, np.ndarray] | None = None,
) -> Source:
    """Put together strokes and labels: the last label is learned, unless inputs and target say otherwise."""
    inputs, targets = _chosen(labels, settings)
    counts = [sum(map(len, d.strokes)) for d in drawn]
    strokes = [
        d.strokes if settings.simplify is None else [simplified(s, settings.simplify) for s in d.strokes] for d in drawn
    ]
    offsets = [offsets_of(s) for s in strokes]
    lengths = np.array([len(o) for o in offsets])
    told = [
        f"strokes: {len(drawn):,} drawings of {lengths.min():,} to {lengths.max():,} points (median {np.median(lengths):.0f}), "
        f"{min(len(s) for s in strokes)} to {max(len(s) for s in strokes)} strokes each; times left out"
    ]
    if settings.simplify is not None:
        before = f"{np.median(counts):.0f}"
        told.append(
            f"strokes simplified: no point left out lies further than {settings.simplify:g} away; median was {before}"
        )
    elif np.median(lengths) > LONG:
        told.append("long drawings: fewer points learn faster; simplify=1 leaves out those less than 1 unit off a line")
    fields = {
        "strokes": Raw("strokes", Ragged.of([torch.from_numpy(o) for o in offsets]), reading=reading_of(settings))
    }
    for label in (*inputs, *targets):
        if label in labels:
            classes, codes = np.unique(labels[label], return_inverse=True)
            fields[label] = categories(codes, classes.tolist())
            told.append(
                f"{label}: {len(classes)} classes, {'given beside the strokes' if label in inputs else 'to be learned'}"
            )
    return Source(
        name, fields, inputs, targets, splits=splits, notes=(*told, *notes), names=tuple(names), groups=groups
    )  # fmt: skip


def reading_of(settings: DataSettings) -> dict[str, float]:
    """How drawings were read, to read new ones alike."""
    return {} if settings.simplify is None else {"simplify": settings.simplify}


def _chosen(labels: Mapping[str, Sequence[str]], settings: DataSettings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Inputs and targets by name. With inputs= and no target, nothing is to be predicted but the drawing itself."""
    known = ["strokes", *labels]
    target = [settings.target] if isinstance(settings.target, str) else list(settings.target or [])
    for name in (*(settings.inputs or []), *target):
        if name not in known:
            raise SettingError(f"There is no field {name!r}.{suggestion(name, known)} Fields: {', '.join(known)}.")
    if settings.inputs is not None:
        rest = [n for n in settings.inputs if n != "strokes" and n not in target]
        return ("strokes", *rest), tuple(target)
    if target:
        return ("strokes",), tuple(n for n in target if n != "strokes")
    several = {n: len(set(v)) > 1 for n, v in labels.items()}
    return ("strokes",), tuple([n for n in labels if several[n]][-1:])


def _labels(names: Sequence[str]) -> dict[str, list[str]]:
    """What the folders say: class, or alphabet and character; nothing where all lie in one."""
    folders = [tuple(name.split("/")[:-1]) for name in names]
    while folders[0] and all(f[:1] == folders[0][:1] for f in folders):
        folders = [f[1:] for f in folders]
    depth = min(map(len, folders))
    if depth == 0:
        return {}
    if depth == 1:
        return {"class": ["/".join(f) for f in folders]}
    return {"alphabet": [f[0] for f in folders], "character": ["/".join(f) for f in folders]}


def _drawers(names: Sequence[str], notes: list[str]) -> np.ndarray | None:
    """A number for each drawer, where every name ends in one and several drew more than one thing."""
    found = [DRAWER.search(name) for name in names]
    numbers = [m[1] for m in found if m is not None]
    drawers = sorted(set(numbers))
    if len(numbers) < len(names) or not 2 < len(drawers) < len(names):
        return None
    notes.append(f"drawer: the number at the end of a file's name, {len(drawers)} groups, each in one split")
    return np.array([drawers.index(n) for n in numbers])


def _texts(table: Table, column: str, form: TableFormat) -> list[str]:
    taken = take_column(table, column, form, kind="category")
    classes = taken.column.classes if taken.column is not None else ()
    return [str(classes[int(v)]) if v >= 0 else "" for v in taken.values]
