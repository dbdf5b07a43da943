"""Batch norm with tiny batches: mean and spread are taken from a handful of examples."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import is_named
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

FEW = 8  # examples, as in training.alarms: the error of a variance from 8 numbers is half of it
TINY = 4  # and fewer: the error rises steeply (the same figure), whatever the score says
MANY_PLACES = 64  # of a feature map; with so many places times examples the spread is known well


def look(evidence: Evidence) -> Iterator[Finding]:
    """Batch norms of layers whose mean is taken over few numbers."""
    batch = evidence.before.get("batch", {})
    norms = [y for y in evidence.layers if y.kind.startswith("BatchNorm") and y.depth is not None]
    if not norms or not 0 < batch.get("size", 0) < FEW:
        return
    places = min(_places(y.shape) for y in norms)
    if batch["size"] * places >= FEW * MANY_PLACES:
        return
    severity = "remark" if batch["size"] > TINY and standing(evidence).is_well else "warning"
    remedies = [Remedy({"recipe.batch_size": 32}, "Take mean and spread from 32 examples.")]
    if is_named(evidence):
        remedies.append(Remedy({"network.norm": "layer"}, "Norm each example by itself."))
    yield Finding(
        "batch_norm_tiny_batch",
        severity,
        f"{len(norms)} batch norms take mean and spread from {batch['size']} examples a step.",
        "So few are mostly chance: each example's answer depends on its neighbours in the batch, and evaluation, with running "
        "values, sees another network.",
        {"batch_size": batch["size"], "threshold": FEW},
        source="Wu and He, Group Normalization, ECCV 2018, figure 1: the error rises below 8 examples",
        layer=norms[0].name,
        remedies=tuple(remedies),
        explains=(
            "mode_gap",
            "batch_too_small",
            "rate_too_high",
            "unfinished",
            "underfitting",
            "oscillating",
            "overfitting",
            "validation_shift",
        ),
        refuted_by="The same training with batches of 32 is no better.",
    )


def _places(shape: tuple[int, ...] | None) -> int:
    places = 1
    for side in (shape or ())[1:]:
        places *= side
    return places
