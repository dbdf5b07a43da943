"""Log of zero: a loss of one's own takes the logarithm of a probability that rounds to 0."""

import math
from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

LOGITS = 30.0  # a size that logits reach in a sound training: sigmoid(17) is 1 in float32, exp(-104) is 0


def look(evidence: Evidence) -> Iterator[Finding]:
    """The loss is not finite for large outputs; an alarm where the training has met that, else a remark."""
    size = evidence.before.get("own_loss", {}).get("not_finite_at")
    if size is None:
        return
    step = _not_finite(evidence)
    yield Finding(
        "log_of_zero",
        "remark" if step is None else "alarm",
        f"The loss is NaN or infinite for outputs of size {size:g}"
        + ("." if step is None else f", and so was that of this training{f' at step {step}' if step >= 0 else ''}."),
        "A probability that rounds to 0 has no logarithm; one such answer makes all weights NaN.",
        {"output_size": size, "threshold": LOGITS},
        source="exact: float32 rounds sigmoid(17) to 1 and exp(-104) to 0",
        remedies=(
            Remedy(
                {},
                "Use log_softmax or binary_cross_entropy_with_logits, which take the logarithm before it can be 0.",
                "code",
            ),
            Remedy({"task.loss": "auto"}, "Take the named loss for this target."),
        ),
        explains=(
            "nonfinite",
            "not_finite",
            "exploding",
            "rate_too_high",
            "dead_units",
            "inputs_unscaled",
            "weights_too_large",
            "huge_column",
            "unfinished",
            "predicts_mean",
            "saturated_units",
        ),
        refuted_by="A loss that is finite for outputs of 100.",
    )


def _not_finite(evidence: Evidence) -> int | None:
    """The first step whose loss was not finite, -1 for one that is not known, None where there was none."""
    for step, value in (
        *evidence.series("loss"),
        *evidence.series("step_loss"),
        *((s, m) for s, m, _ in evidence.losses),
    ):
        if not math.isfinite(value):
            return step
    if any(
        not math.isfinite(v) for e in evidence.epochs for v in (e.get("train") or {}).values() if isinstance(v, float)
    ):
        return -1
    return -1 if evidence.facts.get("run", {}).get("status") == "failed" else None
