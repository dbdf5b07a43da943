"""Validation shift: validation examples are unlike those trained on."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trained import falls_behind
from deepglass.probes.evidence import Evidence

FEWEST = 20  # validation examples


def look(evidence: Evidence) -> Iterator[Finding]:
    """Inputs that are distributed otherwise in validation; a remark unless the validation score falls behind as well."""
    splits = evidence.before.get("splits", {})
    drifts = [d for d in splits.get("drift", []) if d["role"] == "input"]
    if not drifts or splits["sizes"]["validation"] < FEWEST:
        return
    certain = any(d["severity"] == "alarm" for d in drifts)
    serious = falls_behind(evidence) and certain and not (splits.get("by_time") or splits.get("by_group"))
    worst = next((d for d in drifts if d["severity"] == "alarm"), drifts[0])
    yield Finding(
        "validation_shift",
        "warning" if serious else "remark",
        worst["sentence"] + (f" So do {len(drifts) - 1} other columns." if len(drifts) > 1 else ""),
        "What is learned from one kind of example is asked of another.",
        {"columns": float(len(drifts)), "threshold": 0.0},
        source="data.checks.drift: Kolmogorov-Smirnov and chi squared tests, corrected for their number",
        column=worst["column"],
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
