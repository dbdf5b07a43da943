"""File names: the class, the group and the split of files, as a pattern finds them in their paths or their folders say."""

import re
from collections.abc import Sequence

import numpy as np

from deepglass.data.readers.files import Files, shown
from deepglass.data.readers.folders import SPLIT_NAMES, Layout, Wanted, lay_out, wanted_among
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError, SettingError
from deepglass.names import suggestion

LABEL = "label"
MOST_CLASSES = 100  # of names that nobody explained; more different beginnings are rather numbers of the files
FIRST_PART = r"(?P<label>[^/_]+)_[^/]*$"  # what stands before the first "_" of the name


def layout_of(files: Files, wanted: Wanted, settings: DataSettings) -> Layout:
    """Find class, group and split of the files: by `label_pattern` where there is one, else by their folders.

    Raises: DataError, naming files; SettingError, for a setting that does not go with them.
    """
    if settings.label_pattern is not None:
        return lay_out_by_names(files, wanted, settings.label_pattern, settings)
    if settings.target not in (None, "class"):
        raise SettingError(
            f"{files.title} holds one folder a class, so the target is 'class'; got target={settings.target!r}. A label in the "
            f"names of files needs label_pattern=."
        )
    return lay_out(files, wanted)


def lay_out_by_names(files: Files, wanted: Wanted, pattern: str, settings: DataSettings) -> Layout:
    """Read class, group and split from the paths of files, by the named parts of a pattern that is searched in each."""
    found, others = wanted_among(files, wanted)
    if not found:
        raise DataError(f"{files.title} holds no {wanted.many}. Put some into it.")
    parts = list(re.compile(pattern).groupindex)
    label = _target(parts, settings)
    for part in (settings.group, settings.split):
        if part is not None and part not in parts:
            raise SettingError(
                f"label_pattern has no part {part!r}.{suggestion(part, parts)} Parts: {', '.join(parts)}."
            )
    names = [e.name for e in found]
    matches = [re.search(pattern, name) for name in names]
    missed = [name for name, match in zip(names, matches) if match is None or match[label] is None]
    if missed:
        raise DataError(
            f"{files.title}: label_pattern={pattern!r} finds no {label} in {len(missed):,} of {len(names):,} names of "
            f"{wanted.many} (first: {shown(missed[0])}). Correct the pattern, or remove these files."
        )
    labels = [match[label] for match in matches if match is not None]
    classes = sorted(set(labels))
    if len(classes) < 2:
        raise DataError(
            f"{files.title}: label_pattern={pattern!r} finds one {label} alone, {classes[0]!r}; at least two are needed."
        )
    values = {p: [m[p] or "" for m in matches if m is not None] for p in parts}
    notes = [f"{label}: {len(classes)} classes, from the names of the files"]
    if others:
        told = ", ".join(shown(e.name) for e in others[:3]) + (", ..." if len(others) > 3 else "")
        notes.append(f"{len(others):,} files left out: no {wanted.many} by name or content ({told})")
    codes = np.searchsorted(classes, labels).astype(np.int64)
    problems = {e.name: e.problem for e in found if e.problem}
    layout = Layout(names, classes, codes, None, problems, notes, target=label)
    if settings.group is not None:
        kinds, layout.groups = np.unique(values[settings.group], return_inverse=True)
        notes.append(f"{settings.group}: {len(kinds)} groups, each in one split: {_some(kinds.tolist())}")
    if settings.split is not None:
        layout.splits = _splits(files, settings.split, values[settings.split], names)
    return layout


def guessed_pattern(names: Sequence[str]) -> str | None:
    """The pattern of flat files that are called LABEL_SOMETHING, as sets of recordings often are; None where they are not."""
    found = [re.search(FIRST_PART, name) for name in names]
    if not all(found):
        return None
    labels = [m[LABEL] for m in found if m is not None]
    classes = set(labels)
    enough = all(labels.count(c) > 1 for c in classes) if len(classes) <= MOST_CLASSES else False
    return FIRST_PART if enough and len(classes) > 1 else None


def _target(parts: list[str], settings: DataSettings) -> str:
    target = settings.target
    if isinstance(target, str) and target in parts:
        return target
    if target is not None:
        said = target if isinstance(target, str) else ", ".join(target)
        raise SettingError(
            f"label_pattern has no part {said!r} to learn.{suggestion(said, parts)} Parts: {', '.join(parts)}."
        )
    if LABEL in parts or len(parts) == 1:
        return LABEL if LABEL in parts else parts[0]
    raise SettingError(
        f"label_pattern has the parts {', '.join(parts)}. Call one of them label, or say which to learn: target=."
    )


def _splits(files: Files, part: str, said: Sequence[str], names: Sequence[str]) -> dict[str, np.ndarray]:
    for text, name in zip(said, names):
        if text.lower() not in SPLIT_NAMES:
            raise DataError(
                f"{files.title}, {shown(name)}: {text!r} as {part} is no split. Call it train, validation or test."
            )
    words = np.array([SPLIT_NAMES[t.lower()] for t in said])
    return {word: np.flatnonzero(words == word) for word in dict.fromkeys(words.tolist())}


def _some(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
