"""Token metrics: how right sequences of tokens are, in all and in parts, with intervals."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from deepglass.errors import SettingError
from deepglass.paired import CONFIDENCE
from deepglass.randomness import generator

RESAMPLES = 1000  # of the examples, as in tasks/intervals.py
GROUPS = 500  # drawn at a time: sums over random groups of examples vary alike and cost less
FEWEST = 20  # examples below which drawing them again says too little
PIECES = 4  # BLEU counts runs of up to so many words (Papineni et al. 2002)

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Said:
    """What a network said of some texts, on the host.

    Shapes: truth and given (examples, steps) of codes, 0 behind the end; losses (examples,), in nats and summed over the tokens of
    each; ids and weights (examples,).
    """

    truth: Tensor
    given: Tensor
    losses: Tensor
    ids: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def tokens(self) -> Tensor:
        """The tokens of each example, float (examples,)."""
        return (self.truth != 0).sum(dim=1).double()

    @property
    def right(self) -> Tensor:
        """How many of them were said, float (examples,)."""
        return ((self.truth == self.given) & (self.truth != 0)).sum(dim=1).double()

    @property
    def loss(self) -> float:
        """Nats a token; an example's weight counts for each of its tokens."""
        count = float((self.tokens * self.weights).sum())
        return float((self.losses * self.weights).sum()) / count if count else math.nan

    @property
    def accuracy(self) -> float:
        """Share of the tokens that were said."""
        count = float(self.tokens.sum())
        return float(self.right.sum()) / count if count else math.nan

    @property
    def sequence_accuracy(self) -> float:
        """Share of the examples that were said without a fault."""
        return float((self.right == self.tokens).double().mean()) if len(self) else math.nan


def joined(parts: Sequence[tuple[Tensor, Tensor, Tensor, Tensor, Tensor | None]]) -> Said:
    """Put what was said of several batches together. Args: parts: truth, given, losses, ids and weights, or None for these."""
    if not parts:
        nothing = torch.zeros(0, 0, dtype=torch.int64)
        return Said(nothing, nothing, torch.zeros(0).double(), torch.zeros(0).long(), torch.zeros(0).double())
    longest = max(truth.shape[1] for truth, *_ in parts)
    truth = torch.cat([functional.pad(t, (0, longest - t.shape[1])) for t, *_ in parts])
    given = torch.cat([functional.pad(g, (0, longest - g.shape[1])) for _, g, *_ in parts])
    losses = torch.cat([each for _, _, each, _, _ in parts]).double()
    ids = torch.cat([number for *_, number, _ in parts])
    weights = [torch.ones(len(number)) if own is None else own for *_, number, own in parts]
    return Said(truth, given, losses, ids, torch.cat(weights).double())


