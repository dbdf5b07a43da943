"""Leakage: examples or columns that make a validation score too good."""

from typing import Any

import numpy as np

from deepglass.data import Dataset
from deepglass.data.checks import CHECKS
from deepglass.data.checks.view import MOST_EXAMPLES, Column, View
from deepglass.doctor.before.baselines import simple_scores
from deepglass.tasks import Supervised

OF_COLUMNS = ("leaks", "identifiers")
OF_ROWS = ("duplicates", "near_duplicates")


def leakage(data: Dataset, task: Supervised) -> dict[str, Any]:
    """Return what the data checks find of leaks: `rows` and `columns`, a record each of check, severity, column, count, of
    and sentence.

    Of a column also what a small tree reaches on the validation split `with` it and `without` it (accuracy or r2): a column
    that says nothing more than the others does no harm.
    """
    sample, contents = View.of(data, MOST_EXAMPLES), View.contents(data)
    rows = [
        {"check": p.check, "severity": p.severity, "count": p.count, "of": p.of, "sentence": p.sentence}
        for check in OF_ROWS
        for p in CHECKS[check](contents if check == "duplicates" else sample)
        if "validation example" in p.sentence
    ]
    columns: list[dict[str, Any]] = [
        {"check": p.check, "severity": p.severity, "column": p.column, "sentence": p.sentence}
        for check in OF_COLUMNS
        for p in CHECKS[check](sample)
    ]
    names = sorted({c["column"] for c in columns})
    for column in columns if len(sample.columns) > 1 else []:
        column |= _with_and_without(sample.columns, column["column"], sample.targets, task.field.kind)
    return {"rows": rows, "columns": columns, "suspects": names}


def _with_and_without(columns: list[Column], name: str, targets: list[Column], kind: str) -> dict[str, float]:
    """What a small tree reaches on the validation split with a column and without it; empty where it cannot be asked."""
    if len(targets) != 1:
        return {}
    x = {s: np.nan_to_num(np.stack([c.values[s] for c in columns], axis=1)) for s in ("train", "validation")}
    y = {s: targets[0].values[s] for s in x}
    if not len(y["validation"]) or not all(np.isfinite(v).all() for v in y.values()):
        return {}
    others = [i for i, c in enumerate(columns) if c.name != name]
    whole = simple_scores(kind, x["train"], y["train"], x["validation"], y["validation"])
    part = simple_scores(kind, x["train"][:, others], y["train"], x["validation"][:, others], y["validation"])
    return {"with": max(whole.values()), "without": max(part.values())}
