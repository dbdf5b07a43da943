"""Leakage by duplicates: validation examples that were trained on."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

NEARLY_ALL = 0.95  # of the rows that a loop judges by
SHARED = 0.1  # of the rows of every call without gradients; where rows are made by chance, none (calibration.md)
# How rare two equal rows are if their columns are independent, in bits: so many more than the rows that were trained on have, and
# less than one row in 2^10, about 1000, is met again by chance.
SPARE_BITS = 10.0
FEWEST_COPIES = 5  # of 0.7 % by chance (before.asked.NEARLY), five of 50 rows are met once in 25,000 times
# Share of the rows of a training batch that are like no other of it: where most come again in the very batch, there are only so
# many rows that can be, and to meet one again is no leak (the four rows of an exclusive or).
NATURAL = 0.5
FEWEST_VALIDATION = 20  # examples, below which a few copies make a large share


def look(evidence: Evidence) -> Iterator[Finding]:
    """What the data checks say of equal, or nearly equal, examples in training and validation."""
    yield from _of_a_loop(evidence)
    for row in evidence.before.get("leakage", {}).get("rows", []):
        if row["severity"] == "remark" or row["of"] < FEWEST_VALIDATION:
            continue
        share = row["count"] / row["of"]
        yield _finding(row["severity"], row["sentence"], {"share": share, "threshold": 0.5 / row["of"] ** 0.5}, share)
        return


def _of_a_loop(evidence: Evidence) -> Iterator[Finding]:
    """Rows that the network is asked for without gradients, all of them trained on, in a loop that logs validation scores."""
    asked = evidence.before.get("asked", {})
    if asked.get("rows", 0) < FEWEST_VALIDATION or not evidence.has("validation") or asked.get("alone", 1.0) < NATURAL:
        return
    if asked["same"] < NEARLY_ALL:
        yield from _copies(asked)
        return
    if asked.get("bits", math.inf) < _needed(asked):  # a table of a few categories meets all its rows again
        return
    yield _finding(
        "warning",
        f"{asked['same']:.0%} of the rows that are judged without gradients are rows that were trained on, and yet they are "
        "logged as validation.",
        {"share": asked["same"], "threshold": NEARLY_ALL},
        asked["same"],
    )


def _copies(asked: Mapping[str, Any]) -> Iterator[Finding]:
    """Rows too rich to be equal by chance, and a share of those in every call was trained on: copied before the split."""
    share, needed = asked.get("least_same", 0.0), _needed(asked)
    if share >= SHARED and asked.get("bits", 0.0) >= needed:
        yield _finding(
            "warning",
            f"At least {share:.0%} of the rows of every call without gradients are rows that were trained on, "
            "to the last bit.",
            {"share": share, "threshold": SHARED, "bits": asked["bits"], "bits_needed": needed},
            share,
        )
    elif asked.get("least_near", 0.0) >= SHARED and asked.get("near", 0) >= FEWEST_COPIES:
        share = asked["least_near"]
        yield _finding(
            "warning",
            f"At least {share:.0%} of the rows of every call without gradients are nearly rows that were trained on: a hundred "
            "times nearer than neighbours are.",
            {"share": share, "threshold": SHARED},
            share,
        )


def _finding(severity: str, what: str, numbers: dict[str, float], share: float) -> Finding:
    return Finding(
        "leakage_duplicates",
        severity,
        what,
        "A network that has learned by heart looks good on what it has seen: the score says nothing about new examples.",
        numbers,
        source="Barz and Denzler, Do We Train on Test Data?, 2020; threshold: the standard error of an accuracy",
        remedies=(Remedy({}, "Drop the duplicates before splitting, or keep them in one split (group=).", "data"),),
        explains=("metric_disagrees",),
        refuted_by="Validation scores as good without these examples.",
        strength=min(1.0, 0.5 + share),
    )


def _needed(asked: Mapping[str, Any]) -> float:
    """Bits from which a row is too rare to be met again by chance among those that were trained on."""
    return math.log2(max(2, asked["trained"])) + SPARE_BITS
