"""New texts: texts to predict, given as strings or as the lines of a text file."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from deepglass.data.encode import Field, match
from deepglass.data.readers.archives import is_archive, open_archive
from deepglass.data.readers.files import Files, Folder
from deepglass.data.readers.folders import wanted_among
from deepglass.data.readers.labelled_texts import TEXTS
from deepglass.data.readers.table_files import is_table
from deepglass.data.readers.text_file import read_text
from deepglass.data.source import Raw
from deepglass.data.text_encoding import too_long
from deepglass.errors import DataError, DeepglassWarning
from deepglass.plurals import counted

MOST_LETTERS = 1024  # of a path
LINES = (".txt", ".text")  # files that hold a text a line


def new_texts(new: Any, fields: Mapping[str, Field]) -> dict[str, list[str]] | None:
    """Return the texts for the one input that takes texts; None where something else was learned or given, such as a table.

    Args: new: a string; a list or array of strings; or the path of a .txt file, which holds one text a line, or one text where
        these were learned from one file each. Such a folder or archive holds one in each file.
    Raises: DataError, for a string that looks like the path of a file and is none.
    """
    inputs = [f for f in fields.values() if f.role == "input"]
    if len(inputs) != 1 or inputs[0].kind != "text":
        return None
    several = [new] if isinstance(new, str | Path) else list(new) if _is_list(new) else []
    if not several or not all(isinstance(text, str | Path) for text in several):
        return None
    reading = inputs[0].encoding.get("reading", {})
    if len(several) == 1 and _is_place(several[0]):
        return {inputs[0].name: _within(Path(several[0]), reading)}
    if all(_is_file(text) for text in several):
        if any(Path(text).suffix.lower() not in LINES for text in several):
            return None
        return {inputs[0].name: [line for path in several for line in _lines(Path(path), reading)]}
    for text in several:
        if isinstance(text, Path) or (len(several) == 1 and _looks_like_a_file(text)):
            raise DataError(
                f"There is no file {text}. Give texts in quotes, or the path of a .txt file with one text a line."
            )
    return {inputs[0].name: [str(text) for text in several]}


def encoded_texts(field: Field, values: Any) -> Tensor:
    """Encode new texts for a field, with a warning where some are longer than what was learned.

    Raises: DataError, for what is no string.
    """
    is_list = hasattr(values, "__iter__") and not isinstance(values, str) and getattr(values, "ndim", 1) != 0
    given = list(values) if is_list else [values]
    odd = next((i for i, v in enumerate(given) if not isinstance(v, str | list | tuple)), None)
    if odd is not None:
        raise DataError(
            f"Field {field.name!r}: texts were learned, and example {odd} (counted from 0) is {given[odd]!r:.40}. Give strings."
        )
    raw = Raw("text", given)
    cut = too_long(field.encoding, field.shape, raw.values.tolist())
    if cut:
        place = "last" if field.encoding["cut"] == "end" else "first"
        told = f"{cut:,} of {counted(len(given), 'text')} {'is' if cut == 1 else 'are'} longer than the {field.shape[0]:,} tokens"
        warnings.warn(
            f"{told} that the network has learned from: the {place} ones are left out.", DeepglassWarning, stacklevel=4
        )
    encoded: Tensor = match(field, raw).encode(raw.values)
    return encoded


def _is_list(new: Any) -> bool:
    return isinstance(new, list | tuple) or (hasattr(new, "tolist") and getattr(new, "ndim", 0) == 1)


def _is_file(text: str | Path) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a name that is too long for a path, or holds a null
        return False


def _looks_like_a_file(text: str) -> bool:
    """One word with the ending of a file that could be read."""
    return bool(text) and not text.split()[1:] and (Path(text).suffix.lower() in LINES or is_table(Path(text)))


def _is_place(text: str | Path) -> bool:
    if not str(text) or len(str(text)) >= MOST_LETTERS:
        return False
    return Path(text).is_dir() or (_is_file(text) and is_archive(Path(text)))


def _within(place: Path, reading: Mapping[str, Any]) -> list[str]:
    """The text of each file in a folder or an archive, in the order of their names. Raises: DataError, when there is none."""
    files: Files = Folder(place) if place.is_dir() else open_archive(place)
    found, _ = wanted_among(files, TEXTS)
    if not found:
        raise DataError(f"{place} holds no texts. Give files that end in {', '.join(LINES)}.")
    return [_text(Path(files.where(e.name)), files.read(e.name), reading) for e in found]


def _lines(path: Path, reading: Mapping[str, Any]) -> list[str]:
    text = _text(path, None, reading)
    return [text] if reading.get("from") == "file" else text.removesuffix("\n").split("\n")


def _text(path: Path, content: bytes | None, reading: Mapping[str, Any]) -> str:
    """The text of a file, in UTF-8 or in the encoding of those that were learned."""
    try:
        data, _ = read_text(path, None, content)
    except DataError:
        known = reading.get("form", {}).get("encoding")
        if known is None:
            raise
        data, _ = read_text(path, known, content)
    return data.decode().replace("\r\n", "\n").replace("\r", "\n")
