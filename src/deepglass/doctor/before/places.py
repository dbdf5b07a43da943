"""Places: targets at every pixel of a picture or every step of a series, counted together."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.probes.examples import Kept
from deepglass.probes.told import Told

MOST_CLASSES = 256


def is_of_places(told: Told, targets: Tensor) -> bool:
    """Whether each example has a class at many places: whole numbers for a cross-entropy, or a map of 0 and 1.

    Shapes: targets (rows, ...).
    """
    if targets.ndim < 2 or targets[0].numel() < 2:
        return False
    if told.loss in ("cross_entropy", "negative_log_likelihood"):
        return not torch.is_floating_point(targets)
    is_map = told.loss.startswith("binary") and len(told.shape) > 2
    return is_map and bool(((targets == 0) | (targets == 1)).all())


def of_places(
    targets: Tensor, once: np.ndarray, kept: Sequence[Kept], told: Told, classes: int
) -> dict[str, dict[str, Any]]:
    """Return the section target, with the classes of all places counted, and of a map also judged and baselines.

    `once`: the places of rows, each content once. A map is judged with both answers counted alike: of small things on a large
    ground, accuracy says nothing.
    """
    codes = targets[once].reshape(-1).long().cpu().numpy()
    there = codes[(codes >= 0) & (codes < MOST_CLASSES)]  # padding is often marked by a number below 0
    if not len(there):
        return {}
    found: dict[str, dict[str, Any]] = {"target": categories(there, max(2, classes), whole=True, binary=False)}
    outputs = [k.output for k in kept]
    if not told.loss.startswith("binary") or not told.is_plain or any(o is None for o in outputs):
        return found
    answers = torch.cat([o.reshape(len(o), -1).float() for o in outputs if o is not None])
    if answers.numel() != targets.numel():
        return found
    answers = answers[once].reshape(-1)
    gives_shares = told.takes == "probabilities" or told.activation in ("sigmoid", "softmax")
    said = (answers > (0.5 if gives_shares else 0.0)).long().cpu().numpy()
    recalls = [float((said[codes == c] == c).mean()) if (codes == c).any() else 1.0 for c in (0, 1)]
    found["judged"] = {
        "accuracy": float((said == codes).mean()),
        "balanced_accuracy": float(np.mean(recalls)),
        "recalls": recalls,
        "rows": len(once),
        "predicted": np.bincount(said, minlength=2).tolist(),
    }
    found["baselines"] = {"balanced_accuracy": {"constant": 0.5}}
    return found


def categories(values: np.ndarray, classes: int, *, whole: bool, binary: bool) -> dict[str, Any]:
    """The section target of classes, as `before.target` has it of a run."""
    codes = values.round().astype(int).clip(0)
    counts = np.bincount(codes, minlength=classes)[:MOST_CLASSES] if len(codes) and codes.max() < 10**6 else np.zeros(0)
    return {
        "name": "target",
        "kind": "category",
        "rows": len(values),
        "classes": [str(c) for c in range(len(counts))],
        "counts": counts.astype(int).tolist(),
        "numeric": True,
        "min": float(values.min()),
        "max": float(values.max()),
        "outside": bool(binary and (values.min() < 0 or values.max() > 1)),
        "whole": whole,
    }
