"""Texts: empty ones, very long ones, text in the wrong encoding, and vocabularies of words that nobody uses twice."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

import numpy as np

from deepglass.data.checks.problem import Problem, Severity, share, some
from deepglass.data.checks.view import OPEN, View
from deepglass.data.encode import Field
from deepglass.data.text_description import LEVELS, unknown_share
from deepglass.data.text_encoding import tokens_in
from deepglass.data.texts import Texts

MANY = 0.1  # share of the texts from which on something is worth a warning (our choice)
FEW_TOKENS = 1000  # of a sample in which it means nothing that most words stand once: half of them do by Zipf's law
MOSTLY_ONCE = (
    0.75  # share of the different words: in running text about a half stand once (Zipf 1949; Baayen 2001, chapter 1)
)
UNKNOWN = 0.1  # share of the validation tokens: what is left of a text becomes hard to understand (our choice)
LONG = 4.0  # times the usual length (the median), from which on many long texts are worth a word
# UTF-8 read as windows-1252 or latin-1: a lead byte as Ã, Â or â, and a continuation byte behind it.
MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â(?:€|\u0080)|Ð[\u0080-\u00bf]|ï»¿|\ufffd")


def empty_texts(view: View) -> Iterator[Problem]:
    """Find texts without a token."""
    for name, field, texts, ids in _texts(view):
        rows = tokens_in(field.encoding, texts)
        empty = [int(i) for i, row in zip(ids, rows) if not len(row)]
        if empty:
            severity: Severity = "warning" if len(empty) >= MANY * len(ids) else "remark"
            text = f"are empty (examples {some(empty)}): the network sees padding alone. Leave them out."
            yield _problem("empty_texts", severity, name, empty, len(ids), text)


def cut_texts(view: View) -> Iterator[Problem]:
    """Say when many texts are longer than what is kept of them."""
    for name, field, texts, ids in _texts(view):
        kept = field.shape[0] - int(field.encoding["start"]) - int(field.encoding["end"])
        unit = LEVELS[field.encoding["level"]]
        lengths = np.array([len(row) for row in tokens_in(field.encoding, texts)])
        cut = [int(i) for i, n in zip(ids, lengths) if n > kept]
        if len(cut) > MANY * len(ids):
            text = (
                f"are longer than the {kept:,} {unit}s that are kept, and are cut (examples {some(cut)}; "
                f"the longest has {int(lengths.max()):,}). Raise data.length, if what is cut matters."
            )
            yield _problem("cut_texts", "warning", name, cut, len(ids), text)
        elif len(lengths) and field.shape[0] > LONG * max(1.0, float(np.median(lengths))):
            few = [int(i) for i, n in zip(ids, lengths) if n > LONG * np.median(lengths)]
            text = (
                f"are more than {LONG:g} times as long as half of them (examples {some(few)}; up to {int(lengths.max()):,}, the "
                f"median {np.median(lengths):,.0f}): a step with one of these takes as much longer. Lower data.length to cut them."
            )
            yield _problem("cut_texts", "remark", name, few, len(ids), text)


def mojibake(view: View) -> Iterator[Problem]:
    """Find texts that were read in the wrong encoding, as "Ã©" for "é", before they came here."""
    for name, _, texts, ids in _texts(view):
        bad = [(int(i), found.group()) for i, t in zip(ids, texts) if (found := MOJIBAKE.search(t))]
        if bad:
            severity: Severity = "warning" if len(bad) >= MANY * len(ids) else "remark"
            text = (
                f"hold signs of a wrong encoding, such as {bad[0][1]!r} (examples {some([i for i, _ in bad])}): UTF-8 that was "
                f"read as something else. Save the file as UTF-8 from its source, or name its encoding with data.encoding."
            )
            yield _problem("mojibake", severity, name, [i for i, _ in bad], len(ids), text)


def rare_words(view: View) -> Iterator[Problem]:
    """Say when most of the words stand once, or many of the validation split are unknown: these cannot be learned."""
    for name, field, _, _ in _texts(view):
        if field.encoding["level"] == "characters":
            continue
        unit = LEVELS[field.encoding["level"]]
        train = view.raw["train"].get(name)
        rows = tokens_in(field.encoding, train.tolist()) if isinstance(train, Texts) else []
        counts = Counter(chain.from_iterable(rows))
        once = sum(c == 1 for c in counts.values())
        if sum(counts.values()) >= FEW_TOKENS and once > MOSTLY_ONCE * len(counts):
            text = (
                f"of the different {unit}s in training stand there once: of these nothing is learned. Use data.level=pieces or "
                f"characters, or leave them out with data.least_count=2."
            )
            yield Problem(
                "rare_words",
                "warning",
                f"{name}: {share(once, len(counts))} {text}",
                field=name,
                count=once,
                of=len(counts),
            )
        raw, ids = view.dataset.source.fields[name], view.dataset.splits.validation
        lacking = unknown_share(field, raw, ids) if len(ids) else 0.0
        if lacking > UNKNOWN:
            text = (
                f"{name}: {lacking:.0%} of the {unit}s in validation are unknown, because training does not hold them or "
                f"data.vocabulary leaves them out. Use data.level=pieces, which makes them of parts."
            )
            yield Problem("rare_words", "remark", text, field=name, count=round(100 * lacking), of=100)


def _texts(view: View) -> Iterator[tuple[str, Field, list[str], np.ndarray]]:
    """The text inputs: name, field, the open texts and their indices."""
    for name, field in view.dataset.inputs.items():
        parts = [(view.raw[s][name], view.ids[s]) for s in OPEN if len(view.ids[s]) and name in view.raw[s]]
        if field.kind == "text" and parts and all(isinstance(p, Texts) for p, _ in parts):
            texts = [t for p, _ in parts for t in p]
            yield name, field, texts, np.concatenate([ids for _, ids in parts])


def _problem(check: str, severity: Severity, name: str, found: list[int], of: int, text: str) -> Problem:
    return Problem(
        check, severity, f"{name}: {share(len(found), of)} texts {text}", field=name, count=len(found), of=of,
        places=tuple(found[:20]),
    )  # fmt: skip
