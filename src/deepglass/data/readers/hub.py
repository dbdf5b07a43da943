"""Hub: Hugging Face data sets, by their splits and features, as a Source."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deepglass.data.readers.arrays import raw_of
from deepglass.data.readers.hub_columns import Arrays, Columns, Part
from deepglass.data.readers.hub_rows import Rows, held
from deepglass.data.readers.images import image_field, moved
from deepglass.data.readers.table import Table, Typed
from deepglass.data.readers.table_source import SPLITS, from_table
from deepglass.data.readers.text_columns import from_text_table, text_columns
from deepglass.data.settings import DataSettings
from deepglass.data.source import Label, Raw, Source
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

KINDS = ("Dataset", "DatasetDict", "IterableDataset", "IterableDatasetDict")
MEANS = {**SPLITS, "valid": "validation", "dev": "validation"}
LARGE = ("image", "array")  # what holds more than one value a row
ROLES = ("weight", "group", "time", "split")
FORMAT = ", which is what it holds"  # how a picture is noted whose name claims another format; a row has no such name
COLOURS = {"L": "grey", "RGB": "rgb"}  # what a column of pictures may ask for


def is_hub_data(source: Any) -> bool:
    """Say whether this is an object of the library `datasets`, without importing it."""
    library: Any = sys.modules.get("datasets")
    if not all(hasattr(library, name) for name in KINDS):  # absent, or another module of that name
        return False
    return isinstance(source, tuple(getattr(library, name) for name in KINDS))


def read_hub(given: Any, settings: DataSettings, name: str = "", facts: Mapping[str, str] | None = None) -> Source:
    """Read a Dataset or a DatasetDict of Hugging Face, held on disk or streamed.

    Columns of numbers and names form a table, as those of a DataFrame do. Beside pictures or arrays, such columns are inputs
    only where `inputs=` names them. Rows are counted from 1.
    Args: name: for messages and the Source, where the data were loaded by name; facts: what is known of them.
    Raises: DataError and SettingError, naming split, row and column.
    """
    if isinstance(settings.test, str):
        raise SettingError(
            f"test={settings.test!r} is a file, which goes with a table. Give a share or a number, or a split called test."
        )
    title = name or type(given).__name__
    notes: list[str] = []
    parts = _parts(given, title, settings, notes)
    columns = Columns.of(parts, title)
    targets = _targets(columns, settings, notes)
    special = [c for w in ROLES if (c := getattr(settings, w)) is not None]
    columns, arrays = _arrays(columns, targets, settings)
    inputs = _inputs(columns, targets, special, settings, notes)
    if not inputs:
        raise DataError(
            f"{title} has no column to learn from besides the target {', '.join(targets)}. {columns.listed()}"
        )
    asked = settings.model_copy(
        update={"target": targets, "inputs": inputs, "kinds": _kinds(columns, [*inputs, *targets, *special], settings)}
    )
    own = None if len(parts) == 1 else _membership(parts, settings, notes)
    table = _table(columns, [*inputs, *targets, *special], arrays, title, notes)
    texts = text_columns(table, asked) if not any(columns.kinds[c] in LARGE for c in [*inputs, *targets]) else None
    source = from_text_table(table, texts, asked, own=own) if texts else from_table(table, asked, own=own)
    source = _without_empty(replace(_named(source, columns), facts=dict(facts or {})))
    if any(columns.kinds[c] in LARGE for c in [*inputs, *targets]):
        return _with_large(source, columns, arrays, inputs, settings)
    return source


def _parts(given: Any, title: str, settings: DataSettings, notes: list[str]) -> list[Part]:
    """The splits that are ours, each with the words that name it in messages."""
    if not isinstance(given, Mapping):
        return [Part("", title, held(given, title, settings.limit, notes))]
    taken: dict[str, str] = {}
    for name in given:
        means = MEANS.get(str(name).lower())
        if means in taken:
            raise DataError(
                f"{title}: the splits {taken[means]!r} and {name!r} both mean {means}. Give a DatasetDict with one of them."
            )
        if means is None:
            notes.append(f"split {name}: left out, it is called none of {', '.join(MEANS)}")
        else:
            taken[means] = str(name)
    if "train" not in taken:
        raise DataError(
            f"{title} has no split called train; it has {', '.join(map(str, given)) or 'none'}. Give one of them: "
            f"load(source[{str(next(iter(given), 'train'))!r}])."
        )
    notes += [f"split {name}: taken for {means}" for means, name in taken.items() if name != means]
    return [
        Part(means, f"{title} ({name})", held(given[name], f"{title} ({name})", settings.limit, notes))
        for means, name in taken.items()
    ]


def _targets(columns: Columns, settings: DataSettings, notes: list[str]) -> list[str]:
    if settings.target:
        targets = [settings.target] if isinstance(settings.target, str) else list(settings.target)
    else:
        targets = [c for c, kind in columns.kinds.items() if kind == "class"]
        if len(targets) != 1:
            found = (
                f"{len(targets)} columns hold classes ({', '.join(targets)})" if targets else "no column holds classes"
            )
            raise SettingError(f"{columns.title}: no target was named, and {found}. Say target=. {columns.listed()}")
        notes.append(f"target: {targets[0]!r}, the one column of classes, because none was named")
    for name in targets:
        columns.check(name, "target")
        if columns.kinds[name] == "image":
            raise SettingError(f"{columns.title}: the target {name!r} holds pictures, which cannot be learned yet.")
    return targets


def _arrays(columns: Columns, targets: Sequence[str], settings: DataSettings) -> tuple[Columns, dict[str, Arrays]]:
    """Read the columns of arrays, and leave out those that are uneven. Raises: DataError, when one of these was named."""
    named = [*(settings.inputs or []), *targets]
    wanted = [c for c, kind in columns.kinds.items() if kind == "array" and settings.kinds.get(c) != "text"]
    arrays = {c: columns.array(c) for c in wanted if c in named or not settings.inputs}
    uneven = {c: read.why for c, read in arrays.items() if read.why}
    for name in [c for c in uneven if c in named]:
        raise DataError(
            f"{columns.title}, column {name!r} cannot be used: {uneven[name]}. Choose others with inputs= and target=."
        )
    return columns.without(uneven), {c: read for c, read in arrays.items() if not read.why}


def _inputs(
    columns: Columns, targets: Sequence[str], special: Sequence[str], settings: DataSettings, notes: list[str]
) -> list[str]:
    """The columns to learn from: those named, else all pictures and arrays, else all columns of a table."""
    for name in [*(settings.inputs or []), *special]:
        columns.check(name, "inputs" if name not in special else "role")
    for name in settings.kinds:
        if name not in columns.kinds and name not in columns.left_out:
            raise SettingError(
                f"{columns.title} has no column {name!r}.{suggestion(name, columns.kinds)} {columns.listed()}"
            )
    dropped = [c for c, kind in settings.kinds.items() if kind == "text" and columns.kinds.get(c) in LARGE]
    free = [c for c in columns.kinds if c not in (*targets, *special, *dropped)]
    large = [c for c in free if columns.kinds[c] in LARGE]
    inputs = list(settings.inputs or large or free)
    notes += [f"{c}: left out, {why}" for c, why in columns.left_out.items()]
    notes += [f"{c}: left out, as kinds= says" for c in dropped]
    beside = [c for c in free if c not in inputs] if not settings.inputs else []
    if beside and large:
        notes.append(f"left out beside {', '.join(large)}: {', '.join(beside)}; inputs= can name them")
    pictures = [c for c in inputs if columns.kinds[c] == "image"]
    if len(pictures) > 1:
        raise SettingError(f"{columns.title}: {', '.join(pictures)} hold pictures. Choose one of them with inputs=.")
    return inputs


def _kinds(columns: Columns, used: Sequence[str], settings: DataSettings) -> dict[str, str]:
    """What each column of the table is to be taken for: classes for classes, unless something else was said."""
    kinds = {c: k for c, k in settings.kinds.items() if c in used and columns.kinds[c] in ("plain", "class")}
    return {**{c: "category" for c in used if columns.kinds[c] == "class"}, **kinds}


def _table(columns: Columns, used: Sequence[str], arrays: Mapping[str, Arrays], title: str, notes: list[str]) -> Table:
    """All columns in use as a table, in which the numbers of the rows stand for pictures and arrays."""
    cells = {}
    rows = np.arange(columns.count)
    for name in dict.fromkeys(used):
        if columns.kinds[name] in LARGE:
            missing = arrays[name].missing if name in arrays else columns.missing(name)
            cells[name] = Typed("number", rows.astype(np.float64), missing)
        else:
            cells[name] = columns.cells(name)  # type: ignore[assignment]
    places = tuple((part.title, np.arange(len(part.rows)) + 1) for part in columns.parts)
    return Table(title, cells, places, tuple(notes))


def _membership(parts: Sequence[Part], settings: DataSettings, notes: list[str]) -> dict[str, np.ndarray] | None:
    if settings.split:
        notes.append(f"splits: as the column {settings.split!r} says, not those of the data set")
        return None
    notes.append("splits: " + ", ".join(f"{p.name} {len(p.rows):,}" for p in parts) + ", as the data set says")
    ends = np.cumsum([len(p.rows) for p in parts])
    return {p.name: np.arange(end - len(p.rows), end) for p, end in zip(parts, ends)}


def _without_empty(source: Source) -> Source:
    """Forget splits of which no example is left; they are drawn from the training examples then, and that is said."""
    splits = source.splits or {}
    empty = [name for name, ids in splits.items() if not len(ids)]
    notes = [f"split {name}: no example of it is left, so one is drawn from the others" for name in empty]
    left = {name: ids for name, ids in splits.items() if len(ids)}
    return replace(source, splits=left or None, notes=(*source.notes, *notes))


def _named(source: Source, columns: Columns) -> Source:
    """Give the numbers of classes their names, in their order."""
    fields = dict(source.fields)
    for name, raw in fields.items():
        if name in source.targets and columns.kinds[name] == "class" and raw.kind == "category":
            fields[name] = replace(raw, classes=_class_names(columns.names[name], raw.classes))
        elif name == "features":
            renamed = [
                replace(c, classes=tuple(map(str, _class_names(columns.names[c.name], c.classes))))
                if columns.kinds[c.name] == "class" and c.kind == "category"
                else c
                for c in raw.columns
            ]
            fields[name] = replace(raw, columns=tuple(renamed))
    return replace(source, fields=fields)


def _class_names(names: Sequence[str], codes: Sequence[Label]) -> tuple[Label, ...]:
    return tuple(names[int(c)] if str(c).isdigit() else c for c in codes)


def _with_large(
    source: Source, columns: Columns, arrays: Mapping[str, Arrays], inputs: Sequence[str], settings: DataSettings
) -> Source:
    """Put pictures and arrays where the table holds their rows, and leave the other columns a table."""
    features = source.fields["features"]
    places = {c.name: i for i, c in enumerate(features.columns)}
    large = [c for c in inputs if columns.kinds[c] in LARGE]
    first = [np.asarray(features.values)[:, places[c]] for c in large if c in places]
    first += [np.asarray(source.fields[t].values).reshape(-1) for t in source.targets if columns.kinds[t] == "array"]
    if not first:  # all of them are missing in every row
        return source
    rows = first[0].astype(np.int64)
    notes = [n for n in source.notes if n not in [f"{c}: numbers" for c in large]]
    fields: dict[str, Raw] = {}
    kept, facts, files = np.arange(len(rows)), dict(source.facts), source.names
    for name in [c for c in large if c in places]:
        if columns.kinds[name] == "image":
            fields[name], kept, more, found, files = _pictures(columns, name, rows, settings)
            facts.update(found)
        else:
            _refuse_gaps(columns, name, np.flatnonzero(arrays[name].missing & np.isin(np.arange(columns.count), rows)))
            fields[name], note = raw_of(name, arrays[name].taken(rows), settings.kinds.get(name))
            more = [note]
        notes += more
    rest = [i for name, i in places.items() if name not in large]
    if rest:
        if "features" in large:
            raise DataError(f"{source.name}: the column 'features' has the name of the table of the others. Rename it.")
        values = np.asarray(features.values)[:, rest]
        fields["features"] = replace(features, values=values, columns=tuple(features.columns[i] for i in rest))
    names = tuple(fields)
    for t in source.targets:
        fields[t] = source.fields[t]
        if columns.kinds[t] == "array":
            fields[t], note = raw_of(t, arrays[t].taken(rows), settings.kinds.get(t), is_target=True)
            notes = [note if n.startswith(f"{t}: numbers") else n for n in notes]
    return _of_kept(replace(source, fields=fields, inputs=names, notes=tuple(notes), facts=facts, names=files), kept)


def _pictures(
    columns: Columns, name: str, rows: np.ndarray, settings: DataSettings
) -> tuple[Raw, np.ndarray, list[str], dict[str, str], tuple[str, ...]]:
    files = Rows(columns.title, name, columns.parts)
    names = [columns.place(int(r)) for r in rows]
    mode = getattr(columns.feature(name), "mode", None)
    notes = []
    if mode is not None and settings.colour == "auto":
        if mode not in COLOURS:
            raise SettingError(
                f"{files.title}, column {name!r} asks for pictures as {mode!r}. Say colour='grey' or 'rgb'."
            )
        settings = settings.model_copy(update={"colour": COLOURS[mode]})
        notes.append(f"{name}: {COLOURS[mode]}, as the data set asks")
    raw, kept, more, facts = image_field(files, names, {}, settings)
    return raw, kept, notes + [n for n in more if FORMAT not in n], facts, tuple(names[i] for i in kept)


def _refuse_gaps(columns: Columns, name: str, absent: np.ndarray) -> None:
    if len(absent):
        raise DataError(
            f"{columns.place(int(absent[0]))}, column {name!r}: the array is missing, and so are {len(absent) - 1} more; arrays "
            f'cannot be filled. Leave such rows out with on_missing="drop".'
        )


def _of_kept(source: Source, kept: np.ndarray) -> Source:
    """Leave out the examples whose pictures were."""
    fields = {n: r if len(r) == len(kept) else replace(r, values=r.values[kept]) for n, r in source.fields.items()}
    splits = None if source.splits is None else {n: moved(ids, kept) for n, ids in source.splits.items()}

    def of_kept(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[kept]

    return replace(
        source,
        fields=fields,
        splits=splits,
        weights=of_kept(source.weights),
        groups=of_kept(source.groups),
        times=of_kept(source.times),
    )
