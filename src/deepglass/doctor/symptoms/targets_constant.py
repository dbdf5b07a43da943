"""Targets constant: one and the same answer is right for all examples."""

from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.probes.evidence import Evidence

# Of a loop, whose targets nobody sees: training is solved, and yet the answers to validation examples never change.
EPOCHS = 5  # at least, with the very same validation accuracy
SOLVED = 0.05  # of the first training loss is left
ROSE = 1.5  # times its first is the last validation loss; where one answer is right for all, it falls


def look(evidence: Evidence) -> Iterator[Finding]:
    """Targets of the training split that are all the same; of a loop, a training that is solved by one answer."""
    target = evidence.before.get("target", {})
    if not target:
        yield from _of_a_loop(evidence)
        return
    if target.get("rows", 0) < 2:
        return
    if target["kind"] == "category":
        there = [name for name, count in zip(target["classes"], target["counts"]) if count]
        if len(there) > 1:
            return
        what, numbers = f"All training examples are of the class {there[0]!r}.", {"classes": 1.0, "threshold": 2.0}
    elif target["kind"] == "number" and target["distinct"] == 1:
        what = "The number to predict is the same in all training examples."
        numbers = {"distinct": 1.0, "threshold": 2.0}
    else:
        return
    yield _finding(what, numbers, "exact", target["name"])


def _of_a_loop(evidence: Evidence) -> Iterator[Finding]:
    accuracy = [v for v in evidence.curve("validation", "accuracy") if v == v]
    loss = [v for v in evidence.curve("validation") if v == v]
    steps = [mean for _, mean, _ in evidence.losses] or [v for v in evidence.curve("train") if v == v]
    if len(accuracy) < EPOCHS or len(set(accuracy)) > 1 or len(loss) < EPOCHS or len(steps) < EPOCHS:
        return
    if loss[-1] > ROSE * loss[0] > 0 and 0 <= steps[-1] < SOLVED * steps[0]:
        yield _finding(
            f"{steps[-1] / steps[0]:.1%} of the first training loss is left, while the validation accuracy is {accuracy[0]:.4g} in "
            f"every one of {len(accuracy)} epochs: the training examples seem to be of one class.",
            {"loss_left": steps[-1] / steps[0], "threshold": SOLVED, "validation_loss_rose": loss[-1] / loss[0]},
            "one answer that solves the training examples and does not depend on the input",
            None,
        )


def _finding(what: str, numbers: dict[str, float], source: str, column: str | None) -> Finding:
    return Finding(
        "targets_constant",
        "alarm",
        what,
        "The network learns to give that answer whatever it sees, and scores well by it.",
        numbers,
        source=source,
        column=column,
        remedies=(
            Remedy({}, "See how the target is made; another column may be meant, or examples are missing.", "data"),
        ),
        explains=(
            "imbalance",
            "class_never_predicted",
            "predicts_mean",
            "metric_disagrees",
            "underfitting",
            "split_sorted",
            "overfitting",
            "validation_shift",
        ),
        refuted_by="Two training examples with different targets.",
    )
