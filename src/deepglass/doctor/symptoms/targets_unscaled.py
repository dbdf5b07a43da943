"""Targets unscaled: the numbers to predict are far from what a network starts with, or a few of them are far from the rest."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

# A network starts with outputs near 0 of deviation about 1 (../shared rule: deviation outside 0.05 to 20). Adam moves an output
# by about its rate a step, so a mean of 100 takes 10,000 steps at 0.001 wherever the last layer's inputs are near 1.
SMALL, LARGE = 0.05, 20.0
# Outliers that make more than half of the squared deviation rule the squared error (as in data.checks.targets).
RULING = 0.5
SQUEEZED = 0.1  # the middle half then has less than a tenth of the deviation that it was scaled to


def look(evidence: Evidence) -> Iterator[Finding]:
    """The spread and the mean of an encoded number."""
    target = evidence.before.get("target", {})
    if target.get("kind") != "number" or target.get("distinct", 0) < 2 or not target["std"] > 0:
        return
    size = max(target["std"], abs(target["mean"]))
    if target["std"] < SMALL or size > LARGE:
        yield Finding(
            "targets_unscaled",
            "warning",
            f"The numbers to predict have a mean of {target['mean']:.4g} and a deviation of {target['std']:.4g} as the loss sees "
            "them, while a network starts with outputs of size 1.",
            "Large ones make long gradients and take many steps to reach; small ones drown in the error of the first outputs.",
            {"std": target["std"], "mean": target["mean"], "smallest_allowed": SMALL, "largest_allowed": LARGE},
            source="LeCun et al., Efficient BackProp, 1998, section 4.5; limits: calibration.md",
            column=target["name"],
            remedies=(
                Remedy(
                    {"data.target_scaling": "standard"}, "Learn scaled numbers; what is shown stays in their own unit."
                ),
                Remedy({}, "Divide the target by its deviation before training.", "data"),
            ),
            explains=EXPLAINS,
            refuted_by="The same training with data.target_scaling=standard is no better.",
        )
    elif target["far_share"] >= RULING and target["bulk"] < SQUEEZED * target["std"]:
        yield Finding(
            "targets_unscaled",
            "warning",
            f"{target['far']} of {target['rows']} numbers to predict are so far from the rest that they make "
            f"{target['far_share']:.0%} of the squared deviation.",
            "The loss is about these few alone: beside them all other targets are as good as equal, and the mean answers them.",
            {"far_share": target["far_share"], "threshold": RULING, "bulk_over_std": target["bulk"] / target["std"]},
            source="Huber, Robust Estimation of a Location Parameter, 1964; limit: half of the loss",
            column=target["name"],
            remedies=(
                Remedy({}, "Correct or leave out these rows if they are wrong.", "data"),
                Remedy({"task.loss": "huber"}, "Let a far target pull no harder than others."),
            ),
            explains=EXPLAINS,
            refuted_by="The far targets are right, and what matters.",
        )


EXPLAINS = (
    "predicts_mean",
    "underfitting",
    "unfinished",
    "rate_too_low",
    "rate_too_high",
    "exploding",
    "slow_layer",
    "huge_column",
    "output_range",
    "overfitting",
    "validation_shift",
    "batch_too_large",
)
