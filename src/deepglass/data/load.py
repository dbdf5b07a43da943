"""Load: from whatever the user has to a Dataset."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepglass.data.builtin import BUILTIN
from deepglass.data.catalogue import CATALOGUE, catalogue_source, with_defaults
from deepglass.data.dataset import Dataset, make
from deepglass.data.learned import fields_learned, matched, read_alike
from deepglass.data.readers.archives import is_archive
from deepglass.data.readers.arrays import from_arrays, grouped
from deepglass.data.readers.file_source import read_files
from deepglass.data.readers.file_table import file_column, read_file_table
from deepglass.data.readers.frame import table_of_frame
from deepglass.data.readers.hub import is_hub_data, read_hub
from deepglass.data.readers.hub_names import is_hub_name, read_hub_name
from deepglass.data.readers.npz import ARRAY_FILES
from deepglass.data.readers.running_text import from_lines
from deepglass.data.readers.series import read_series
from deepglass.data.readers.series_arrays import read_long_array, read_series_examples
from deepglass.data.readers.signal_arrays import as_signals
from deepglass.data.readers.signal_table import read_signal_table
from deepglass.data.readers.strokes import is_stroke_file, is_stroke_table, read_stroke_file, read_stroke_table
from deepglass.data.readers.table import Table
from deepglass.data.readers.table_files import PARQUET, TEXT, is_table, read_table
from deepglass.data.readers.table_format import TableFormat
from deepglass.data.readers.table_source import from_table
from deepglass.data.readers.text_columns import from_text_table, text_columns
from deepglass.data.readers.text_places import (
    are_files,
    files_like,
    is_text_file,
    may_hold_texts,
    read_several,
    read_text_file,
)
from deepglass.data.readers.torch_dataset import from_torch
from deepglass.data.series_encoding import check_series_settings
from deepglass.data.settings import TABLE_SETTINGS, DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError, SettingError, UnknownName
from deepglass.names import suggestion
from deepglass.settings import checked, said

WINDOWED = ("lookback", "horizon", "stride")  # settings that are options of a built-in series, too


def load(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    weights: Any = None,
    like: Any = None,
    **settings: Any,
) -> Dataset:
    """Make data ready: read it, split it, and fit its encodings on the training split.

    Args:
        source: a name ("digits", "mnist"), a table (.csv, .tsv, .parquet, ...), a folder or archive of pictures, recordings or
            texts, a file of text, two files ("train.en", "train.fr"), .npy or .npz, (X, y), a dictionary of arrays, a DataFrame, a
            torch Dataset, a Hugging Face Dataset or DatasetDict (or its name, "hub:owner/name"), or a Dataset made before.
        target: the field or column to learn; the last one when it is left open.
        weights: how much each example counts in the loss, shape (examples,).
        like: a Run or Dataset whose encodings are used again instead of fitting new ones.
        settings: any of `DataSettings`, such as scaling="none", test=0.3, split_seed=1, classes=["a", "b"].
    Raises: DataError and SettingError, naming file, field, row and the mend; UnknownName for a name that is none.

    >>> load("iris").splits.counts()
    {'train': 96, 'validation': 24, 'test': 30}
    """
    if isinstance(source, Dataset):
        changed = source.with_(**settings) if target is None else source.with_(**settings, target=target)
        if weights is not None:
            changed = replace(changed, weights=_weights(weights, changed.source))
        if like is not None:
            changed = replace(changed, fields=matched(fields_learned(like), changed.source), borrowed=True)
        return changed
    asked = {"source": title(source), **settings, "target": target}
    entry = CATALOGUE.get(str(source)) if isinstance(source, str | Path) and str(source) not in BUILTIN else None
    wanted = checked(DataSettings, with_defaults(str(source), asked) if entry else asked, "data")
    if like is not None:
        wanted = read_alike(wanted, fields_learned(like))
    is_frame = hasattr(source, "columns") and hasattr(source, "iloc")
    from_hub = is_hub_data(source) or is_hub_name(source)
    is_file = isinstance(source, str | Path) and is_table(Path(source))
    is_known_table = entry is not None and entry.is_table
    if not (isinstance(source, Source) or is_frame or from_hub or is_file or is_known_table):
        _refuse_table_settings(source, wanted)
    if wanted.limit is not None and not from_hub:
        raise SettingError(
            f"data.limit={wanted.limit} goes with data of Hugging Face; {title(source)} is none. Leave it out."
        )
    fields, store = None, None
    if isinstance(source, torch.utils.data.Dataset) and not from_hub:
        read, store, fields = from_torch(source, target, wanted.split_seed)
    else:
        read = read_source(source, wanted)
    if like is not None:
        fields = matched(fields_learned(like), read)
    counts = None if weights is None else _weights(weights, read)
    return make(read, wanted, store=store, weights=counts, fields=fields, borrowed=like is not None)


def read_source(source: Any, settings: DataSettings) -> Source:
    """Read raw data, wherever it is. Raises: SettingError, when something that goes with other data was said."""
    read = as_signals(_read(source, settings), settings)
    check_series_settings(settings, {raw.kind for raw in read.fields.values()})
    if settings.label_pattern is not None and not read.names:
        raise SettingError(
            f"data.label_pattern={settings.label_pattern!r} goes with a folder or an archive of files; {title(source)} is none. "
            f"Leave it out."
        )
    if settings.simplify is not None and not any(r.reading.get("simplify") for r in read.fields.values()):
        raise SettingError(
            f"data.simplify={settings.simplify:g} goes with files of drawings; {title(source)} is none. Leave it out."
        )
    return read


def _read(source: Any, settings: DataSettings) -> Source:
    if isinstance(source, Source):
        return source
    if isinstance(source, str | Path):
        return _named(source, settings)
    if is_hub_data(source):
        return read_hub(source, settings)
    if are_files(source):
        return read_several(source, settings)
    if isinstance(source, list) and source and all(isinstance(s, str) for s in source):
        return from_lines("texts", source, settings)
    if isinstance(source, tuple) and len(source) == 2:
        return from_arrays({"x": source[0], "y": source[1]}, ("y",), kinds=settings.kinds)
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        return _table(table_of_frame(source), settings)
    if isinstance(source, Mapping):
        return _dictionary(source, settings)
    if isinstance(source, np.ndarray | torch.Tensor) and settings.lookback is not None:
        return read_long_array(source, settings)
    if isinstance(source, np.ndarray | torch.Tensor):
        return from_arrays({"x": source}, (), kinds=settings.kinds)
    raise DataError(
        f"What was given ({type(source).__name__}) cannot be loaded. Give a name, a file, (X, y), a dictionary of "
        f"arrays, a DataFrame or a torch or Hugging Face Dataset."
    )


def title(source: Any) -> str:
    """Say in a word where data comes from: its name or path, or the kind of object."""
    if isinstance(source, str | Path):
        return str(source)
    if isinstance(source, Source):
        return source.name
    is_arrays = isinstance(source, tuple | list | Mapping | np.ndarray | torch.Tensor) or is_hub_data(source)
    return "arrays" if is_arrays else type(source).__name__


def _named(name: str | Path, settings: DataSettings) -> Source:
    text = str(name)
    if not text:
        raise DataError("The name of the data is empty. Give a name, or the path of a file or folder.")
    if text in BUILTIN:
        try:
            return BUILTIN[text](**_windowed(BUILTIN[text], settings), **settings.options)
        except TypeError as error:
            known = list(inspect.signature(BUILTIN[text]).parameters)
            odd = next((n for n in settings.options if n not in known), None)
            why = error if odd is None else f"there is none called {odd!r}"
            raise SettingError(f"data.options of {text}: {why}. Options: {', '.join(known) or 'none'}.") from None
    if text in CATALOGUE:
        return catalogue_source(text, settings)
    if is_hub_name(text):
        return read_hub_name(text, settings)
    path = Path(name)
    if path.is_dir() or (is_archive(path) and path.is_file()):
        return read_files(path, settings)
    if path.suffix.lower() in ARRAY_FILES and path.is_file():
        return grouped(ARRAY_FILES[path.suffix.lower()](path, settings.target, settings.kinds), settings.group)
    if is_stroke_file(path):
        return read_stroke_file(path, settings)
    if is_text_file(path, settings):
        return read_text_file(path, settings)
    if several := files_like(path):
        return read_several(several, settings)
    if is_table(path) and path.is_file() and (column := file_column(settings)):
        return read_file_table(path, column, settings)
    if is_table(path):
        return _table(read_table(path, TableFormat.of(settings)), settings)
    if path.exists():
        raise DataError(
            f"{path} is not of a kind that can be read yet. Readable: tables (.csv, ...), arrays (.npy, .npz), text (.txt; others "
            f"with texts=running or lines), and pictures, recordings or texts in a folder, a .zip, .tar or .tar.gz."
        )
    names = sorted([*BUILTIN, *CATALOGUE])
    looks_like_path = path.suffix or len(path.parts) > 1
    if looks_like_path:
        raise DataError(f"There is no file {text!r}. Check the path; it was looked for in the current folder.")
    raise UnknownName(f"There is no data set or file {text!r}.{suggestion(text, names)} Known: {', '.join(names)}.")


def _windowed(make: Callable[..., Source], settings: DataSettings) -> dict[str, Any]:
    """How a built-in series is cut into windows, where it was said."""
    takes = inspect.signature(make).parameters
    return {n: getattr(settings, n) for n in said(settings, WINDOWED) if n in takes and n not in settings.options}


def _table(table: Table, settings: DataSettings) -> Source:
    """Make a source of a table, with the test split out of its own file when there is one."""
    if settings.signal is not None:
        return read_signal_table(table, settings)
    if settings.lookback is not None:
        return read_series(table, settings)
    if settings.series is not None:
        return read_series_examples(table, settings)
    if is_stroke_table(table):
        return read_stroke_table(table, settings)
    texts = text_columns(table, settings)
    if not isinstance(settings.test, str):
        return from_text_table(table, texts, settings) if texts else from_table(table, settings)
    path = Path(settings.test)
    if not is_table(path):
        raise DataError(f"data.test: {path} is not a table. Give a file that ends in {', '.join(TEXT + PARQUET)}.")
    test = read_table(path, TableFormat.of(settings))
    return from_text_table(table, texts, settings, test) if texts else from_table(table, settings, test)


def _refuse_table_settings(source: Any, settings: DataSettings) -> None:
    """Raises: SettingError, when something that goes with the columns of a table was said of other data."""
    files = settings.label_pattern is not None
    arrays = isinstance(source, Mapping) or (
        isinstance(source, str | Path) and Path(source).suffix.lower() in ARRAY_FILES
    )
    allowed = {"group"} if arrays else {"group", "split"} if files else set()
    if isinstance(source, np.ndarray | torch.Tensor):
        allowed |= {*WINDOWED, "on_missing"}
    if isinstance(source, str) and source in BUILTIN:
        allowed |= {*WINDOWED} & {*inspect.signature(BUILTIN[source]).parameters}
    if may_hold_texts(source):
        allowed |= {"encoding"}
    for name in said(settings, (n for n in TABLE_SETTINGS if n not in allowed)):
        is_place = isinstance(source, str | Path) and (Path(source).is_dir() or is_archive(Path(source)))
        named = name in ("group", "split") and is_place
        mend = "Read it from the names of the files with label_pattern=." if named else "Leave it out."
        raise SettingError(
            f"data.{name}={getattr(settings, name)!r} goes with a table; {title(source)} is none. {mend}"
        )


def _dictionary(arrays: Mapping[str, Any], settings: DataSettings) -> Source:
    target = settings.target
    names = [target] if isinstance(target, str) else list(target or [list(arrays)[-1]])
    for name in [*names, *(settings.inputs or [])]:
        if name not in arrays:
            raise SettingError(f"There is no field {name!r}.{suggestion(name, arrays)} Fields: {', '.join(arrays)}.")
    inputs = settings.inputs or [n for n in arrays if n not in names]
    group = [settings.group] if settings.group is not None and settings.group in arrays else []
    wanted = dict.fromkeys([*inputs, *group, *names])
    return grouped(from_arrays({n: arrays[n] for n in wanted}, tuple(names), kinds=settings.kinds), settings.group)


def _weights(weights: Any, source: Source) -> torch.Tensor:
    counts = torch.as_tensor(np.asarray(weights, dtype=np.float32))
    if counts.shape != (len(source),):
        raise DataError(
            f"weights have shape {tuple(counts.shape)} for {len(source)} examples. Give one number an example."
        )
    return counts
