"""Inside: what the looks into a training showed, in sentences that say what is seen and what is usual."""

import math
from collections.abc import Iterable, Mapping

import numpy as np

from deepglass.inside.activations import HANDS_ON
from deepglass.plurals import counted
from deepglass.probes import Evidence
from deepglass.report.pictures.update_ratios import USUAL
from deepglass.report.words import cost_words, number

MAPS = ("gradient_norm", "update_ratio", "activation_std")
TROUBLES = ("dead_units", "saturated_units", "constant_units")  # the first that is not 0 everywhere gets a map, too
FADED = 1e-3  # gradient of the first layer over that of the last: Zhang et al., "AutoTrainer", ICSE 2021
APART = 10.0  # times one another: spreads of one order (Glorot and Bengio 2010; He et al. 2015)
LEARNING = 1e-4, 1e-1  # update over weights: TheDeepChecker (Ben Braiek and Khomh, 2023) calls what is outside unstable
SILENT = {"dead_units": "give 0 for all", "saturated_units": "are at a flat end of their activation for most of"}
HALF = 0.5  # of a layer's units: as `dead_units` and `saturated_units` of the doctor


def telling_maps(evidence: Evidence) -> list[str]:
    """The quantities that the page shows for all layers over time."""
    troubles = [q for q in TROUBLES if _largest_at_end(evidence, q)[1] > 0]
    return [q for q in (*MAPS, *troubles[:1]) if any(len(evidence.series(q, y.name)) for y in evidence.layers)]


def how_it_was_seen(evidence: Evidence) -> str:
    """When it was looked inside, at what, and what it cost."""
    rows, looks = int(evidence.facts.get("rows", 0)), len(evidence.steps)
    on = f", at the same {counted(rows, 'example')} of the training split" if rows else ""
    cost = evidence.facts.get("seconds")
    spent = f" It took {cost_words(float(cost), float(evidence.facts.get('share', 0.0)))}." if cost else ""
    return f"It was looked inside {counted(looks, 'time')} while it learned{on}.{spent}"


def why_it_was_not_seen(fact: Mapping[str, int]) -> str:
    """Why there is nothing inside to show, of one of many trained in one step. Args: fact: `not_looked_into` of its run."""
    together, seen = fact["trained_together"], fact["looked_into"]
    return (
        f"It was not looked inside: this is one of {together:,} networks that were trained together in one step, and only the "
        f"first {seen} of these were looked into, because a look costs as much as many such steps. To see inside, train it alone."
    )


def of_gradients(evidence: Evidence) -> str:
    """How the gradient of the first layer that learns stands to that of the last one, at the start and in the end."""
    broken = _first_broken(evidence, "gradient_norm")
    if broken:
        return broken
    layers = [y.name for y in evidence.layers if len(evidence.series("gradient_norm", y.name))]
    if len(layers) < 2:
        return ""
    pairs = [_values(evidence, "gradient_norm", name) for name in (layers[0], layers[-1])]
    quotients = [a / b if b else math.nan for a, b in zip(*pairs)]
    last = quotients[-1]
    if math.isnan(last) or math.isnan(quotients[0]):
        return f"No gradient came to {layers[-1]}, the last layer that learns; it is usual that there is one."
    said = (
        f"The gradient of {layers[0]}, the first layer that learns, is {number(quotients[0], 2)} times that of "
        f"{layers[-1]}, the last one, at the start"
    )
    said += f", and {number(last, 2)} times in the end. " if len(quotients) > 1 else ". "
    usual = "It is usual that they are within a factor of 1,000 of one another"
    source = " (Zhang et al., AutoTrainer, ICSE 2021)"
    if last < FADED:
        return f"{said}{usual}{source}; here it fades on its way back, and the first layers hardly learn from it."
    return f"{said}{usual}{source}{', as they are here' if last <= 1 / FADED else '; here it grows on its way back'}."


def of_activations(evidence: Evidence) -> list[str]:
    """How widely the layers' numbers are spread, and which layers have units that say nothing."""
    broken = _first_broken(evidence, "activation_std")
    if broken:
        return [broken]
    sentences = []
    kinds = {y.name: y.kind for y in evidence.layers}
    start = {n: v for n, v in evidence.across("activation_std", 0).items() if kinds[n] not in HANDS_ON}
    spreads = {n: float(v) for n, v in start.items() if isinstance(v, float) and v > 0}
    if len(spreads) > 1:
        low, high = min(spreads, key=spreads.__getitem__), max(spreads, key=spreads.__getitem__)
        together = spreads[high] <= APART * spreads[low]
        sentences.append(
            f"At the start the spread of what the layers give goes from {number(spreads[low], 2)} ({low}) to "
            f"{number(spreads[high], 2)} ({high}). Usual is one order of magnitude for all layers (Glorot and Bengio 2010; "
            f"He et al. 2015){', as here' if together else '; here it is more'}."
        )
    for quantity, what in SILENT.items():
        name, share = _largest_at_end(evidence, quantity)
        if share > 0:
            many = "Half of a layer and more is unusual" if share >= HALF else "A part of a layer is usual, half is not"
            sentences.append(f"In the end {100 * share:.0f} % of the units of {name} {what} these examples. {many}.")
    return sentences


def of_updates(evidence: Evidence) -> str:
    """By what share of its length a step changes the weights of the layers: at the start, and at the last look."""
    layers = [y.name for y in evidence.layers if len(evidence.series("update_ratio", y.name))]
    found = {step: _known(evidence.across("update_ratio", step).values()) for step in evidence.steps}
    found = {step: values for step, values in found.items() if values}
    if not layers or not found:
        return ""
    first, last = min(found), max(found)
    middle = [float(np.median(found[step])) for step in (first, last)]
    said = f"A step changes the weights by {number(middle[0], 2)} of their length at the start (median of the layers)"
    said += f", and by {number(middle[1], 2)} after {counted(last, 'step')}. " if last > first else ". "
    usual = f"About {USUAL:g} is usual"
    if middle[1] < LEARNING[0]:
        return f"{said}{usual}; under {LEARNING[0]:g} it hardly moves: in the end of a training this is wanted, before it is not."
    if middle[1] > LEARNING[1]:
        return f"{said}{usual}; over {LEARNING[1]:g} each step throws away much of what was learned before."
    return f"{said}{usual}, and {LEARNING[0]:g} to {LEARNING[1]:g} is common."


def _values(evidence: Evidence, quantity: str, layer: str) -> list[float]:
    return [float(v) for v in evidence.series(quantity, layer).values]


def _known(values: Iterable[object]) -> list[float]:
    return [v for v in values if isinstance(v, float) and math.isfinite(v)]


def _largest_at_end(evidence: Evidence, quantity: str) -> tuple[str, float]:
    """The layer with the largest share at the last look, and that share."""
    found = evidence.across(quantity, evidence.steps[-1]) if evidence.steps else {}
    known = {n: float(v) for n, v in found.items() if isinstance(v, float) and math.isfinite(v)}
    name = max(known, key=known.__getitem__, default="")
    return name, known.get(name, 0.0)


def _first_broken(evidence: Evidence, quantity: str) -> str:
    """Where a quantity was not finite first; nothing when it always was."""
    for step in evidence.steps:
        broken = [
            n for n, v in evidence.across(quantity, step).items() if isinstance(v, float) and not math.isfinite(v)
        ]
        if broken:
            what = "gradient" if quantity == "gradient_norm" else "output"
            return f"From step {step:,} on the {what} of {broken[-1]} is not finite; it should always be."
    return ""
