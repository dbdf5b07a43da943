"""Dead on arrival: units that are zero for every example before the first step."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, called, is_named
from deepglass.probes.evidence import Evidence, Layer

# Where what comes in hardly differs from row to row, units are dead because the signal has vanished on its way.
ALIVE = 0.1  # of the size of what comes in
HALF = 0.5  # of the units of a layer (SageMaker's and TheDeepChecker's share as well); a healthy He start has a few in a hundred


def look(evidence: Evidence) -> Iterator[Finding]:
    """An activation layer more than half of whose units are 0 for all rows, at all places; the first such layer."""
    dead = at_start(evidence, "dead_units")
    for layer in called(evidence):
        if not layer.is_activation or layer.bounded or dead.get(layer.name, 0.0) <= HALF:
            continue
        if _share_that_differs(evidence, layer) < ALIVE:
            return
        yield Finding(
            "dead_units",
            "alarm" if dead[layer.name] == 1 else "warning",
            f"{dead[layer.name]:.0%} of the units of {layer.name} are 0 for every example before the first step.",
            "A ReLU that is 0 for all examples has no gradient, and never learns again.",
            {"dead_units": dead[layer.name], "threshold": HALF},
            source="Lu et al., Dying ReLU and Initialization, 2020; share as SageMaker Debugger and TheDeepChecker",
            layer=layer.name,
            remedies=(
                Remedy({"network.initialization": "auto"}, "Start from random weights and biases of zero."),
                *(
                    (Remedy({"network.activation": "leaky_relu"}, "Let a little through below 0."),)
                    if is_named(evidence)
                    else ()
                ),
                Remedy({}, "See the biases before this layer: far below 0 they switch units off.", "code"),
            ),
            explains=(
                "vanishing",
                "predicts_mean",
                "underfitting",
                "class_never_predicted",
                "slow_layer",
                "unfinished",
                "rate_too_low",
                "rate_too_high",
                "cut_gradient",
                "no_steps",
                "labels_shuffled",
                "frozen",
            ),
            refuted_by="Units that answer to some example.",
        )
        return


def _share_that_differs(evidence: Evidence, activation: Layer) -> float:
    """How much of the signal that reaches the layer before an activation differs from row to row; 1 for the network's input."""
    before = called(evidence)[: activation.depth]
    place = max((n for n, y in enumerate(before) if y.parameters), default=0)
    if place == 0:
        return 1.0
    spread, size = (
        at_start(evidence, q).get(before[place - 1].name, 0.0) for q in ("activation_unit_std", "activation_std")
    )
    return spread / size if size > 0 else 0.0
