"""Labels shuffled: inputs say nothing about the targets."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

ERRORS = 3.0  # standard errors: chance passes them once in 700 times, the best of three models more often
LITTLE = 0.05  # or so much of the way from chance to certainty
# What the run itself may reach of the way from the constant answer to a perfect one while labels count as unrelated.
NO_BETTER = 0.1
BY_HEART = (
    0.5  # the same of a table of columns, judged by the very rows it was trained on: so much can be learned by heart
)
AS_NUMBER = 0.1  # r2 of a plane that takes classes named by numbers for quantities: then inputs do say something


def look(evidence: Evidence) -> Iterator[Finding]:
    """No cheap model, and not the network either, answers better than a constant; the network must have been able to learn."""
    labels = evidence.before.get("labels", {})
    if "score" not in labels or labels["score"] > _by_chance(labels):
        return
    if labels.get("as_number", 0.0) > AS_NUMBER:
        return
    stands = standing(evidence)
    # Cheap models miss what lies in pictures or spirals; a network that finds it refutes the suspicion.
    by_heart = stands.split == "train" and _are_columns(evidence)
    if not stands.gain < (BY_HEART if by_heart else NO_BETTER):
        return
    yield Finding(
        "labels_shuffled",
        "warning",
        f"Nothing predicts the target: cheap models score {labels['score']:.3f} on unseen examples, where chance "
        f"gives {labels['chance']:.3f}, and the network has gone {max(0.0, stands.gain):.0%} of the way from a constant answer on "
        f"the {stands.split} split.",
        "Either the inputs do not say it, or targets and inputs are not those of the same examples.",
        {"score": labels["score"], "chance": labels["chance"], "standard_error": labels["error"], "threshold": ERRORS},
        source="permutation reasoning: shuffled labels leave the constant answer; TheDeepChecker, TOSEM 2022 (gain < 0.1)",
        column=evidence.before.get("target", {}).get("name"),
        remedies=(
            Remedy(
                {}, "See that inputs and targets are in the same order: shuffle, sort and filter both together.", "data"
            ),
        ),
        explains=(
            "underfitting",
            "overfitting",
            "predicts_mean",
            "label_noise",
            "class_never_predicted",
            "validation_shift",
            "metric_disagrees",
            "unfinished",
        ),
        refuted_by="A model that predicts the target of unseen examples.",
    )


def _are_columns(evidence: Evidence) -> bool:
    """Whether inputs are columns of a table, of which cheap models see as much as a network; of pictures and series they do not."""
    fields = evidence.before.get("inputs", {}).values()
    return bool(fields) and all(len(field["shape"]) <= 1 for field in fields)


def _by_chance(labels: dict[str, float]) -> float:
    """What models may score where inputs say nothing."""
    return labels["chance"] + max(ERRORS * labels["error"], LITTLE * (1 - labels["chance"]))
