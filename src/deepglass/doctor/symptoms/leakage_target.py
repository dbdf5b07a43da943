"""Leakage by a column: it says the target, and will not be there when the network is used."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

RAISES = 0.05  # of accuracy or r2: a small tree is that much better with the column; below, it says what the others say


def look(evidence: Evidence) -> Iterator[Finding]:
    """Columns that alone predict the target, by the data checks, and without which a small tree is worse."""
    for column in evidence.before.get("leakage", {}).get("columns", []):
        if column["check"] != "leaks" or column["severity"] == "remark":
            continue
        raised = column["with"] - column["without"] if "with" in column else None
        severity = "remark" if raised is not None and raised < RAISES else column["severity"]
        numbers = {} if raised is None else {"with": column["with"], "without": column["without"], "threshold": RAISES}
        yield Finding(
            "leakage_target",
            severity,
            column["sentence"],
            "The network learns to copy it, and fails where it is not known yet.",
            {**numbers, "column": column["column"]},
            source="deepchecks: predictive power of a single column; limits in data.checks.leaks",
            column=column["column"],
            remedies=(Remedy({}, f"Load without {column['column']}, if it is known only after the target.", "data"),),
            explains=("identifier", "huge_column"),
            refuted_by="The column is known before the target is.",
        )