def ratio_interval(sums: Tensor, counts: Tensor) -> list[float] | None:
    """95 % interval of sum(sums) / sum(counts) by the choice of the examples, which stay whole; None for too few.

    Shapes: both (examples,). Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, percentiles of resampled
    examples: tokens of one text are not drawn one by one.
    """
    examples = len(sums)
    if examples < FEWEST or not float(counts.sum()):
        return None
    groups = min(GROUPS, examples)
    member = torch.randperm(examples, generator=generator(0, "token groups")) % groups
    grouped = torch.zeros(groups, 2, dtype=torch.float64)
    grouped.index_add_(0, member, torch.stack([sums.double(), counts.double()], dim=1))
    draws = torch.randint(groups, (RESAMPLES, groups), generator=generator(0, "token bootstrap"))
    drawn = grouped[draws].sum(dim=1)  # (resamples, 2)
    ratios = (drawn[:, 0] / drawn[:, 1].clamp_min(1e-300)).numpy()
    low, high = np.percentile(ratios, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return [float(low), float(high)]


def perplexity(loss: float) -> float:
    """Between how many equally likely tokens a loss in nats leaves the choice; infinite where that is too many to be written.

    >>> round(perplexity(math.log(65)), 6)
    65.0
    """
    return math.exp(loss) if loss < 700 else math.inf


def spans(tags: Sequence[str]) -> set[Span]:
    """The spans that BIO tags mark, as (first, end, kind). An I- that continues nothing begins a span, as conlleval reads it.

    >>> sorted(spans(["B-city", "I-city", "O", "I-name"]))
    [(0, 2, 'city'), (3, 4, 'name')]
    """
    found, start, kind = set(), 0, ""
    for place, tag in enumerate([*tags, "O"]):
        mark, _, what = tag.partition("-")
        continues = mark == "I" and what == kind
        if kind and not continues:
            found.add((start, place, kind))
            kind = ""
        if mark in ("B", "I") and what and not continues:
            start, kind = place, what
    return found


def is_bio(tags: Sequence[str]) -> bool:
    """Whether a set of tags marks spans: some begin with B- or I-, and the others are O."""
    marks = [tag[:2] in ("B-", "I-") for tag in tags if tag != "O"]
    return bool(marks) and all(marks)


def f1_by_class(said: Sequence[Sequence[str]], true: Sequence[Sequence[str]], classes: Sequence[str]) -> dict[str, Any]:
    """Precision, recall and F1 of each class, over spans where the tags are BIO, else over tags.

    Source: Tjong Kim Sang and De Meulder, CoNLL-2003: a span is right when its beginning, its end and its kind are.
    """
    bio = is_bio(classes)
    right, given, wanted = Counter[str](), Counter[str](), Counter[str]()
    for own, other in zip(said, true):
        a, b = (spans(own), spans(other)) if bio else (_places(own), _places(other))
        for counter, found in ((right, a & b), (given, a), (wanted, b)):
            counter.update(kind for _, _, kind in found)
    names = sorted({c[2:] for c in classes if c != "O"}) if bio else list(classes)
    table: dict[str, list[Any]] = {
        "name": names,
        "precision": [right[n] / given[n] if given[n] else 0.0 for n in names],
        "recall": [right[n] / wanted[n] if wanted[n] else 0.0 for n in names],
        "f1": [2 * right[n] / (given[n] + wanted[n]) if given[n] + wanted[n] else 0.0 for n in names],
        "support": [wanted[n] for n in names],
    }
    total = given.total() + wanted.total()
    present = [f for f, n, s in zip(table["f1"], names, table["support"]) if s or given[n]]
    return {
        "of": "spans" if bio else "tags",
        "f1_micro": 2 * right.total() / total if total else math.nan,
        "f1_macro": sum(present) / len(present) if present else math.nan,
        "classes": table,
    }


def _places(tags: Sequence[str]) -> set[Span]:
    return {(place, place + 1, tag) for place, tag in enumerate(tags)}


def has_bleu() -> bool:
    """Whether sacrebleu is installed."""
    return find_spec("sacrebleu") is not None


def check_bleu() -> None:
    """Raises: SettingError, when sacrebleu is not installed."""
    if not has_bleu():
        raise SettingError(
            "BLEU is counted by sacrebleu, which is not installed. Install it with: pip install deepglass[text]"
        )


def bleu(said: Sequence[Sequence[str]], true: Sequence[Sequence[str]], *, interval: bool = False) -> dict[str, Any]:
    """Corpus BLEU of texts that are cut into tokens already, 0 to 100, with sacrebleu's signature.

    Args: interval: by the choice of the sentences, from 1,000 samples of them.
    Raises: SettingError, when sacrebleu is not installed.
    Source: Papineni et al., ACL 2002; Post, "A Call for Clarity in Reporting BLEU Scores", arXiv:1804.08771.
    """
    check_bleu()
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(tokenize="none", force=True, max_ngram_order=PIECES)
    if not true:
        return {"bleu": math.nan}
    texts = [" ".join(words) for words in said]
    references = [[" ".join(words) for words in true]]
    resample = RESAMPLES if interval and len(texts) >= FEWEST else 1
    found = metric.corpus_score(texts, references, n_bootstrap=resample)
    scores: dict[str, Any] = {"bleu": float(found.score), "bleu_signature": str(metric.get_signature())}
    if resample > 1:
        scores["bleu_interval"] = [found._mean - found._ci, found._mean + found._ci]
    return scores
