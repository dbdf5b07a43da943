"""Huge column: one column, or a few values of it, is so large that the rest is not seen beside it."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.symptoms.inputs_unscaled import OF_INPUTS
from deepglass.probes.evidence import Evidence

# LeCun et al., "Efficient BackProp", 1998, section 5.3: curvature along an input grows with its square, so a ratio of 100 in
# spread makes one of 10,000 in curvature, and one rate cannot suit both.
RATIO = 100.0
# A few values beyond RATIO robust deviations: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993, with room for
# skewed columns, which reach 50. The rest of the column then has less than a twentieth of the deviation that it was scaled to.
SQUEEZED = 0.05
FEWEST_VALUES = 10  # different values; with fewer a column codes or counts something
EXPLAINS = ("inputs_unscaled", *OF_INPUTS, "labels_shuffled")


def look(evidence: Evidence) -> Iterator[Finding]:
    """Columns as they reach the network: one far wider than the others, or one squeezed together by a few far values."""
    for field in evidence.before.get("inputs", {}).values():
        columns = [c for c in field.get("columns", []) if c["std"] > 0]
        yield from _wide(columns, field)
        yield from _squeezed(columns)


def _wide(columns: list[dict[str, Any]], field: dict[str, Any]) -> Iterator[Finding]:
    if len(columns) < 2 or field["scaling"] != "none":
        return
    worst = max(columns, key=lambda c: c["std"])
    usual = median(c["std"] for c in columns)
    if worst["std"] <= RATIO * usual:
        return
    yield Finding(
        "huge_column",
        "warning",
        f"The column {worst['name']} has a deviation of {worst['std']:.4g}, the middle one of the others {usual:.4g}: it is "
        f"{worst['std'] / usual:,.0f} times as wide.",
        "The first layer sees that column alone, and no rate suits it and the others.",
        {"ratio": worst["std"] / usual, "threshold": RATIO},
        source="LeCun et al., Efficient BackProp, 1998, section 5.3",
        column=worst["name"],
        remedies=(Remedy({"data.scaling": "standard"}, "Bring every column to mean 0 and deviation 1."),),
        explains=EXPLAINS,
        refuted_by="Scaled columns do not train better.",
    )


def _squeezed(columns: list[dict[str, Any]]) -> Iterator[Finding]:
    for column in columns:
        far = max(column["max"] - column["mean"], column["mean"] - column["min"])
        squeezed = column["bulk"] / column["std"]
        if 0 < squeezed < SQUEEZED and far > RATIO * column["bulk"] and column["distinct"] >= FEWEST_VALUES:
            yield Finding(
                "huge_column",
                "warning",
                f"A few values of the column {column['name']} lie {far / column['bulk']:,.0f} deviations of its middle half away; "
                f"scaled by them, the rest keeps {squeezed:.1%} of the width.",
                "What the column says is pressed into a sliver, and the few rows pull the weights when they come.",
                {"squeezed": squeezed, "threshold": SQUEEZED, "farthest": far / column["bulk"]},
                source="Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993; calibration.md",
                column=column["name"],
                remedies=(
                    Remedy(
                        {}, "Correct these values: they may stand for a missing value or be in another unit.", "data"
                    ),
                ),
                explains=EXPLAINS,
                refuted_by="The far values are right, and training without these rows is no better.",
            )
