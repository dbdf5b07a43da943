"""Batch too small: steps are mostly chance."""

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import mean, median, pvariance

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.rates import of_rates, shorter_rates
from deepglass.doctor.trend import (
    batch_size,
    course,
    finite,
    first_loss,
    is_lacking,
    is_not_finite,
    noise_scale,
    rate,
)
from deepglass.probes.evidence import Evidence

FEW = 4  # examples in a batch; below, a single odd one is a fourth of the step
BARE = 2  # examples, whose gradient is taken for noise where none was measured, as in somebody's own loop
NOISE = 8.0  # times the batch that a gradient would need for its noise to be as large as itself
THROWN = 1.5  # a part of the training whose mean loss is above the first loss so many times
FEWEST_EPOCHS = 5  # below, ups and downs of four differences are no pattern
NO_WAY = 1.2  # times the variance: by chance 2, less in one of 20 times at 10 numbers (von Neumann 1941)
JUMP = 0.15  # of the middle loss, that a middle jump from one epoch to the next is
EVENS_OUT = "over shorter steps chance evens out."
USUAL = 32  # Masters and Luschi, arXiv:1804.07612: batches of 2 to 32 learn best


def look(evidence: Evidence) -> Iterator[Finding]:
    """A batch of few examples, a noise scale far above it, and a loss that is thrown about.

    Small batches that get there are healthy: silent while the run does well.
    """
    size = batch_size(evidence)
    if size is None or size > FEW or not (is_lacking(evidence) or is_not_finite(evidence)):
        return
    needed = [noise_scale(evidence, step) for step in evidence.steps]
    scale = median(needed) if needed else math.nan
    if not evidence.has("gradient_noise"):
        scale = math.inf if size <= BARE else math.nan
    levels, first = finite(course(evidence)), first_loss(evidence)
    thrown = is_not_finite(evidence) or max(levels, default=0) > THROWN * abs(first) or _is_chance(evidence)
    if not scale > NOISE * size or not thrown:
        return
    used = rate(evidence)
    seen = (
        "goes up and down from epoch to epoch, and nowhere"
        if _is_chance(evidence)
        else f"was thrown up to {max(levels, default=math.inf):.3g} from {first:.3g}"
    )
    yield Finding(
        "batch_too_small",
        "alarm",
        what=f"A step sees {size} example{'s' if size > 1 else ''}, while a gradient needs about "
        f"{scale:.0f} until it is more signal "
        f"than chance; the loss {seen}.",
        why="Each step goes where one or two examples want it, and at this rate it goes too far to be put right by the next.",
        evidence={"batch_size": size, "noise_scale": scale, "threshold": NOISE * size},
        source="McCandlish et al., An Empirical Model of Large-Batch Training, arXiv:1812.06162",
        remedies=(
            Remedy({"recipe.batch_size": USUAL}, f"Batches of {USUAL}: the mean of many gradients is steadier."),
            *(of_rates(evidence, shorter_rates(evidence, used), used, EVENS_OUT) if used == used else ()),
        ),
        explains=(
            "rate_too_high",
            "momentum_too_high",
            "oscillating",
            "dead_units",
            "not_finite",
            "exploding",
            "predicts_mean",
            "class_never_predicted",
            "underfitting",
            "unfinished",
            "overfitting",
            "metric_disagrees",
        ),
        refuted_by=f"The loss is thrown about as much with batches of {USUAL}.",
        strength=1.0,
    )


def _is_chance(evidence: Evidence) -> bool:
    """Whether the validation loss jumps from epoch to epoch, and is not on its way anywhere.

    Source: von Neumann, "Distribution of the Ratio of the Mean Square Successive Difference to the Variance", 1941: twice the
    variance where numbers follow each other by chance, far less where they rise or fall.
    """
    curve = [v for v in evidence.curve("validation") if math.isfinite(v)]
    if len(curve) < FEWEST_EPOCHS or min(curve) <= 0:
        return False
    steps = [abs(b - a) for a, b in pairwise(curve)]
    return mean(step**2 for step in steps) >= NO_WAY * pvariance(curve) and median(steps) >= JUMP * median(curve)
