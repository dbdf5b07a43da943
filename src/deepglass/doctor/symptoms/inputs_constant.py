"""Inputs constant: every example is the same."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, weighted
from deepglass.probes.evidence import Evidence

NEARLY = 1e-6  # spread over size: what float32 still tells apart, about eight times its precision


def look(evidence: Evidence) -> Iterator[Finding]:
    """Inputs that are one row again and again, or a first layer that answers alike to all rows."""
    fields = evidence.before.get("inputs", {})
    for name, field in fields.items():
        columns = field.get("columns", [])
        spread = max((c["std"] / max(abs(c["mean"]), 1.0) for c in columns), default=None)
        if field.get("distinct") == 0 or (spread is not None and spread < NEARLY):
            severity = "alarm" if len(fields) == 1 else "warning"
            share = float(field.get("distinct", 0.0))
            yield _finding(severity, f"All examples have the same input {name!r}.", {"distinct_rows": share}, name)
        elif fixed := [c["name"] for c in columns if c["distinct"] == 1 and not c.get("not_finite")]:
            yield Finding(
                "inputs_constant",
                "remark",
                f"{len(fixed)} of {len(columns)} columns hold one value in all examples: {', '.join(fixed[:5])}.",
                "They teach nothing, and a new value would surprise the network.",
                {"columns": len(fixed), "threshold": 0},
                source="exact",
                column=fixed[0],
                remedies=(Remedy({}, "Leave these columns out.", "data"),),
                strength=0.1,
            )
    if not fields and (first := next(iter(weighted(evidence)), None)) is not None:
        same, dead = (at_start(evidence, q).get(first.name, 0.0) for q in ("constant_units", "dead_units"))
        rows = evidence.facts.get("rows", 0)
        if same + dead == 1 and at_start(evidence, "weight_zero").get(first.name, 1.0) < 1 and rows > 1:
            what = f"Every unit of the first layer, {first.name}, gives all {rows} rows the same value."
            yield _finding("alarm", what, {"constant_units": same + dead, "threshold": 1}, None)


def _finding(severity: str, what: str, numbers: dict[str, float], column: str | None) -> Finding:
    return Finding(
        "inputs_constant",
        severity,
        what,
        "Nothing can be told from inputs that do not differ: the best answer is one and the same for all.",
        numbers,
        source="exact",
        column=column,
        remedies=(Remedy({}, "See how the inputs are read: one row may have been repeated.", "data"),),
        explains=(
            "predicts_mean",
            "underfitting",
            "dead_units",
            "labels_shuffled",
            "class_never_predicted",
            "leakage_duplicates",
            "rate_too_high",
            "vanishing",
        ),
        refuted_by="Two examples with different inputs.",
    )
