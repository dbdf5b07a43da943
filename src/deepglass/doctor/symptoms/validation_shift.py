"""Validation shift: validation examples are unlike those trained on."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trained import SHIFTED, WIDER, falls_behind, is_asked_alike
from deepglass.probes.evidence import Evidence

FEWEST = 20  # validation examples


def look(evidence: Evidence) -> Iterator[Finding]:
    """Inputs that are distributed otherwise in validation; a remark unless the validation score falls behind as well."""
    yield from _of_a_loop(evidence)
    splits = evidence.before.get("splits", {})
    drifts = [d for d in splits.get("drift", []) if d["role"] == "input"]
    if not drifts or splits["sizes"]["validation"] < FEWEST:
        return
    certain = any(d["severity"] == "alarm" for d in drifts)
    serious = falls_behind(evidence) and certain and not (splits.get("by_time") or splits.get("by_group"))
    worst = next((d for d in drifts if d["severity"] == "alarm"), drifts[0])
    yield _finding(
        "warning" if serious else "remark",
        worst["sentence"] + (f" So do {len(drifts) - 1} other columns." if len(drifts) > 1 else ""),
        {"columns": float(len(drifts)), "threshold": 0.0},
        "data.checks.drift: Kolmogorov-Smirnov and chi squared tests, corrected for their number",
        worst["column"],
    )


def _of_a_loop(evidence: Evidence) -> Iterator[Finding]:
    """Rows that a loop asks for without gradients, beside those that it trains on: prepared by the same code they lie alike."""
    asked = evidence.before.get("asked", {})
    shift, widths = asked.get("shift"), asked.get("widths")
    if shift is None or is_asked_alike(evidence):
        return
    yield _finding(
        "warning",
        f"The rows that are judged lie {shift:.2g} deviations from those trained on in the middle column, and are {widths:.2g} "
        "times as wide.",
        {"shift": shift, "threshold": SHIFTED, "widths": widths, "widths_threshold": WIDER},
        "exact: means and deviations of both; limits: benchmarks/doctor/calibration.md",
        None,
    )


def _finding(severity: str, what: str, numbers: dict[str, float], source: str, column: str | None) -> Finding:
    return Finding(
        "validation_shift",
        severity,
        what,
        "What is learned from one kind of example is asked of another.",
        numbers,
        source=source,
        column=column,
        remedies=(
            Remedy({}, "See how validation examples came about: an instrument, a unit or a time may differ.", "data"),
        ),
        explains=(
            "overfitting",
            "metric_disagrees",
            "predicts_mean",
            "mode_gap",
            "class_never_predicted",
            "underfitting",
            "unfinished",
        ),
        refuted_by="A classifier that cannot tell the parts from each other.",
    )
