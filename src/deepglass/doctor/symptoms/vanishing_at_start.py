"""Vanishing, told at the start: gradients shrink through depth before the first step."""

import math
from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, is_named, weighted
from deepglass.probes.evidence import Evidence

# Of the gradient at the outputs of the first and of the last layer that is not the output itself. Ten layers that each keep half
# leave 1/1000 (Hochreiter 1991; Bengio et al. 1994); AutoTrainer takes the same 1e-3 for norms of gradients.
SHRUNK = 1e-3
# By depth, gradients are lost little by little: halfway, about the root is lost of what is lost on all of it. One layer that hears
# little beside others that hear enough, as the keys of attention do before it looks anywhere, is no matter of depth.
HALFWAY = SHRUNK**0.5
FEWEST = 4  # layers; a shorter way cannot lose so much by depth


def look(evidence: Evidence) -> Iterator[Finding]:
    """The gradient at the first layer's output against that at the last hidden one's, before the first step."""
    back = at_start(evidence, "backward_rms")
    layers = [y for y in weighted(evidence) if math.isfinite(back.get(y.name, math.nan))]
    if len(layers) < FEWEST:
        return
    first, last = back[layers[0].name], back[layers[-1].name]
    lower = max(back[y.name] for y in layers[: len(layers) // 2])
    if not last > 0 or first > SHRUNK * last or lower > HALFWAY * last:
        return
    if first == 0:
        return  # cut, dead or zero, which are findings of their own
    rms = first / last
    remedies = (
        Remedy({"network.activation": "relu"}, "Use an activation whose derivative is 1 over half of its range."),
        Remedy({"network.norm": "batch"}, "Bring every layer's signal back to deviation 1."),
        Remedy({"network.initialization": "auto"}, "Start from He's or Glorot's weights."),
    )
    yield Finding(
        "vanishing",
        "warning",
        f"The gradient at {layers[0].name} is {rms:.1e} of that at {layers[-1].name} before the first step, "
        f"{len(layers)} layers on.",
        "The first layers hardly learn, and what they lose the later ones cannot see.",
        {"gradient_left": rms, "threshold": SHRUNK, "layers": float(len(layers))},
        source="Hochreiter 1991; Bengio et al. 1994; threshold as AutoTrainer, ICSE 2021",
        layer=layers[0].name,
        remedies=remedies
        if is_named(evidence)
        else (*remedies, Remedy({}, "Add residual connections, or norms between layers.", "code")),
        explains=(
            "slow_layer",
            "rate_too_low",
            "underfitting",
            "unfinished",
            "predicts_mean",
            "saturated_units",
            "class_never_predicted",
            "dead_units",
            "weights_too_small",
            "no_steps",
        ),
        refuted_by="The first layers change as much as the last.",
        strength=min(1.0, -math.log10(max(rms, 1e-30)) / 10),
    )
