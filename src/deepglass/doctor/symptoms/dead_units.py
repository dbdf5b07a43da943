"""Dead units: ReLU units that are zero for every example, and so never learn again."""

from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.rates import of_rates, shorter_rates
from deepglass.doctor.reading import at_start, called, setting
from deepglass.doctor.trend import is_lacking, rate
from deepglass.probes.evidence import Evidence

HALF = 0.5  # of a layer's units: DOCTOR's rule, per unit over all rows, not pooled
LOOKS = 2  # the last ones, so that a unit that comes back is not counted


def look(evidence: Evidence) -> Iterator[Finding]:
    """The share of each activation's units that are 0 for all rows in the last looks. Names the first layer with most of them.

    Silent while the run does well: sparse layers are healthy.
    """
    if not is_lacking(evidence):
        return
    shares = {
        y.name: median(found.values[-LOOKS:])
        for y in called(evidence)
        if y.is_activation and len(found := evidence.series("dead_units", y.name))
    }
    worst = max(shares, key=lambda n: shares[n], default=None)
    if worst is None or shares[worst] <= HALF:
        return
    began = at_start(evidence, "dead_units").get(worst, 0.0)
    born = began > HALF
    yield Finding(
        "dead_units",
        "alarm",
        what=f"{shares[worst]:.0%} of the units of {worst!r} are 0 for every example looked at"
        + (f", {began:.0%} of them from the start." if born else f"; at the start it was {began:.0%}."),
        why="A ReLU that is never active passes no gradient, so its weights stay as they are, for good. "
        + ("With all of them dead, nothing gets through." if shares[worst] == 1 else "The rest has to do the work."),
        evidence={
            "dead_share": shares[worst],
            "threshold": HALF,
            "at_start": began,
            "layers": sum(s > HALF for s in shares.values()),
        },
        source="Lu et al., Dying ReLU and Initialization, arXiv:1903.06733; half of a layer: SageMaker Debugger's rule",
        layer=worst,
        remedies=tuple(_remedies(evidence, born)),
        explains=EXPLAINS,
        refuted_by="The units are active for other examples, or the score is no better with leaky ReLU.",
        strength=min(1.0, 0.5 + shares[worst] / 2),
    )


EXPLAINS = (
    "vanishing",
    "predicts_mean",
    "class_never_predicted",
    "underfitting",
    "unfinished",
    "slow_layer",
    "rate_too_low",
    "cut_gradient",
    "batch_too_small",
)


def _remedies(evidence: Evidence, born: bool) -> Iterator[Remedy]:
    used = rate(evidence)
    if evidence.settings and not born and used == used:
        words = "shorter steps do not throw units so far that none returns."
        yield from of_rates(evidence, shorter_rates(evidence, used), used, words)
    if str(setting(evidence, "network.activation", "")) == "relu":
        yield Remedy(
            {"network.activation": "leaky_relu"}, "Leaky ReLU has a slope on both sides, so that no unit is lost."
        )
    if setting(evidence, "network.initialization", "auto") != "auto":
        yield Remedy(
            {"network.initialization": "auto"}, "He's initial weights and biases of 0 keep half of the units active."
        )
    yield Remedy({}, "Start with biases of 0 and He's initial weights; use leaky ReLU.", by="code")
