"""Identifier: a column numbers the examples, and their order tells something about the target."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

RAISES = 0.05  # of accuracy or r2: a small tree is that much better with the column


def look(evidence: Evidence) -> Iterator[Finding]:
    """Columns that count the rows by the data checks: a warning where they help a small tree or tell the target alone."""
    columns = evidence.before.get("leakage", {}).get("columns", [])
    telling = {column["column"] for column in columns if column["check"] == "leaks"}
    for column in columns:
        if column["check"] != "identifiers":
            continue
        alone = column["column"] in telling  # whatever the others say as well: a number of rows has nothing to tell
        raised = column["with"] - column["without"] if "with" in column else 0.0
        yield Finding(
            "identifier",
            "warning" if raised >= RAISES or alone else "remark",
            column["sentence"]
            + (
                f" A small tree reaches {column['with']:.3f} with it and {column['without']:.3f} without."
                if raised
                else " It alone predicts the target."
                if alone
                else ""
            ),
            "A number that is given in the order of the targets tells them, here and nowhere else.",
            {"raises": raised, "threshold": RAISES, "alone": float(alone)},
            source="cleanlab and deepchecks: identifier leakage; limits in data.checks.identifiers",
            column=column["column"],
            remedies=(Remedy({}, f"Load without {column['column']}: inputs= chooses the columns.", "data"),),
            explains=("leakage_target", "huge_column", "inputs_unscaled", "overfitting"),
            refuted_by="The column measures something.",
            strength=min(1.0, 0.5 + raised),
        )
