"""Exploding, told at the start: the signal or the gradient grows through depth before the first step."""

import math
from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, weighted
from deepglass.probes.evidence import Evidence

GROWTH = 100.0  # over the whole depth; healthy initial weights keep it within 10 (calibration.md)
FEWEST = 3  # layers


def look(evidence: Evidence) -> Iterator[Finding]:
    """The spread of the last layer's output over that of the first's, and the gradient the other way."""
    spread, back = at_start(evidence, "activation_std"), at_start(evidence, "backward_rms")
    layers = [y for y in weighted(evidence) if spread.get(y.name, 0.0) > 0]
    if len(layers) < FEWEST:
        return
    first, last = layers[0].name, layers[-1].name
    forward = spread[last] / spread[first]
    backward = back[first] / back[last] if back.get(last, 0.0) > 0 and first in back else 0.0
    growth = max(forward, backward) if math.isfinite(forward) else math.inf
    if growth <= GROWTH:
        return
    way = "signal" if forward >= backward else "gradient"
    yield Finding(
        "exploding",
        "warning",
        f"The {way} grows {growth:,.0f} times between {first} and {last} before the first step.",
        "A rate that suits one end is far too long at the other, and the first answers are absurdly sure.",
        {"growth": min(growth, 1e30), "threshold": GROWTH, "layers": float(len(layers))},
        source="Pascanu et al., ICML 2013; He et al., ICCV 2015, section 2.2; calibration.md",
        layer=last if way == "signal" else first,
        remedies=(
            Remedy({"network.initialization": "auto"}, "Start from He's or Glorot's weights."),
            Remedy({"network.norm": "batch"}, "Bring every layer's signal back to deviation 1."),
            Remedy({"recipe.clip_norm": 1.0}, "Cut long gradients short."),
        ),
        explains=(
            "rate_too_high",
            "saturated_units",
            "dead_units",
            "unfinished",
            "slow_layer",
            "nonfinite",
            "not_finite",
            "underfitting",
            "predicts_mean",
        ),
        refuted_by="Layers whose outputs have about one size.",
    )
