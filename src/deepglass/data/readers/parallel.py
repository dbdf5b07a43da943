"""Parallel text: line by line the same in two languages, one file a language, with the splits as their names say."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.data.readers.files import Entry, Files
from deepglass.data.readers.folders import SPLIT_NAMES
from deepglass.data.readers.text_lines import PACKED, file_of, lines_of, reading_of
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, texts
from deepglass.errors import DataError, SettingError

SOURCE, TARGET = "source", "target"
TOKENIZED = re.compile(r"\.tok(\.|$)")  # in the name of a file: cut into tokens already, which stand between blanks


def language_of(name: str) -> str:
    """The ending of a name, without that of a packed file.

    >>> language_of("raw/train.en.gz"), language_of("README")
    ('en', '')
    """
    plain = name.lower().removesuffix(PACKED).rpartition("/")[2]
    return plain.rpartition(".")[2] if "." in plain else ""


def split_of(name: str) -> str:
    """The split that a name begins with, or the folder it lies in; "" where it says none."""
    plain = name.rpartition("/")[2]
    found = re.match(r"(train|training|validation|valid|val|dev|test|testing)(?=[._-]|\d|$)", plain, re.IGNORECASE)
    word = found[1].lower() if found else name.rpartition("/")[0].rpartition("/")[2].lower()
    return {**SPLIT_NAMES, "dev": "validation"}.get(word, "")


def parallel_names(entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """Find parallel files among some: split -> language -> name; empty, where these are none.

    They have the same name but for the language at its end, of two letters (train.en and train.fr), or begin with "train".
    """
    names = [e.name for e in entries if not e.problem and language_of(e.name)]
    stems: dict[str, dict[str, str]] = {}
    for name in names:
        stems.setdefault(name.lower().removesuffix(PACKED).rpartition(".")[0], {})[language_of(name)] = name
    several = {stem: found for stem, found in stems.items() if len(found) > 1}
    if not several:
        return {}
    short = all(len(language) == 2 and language.isalpha() for found in several.values() for language in found)
    by_split: dict[str, dict[str, str]] = {}
    for found in several.values():
        split = split_of(next(iter(found.values()))) or "train"
        if split in by_split:  # two test sets: the first one counts
            continue
        by_split[split] = found
    return by_split if "train" in by_split and (short or any(split_of(n) == "train" for n in names)) else {}


def read_parallel(files: Files, found: Mapping[str, Mapping[str, str]], settings: DataSettings) -> Source:
    """Read parallel files of a folder or archive; inputs= and target= name the languages where there are more than two.

    Raises: DataError, when files differ in their number of lines, saying where; SettingError, for languages that are not there.
    """
    languages = sorted(set.intersection(*(set(f) for f in found.values())))
    target = settings.target
    if isinstance(target, list):
        raise SettingError("data.target: a translation has one target language. Name one.")
    source = settings.inputs[0] if settings.inputs else ""
    listed = ", ".join(languages)
    if not source and target is None and len(languages) == 2:
        source, target = languages
    if target is None or (not source and len(languages) > 2):
        raise SettingError(
            f"{files.title} holds the languages {listed}. Say from which into which: inputs=[{languages[0]}], "
            f"target={languages[1]} (--target {languages[1]} --set 'data.inputs=[{languages[0]}]')."
        )
    source = source or next(one for one in languages if one != target)
    for wanted in (source, target):
        if wanted not in languages or source == target:
            raise SettingError(
                f"{files.title} does not translate {source} into {target}. It holds the languages {listed}."
            )
    pairs = {split: (files, names[source], files, names[target]) for split, names in found.items()}
    return _source(Path(files.title).name, pairs, settings, (source, target))


def read_pair(paths: Sequence[Path], settings: DataSettings) -> Source:
    """Read two files, the first the source and the second the target."""
    places = [file_of(Path(p)) for p in paths]
    (one, first), (other, second) = places
    words = (language_of(first) or first, language_of(second) or second)
    return _source(f"{first} to {second}", {"train": (one, first, other, second)}, settings, words)


def _source(
    name: str, pairs: Mapping[str, tuple[Files, str, Files, str]], settings: DataSettings, languages: tuple[str, str]
) -> Source:
    sources: list[str] = []
    targets: list[str] = []
    splits: dict[str, np.ndarray] = {}
    notes: list[str] = []
    for split in ("train", "validation", "test"):
        if split not in pairs:
            continue
        one, first, other, second = pairs[split]
        left, note = lines_of(one, first, settings.encoding)
        right, _ = lines_of(other, second, settings.encoding)
        _refuse_uneven(one.where(first), left, other.where(second), right)
        notes += [note] if note and note not in notes else []
        splits[split] = np.arange(len(sources), len(sources) + len(left))
        sources += left
        targets += right
    told = ", ".join(f"{s} {len(i):,}" for s, i in splits.items())
    named = f"; {told}, as the files say" if len(splits) > 1 else ""
    notes.insert(0, f"source: lines in {languages[0]}; target: the same in {languages[1]}{named}")
    # Files that are tokenized already are not cut again, so that what is translated can be compared with them token by token.
    is_cut = all(TOKENIZED.search(n) for pair in pairs.values() for n in pair if isinstance(n, str))
    reading: dict[str, Any] = {"level": "tokens"} if is_cut else {}
    notes += (
        ["tokenized already, as the names of the files say: cut at blanks (level= says otherwise)"] if is_cut else []
    )
    shared = (TARGET, SOURCE) if settings.share_vocabulary else ("", "")
    fields = {
        SOURCE: texts(sources, shares=shared[0], **reading, **reading_of(settings, "line")),
        TARGET: texts(targets, shares=shared[1], **reading),
    }
    return Source(name, fields, (SOURCE,), (TARGET,), splits=splits if len(splits) > 1 else None, notes=tuple(notes))


def _refuse_uneven(one: str, left: Sequence[str], other: str, right: Sequence[str]) -> None:
    """Raises: DataError, for files of different numbers of lines, with the first line that is empty on one side alone."""
    if len(left) == len(right):
        return
    odd = [i for i, (a, b) in enumerate(zip(left, right), 1) if bool(a.strip()) != bool(b.strip())]
    at = f" They part at the latest at line {odd[0]:,}, which is empty in one of them." if odd else ""
    short, lines = (other, len(right)) if len(right) < len(left) else (one, len(left))
    raise DataError(
        f"{one} has {len(left):,} lines and {other} {len(right):,}: line by line they cannot be the same text.{at} {short} ends "
        f"after line {lines:,}. Correct the files."
    )
