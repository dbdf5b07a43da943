"""Contradictions: examples with equal inputs and different targets. Of the training and validation split alone."""

from collections.abc import Iterator

import numpy as np

from deepglass.data.checks.content import equal_groups, joined
from deepglass.data.checks.problem import Problem, share, some
from deepglass.data.checks.view import OPEN, View

WARN = 0.01  # share of the examples that no network can get right, from which on labels look wrong (our choice)
SAME = 1e-6  # of a number's deviation: closer targets count as equal


def contradictions(view: View) -> Iterator[Problem]:
    """Find groups of equal inputs in which a target differs, and count the examples that must be answered wrongly."""
    names, splits = list(view.dataset.inputs), [s for s in OPEN if len(view.ids[s])]
    if not names or any(n not in view.raw[s] for n in names for s in splits):
        return
    groups = equal_groups([joined([view.raw[s][n] for s in splits]) for n in names])
    for column in view.targets:
        values = column.open
        if column.kind == "number":
            spread = np.nanstd(values) if np.isfinite(values).any() else 0.0
            values = np.round(values / (SAME * spread)) if spread > 0 else values * 0
        order = np.lexsort([values, groups])
        g, v = groups[order], values[order]
        differs = (g[1:] == g[:-1]) & (v[1:] != v[:-1]) & np.isfinite(v[1:]) & np.isfinite(v[:-1])
        if not differs.any():
            continue
        disputed = np.unique(g[1:][differs])
        ids = view.open_ids
        members = [np.sort(ids[groups == d]).tolist() for d in disputed[:20]]
        wrong = (
            _wrong(groups, column.open, disputed) if column.kind == "category" else int(np.isin(groups, disputed).sum())
        )
        what = "at least {} must be answered wrongly" if column.kind == "category" else "{} examples are part of it"
        yield Problem(
            "contradictions",
            "warning" if column.kind == "category" and wrong >= WARN * len(values) else "remark",
            f"{column.title}: {len(disputed):,} groups of equal inputs have different targets, so that "
            f"{what.format(share(wrong, len(values)))} (examples {some([tuple(m[:2]) for m in members])}). "
            f"Correct the targets, or give an input that tells these examples apart.",
            column.field,
            column.name,
            wrong,
            len(values),
            tuple(tuple(m) for m in members),
        )


def _wrong(groups: np.ndarray, codes: np.ndarray, disputed: np.ndarray) -> int:
    """The examples that are not of the commonest class of their group."""
    inside = np.isin(groups, disputed) & np.isfinite(codes)
    cells, counts = np.unique(np.stack([groups[inside], codes[inside].astype(int)]), axis=1, return_counts=True)
    best = np.zeros(len(disputed), int)
    np.maximum.at(best, np.searchsorted(disputed, cells[0]), counts)
    return int(counts.sum() - best.sum())
