"""Imbalance: a class is so rare that it pays to ignore it."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

RARE = 0.3  # of an even share: a class of 3 with a tenth of the examples
BEHIND = 0.1  # of balanced accuracy below accuracy: the rare classes are worse answered than the common ones
FEWEST = 5  # examples of the rare class
MISSED = 0.5  # share of its rows that are answered, where balanced accuracy is not measured; of a map's places, that are found


def look(evidence: Evidence) -> Iterator[Finding]:
    """A class far below its even share, and answers that are worse where classes count alike."""
    counts = evidence.before.get("target", {}).get("counts") or []
    if (
        len(counts) < 2
        or setting(evidence, "task.class_weight") == "balanced"
        or evidence.before.get("output", {}).get("weighs_classes")
        or setting(evidence, "recipe.sampling") == "balanced"
    ):
        return
    total = sum(counts)
    place = min(range(len(counts)), key=lambda c: counts[c])
    share = counts[place] / total if total else 1.0
    if share >= RARE / len(counts) or counts[place] < FEWEST:
        return
    behind, seen = _behind(evidence, place)
    if behind < BEHIND:
        return
    names = evidence.before.get("target", {}).get("classes", [])
    name = names[place] if place < len(names) else f"number {place}"
    yield Finding(
        "imbalance",
        "warning",
        what=f"Class {name} makes {share:.1%} of the training examples ({counts[place]} of {total}), and {seen}.",
        why="Ignoring so rare a class costs next to nothing, so the loss hardly asks for it; accuracy hides it.",
        evidence={"share": share, "threshold": RARE / len(counts), "behind": behind},
        source="cleanlab Datalab's class imbalance check (a tenth of an even share; here with the answers "
        "beside it); He and Garcia, "
        "Learning from Imbalanced Data, 2009",
        remedies=(
            Remedy({"task.class_weight": "balanced"}, "Each class weighs the same in the loss."),
            Remedy({"recipe.sampling": "balanced"}, "Each class is shown equally often."),
        ),
        explains=("class_never_predicted", "predicts_mean", "metric_disagrees", "underfitting", "unfinished"),
        refuted_by="With balanced weights the rare class is answered no better.",
        strength=min(1.0, 0.5 + behind),
    )


def _behind(evidence: Evidence, place: int) -> tuple[float, str]:
    """How far the rare classes are behind, and the words for it."""
    record = evidence.epochs[-1] if evidence.epochs else {}
    scores = record.get("validation") or record.get("train", {})
    plain, balanced = scores.get("accuracy"), scores.get("balanced_accuracy")
    if plain is not None and balanced is not None:
        return plain - balanced, f"where classes count alike, accuracy is {balanced:.0%} instead of {plain:.0%}"
    judged = evidence.before.get("judged", {})
    if "recalls" in judged and judged["recalls"][place] >= MISSED:
        return 0.0, ""  # of a map: what is rare in it is found
    if "balanced_accuracy" in judged:
        plain, balanced = judged["accuracy"], judged["balanced_accuracy"]
        return (
            plain - balanced,
            f"where classes count alike, {balanced:.0%} of the training rows are right instead of {plain:.0%}",
        )
    said, truth = evidence.series("predicted_shares"), evidence.series("target_shares")
    rows = float(evidence.facts.get("rows", 0))
    if len(said) and len(truth) and truth.values[-1][place] * rows >= FEWEST:
        answered = said.values[-1][place] / truth.values[-1][place]
        if answered < MISSED and not standing(evidence).is_poor:
            return 1 - answered, f"it is answered {answered:.0%} as often as it occurs"
    return 0.0, ""
