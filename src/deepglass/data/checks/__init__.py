"""Checks: what may be wrong with some data, looked for before the first step."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from deepglass.data.checks.constant import constant
from deepglass.data.checks.contradictions import contradictions
from deepglass.data.checks.damaged import damaged
from deepglass.data.checks.drift import drift
from deepglass.data.checks.duplicates import duplicates
from deepglass.data.checks.identifiers import identifiers
from deepglass.data.checks.imbalance import imbalance
from deepglass.data.checks.leaks import leaks
from deepglass.data.checks.missing import missing
from deepglass.data.checks.near_duplicates import near_duplicates
from deepglass.data.checks.outliers import outliers
from deepglass.data.checks.pixels import blank_images, unscaled_pixels
from deepglass.data.checks.problem import SEVERITIES, Problem
from deepglass.data.checks.rare_classes import rare_classes
from deepglass.data.checks.scale import scale
from deepglass.data.checks.series import constant_variables, holes, level_shift
from deepglass.data.checks.signals import clipped_signals, mixed_rates, short_signals, silent_signals
from deepglass.data.checks.summary import Summary
from deepglass.data.checks.targets import constant_target, target_outliers
from deepglass.data.checks.texts import cut_texts, empty_texts, mojibake, rare_words
from deepglass.data.checks.typos import typos
from deepglass.data.checks.view import MOST_EXAMPLES, View

if TYPE_CHECKING:
    from deepglass.data.dataset import Dataset

__all__ = ["CHECKS", "Problem", "Summary", "check"]

CHECKS: dict[str, Callable[[View], Iterator[Problem]]] = {
    # the reading
    "damaged": damaged,
    "missing": missing,
    # the targets
    "constant_target": constant_target,
    "target_outliers": target_outliers,
    "imbalance": imbalance,
    "rare_classes": rare_classes,
    "typos": typos,
    # the inputs
    "constant": constant,
    "scale": scale,
    "outliers": outliers,
    "unscaled_pixels": unscaled_pixels,
    "blank_images": blank_images,
    "silent_signals": silent_signals,
    "clipped_signals": clipped_signals,
    "short_signals": short_signals,
    "mixed_rates": mixed_rates,
    "empty_texts": empty_texts,
    "cut_texts": cut_texts,
    "mojibake": mojibake,
    "rare_words": rare_words,
    "constant_variables": constant_variables,
    "level_shift": level_shift,
    "holes": holes,
    # what makes a score too good
    "duplicates": duplicates,
    "near_duplicates": near_duplicates,
    "contradictions": contradictions,
    "leaks": leaks,
    "identifiers": identifiers,
    "drift": drift,
}
WHOLE = ("duplicates", "contradictions")  # these compare every example, the others look at a sample of large data


def check(dataset: "Dataset") -> Summary:
    """Return what may be wrong with some data, the gravest first; of the test split inputs are compared, never targets."""
    sample, contents = View.of(dataset, MOST_EXAMPLES), View.contents(dataset)
    found = []
    with np.errstate(over="ignore", invalid="ignore"):  # numbers near 1e300 have no square, and are compared without it
        for name, look in CHECKS.items():
            view = contents if name in WHOLE else sample
            note = f" ({view.note})" if view.note else ""
            found += [replace(p, sentence=p.sentence + note) for p in look(view)]
    return Summary(sorted(found, key=lambda p: SEVERITIES.index(p.severity)), len(CHECKS), sample.note)
