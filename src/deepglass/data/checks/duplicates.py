"""Duplicates: examples with equal inputs, inside a split and across splits."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.content import equal_groups, joined
from deepglass.data.checks.problem import Problem, Severity, share, some
from deepglass.data.checks.view import View

# Share of a held-out split that is known: that of CIFAR-100, where 10 % of the test images have a duplicate in training, which
# called for a new test set (Barz and Denzler, "Do We Train on Test Data?", 2020).
ALARM = 0.1
REPEATED = 0.1  # share of the training examples that are copies, from which on they weigh (our choice)
SPLITS = ("train", "validation", "test")


def duplicates(view: View) -> Iterator[Problem]:
    """Compare the inputs of all examples by content; of the test split, too, the inputs alone."""
    groups, split, ids = contents(view)
    if not len(groups):
        return
    train = np.flatnonzero(split == 0)
    _, first, inverse = np.unique(groups[train], return_index=True, return_inverse=True)
    copies = np.flatnonzero(first[inverse] != np.arange(len(train)))
    if len(copies):
        pairs = [(int(ids[train[first[inverse[i]]]]), int(ids[train[i]])) for i in copies]
        yield Problem(
            "duplicates",
            "warning" if len(copies) >= REPEATED * len(train) else "remark",
            f"{share(len(copies), len(train))} training examples have the same inputs as an earlier one (examples "
            f"{some(pairs)}). Drop them, or keep them knowing that they count twice.",
            count=len(copies),
            of=len(train),
            places=tuple(pairs[:20]),
        )
    for number in (1, 2):
        held, before = np.flatnonzero(split == number), np.flatnonzero(split < number)
        known, first = np.unique(groups[before], return_index=True)
        place = np.searchsorted(known, groups[held]).clip(max=max(0, len(known) - 1))
        hit = np.flatnonzero(known[place] == groups[held]) if len(known) else held[:0]
        if len(hit):
            pairs = [(int(ids[before[first[place[i]]]]), int(ids[held[i]])) for i in hit]
            yield across("duplicates", "the same inputs as", SPLITS[number], pairs, len(held))


def contents(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group number, split (0 train, 1 validation, 2 test) and index of every example looked at."""
    names = list(view.dataset.inputs)
    parts = [(n, s) for n, s in enumerate(SPLITS) if len(view.ids[s]) and all(f in view.raw[s] for f in names)]
    if not parts or not names:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64)
    split = np.concatenate([np.full(len(view.ids[s]), n) for n, s in parts])
    inputs = [joined([view.raw[s][n] for _, s in parts]) for n in names]
    return equal_groups(inputs), split, np.concatenate([view.ids[s] for _, s in parts])


def across(check: str, what: str, split: str, pairs: list[tuple[int, int]], of: int) -> Problem:
    """The problem that examples of a held-out split are known from the splits before it."""
    before = "a training" if split == "validation" else "a training or validation"
    grave = severity(len(pairs), of)
    effect = (
        f"too few to move the {split} score beyond chance"
        if grave == "remark"
        else f"what was learned by heart makes the {split} score too good"
    )
    return Problem(
        check,
        grave,
        f"{share(len(pairs), of)} {split} examples have {what} {before} example ({some(pairs)}): {effect}. "
        f"Drop one of each pair, or keep both in one split (group=).",
        count=len(pairs),
        of=of,
        places=tuple(pairs[:20]),
    )


def severity(count: int, of: int) -> Severity:
    """An alarm from ALARM on; a warning when the share exceeds the standard error of an accuracy over so many examples.

    Below that error, at most 0.5 / sqrt(examples), what is known by heart moves the score less than chance does.
    """
    error = 0.5 / np.sqrt(of)
    if count <= error * of:
        return "remark"
    return "alarm" if count >= ALARM * of else "warning"
