"""Running text: a text to go on writing, as windows of tokens with the same text one token later, or as lines each of its own."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from deepglass.data.readers.text_lines import reading_of
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source, texts
from deepglass.data.text_levels import word_spans
from deepglass.data.text_pieces import learn_pieces, piece_spans
from deepglass.data.vocabulary import MOST_PIECES
from deepglass.errors import DataError, SettingError

TEXT, NEXT = "text", "next"
ONE_WORD = 0.95  # share of the lines that are one word, from which on a file is taken for a list of names (our choice)
PARTS = ("train", "validation", "test")


def is_list(lines: Sequence[str]) -> bool:
    """Whether lines are names or the like, one word each, and not parts of one text."""
    there = [line for line in lines if line.strip()]
    return bool(there) and sum(len(line.split()) == 1 for line in there) >= ONE_WORD * len(there)


def from_running_text(name: str, text: str, settings: DataSettings, notes: Sequence[str] = ()) -> Source:
    """Cut a text into its parts, the first to train on, then validation, then test, and these into windows.

    A window is `context` tokens of one part, its target the same text one token later. They stand in their order, so that the order
    "lanes" goes on where it stopped. What is left of a part at its end, less than a window, is left out.
    Raises: DataError, when a part is too short; SettingError, for shares that leave nothing to train on.
    """
    level = "characters" if settings.level == "auto" else settings.level
    if level == "tokens":
        raise SettingError("data.level=tokens goes with sentences that are tokenized already. Use words.")
    plain = text.lower() if settings.lowercase else text
    learned = ""
    if level == "pieces":
        train = plain[: _bounds(len(plain), settings, name)[0]]
        learned = learn_pieces([train], settings.vocabulary or MOST_PIECES)
    spans = _spans(plain, level, learned)
    ends = [0, *_bounds(len(spans), settings, name)]
    parts = {p: _windows(plain, spans[a:b], settings) for p, a, b in zip(PARTS, ends, ends[1:])}
    least = min((len(spans[a:b]) for a, b in pairwise(ends) if b > a), default=0)
    if least < 2 or not parts["train"]:
        raise DataError(
            f"{name} has {len(spans):,} {level}: too few to part into training, validation and test. Give a longer text, or "
            f"validation=0 and test=0."
        )
    rows = [window for part in PARTS for window in parts[part]]
    counts = [len(parts[p]) for p in PARTS]
    starts = np.cumsum([0, *counts])
    splits = {p: np.arange(a, b) for p, a, b in zip(PARTS, starts, starts[1:])}
    reading: dict[str, Any] = {
        "level": level,
        "fixed": f"its windows hold {level} since it was read",
        "lines": level == "words",
    }
    reading |= {"pieces": learned} if learned else {}
    kept = ", ".join(f"{p} {b - a:,}" for p, a, b in zip(PARTS, ends, ends[1:]) if b > a)
    step = settings.context_stride or settings.context
    note = (
        f"running text of {len(spans):,} {level}, parted in its order: {kept}; windows of {settings.context}"
        f"{'' if step == settings.context else f', one every {step}'}, each with the same text one later to predict"
    )
    return Source(
        name,
        {
            TEXT: texts([a for a, _ in rows], shares=NEXT, **reading),
            NEXT: texts([b for _, b in rows], shares=TEXT, aligned=True, end=False, **reading),
        },
        (TEXT,),
        (NEXT,),
        splits=splits,
        times=np.arange(len(rows)),
        notes=(
            note,
            *notes,
            *([] if settings.texts != "auto" else ["texts=lines takes each line for a text of its own"]),
        ),
    )


def from_lines(name: str, lines: Sequence[str], settings: DataSettings, notes: Sequence[str] = ()) -> Source:
    """Take each line for a text of its own, from <start> to <end>: the target is the line one token later."""
    there = [line.strip() for line in lines if line.strip()]
    if len(there) < len(lines):
        notes = [*notes, f"{len(lines) - len(there):,} empty lines left out"]
    _, groups = np.unique(np.array(there, dtype=object), return_inverse=True)
    copies = len(there) - int(groups.max(initial=-1)) - 1
    if copies:
        notes = [*notes, f"{copies:,} lines stand there before; equal ones stay together in one split"]
    note = (
        f"{len(there):,} lines, each a text of its own from <start> to <end>, with the same one token later to predict"
    )
    more = [] if settings.texts != "auto" else ["texts=running takes them for one text"]
    return Source(
        name,
        {
            TEXT: texts(there, shares=NEXT, start=True, **reading_of(settings, "line")),
            NEXT: texts(there, shares=TEXT, aligned=True, end=True),
        },
        (TEXT,),
        (NEXT,),
        notes=(note, *notes, *more),
        groups=groups if copies else None,
    )


def _spans(text: str, level: str, learned: str) -> list[tuple[int, int]]:
    """Where each token begins and ends."""
    if level == "characters":
        return list(zip(range(len(text)), range(1, len(text) + 1)))
    return word_spans(text, lines=True) if level == "words" else piece_spans(text, learned)


def _bounds(count: int, settings: DataSettings, name: str) -> tuple[int, int, int]:
    """Where training, validation and test end, in tokens: shares as of any data, a number of examples as so many windows."""
    if isinstance(settings.test, str):
        raise SettingError(
            f"data.test={settings.test!r}: a running text is parted by shares. Give a share, such as test=0.1."
        )
    step = settings.context_stride or settings.context
    test = round(settings.test * count) if settings.test < 1 else int(settings.test) * step + 1
    rest = count - test
    validation = round(settings.validation * rest) if settings.validation < 1 else int(settings.validation) * step + 1
    if rest - validation < 1:
        raise SettingError(
            f"data.test={settings.test} and data.validation={settings.validation} leave nothing of {name} to train on. Lower them."
        )
    return rest - validation, rest, count


def _windows(text: str, spans: Sequence[tuple[int, int]], settings: DataSettings) -> list[tuple[str, str]]:
    """The windows of one part, and each of them one token later; of a part that is shorter than a window this one."""
    context = min(settings.context, max(1, len(spans) - 1))
    found = []
    for start in range(0, len(spans) - context, settings.context_stride or settings.context):
        end = start + context
        found.append((text[spans[start][0] : spans[end - 1][1]], text[spans[start + 1][0] : spans[end][1]]))
    return found
