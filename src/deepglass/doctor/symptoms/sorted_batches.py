"""Sorted batches: training goes through sorted examples without mixing them."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.probes.evidence import Evidence

# Changes of class along the order, over those expected of a mixed one; sorted by class: near 0. Half as many as expected come
# by chance less than once in a million times from 100 examples on.
SORTED = 0.5
FEWEST = 20  # examples


def look(evidence: Evidence) -> Iterator[Finding]:
    """No shuffling, and classes that follow each other."""
    batch = evidence.before.get("batch", {})
    changes = batch.get("changes")
    if changes is None or batch["shuffled"] or batch["size"] >= batch["examples"] or batch["examples"] < FEWEST:
        return
    if changes > SORTED or setting(evidence, "recipe.sampling", "shuffled") != "shuffled":
        return
    yield Finding(
        "sorted_batches",
        "alarm",
        f"The examples are not mixed, and are sorted: the class changes {changes:.2f} times as often as in a mixed order.",
        "Each stretch of one class undoes what was learned of the others.",
        {"changes": changes, "threshold": SORTED},
        source="Bottou, Stochastic Gradient Descent Tricks, 2012: shuffle the examples",
        remedies=(Remedy({"recipe.shuffle": True}, "Mix the examples anew in each epoch."),),
        explains=(
            "class_never_predicted",
            "rate_too_high",
            "underfitting",
            "unfinished",
            "predicts_mean",
            "batch_too_small",
            "oscillating",
            "overfitting",
            "dead_units",
            "momentum_too_high",
            "validation_shift",
        ),
        refuted_by="The same training with recipe.shuffle=true is no better.",
    )
