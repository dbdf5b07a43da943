"""Token baselines: what counting reaches where a network learns sequences of tokens."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data import Dataset
from deepglass.tasks.token_metrics import Said, bleu, has_bleu, ratio_interval

if TYPE_CHECKING:
    from deepglass.tasks.tokens import Tokens

PAD = 0
MOST_TOKENS = 4_000_000  # of the training split that are counted, so that it takes seconds
MOST_TEXTS = 30_000  # of the training split among which the nearest one is looked for
RUNS = ("token frequencies", "bigram counts", "trigram counts")

Scores = dict[str, dict[str, Any]]


def counted_runs(task: "Tokens", data: Dataset, ids: Tensor) -> Scores:
    """Foretell the next token from how often it followed none, one or two tokens in the training split.

    A loss mixes each count with that of the shorter run, which weighs as much as the different tokens that were seen there; the
    likeliest token is the one that followed most often.
    Source: Witten and Bell, "The Zero-Frequency Problem", IEEE Transactions on Information Theory 1991, method C.
    """
    name, count = task.inputs[0], len(task.field.tokens)
    train, told = _some(data, data.members("train"), MOST_TOKENS)
    (x, y), (new, actual) = ([np.asarray(b[n].cpu()) for n in (name, task.field.name)] for b in (train, data.read(ids)))
    shares = np.full(actual.shape, 1.0 / count)
    guess = np.zeros_like(actual)
    found = {}
    for order, label in enumerate(RUNS):
        seen, asked = _histories(x, y.shape[1], order, count), _histories(new, actual.shape[1], order, count)
        shares, guess = _mixed(seen[y != PAD], y[y != PAD], asked, actual, count, shares, guess)
        losses = np.where(actual != PAD, -np.log(shares), 0).sum(axis=1)
        truth, given = torch.from_numpy(actual), torch.from_numpy(np.where(actual != PAD, guess, PAD))
        said = Said(truth, given, torch.from_numpy(losses), ids, torch.ones(len(ids), dtype=torch.float64))
        found[label] = {
            **task.score(said),
            "loss_interval": ratio_interval(said.losses, said.tokens),
            "accuracy_interval": ratio_interval(said.right, said.tokens),
            **({"note": told} if told else {}),
        }
    return found


def most_frequent_tags(task: "Tokens", data: Dataset, ids: Tensor) -> Scores:
    """Give each token the tag that it had most often in the training split, or the commonest tag of all."""
    name = next(n for n, f in data.inputs.items() if f.kind == "text")
    train, told = _some(data, data.members("train"), MOST_TOKENS)
    (x, y), (new, actual) = ([np.asarray(b[n].cpu()) for n in (name, task.field.name)] for b in (train, data.read(ids)))
    x, new = x[:, : y.shape[1]], new[:, : actual.shape[1]]
    there = y != PAD
    commonest = np.bincount(y[there]).argmax()
    usual = np.full(max(int(x.max(initial=0)), int(new.max(initial=0))) + 1, commonest)
    tokens, tags = _followers(x[there], y[there], len(task.field.tokens))[:2]
    usual[tokens] = tags
    found = {}
    for label, guess in (
        ("commonest tag", np.full_like(actual, commonest)),
        ("commonest tag of each word", usual[new]),
    ):
        given = torch.from_numpy(np.where(actual != PAD, guess, PAD))
        losses = torch.full((len(ids),), torch.nan, dtype=torch.float64)
        said = Said(torch.from_numpy(actual), given, losses, ids, torch.ones(len(ids), dtype=torch.float64))
        scores = {n: v for n, v in task.score(said).items() if n != "loss"}
        interval = ratio_interval(said.right, said.tokens)
        found[label] = {**scores, "accuracy_interval": interval, **({"note": told} if told else {})}
    return found


def remembered(task: "Tokens", data: Dataset, ids: Tensor) -> Scores:
    """Answer with the input itself, with the answer of the training text that shares most words with it, or with the commonest one.

    Source: the nearest text is a translation memory, by tf-idf (Salton and Buckley, "Term-weighting approaches in automatic text
    retrieval", 1988).
    """
    train, told = _some(data, data.members("train"), MOST_TEXTS, tokens=False)
    other = data.read(ids)
    answers, true = task.words_of(train[task.field.name].cpu()), task.words_of(other[task.field.name].cpu())
    source = next((f for f in data.inputs.values() if f.kind == "text"), None)
    if source is None:
        unique, counts = np.unique([" ".join(words) for words in answers], return_counts=True)
        guesses = {"commonest answer": [str(unique[counts.argmax()]).split()] * len(true)}
    else:
        asked, known = (_written(b[source.name].cpu(), source.tokens) for b in (other, train))
        nearest = _nearest(known, asked)
        guesses = {"copy of the input": asked, "nearest training text": [answers[i] for i in nearest]}
    found = {}
    for label, guess in guesses.items():
        right = sum(a == b for a, b in zip(guess, true)) / max(1, len(true))
        found[label] = {
            "sequence_accuracy": right,
            **(bleu(guess, true) if has_bleu() else {}),
            **({"note": told} if told else {}),
        }
    return found


def _some(data: Dataset, ids: Tensor, most: int, *, tokens: bool = True) -> tuple[Any, str]:
    """The first training examples, as many as hold `most` tokens (or `most` examples), and what is to be said of it."""
    size = max(1, int(next(iter(data.targets.values())).shape[0])) if tokens else 1
    few = ids[: max(1, most // size)]
    told = f"counted on the first {len(few):,} of {len(ids):,} training examples, to stay quick"
    return data.read(few), told if len(few) < len(ids) else ""


def _histories(x: np.ndarray, steps: int, order: int, count: int) -> np.ndarray:
    """The `order` tokens before each one to be foretold, as one number. Shapes: x (examples, >= steps), returned (.., steps)."""
    found = np.zeros((len(x), steps), dtype=np.int64)
    for back in range(order):
        moved = np.zeros_like(found)
        moved[:, back:] = x[:, : steps - back]
        found = found * (count + 1) + moved
    return found


def _mixed(
    seen: np.ndarray,
    followed: np.ndarray,
    asked: np.ndarray,
    actual: np.ndarray,
    count: int,
    shares: np.ndarray,
    guess: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of what came, and the likeliest token, from counts after a history and from those after shorter ones."""
    known, best, times, kinds, pairs, each = _followers(seen, followed, count)
    place = np.searchsorted(known, asked).clip(max=len(known) - 1)
    there = known[place] == asked
    at = np.searchsorted(pairs, asked * count + actual).clip(max=len(pairs) - 1)
    came = np.where(pairs[at] == asked * count + actual, each[at], 0)
    mixed = (came + kinds[place] * shares) / (times[place] + kinds[place])
    return np.where(there, mixed, shares), np.where(there, best[place], guess)


def _followers(seen: np.ndarray, followed: np.ndarray, count: int) -> tuple[np.ndarray, ...]:
    """For each history: its commonest follower, how often it came, how many followers it has; and all pairs with their counts."""
    pairs, each = np.unique(seen * count + followed, return_counts=True)
    order = np.lexsort((-(pairs % count), each, pairs // count))  # the last of each history is its commonest follower
    histories, follower = pairs[order] // count, pairs[order] % count
    last = np.flatnonzero(np.append(histories[1:] != histories[:-1], True))
    known, kinds = np.unique(pairs // count, return_counts=True)
    times = np.add.reduceat(each, np.searchsorted(pairs // count, known))
    return known, follower[last], times, kinds, pairs, each


def _written(codes: Tensor, tokens: Sequence[str]) -> list[list[str]]:
    return [[tokens[c] for c in row if c > 3] for row in codes.tolist()]


def _nearest(known: Sequence[Sequence[str]], asked: Sequence[Sequence[str]]) -> list[int]:
    """The known text that is most like each of those asked for."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer=lambda words: words, dtype=np.float32)
    if not any(known):
        return [0] * len(asked)
    table = vectors.fit_transform(known)
    wanted = vectors.transform(asked)
    found: list[int] = []
    for start in range(0, len(asked), 256):  # a part of the table of likenesses at a time
        found += (wanted[start : start + 256] @ table.T).toarray().argmax(axis=1).tolist()
    return found
