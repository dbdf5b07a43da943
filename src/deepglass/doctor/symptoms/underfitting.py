"""Underfitting: the network is too small or too simple for the task."""

from collections.abc import Iterator
from math import isnan
from statistics import mean
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.layer_changes import with_more_units
from deepglass.doctor.reading import called, setting, weighted
from deepglass.doctor.standing import standing
from deepglass.doctor.trend import LACKING, course, gain_lacking, is_not_finite, training_curve, weighs_classes
from deepglass.probes.evidence import Evidence

BEHIND = 0.25  # of the way, that a network with hidden layers is behind a cheap model; without any, LACKING is enough
GAP = 1.3  # validation loss over training loss: above it more capacity would be learned by heart
FITTED = 0.2  # training loss over its start: below it, the examples are learned
QUARTERS = 4  # equal parts of the training, as in unfinished
LEAST = 0.05  # of the first quarter's loss, that is gone by the last
AS_BEFORE = 0.5  # of what a quarter took off on average: it has not slowed down (as in unfinished)
NEEDLE = 2  # units
NARROW = 0.5  # units of the narrowest hidden layer over the classes: so few numbers cannot hold as many answers apart
# Layers whose output is a plane over their input (once training is over): a chain of these alone is a plane too.
FLAT = (
    "Linear",
    "Conv",
    "Flatten",
    "Unflatten",
    "Identity",
    "Dropout",
    "AvgPool",
    "AdaptiveAvgPool",
    "BatchNorm",
    "Upsample",
)
USUAL_HIDDEN = 64  # of the remedy: what dg.build gives a network of its own


ACTIVATED = Remedy({}, "Put an activation, such as ReLU, after every layer but the last.", by="code")


def look(evidence: Evidence) -> Iterator[Finding]:
    """Training and validation alike stay below what a cheap model reaches; or a hidden layer is narrower than the answers need.

    The cheap models (a plane, a small tree, nearest neighbours) are the estimate of what can be told from these inputs: where
    they do no better, the rest is chance.
    """
    train = training_curve(evidence)
    if weighs_classes(evidence) or is_not_finite(evidence) or len(train) < 2 or not train[0] > 0:
        return
    how, behind = standing(evidence), gain_lacking(evidence)
    validation = [v for v in evidence.curve("validation") if v == v]
    if how.word == "unknown" or (train[-1] < FITTED * train[0] and how.gain > 1 - 2 * LACKING):
        return
    if validation and train[-1] > 0 and validation[-1] > GAP * train[-1]:
        return
    if _still_falls(evidence) and not is_needle(evidence):
        return  # what more steps would still take off is no matter of what the network can draw
    width, needed = _narrowest(evidence)
    narrow = needed > 2 and width <= NARROW * needed and how.gain < 1 - LACKING
    needle = is_needle(evidence)
    hidden = len(weighted(evidence)) - 1 if evidence.layers else -1
    is_flat = hidden > 0 and _is_flat(evidence)  # hidden layers that bend nothing are as good as none
    hidden = 0 if is_flat else hidden
    if not (narrow or needle) and (isnan(behind) or behind <= (BEHIND if hidden else LACKING)):
        return
    ahead = f"a cheap model is ahead by {behind:.0%} of the way from a constant answer to perfection"
    if narrow:
        seen = f"A hidden layer has {width} unit{'s' if width > 1 else ''} for {needed} classes to pass through"
    elif needle:
        narrowest = f"{width} unit{'s' if width > 1 else ''}"
        seen = f"A hidden layer has {narrowest}, and {ahead}"
    else:
        seen = ahead.capitalize() + (
            ", and no activation stands between its layers, so that all of them together are one plane"
            if is_flat
            else ", and the network has no hidden layer"
            if not hidden
            else ""
        )
    yield Finding(
        "underfitting",
        "alarm" if not hidden or narrow or needle else "warning",
        what=f"{seen}. Training and validation loss end at {train[-1]:.3g}"
        + (f" and {validation[-1]:.3g}." if validation else "."),
        why="What is missed in training too is not a matter of more examples: the network cannot draw what the data ask for.",
        evidence={
            "behind": behind if behind == behind else 0.0,
            "threshold": LACKING,
            "hidden_layers": hidden,
            "narrowest": width,
        },
        source="Goodfellow et al., Deep Learning, section 5.2; a small gap below a cheap model's score",
        remedies=(*((ACTIVATED,) if is_flat else ()), *_remedies(evidence, hidden)),
        explains=(
            "class_never_predicted",
            *(("predicts_mean",) if is_flat or needle else ()),
            *(("rate_too_low",) if needle else ()),
        ),
        refuted_by="A larger network ends at the same training loss.",
        strength=0.9 if not hidden or narrow or needle else min(1.0, behind * 2),
    )


