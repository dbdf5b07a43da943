"""Inputs not finite: NaN or an infinity among the inputs."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import weighted
from deepglass.probes.evidence import Evidence

BY_HAND = Remedy({}, "Leave out the rows, or fill the values, before training.", "data")
GROWN = 100.0  # times its start: weights that have grown so much overflow by themselves
CALM = 10.0  # outputs up to here have finite logarithms of their softmax or sigmoid, in float32
SHORT = 0.1  # of the weights: steps up to here make no loss overflow (TheDeepChecker: usual up to 0.1)
EXPLAINS = (
    "log_of_zero",
    "nonfinite",
    "not_finite",
    "exploding",
    "rate_too_high",
    "predicts_mean",
    "no_steps",
    "inputs_constant",
)
WHY = "One such value makes the loss and every gradient NaN, and after that step all weights."


def look(evidence: Evidence) -> Iterator[Finding]:
    """Exact: values that are counted, or a first layer that gives them with finite weights."""
    for name, field in evidence.before.get("inputs", {}).items():
        if field.get("not_finite"):
            yield _finding(
                f"The input {name!r} holds {field['not_finite']} values that are NaN or infinite; the first stands in row "
                f"{field['first_row']}.",
                {"not_finite": field["not_finite"], "first_row": field["first_row"], "threshold": 0},
                column=name,
            )
            return
    if bad_targets := evidence.before.get("target", {}).get("not_finite"):
        yield _finding(
            f"The targets hold {bad_targets} values that are NaN or infinite.",
            {"not_finite": bad_targets, "threshold": 0},
        )
        return
    first = next(iter(weighted(evidence)), None)
    if first is None:
        return
    bad_weights, norms = evidence.series("weight_nonfinite", first.name), evidence.series("weight_norm", first.name)
    for step, units in evidence.series("activation_nonfinite", first.name):
        if units and bad_weights.at(step) == 0 and not (norms and norms.at(step) > GROWN * norms.values[0]):
            yield _finding(
                f"The first layer, {first.name}, gives NaN or infinities for {units:.0f} of its units at step {step}, while its "
                "weights are finite: they come from the inputs.",
                {"units": units, "step": step, "threshold": 0},
                layer=first.name,
            )
            return
    takes_logarithm = "not_finite_at" in evidence.before.get(
        "own_loss", {}
    )  # which gives NaN by itself, see log_of_zero
    if not evidence.settings and not evidence.before.get("target") and not takes_logarithm:
        yield from _out_of_the_blue(evidence, first.name)


def _out_of_the_blue(evidence: Evidence, first: str) -> Iterator[Finding]:
    """Of a loop, whose data nobody sees: all weights turn NaN between two looks, of which the first saw small answers and steps."""
    bad = evidence.series("weight_nonfinite", first)
    step = next((s for s, count in bad if count), None)
    looks = [s for s, count in bad if not count and (step is None or s < step)]
    if step is None or not looks:
        return
    last = looks[-1]
    size = max(abs(evidence.series(q).at(last) or 0.0) for q in ("output_min", "output_max"))
    longest = max((v for v in evidence.across("update_ratio", last).values() if isinstance(v, float)), default=1.0)
    if size <= CALM and longest <= SHORT:
        yield _finding(
            f"Between steps {last} and {step} all weights turned NaN, although at step {last} no output was beyond {size:.3g} and "
            f"no step moved weights by more than {longest:.1%}: a row of the inputs or targets holds NaN or an infinity.",
            {
                "step": step,
                "output_size": size,
                "output_threshold": CALM,
                "update_ratio": longest,
                "update_threshold": SHORT,
            },
            layer=first,
        )


def _finding(what: str, numbers: dict[str, float], layer: str | None = None, column: str | None = None) -> Finding:
    return Finding(
        "inputs_not_finite",
        "alarm",
        what,
        WHY,
        numbers,
        source="exact: a sum with NaN is NaN",
        layer=layer,
        column=column,
        remedies=(BY_HAND,),
        explains=EXPLAINS,
        refuted_by="All inputs of the training split are finite.",
    )
