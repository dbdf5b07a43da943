"""Sizes: how wide initial weights are, against what is usual."""

import math

from deepglass.doctor.reading import at_start, weighted
from deepglass.probes.evidence import Evidence

FEWEST_WEIGHTS = 8  # of a layer, below which the deviation of its weights says little


def against_he(evidence: Evidence) -> dict[str, float]:
    """The deviation of each layer's first weights over that of He's, sqrt(2 / inputs of a unit).

    Inputs of a unit are parameters over units, less a bias; of a transposed convolution that is only about right. Layers of several
    calls, and those of zeros, are left out.
    Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, equation 10.
    """
    spread = at_start(evidence, "weight_std")
    norm = at_start(evidence, "weight_norm")
    found = {}
    for layer in weighted(evidence):
        if not layer.units or layer.kind not in MATRICES or layer.parameters < FEWEST_WEIGHTS:
            continue
        inputs = max(1.0, layer.parameters / layer.units - 1)
        if norm.get(layer.name) and math.isfinite(spread.get(layer.name, math.nan)):
            found[layer.name] = spread[layer.name] / math.sqrt(2 / inputs)
    return found


MATRICES = ("Linear", "Conv1d", "Conv2d", "Conv3d")
