"""Reading: what several symptoms ask of the evidence."""

from typing import Any

from deepglass.probes.evidence import Evidence, Layer


def at_start(evidence: Evidence, quantity: str) -> dict[str, float]:
    """A quantity of each layer before the first step, by name; empty when it was not looked at then."""
    if not evidence.probes or evidence.probes[0]["step"] != 0:
        return {}
    return {name: float(value) for name, value in evidence.across(quantity, 0).items() if not isinstance(value, tuple)}


def called(evidence: Evidence) -> list[Layer]:
    """The layers in the order in which the network calls them."""
    return [layer for layer in evidence.layers if layer.depth is not None]


def weighted(evidence: Evidence) -> list[Layer]:
    """Of these, the ones with a matrix or filters of their own that turn inputs into outputs, the last one included."""
    return [y for y in called(evidence) if y.parameters and y.units and y.kind not in SCALING and not y.is_activation]


# Layers whose parameters are a scale and an offset, alike for all units on purpose.
SCALING = (
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "LayerNorm",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "RMSNorm",
    "PReLU",
    "Embedding",
)


def setting(evidence: Evidence, name: str, usual: Any = None) -> Any:
    """A setting of the run's spec by its full name, such as "recipe.batch_size"; `usual` where there is none.

    Of a loop: what its optimizer was given.
    """
    section, _, key = name.partition(".")
    if not evidence.settings and section == "recipe":
        return evidence.loop.get("optimizer", {}).get(key, usual)
    return evidence.settings.get(section, {}).get(key, usual)


def is_named(evidence: Evidence) -> bool:
    """Whether the network was made from its name, so that settings such as network.activation change it."""
    return "name" in evidence.settings.get("network", {}) and "module" not in evidence.settings.get("network", {})
