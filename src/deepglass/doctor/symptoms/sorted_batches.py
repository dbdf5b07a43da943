"""Sorted batches: training goes through sorted examples without mixing them."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.probes.evidence import Evidence

# Changes of class along the order, over those expected of a mixed one; sorted by class: near 0. Half as many as expected come
# by chance less than once in a million times from 100 examples on.
SORTED = 0.5
FEWEST = 20  # examples
FEWEST_A_BATCH = 4  # examples, where batches are all that is seen


def look(evidence: Evidence) -> Iterator[Finding]:
    """No shuffling, and classes that follow each other."""
    batch = evidence.before.get("batch", {})
    yield from _of_a_loop(batch)
    changes = batch.get("changes")
    if (
        changes is None
        or "shuffled" not in batch
        or batch["shuffled"]
        or batch["size"] >= batch["examples"]
        or batch["examples"] < FEWEST
    ):
        return
    if changes > SORTED or setting(evidence, "recipe.sampling", "shuffled") != "shuffled":
        return
    yield _finding(
        f"The examples are not mixed, and are sorted: the target changes {changes:.2f} times as much as in a mixed order.",
        {"changes": changes, "threshold": SORTED},
    )


def _of_a_loop(batch: dict[str, float | None]) -> Iterator[Finding]:
    """How much targets differ within a batch, over how much they differ in all: batches drawn at random come near 1."""
    mixture, size = batch.get("mixture"), batch.get("size")
    if mixture is None or not size or size < FEWEST_A_BATCH or mixture > SORTED:
        return
    yield _finding(
        f"The examples are not mixed: within a batch targets differ {mixture:.0%} as much as over all batches.",
        {"mixture": mixture, "threshold": SORTED},
    )


def _finding(what: str, numbers: dict[str, float]) -> Finding:
    return Finding(
        "sorted_batches",
        "alarm",
        what,
        "Each stretch of one class undoes what was learned of the others.",
        numbers,
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
