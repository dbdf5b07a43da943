"""Class never predicted: a class that occurs is never answered."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

EXPECTED = 5.0  # rows of the class among those looked at: chance leaves out all of so many once in 150
LOOKS = 2  # the last ones
GOOD = 0.3  # of the way from the constant answer to perfection: the other classes are learned
MOST = 0.34  # share of the classes: where more are missing, the network has not learned yet, or collapsed


def look(evidence: Evidence) -> Iterator[Finding]:
    """A class with enough rows that is given to none of them in the last looks, while most of the others are answered."""
    said, truth = evidence.series("predicted_shares"), evidence.series("target_shares")
    how = standing(evidence)
    if len(said) < LOOKS + 1 or not len(truth) or how.gain < GOOD:
        return
    rows, real = float(evidence.facts.get("rows", 0)), truth.values[-1]
    never = [
        c for c, share in enumerate(real) if rows * share >= EXPECTED and not any(v[c] for v in said.values[-LOOKS:])
    ]
    if (
        not never
        or len(never) > max(1, MOST * len(real))
        or (len(real) > 2 and len(never) >= sum(s > 0 for s in real) - 1)
    ):
        return
    if len(real) == 2:
        return  # then the other class is all that is answered: predicts_mean, or imbalance
    names = evidence.before.get("target", {}).get("classes", [])
    first = never[0]
    name = names[first] if first < len(names) else f"number {first}"
    yield Finding(
        "class_never_predicted",
        "alarm",
        what=f"Class {name} is never answered, though {real[first]:.0%} of the {rows:.0f} training examples looked at are of it"
        + (f"; nor are {len(never) - 1} others." if len(never) > 1 else "."),
        why="A class that is never answered is not learned, however good the overall score looks.",
        evidence={"rows_of_it": rows * real[first], "threshold": EXPECTED, "classes": len(never)},
        source="shares of answers against shares of targets; Karpathy, A Recipe for Training Neural Networks, 2019",
        remedies=tuple(_remedies(evidence)),
        explains=("imbalance", "metric_disagrees"),
        refuted_by="The class is answered for other examples.",
        strength=0.9,
    )


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    weight = setting(evidence, "task.class_weight")
    if weight not in (None, "none", "balanced"):
        yield Remedy({"task.class_weight": None}, f"No weights by class: those given are {weight}.")
    if evidence.settings and weight != "balanced":
        yield Remedy({"task.class_weight": "balanced"}, "Each class weighs the same, however rare.")
        yield Remedy({"recipe.sampling": "balanced"}, "Each class is shown equally often.")
    if not evidence.settings:
        yield Remedy({}, "Look at the classes' weights in the loss, and at the labels of this class.", by="code")
