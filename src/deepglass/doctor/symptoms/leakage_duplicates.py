"""Leakage by duplicates: validation examples that were trained on."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

FEWEST_VALIDATION = 20  # examples, below which a few copies make a large share


def look(evidence: Evidence) -> Iterator[Finding]:
    """What the data checks say of equal, or nearly equal, examples in training and validation."""
    for row in evidence.before.get("leakage", {}).get("rows", []):
        if row["severity"] == "remark" or row["of"] < FEWEST_VALIDATION:
            continue
        share = row["count"] / row["of"]
        yield Finding(
            "leakage_duplicates",
            row["severity"],
            row["sentence"],
            "A network that has learned by heart looks good on what it has seen: the score says nothing about new examples.",
            {"share": share, "threshold": 0.5 / row["of"] ** 0.5},
            source="Barz and Denzler, Do We Train on Test Data?, 2020; threshold: the standard error of an accuracy",
            remedies=(Remedy({}, "Drop the duplicates before splitting, or keep them in one split (group=).", "data"),),
            explains=("metric_disagrees",),
            refuted_by="Validation scores as good without these examples.",
            strength=min(1.0, 0.5 + share),
        )
        return
