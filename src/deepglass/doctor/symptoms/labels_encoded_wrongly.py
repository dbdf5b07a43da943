"""Labels encoded wrongly: classes are written in numbers that the loss does not take."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

# A cross-entropy of labels 0 and 1 is never below 0; it falls without limit where a label lies outside.
BELOW_ZERO = -0.5
# Names that are taken for numbers (calibration.md): classes are told apart, mistakes are as far off as mixed answers would be, and
# a plane explains clearly less of them as numbers.
TOLD_APART = 0.3  # of the way from chance
ANYWHERE = 0.85  # size of a mistake over that of a mixed answer; counts and grades are mistaken for their neighbours
LINE = 0.9  # r2 of a plane over that share


def look(evidence: Evidence) -> Iterator[Finding]:
    """Classes learned as quantities, or a cross-entropy of one output that has fallen through 0."""
    target, output = evidence.before.get("target", {}), evidence.before.get("output", {})
    if target.get("kind") == "number" and target.get("codes") and output.get("loss_for", "number") == "number":
        many = target["distinct"] > 2
        yield _finding(
            "warning" if many else "remark",
            f"{target['distinct']} classes are learned as the numbers that stand for them.",
            "As quantities, class 2 is twice class 1 and a mistake between 1 and 3 counts four times one between 1 and 2.",
            {"classes": float(target["distinct"]), "threshold": 2.0},
            (Remedy({"data.label_encoding": "index"}, "Learn classes as classes, with cross-entropy."),),
            target.get("name"),
        )
    if target.get("outside"):
        yield _finding(
            "alarm",
            f"The {output['loss']} is given labels from {target['min']:g} to {target['max']:g}.",
            "It takes labels from 0 to 1; beyond, it has no lowest value, and the output grows for ever.",
            {"smallest": target["min"], "largest": target["max"], "threshold": 1.0},
            (Remedy({}, "Give binary cross-entropy labels 0 and 1.", "code"),),
            None,
        )
        return
    if target.get("has_no_sides"):
        yield _finding(
            "alarm",
            f"A hinge, max(0, 1 - label x score), is given labels from {target['min']:g} to {target['max']:g}.",
            "It takes labels -1 and 1; a label of 0 takes the score out of the loss, so these examples teach nothing.",
            {"smallest": target["min"], "largest": target["max"], "threshold": 0.0},
            (Remedy({}, "Give the hinge labels -1 and 1: 2 * label - 1.", "code"),),
            None,
        )
        return
    yield from _names_as_numbers(evidence)
    curve = [value for value in evidence.curve("validation") if value == value] or evidence.curve("train")
    last = next((y for y in reversed(evidence.layers) if y.depth is not None and y.parameters), None)
    is_loop = not evidence.settings and last is not None and last.units == 1 and len(curve) > 1
    if is_loop and curve[-1] < BELOW_ZERO < curve[0] and curve[-1] <= curve[0] - 1:
        yield _finding(
            "alarm",
            f"The loss of one output falls through 0, to {curve[-1]:.4g}.",
            "No cross-entropy of labels 0 and 1 is below 0; with labels such as -1 or 2 it has no lowest value, and the "
            "output grows for ever.",
            {"loss": curve[-1], "threshold": BELOW_ZERO},
            (Remedy({}, "Give binary cross-entropy labels 0 and 1.", "code"),),
            None,
        )


def _names_as_numbers(evidence: Evidence) -> Iterator[Finding]:
    """Of a loop: whole numbers that are learned as quantities, and behave like names: told apart well, mistaken for any other."""
    target, names = evidence.before.get("target", {}), evidence.before.get("names", {})
    if not names or target.get("kind") != "number":
        return
    gain = (names["score"] - names["chance"]) / (1 - names["chance"])
    if gain < TOLD_APART or names["within"] < ANYWHERE or names["as_number"] > LINE * gain:
        return
    yield _finding(
        "warning",
        f"{names['classes']} whole numbers are learned as quantities, and behave like names: cheap models tell them apart in "
        f"{names['accuracy']:.0%} of the cases, and where they are wrong, they are off by as much as chance.",
        "As quantities, class 2 is twice class 1 and a mistake between 1 and 3 counts four times one between 1 and 2.",
        {"gain": gain, "threshold": TOLD_APART, "within": names["within"], "as_number": names["as_number"]},
        (Remedy({}, "Learn classes as classes: one output a class, with cross-entropy.", "code"),),
        None,
    )


def _finding(
    severity: str, what: str, why: str, numbers: dict[str, float], remedies: tuple[Remedy, ...], column: str | None
) -> Finding:
    return Finding(
        "labels_encoded_wrongly",
        severity,
        what,
        why,
        numbers,
        source="Bishop, Pattern Recognition and Machine Learning, 2006, section 4.1.3 and equation 4.90",
        column=column,
        remedies=remedies,
        explains=(
            "wrong_loss",
            "output_range",
            "targets_unscaled",
            "underfitting",
            "ascends",
            "exploding",
            "rate_too_high",
            "unfinished",
            "predicts_mean",
            "class_never_predicted",
            "saturated_units",
            "metric_disagrees",
            "validation_shift",
            "split_sorted",
            "dead_units",
        ),
        refuted_by="The numbers are quantities.",
    )
