"""Tagged sentences: a token and its tag on each line, a blank line between sentences, as CoNLL files have them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from deepglass.data.readers.files import Files
from deepglass.data.readers.text_lines import lines_of
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, texts
from deepglass.errors import DataError

ENDINGS = (".conll", ".conllu", ".iob", ".iob2", ".bio", ".tagged")
LOOKED_AT = 400  # lines in which a plain .txt file has to look tagged
MOST_TAGS = 100  # of these lines
LONGEST = 100  # tokens of a sentence on average: more are rather the rows of a table
DOCUMENT = "-DOCSTART-"
FIXED = "each token has a tag of its own"


def is_tagged_text(text: str) -> bool:
    """Whether a text looks like tagged sentences: as many columns in all lines, two or more, few tags, and blank lines between."""
    lines = text[: 1 << 16].split("\n")[:LOOKED_AT]
    rows = [line.split() for line in lines if line.strip()]
    inner = [i for i, line in enumerate(lines[1:-1], 1) if not line.strip() and lines[i - 1].strip()]
    if len(rows) < 4 or not inner or len(rows) > LONGEST * (len(inner) + 1):
        return False
    return 2 <= len(rows[0]) == max(map(len, rows)) == min(map(len, rows)) and len({r[-1] for r in rows}) <= MOST_TAGS


def read_tagged(title: str, files: Files, chosen: Mapping[str, str], settings: DataSettings) -> Source:
    """Read tagged sentences: the first column is the token, the last one its tag.

    Args: chosen: the files, and the split that each is.
    Raises: DataError, naming file and line.
    """
    sentences: list[list[str]] = []
    tags: list[list[str]] = []
    members: dict[str, list[int]] = {}
    for name, split in chosen.items():
        words, marks = _parsed(files, name, settings.encoding)
        members.setdefault(split, []).extend(range(len(sentences), len(sentences) + len(words)))
        sentences += words
        tags += marks
    splits = {s: np.array(ids, dtype=np.int64) for s, ids in members.items()}
    told = f"; {', '.join(f'{s} {len(i):,}' for s, i in splits.items())}, as the files say" if len(splits) > 1 else ""
    note = f"{len(sentences):,} tagged sentences, the first column the token and the last its tag{told}"
    return tagged(title, sentences, tags, splits if len(splits) > 1 else None, [note])


def tagged(
    name: str,
    sentences: Sequence[Sequence[str]],
    tags: Sequence[Sequence[str]],
    splits: Mapping[str, np.ndarray] | None = None,
    notes: Sequence[str] = (),
) -> Source:
    """Make a source of tokens and as many tags. Raises: DataError, naming the first sentence where they are not as many."""
    for i, (words, marks) in enumerate(zip(sentences, tags)):
        if len(words) != len(marks):
            raise DataError(
                f"{name}: sentence {i} (counted from 0) has {len(words)} tokens and {len(marks)} tags. Give each token one tag."
            )
    fields = {
        "text": texts(sentences, level="tokens", fixed=FIXED),
        "tags": texts(tags, level="tokens", fixed=FIXED, aligned=True),
    }
    return Source(name, fields, ("text",), ("tags",), splits=splits, notes=tuple(notes))


def _parsed(files: Files, name: str, encoding: str | None) -> tuple[list[list[str]], list[list[str]]]:
    lines, _ = lines_of(files, name, encoding)
    universal = Path(name).suffix.lower() == ".conllu"  # token and universal part of speech stand in columns 2 and 4
    word_at, tag_at = (1, 3) if universal else (0, -1)
    words: list[list[str]] = [[]]
    tags: list[list[str]] = [[]]
    columns = 0
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(DOCUMENT):
            if words[-1]:
                words.append([])
                tags.append([])
            continue
        if universal and (line.startswith("#") or not line.split("\t")[0].isdigit()):
            continue
        parts = line.split("\t") if "\t" in line else line.split()
        columns = columns or len(parts)
        if len(parts) != columns or len(parts) < 2:
            raise DataError(
                f"{files.where(name)}, line {number}: {len(parts)} columns where a token and its tag make "
                f"{max(2, columns)}. Write 'token tag', with a blank line after each sentence."
            )
        words[-1].append("_".join(parts[word_at].split()))
        tags[-1].append("_".join(parts[tag_at].split()))
    kept = [(w, t) for w, t in zip(words, tags) if w]
    if not kept:
        raise DataError(
            f"{files.where(name)} holds no tagged sentence. Write a token and its tag a line, and a blank line between sentences."
        )
    return [w for w, _ in kept], [t for _, t in kept]
