"""Cannot memorize: the network does not even learn a handful of examples by heart."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

LEFT = 0.5  # of the constant answer's loss; a sound network comes under 0.05 (calibration.md)
FEWEST_STEPS = 100  # of the 300 that are planned: fewer say that time ran out


def look(evidence: Evidence) -> Iterator[Finding]:
    """What is left of the loss on one small batch, after training on nothing else; measured on demand."""
    found = evidence.before.get("measurements", {}).get("memorize", {})
    constant, least = found.get("constant"), found.get("least_loss")
    if not constant or least is None or found["steps"] < FEWEST_STEPS or least <= LEFT * constant:
        return
    yield Finding(
        "cannot_memorize",
        "warning",
        f"On {found['rows']} examples alone, the loss comes down to {least:.4g} in {found['steps']} steps; a constant answer has "
        f"{constant:.4g}.",
        "A network that cannot learn a few examples by heart is too small, cut somewhere, or learns with the wrong loss; more "
        "data and longer training do not help.",
        {"loss_left": least / constant, "threshold": LEFT},
        source="Karpathy, A Recipe for Training Neural Networks, 2019; TheDeepChecker, TOSEM 2022",
        remedies=(Remedy({}, "Look at the other findings; else give the network more units or layers.", "code"),),
        refuted_by="A lower loss after more steps on these examples.",
    )