def is_needle(evidence: Evidence) -> bool:
    """Whether all goes through one or two units, while a cheap model of the inputs is ahead.

    Source: Blum and Rivest, "Training a 3-Node Neural Network is NP-Complete", Neural Networks 1992: two hidden units may not get
    there even where two would do.
    """
    widths = [y.units or 0 for y in weighted(evidence)[:-1]]
    return bool(widths) and 0 < min(widths) <= NEEDLE and gain_lacking(evidence) > LACKING


def _still_falls(evidence: Evidence) -> bool:
    """Whether the last quarter of the training took off as much of the loss as a usual quarter of it, or nearly."""
    levels = course(evidence)
    if len(levels) < QUARTERS:
        return False
    parts = [mean(levels[len(levels) * n // QUARTERS : len(levels) * (n + 1) // QUARTERS]) for n in range(QUARTERS)]
    fell = parts[0] - parts[-1]
    return fell > LEAST * abs(parts[0]) and parts[-2] - parts[-1] >= AS_BEFORE * fell / (QUARTERS - 1)


def _is_flat(evidence: Evidence) -> bool:
    """Whether the network is a chain of planes: no activation, no largest of several, no memory."""
    layers = called(evidence)
    last = max(n for n, y in enumerate(layers) if y.parameters)
    return all(y.kind.startswith(FLAT) for y in layers[: last + 1])


def _narrowest(evidence: Evidence) -> tuple[int, int]:
    """Units of the narrowest hidden layer, and classes (0 where there are none)."""
    shares = evidence.series("target_shares")
    layers = weighted(evidence)[:-1]
    if not layers or not len(shares):
        return 0, 0
    return min(y.units or 0 for y in layers), len(shares.values[0])


def _remedies(evidence: Evidence, hidden: int) -> Iterator[Remedy]:
    network = evidence.settings.get("network", {})
    if "hidden" in network:
        wider = _wider(network["hidden"] or [], USUAL_HIDDEN) or [USUAL_HIDDEN, USUAL_HIDDEN]
        yield Remedy({"network.hidden": wider}, "More units and layers.")
    if "filters" in network:
        yield Remedy({"network.filters": _wider(network["filters"], 16)}, "More filters.")
    for size in ("units", "width"):  # of recurrent networks and of transformers
        if isinstance(network.get(size), int):
            yield Remedy({f"network.{size}": 2 * network[size]}, "More units.")
    yield from with_more_units(network)
    if network and not {"hidden", "filters", "units", "width"} & network.keys():
        yield (
            Remedy(
                {"network": {"name": "mlp", "hidden": [USUAL_HIDDEN, USUAL_HIDDEN]}},
                "A network with two hidden layers.",
            )
            if (network.get("name") == "perceptron")
            else Remedy({}, "More units, more layers, or layers that are made for such inputs.", by="code")
        )
    if setting(evidence, "network.dropout"):
        yield Remedy({"network.dropout": 0.0}, "No dropout: there is nothing to hold back.")
    if not network:
        yield Remedy({}, "More units, more layers, less regularisation.", by="code")


def _wider(sizes: Any, least: int) -> Any:
    """Four times as many of each, and not fewer than `least`: of one number, or of a list."""
    return max(least, 4 * sizes) if isinstance(sizes, int) else [max(least, 4 * size) for size in sizes]
