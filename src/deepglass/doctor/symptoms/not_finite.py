"""Not finite: where the first nan or infinity stood, in which pass, at which step."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.trend import is_not_finite
from deepglass.probes.evidence import Evidence

# In the order in which a step computes them: what comes first is the origin.
PLACES = (
    ("weight_nonfinite", "the weights of", "weights"),
    ("activation_nonfinite", "the output of", "forward"),
    ("gradient_nonfinite", "the gradient of", "backward"),
)


def look(evidence: Evidence) -> Iterator[Finding]:
    """The first layer that held a value that is nan or infinite; the loss itself, where all layers were sound."""
    if not is_not_finite(evidence):
        return
    layer, place, step, where = _origin(evidence)
    yield Finding(
        "not_finite",
        "alarm",
        what=f"The loss became nan or infinite{where}.",
        why="Nothing can be learned from then on: every weight that such a gradient reaches is lost.",
        evidence={"place": place, "step": step} if step >= 0 else {"place": place},
        source="exact; the first in the order of computation, as DeepLocalize does (Wardat et al., ICSE 2021)",
        layer=layer,
        remedies=tuple(_remedies(evidence)),
        refuted_by="The inputs, or the loss for a sound output, are not finite themselves.",
        strength=0.3,  # a consequence of nearly everything else
    )


def _origin(evidence: Evidence) -> tuple[str | None, str, int, str]:
    """Layer, pass, step (-1: not looked at) and the words for it."""
    for step in evidence.steps:
        for quantity, words, place in PLACES:
            found = [name for name, count in evidence.across(quantity, step).items() if count != 0]
            if found:
                name = found[-1] if place == "backward" else found[0]  # gradients come from the end
                return name, place, step, f": at step {step} {words} {name!r} was the first that was not finite"
    known = [step for step, mean, _ in evidence.losses if mean - mean != 0]
    if evidence.probes and known and known[0] <= evidence.steps[-1]:
        return (
            None,
            "loss",
            known[0],
            f" at step {known[0]}, while all layers looked at were sound: it arose in the loss itself",
        )
    if known:
        return None, "unknown", known[0], f" at step {known[0]}"
    return None, "unknown", -1, ""


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    if evidence.settings:
        yield Remedy({"recipe.clip_norm": 1.0}, "Let no gradient be longer than 1.")
    yield Remedy({}, "Look for a division by 0, a logarithm or root of 0 in the loss and in the network.", by="code")
