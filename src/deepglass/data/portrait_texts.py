"""Portrait of texts: how long they are, which tokens are frequent, how much is unknown, and some examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from deepglass.data.encode import Field
from deepglass.data.text_description import LEVELS, unknown_share
from deepglass.data.text_encoding import tokens_in
from deepglass.data.texts import Texts
from deepglass.data.versions import spread
from deepglass.data.vocabulary import SPECIALS

if TYPE_CHECKING:
    from deepglass.data.dataset import Dataset

FREQUENT = 15  # tokens, of which the shares are shown
EXAMPLES = 6
LETTERS = 400  # of an example


@dataclass(frozen=True)
class TextPortrait:
    """What a picture of one text field shows, of sampled training and validation texts.

    Args:
        unit: what a token is: word, character, piece, token or tag.
        lengths: tokens of each sampled text, before any is cut, (texts,); `kept` are the most that are kept.
        frequent: the commonest tokens, each with its share of all.
        known: how many different tokens the vocabulary holds; `once` the share of the sampled training ones that stand there once.
        unknown: split -> share of its tokens that the vocabulary lacks.
    """

    name: str
    role: str
    unit: str
    lengths: np.ndarray
    kept: int
    frequent: list[tuple[str, float]]
    known: int
    once: float
    unknown: dict[str, float] = field(default_factory=dict)


def same_text(one: Field) -> bool:
    """Whether a field holds what another one does, a token later, and so needs no picture of its own."""
    return bool(one.kind == "text" and one.aligned and one.encoding.get("shared"))


def text_portrait(data: Dataset, one: Field, texts: Texts) -> TextPortrait:
    """Gather it from sampled texts of a field."""
    encoding = one.encoding
    tokens = tokens_in(encoding, texts.tolist())
    counts: Counter[str] = Counter(chain.from_iterable(tokens))
    total = max(1, sum(counts.values()))
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:FREQUENT]
    raw = data.source.fields[one.name]
    splits = {"training": data.splits.train, "validation": data.splits.validation}
    is_tag = encoding["aligned"] and not encoding.get("shared")
    return TextPortrait(
        name=one.name,
        role=one.role,
        unit="tag" if is_tag else LEVELS[encoding["level"]],
        lengths=np.array([len(row) for row in tokens]),
        kept=one.shape[0] - int(encoding["start"]) - int(encoding["end"]),
        frequent=[(token, count / total) for token, count in common],
        known=len(one.tokens) - len(SPECIALS),
        once=sum(c == 1 for c in counts.values()) / max(1, len(counts)),
        unknown={split: unknown_share(one, raw, ids) for split, ids in splits.items() if len(ids)},
    )


def text_examples(
    fields: Mapping[str, Field], values: Mapping[str, object], truth: np.ndarray | None, classes: list[str]
) -> list[list[tuple[str, str]]]:
    """Some examples as what stands in each field: the texts and, where there are classes, the class; evenly over these."""
    texts = {n: v for n, v in values.items() if isinstance(v, Texts) and n in fields and not same_text(fields[n])}
    if not texts:
        return []
    count = len(next(iter(texts.values())))
    order = np.arange(count) if truth is None or not classes else _by_turns(truth)
    chosen = order[:EXAMPLES] if classes and truth is not None else spread(order, EXAMPLES)
    rows = []
    for i in np.asarray(chosen).tolist():
        row = [(n, _shortened(t[int(i)])) for n, t in texts.items()]
        target = next((f.name for f in fields.values() if f.role == "target" and f.kind == "category"), "")
        rows.append([*row, (target, classes[int(truth[i])])] if classes and truth is not None and target else row)
    return rows


def _shortened(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[:LETTERS].rpartition(' ')[0] or text[:LETTERS]} ..."


def _by_turns(truth: np.ndarray) -> np.ndarray:
    """Examples such that each class comes in turn."""
    place = np.empty(len(truth))
    for code in np.unique(truth):
        (members,) = np.nonzero(truth == code)
        place[members] = np.arange(len(members)) + code / (truth.max() + 1)
    return np.argsort(place, kind="stable")
