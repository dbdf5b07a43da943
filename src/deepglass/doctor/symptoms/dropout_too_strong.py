"""Dropout too strong: it leaves too few units to learn from."""

from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import called, setting
from deepglass.doctor.trend import is_lacking
from deepglass.probes.evidence import Evidence

MUCH = 0.5  # share erased: Srivastava et al., JMLR 2014, use 0.5 for hidden units, 0.2 for inputs
DROWNED = 1.0  # difference of outputs between the modes over their spread: the noise is as large as the answer
LOOKS = 3  # the last ones, whose median one odd look does not change


def look(evidence: Evidence) -> Iterator[Finding]:
    """More than half erased, outputs that are more noise than answer while training, and a run that does badly."""
    if not is_lacking(evidence) or not any("Dropout" in y.kind for y in called(evidence)):
        return
    shares = evidence.before.get("parameters", {}).get("dropouts") or {"": setting(evidence, "network.dropout") or 0.0}
    layer = max(shares, key=lambda n: shares[n])
    gaps = evidence.series("mode_gap").values[-LOOKS:]
    gap = median(gaps) if gaps else 0.0
    if shares[layer] <= MUCH or gap < DROWNED:
        return
    change = {"network.dropout": 0.2} if "dropout" in evidence.settings.get("network", {}) else {}
    yield Finding(
        "dropout_too_strong",
        "alarm",
        what=f"Dropout erases {shares[layer]:.0%} of the units, and while training the outputs are off "
        f"by {gap:.2g} times their spread.",
        why="With so few units left at a time, what is learned in one step is erased in the next.",
        evidence={"dropout": shares[layer], "threshold": MUCH, "noise": gap, "noise_threshold": DROWNED},
        source="Srivastava et al., Dropout, JMLR 2014, section 7.3: 0.4 to 0.8 kept is best",
        layer=layer or None,
        remedies=(
            Remedy(change, "Erase a fifth of the units at a time.", by="spec" if change else "code"),
            *([Remedy({"network.dropout": 0.0}, "No dropout.")] if change else []),
        ),
        explains=(
            "underfitting",
            "dead_units",
            "predicts_mean",
            "class_never_predicted",
            "unfinished",
            "mode_gap",
            "rate_too_high",
            "vanishing",
            "oscillating",
            "rate_too_low",
            "batch_too_small",
            "slow_layer",
        ),
        refuted_by="Without dropout the training loss is as high.",
        strength=1.0,
    )
