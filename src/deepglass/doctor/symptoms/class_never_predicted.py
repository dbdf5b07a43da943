"""Class never predicted: a class that occurs is never answered."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

EXPECTED = 5.0  # rows of the class among those looked at: chance leaves out all of so many once in 150
LOOKS = 2  # the last ones
GOOD = 0.3  # of the way from the constant answer to perfection: the other classes are learned
SHOWN = 20  # training examples that were looked at for each class there is: one of a usual share is among them then
BEHIND = 0.1  # of accuracy, that validation is behind training
MOST = 0.34  # share of the classes: where more are missing, the network has not learned yet, or collapsed


def look(evidence: Evidence) -> Iterator[Finding]:
    """A class with enough rows that is given to none of them in the last looks, while most of the others are answered."""
    yield from _never_shown(evidence)
    how = standing(evidence)
    rows, real, answered = _counted(evidence)
    if not real or how.gain < GOOD:
        return
    never = [c for c, share in enumerate(real) if rows * share >= EXPECTED and not answered[c]]
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


def _never_shown(evidence: Evidence) -> Iterator[Finding]:
    """Of a loop: classes that the network can answer, of which no training example is, where validation asks for more than that."""
    counts = evidence.before.get("target", {}).get("counts") or [] if not evidence.settings else []
    missing = [c for c, count in enumerate(counts) if not count]
    if not missing or len(missing) > MOST * len(counts) or sum(counts) < SHOWN * len(counts) or len(counts) < 3:
        return
    judged = evidence.before.get("judged", {}).get("accuracy", 0.0)
    scores = [v for v in evidence.curve("validation", "accuracy") if v == v]
    if not scores or scores[-1] > judged - BEHIND:
        return
    names = ", ".join(map(str, missing[:5]))
    yield Finding(
        "class_never_predicted",
        "alarm",
        what=f"None of the {sum(counts)} training examples looked at is of class {names}, though the network has an answer for it; "
        f"{judged:.0%} of these examples are answered rightly, and {scores[-1]:.0%} in validation.",
        why="What is never shown is never answered: data that are sorted before they are cut leave classes for validation alone.",
        evidence={"classes": len(missing), "rows": sum(counts), "threshold": BEHIND, "validation": scores[-1]},
        source="exact: the classes of the training examples, counted",
        remedies=(Remedy({}, "Mix the examples before they are split, and see that no class is left out.", by="data"),),
        explains=("overfitting", "validation_shift", "split_sorted", "metric_disagrees", "labels_shuffled"),
        refuted_by="Validation has no example of these classes.",
        strength=0.9,
    )


def _counted(evidence: Evidence) -> tuple[float, list[float], list[float]]:
    """Rows that were looked at, the share of each class, and what says whether it is answered at all: in the last looks, or, of a
    loop, in the end for all rows that were kept."""
    said, truth = evidence.series("predicted_shares"), evidence.series("target_shares")
    if len(said) > LOOKS and len(truth):
        answered = [max(shares) for shares in zip(*said.values[-LOOKS:])]
        return float(evidence.facts.get("rows", 0)), list(truth.values[-1]), answered
    counts = evidence.before.get("target", {}).get("counts") or []
    predicted = evidence.before.get("judged", {}).get("predicted") or []
    if len(said) or len(counts) < 2 or len(predicted) != len(counts) or not sum(counts):
        return 0.0, [], []
    return float(sum(counts)), [count / sum(counts) for count in counts], list(map(float, predicted))


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    weight = setting(evidence, "task.class_weight")
    if weight not in (None, "none", "balanced"):
        yield Remedy({"task.class_weight": None}, f"No weights by class: those given are {weight}.")
    if evidence.settings and weight != "balanced":
        yield Remedy({"task.class_weight": "balanced"}, "Each class weighs the same, however rare.")
        yield Remedy({"recipe.sampling": "balanced"}, "Each class is shown equally often.")
    if not evidence.settings:
        yield Remedy({}, "Look at the classes' weights in the loss, and at the labels of this class.", by="code")
