"""Split sorted: the parts were cut from sorted data, so that they hold different examples."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trained import falls_behind
from deepglass.probes.evidence import Evidence

ABSENT = 0.5  # share of the validation examples whose class has (nearly) no place in training
RARE = 0.05  # of an even share: so few training examples are (nearly) none
FEWEST = 20  # validation examples


def look(evidence: Evidence) -> Iterator[Finding]:
    """Targets that are distributed otherwise in validation; by the data checks, or classes that training hardly has."""
    target, splits = evidence.before.get("target", {}), evidence.before.get("splits", {})
    if splits.get("sizes", {}).get("validation", 0) < FEWEST:
        return
    train, other = target.get("counts"), target.get("validation_counts")
    drifts = [d for d in splits.get("drift", []) if d["role"] == "target" and d["severity"] == "alarm"]
    if train and other:
        fair = RARE * sum(train) / max(1, sum(1 for n in train if n))
        strangers = sum(there for had, there in zip(train, other) if had < fair) / sum(other)
    else:
        strangers = 0.0
    if strangers < ABSENT and not drifts:
        return
    what = (
        f"{strangers:.0%} of the validation examples are of classes that training (nearly) never sees."
        if strangers >= ABSENT
        else drifts[0]["sentence"]
    )
    meant = splits.get("by_time") or splits.get("by_group")
    yield Finding(
        "split_sorted",
        "alarm" if falls_behind(evidence) and not meant else "remark" if meant else "warning",
        what,
        "The network is judged on what it was never taught, and stopped by a score that says little.",
        {"strangers": strangers, "threshold": ABSENT},
        source="data.checks.drift: chi squared and Kolmogorov-Smirnov tests, corrected for their number",
        column=target.get("name"),
        remedies=(
            Remedy({}, "Mix the rows before cutting, or let Deepglass split: leave out the split column.", "data"),
        ),
        explains=(
            "validation_shift",
            "overfitting",
            "class_never_predicted",
            "metric_disagrees",
            "imbalance",
            "predicts_mean",
            "underfitting",
            "label_noise",
            "labels_shuffled",
            "mode_gap",
            "unfinished",
            "rate_too_high",
        ),
        refuted_by="The same classes in both parts.",
    )
