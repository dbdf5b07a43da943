"""Captions: images with sentences about them, as COCO keeps them: pictures in folders and a captions_*.json beside these."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from deepglass.data.readers.files import Files, shown
from deepglass.data.readers.folders import PICTURES, SPLIT_NAMES
from deepglass.data.readers.images import image_field
from deepglass.data.readers.pictures import Pictures
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw, Source, texts
from deepglass.errors import DataError, SettingError
from deepglass.plurals import counted

LISTED = re.compile(r"(?:^|/)captions(?:_([a-z]+)\d*)?[^/]*\.json$", re.IGNORECASE)
FORM = '{"images": [{"id": 1, "file_name": "a.jpg"}, ...], "annotations": [{"image_id": 1, "caption": "..."}, ...]}'


class Caption(NamedTuple):
    """One sentence about one picture, named by its path inside."""

    picture: str
    text: str
    split: str


def holds_captions(files: Files) -> bool:
    """Whether a place holds captions of pictures: a file captions*.json, which stands in no hidden folder."""
    return any(LISTED.search(e.name) for e in files.entries if not _hidden(e.name))


def read_captions(files: Files, settings: DataSettings) -> Source:
    """Read pictures with their captions: one example for each caption, all of one picture in one split.

    Each captions_train*.json, captions_val*.json or captions_test*.json is a split of its own, where there are several.
    A picture without a caption, and a caption without words, are left out and counted.
    Raises: DataError, naming the file, the entry and what is wrong; SettingError, for another target than the caption.
    """
    if settings.target not in (None, "caption"):
        raise SettingError(f"{files.title} holds captions, so the target is 'caption'; got target={settings.target!r}.")
    lists = [e.name for e in files.entries if LISTED.search(e.name) and not _hidden(e.name)]
    notes: list[str] = []
    captions = [c for name in lists for c in _listed(files, name, notes, settings)]
    if not captions:
        raise DataError(
            f"{files.title}: {', '.join(map(shown, lists))} holds no caption of a picture that is there. Form: {FORM}."
        )
    pictures = list(dict.fromkeys(c.picture for c in captions))
    problems = {e.name: e.problem for e in files.entries if e.problem}
    field, kept, told, facts = image_field(files, pictures, problems, settings)
    place = {pictures[int(i)]: at for at, i in enumerate(kept)}
    captions = [c for c in captions if c.picture in place]
    rows = np.array([place[c.picture] for c in captions])
    counts = np.bincount(rows)
    notes = [
        *told,
        f"caption: {len(captions):,} captions of {len(place):,} pictures, {counts.min()} to {counts.max()} each; all of a picture "
        f"stay in one split",
        *notes,
    ]
    splits = _splits(captions, notes) if len(lists) > 1 else None
    return Source(
        name=Path(files.title).name,
        fields={"image": _repeated(field, rows), "caption": texts([c.text for c in captions])},
        inputs=("image",),
        targets=("caption",),
        splits=splits,
        notes=tuple(notes),
        facts=facts,
        names=tuple(c.picture for c in captions),
        groups=rows.astype(np.int64),
    )


def _listed(files: Files, name: str, notes: list[str], settings: DataSettings) -> list[Caption]:
    """The captions of one list whose pictures are there."""
    where = files.where(name)
    content = _content(files.read(name), where)
    found = LISTED.search(name)
    said = (found[1] or "").lower() if found else ""
    by_id = {one["id"]: str(one["file_name"]) for one in _entries(content, "images", ("id", "file_name"), where)}
    there = _pictures_there(files, said)
    captions, empty, absent = [], 0, []
    for one in _entries(content, "annotations", ("image_id", "caption"), where):
        if one["image_id"] not in by_id:
            raise DataError(
                f"{where}: a caption is of the image {one['image_id']!r}, which its images do not list. Correct it."
            )
        text = " ".join(str(one["caption"]).split())
        picture = there.get(by_id[one["image_id"]].rpartition("/")[2])
        if picture is None:
            absent.append(by_id[one["image_id"]])
        elif text:
            captions.append(Caption(picture, text, SPLIT_NAMES.get(said, "")))
        else:
            empty += 1
    missing = sorted(set(absent))
    if missing and (settings.on_damaged == "stop" or not captions):
        raise DataError(
            f"{where} has captions of {counted(len(missing), 'picture')} not there (first: {shown(missing[0])}), and of "
            f"{len({c.picture for c in captions}):,} that are. Put the pictures into the same folder or archive"
            + (", or leave these captions out with on_damaged='skip'." if captions else ".")
        )
    silent = len(by_id) - len({c.picture for c in captions}) - len(missing)
    for count, noun, lacking in (
        (silent, "picture", "without a caption"),
        (empty, "caption", "without words"),
        (len(absent), "caption", "without a picture"),
    ):
        if count > 0:
            notes.append(f"{counted(count, noun)} {lacking} left out of {shown(name)}")
    return captions


def _content(data: bytes, where: str) -> Mapping[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is no JSON that can be read ({error}). Form: {FORM}.") from None
    if not isinstance(content, dict):
        raise DataError(f"{where} is no list of captions. Form: {FORM}.")
    return content


def _entries(content: Mapping[str, Any], key: str, needed: Sequence[str], where: str) -> list[Mapping[str, Any]]:
    entries = content.get(key)
    if not isinstance(entries, list):
        raise DataError(f"{where} has no list {key!r}. Form: {FORM}.")
    for place, one in enumerate(entries):
        lacking = [n for n in needed if not isinstance(one, dict) or not isinstance(one.get(n), str | int)]
        if lacking:
            raise DataError(f"{where}: entry {place} of {key!r} (counted from 0) has no {lacking[0]}. Form: {FORM}.")
    return entries


def _pictures_there(files: Files, split: str) -> dict[str, str]:
    """Name without folders -> path inside, of all pictures; of two of one name, the one in the folder of the split."""
    there: dict[str, str] = {}
    for entry in files.entries:
        if entry.name.lower().endswith(PICTURES.endings) and not _hidden(entry.name):
            name = entry.parts[-1]
            if name not in there or (split and any(p.lower().startswith(split) for p in entry.parts[:-1])):
                there[name] = entry.name
    return there


def _repeated(field: Raw, rows: np.ndarray) -> Raw:
    """Each picture once for each of its captions."""
    values = field.values
    if isinstance(values, Pictures):
        return replace(field, values=replace(values, names=[values.names[i] for i in rows]))
    return replace(field, values=values[rows])


def _splits(captions: Sequence[Caption], notes: list[str]) -> dict[str, np.ndarray] | None:
    words = np.array([c.split for c in captions])
    if "" in words or "train" not in words:
        return None
    splits = {word: np.flatnonzero(words == word) for word in dict.fromkeys(words.tolist())}
    notes.append(
        "splits: " + ", ".join(f"{n} {len(ids):,}" for n, ids in splits.items()) + ", as the names of the lists say"
    )
    return splits


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
