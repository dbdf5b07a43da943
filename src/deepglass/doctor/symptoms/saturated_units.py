"""Saturated units: sigmoid or tanh units at their ends, where the derivative is nearly 0."""

from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import at_start, called, setting
from deepglass.doctor.trend import is_lacking
from deepglass.probes.evidence import Evidence

HALF = 0.5  # of a layer's numbers at the start, or of its units in the end (a unit: for 90 % of the rows, see probes.quantities)
LOOKS = 2  # the last ones
OUTPUTS = ("softmax", "logsoftmax")  # these are meant to come to their ends


def look(evidence: Evidence) -> Iterator[Finding]:
    """Per unit: the derivative under 5 % of its maximum for 90 % of the rows. Hidden layers alone: outputs should be sure."""
    if not is_lacking(evidence):
        return
    layers = called(evidence)
    last = max((y.depth for y in layers if y.depth is not None), default=-1)
    hidden = [y for y in layers if y.bounded and y.depth != last and y.kind.lower() not in OUTPUTS]
    ends = {y.name: median(s.values[-LOOKS:]) for y in hidden if len(s := evidence.series("saturated_units", y.name))}
    starts = {n: share for n, share in at_start(evidence, "saturated").items() if n in ends}
    worst = max(ends, key=lambda n: max(ends[n], starts.get(n, 0.0)), default=None)
    if worst is None or max(ends[worst], starts.get(worst, 0.0)) <= HALF:
        return
    born = starts.get(worst, 0.0) > HALF
    yield Finding(
        "saturated_units",
        "alarm" if ends[worst] > HALF else "warning",
        what=f"The units of {worst!r} stand at their ends: {starts.get(worst, 0.0):.0%} of their outputs "
        "before the first step, and in "
        f"the end {ends[worst]:.0%} of the units for nearly every example.",
        why="The curve is flat there, so hardly any gradient comes through, and the units can neither learn nor return.",
        evidence={"saturated_units": ends[worst], "saturated_at_start": starts.get(worst, 0.0), "threshold": HALF},
        source="Glorot and Bengio, AISTATS 2010, section 3; per unit by the derivative, half of a layer: SageMaker Debugger's rule",
        layer=worst,
        remedies=tuple(_remedies(evidence, born)),
        explains=(
            "vanishing",
            "slow_layer",
            "rate_too_low",
            "underfitting",
            "unfinished",
            "predicts_mean",
            "class_never_predicted",
        ),
        refuted_by="With smaller weights, or ReLU, the score is no better.",
        strength=max(ends[worst], starts.get(worst, 0.0)),
    )


def _remedies(evidence: Evidence, born: bool) -> Iterator[Remedy]:
    network = evidence.settings.get("network", {})
    if born and setting(evidence, "data.scaling") == "none":
        yield Remedy({"data.scaling": "standard"}, "Inputs of mean 0 and deviation 1 keep the units in their middle.")
    if network.get("initialization", "auto") != "auto":
        yield Remedy({"network.initialization": "auto"}, "Initial weights that keep the units in their middle.")
    if "activation" in network:
        yield Remedy({"network.activation": "relu"}, "ReLU has one flat side alone.")
    if "norm" in network and network["norm"] != "batch":
        yield Remedy({"network.norm": "batch"}, "Batch norm brings what enters the units back to the middle.")
    yield Remedy(
        {}, "Make the initial weights smaller (Glorot's: sqrt(2 / (inputs + outputs))), or use ReLU.", by="code"
    )
