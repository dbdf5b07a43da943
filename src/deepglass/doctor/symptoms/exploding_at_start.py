"""Exploding, told at the start: the signal or the gradient grows through depth before the first step."""

import math
from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, called, weighted
from deepglass.probes.evidence import Evidence

GROWTH = 100.0  # over the whole depth; healthy initial weights keep it within 10 (calibration.md)
FEWEST = 3  # layers


def look(evidence: Evidence) -> Iterator[Finding]:
    """The spread of the last layer's output over that of the first's, and the gradient the other way."""
    spread, back = at_start(evidence, "activation_std"), at_start(evidence, "backward_rms")
    layers = [y for y in weighted(evidence) if spread.get(y.name, 0.0) > 0]
    yield from _through_time(evidence, spread)
    if len(layers) < FEWEST:
        return
    first, last = layers[0].name, layers[-1].name
    forward = spread[last] / spread[first]
    backward = back[first] / back[last] if back.get(last, 0.0) > 0 and first in back else 0.0
    growth = max(forward, backward) if math.isfinite(forward) else math.inf
    if growth <= GROWTH:
        return
    way = "signal" if forward >= backward else "gradient"
    yield _finding(
        f"The {way} grows {growth:,.0f} times between {first} and {last} before the first step.",
        {"growth": min(growth, 1e30), "threshold": GROWTH, "layers": float(len(layers))},
        last if way == "signal" else first,
    )


def _through_time(evidence: Evidence, spread: dict[str, float]) -> Iterator[Finding]:
    """A recurrent layer's first outputs against what it is given: the same weights are gone through at every step."""
    for number, layer in enumerate(order := called(evidence)):
        if not layer.kind.removesuffix("Cell").endswith(("RNN", "GRU", "LSTM")) or layer.name not in spread:
            continue
        before = [spread[y.name] for y in order[:number] if spread.get(y.name, 0.0) > 0]
        given = before[-1] if before else _size_of_inputs(evidence)
        growth = spread[layer.name] / given if given else 0.0
        if growth > GROWTH or not math.isfinite(growth):
            yield _finding(
                f"The signal grows {growth:,.0f} times through the steps of {layer.name} before the first step of training.",
                {"growth": min(growth, 1e30), "threshold": GROWTH},
                layer.name,
            )
            return


def _size_of_inputs(evidence: Evidence) -> float:
    fields = [f for f in evidence.before.get("inputs", {}).values() if "std" in f]
    return max((math.hypot(f["mean"], f["std"]) for f in fields), default=0.0)


def _finding(what: str, numbers: dict[str, float], layer: str) -> Finding:
    return Finding(
        "exploding",
        "warning",
        what,
        "A rate that suits one end is far too long at the other, and the first answers are absurdly sure.",
        numbers,
        source="Pascanu et al., ICML 2013; He et al., ICCV 2015, section 2.2; calibration.md",
        layer=layer,
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
