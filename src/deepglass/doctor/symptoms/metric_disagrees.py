"""Metric disagrees: the score that is watched goes another way than the loss, or says little."""

from collections.abc import Iterator
from math import isnan, log

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import is_small_good
from deepglass.doctor.trend import weighs_classes
from deepglass.probes.evidence import Evidence

WORSE = 1.15  # validation loss of the chosen epoch over the lowest
OF_WAY = 0.25  # of the way from the first validation loss to the lowest, that is lost again in the chosen epoch
LITTLE = 0.02  # by which the constant answer is below the score that is watched
# A wrong answer has at most half of the probability, so it costs a cross-entropy at least ln 2: an accuracy is never below
# 1 - loss / ln 2. So much below it is logged, and below what the network answers in the end.
IMPOSSIBLE = 0.1
ROOM = 0.1  # by which a constant answer is below what classes that count alike would show


def look(evidence: Evidence) -> Iterator[Finding]:
    """The epoch that was kept for its score has a far higher loss than the best one; or a constant answer scores as well."""
    yield from _chosen_badly(evidence)
    yield from _says_little(evidence)
    yield from _cannot_be(evidence)


def _chosen_badly(evidence: Evidence) -> Iterator[Finding]:
    metric, best = setting(evidence, "recipe.monitor"), evidence.facts.get("run", {}).get("best_epoch")
    if not metric or is_small_good(metric) or not setting(evidence, "recipe.early_stopping") or best is None:
        return
    losses = {e["epoch"]: float(e["validation"]["loss"]) for e in evidence.epochs if "loss" in e.get("validation", {})}
    kept, lowest = losses.get(best), min(losses.values(), default=0.0)
    first = next(iter(losses.values()), 0.0)
    if kept is None or lowest <= 0 or kept < WORSE * lowest or kept - lowest < OF_WAY * (first - lowest):
        return
    epoch = min(losses, key=lambda e: losses[e])
    yield _finding(
        f"Epoch {best} was kept for its {metric}; its validation loss is {kept:.3g}, that of epoch {epoch} was {lowest:.3g}.",
        "The network is wrong about as often, and far surer of it: its probabilities mean little.",
        {"kept": kept, "lowest": lowest, "threshold": WORSE * lowest},
        (Remedy({"recipe.monitor": "loss"}, "Choose the epoch by the loss, which minds how sure a wrong answer is."),),
        best,
    )


def _says_little(evidence: Evidence) -> Iterator[Finding]:
    """Accuracy where the commonest class gives as much, and another score is far from as good."""
    known = evidence.before.get("baselines", {}).get("accuracy", {})
    scores = evidence.epochs[-1].get("validation", {}) if evidence.epochs else {}
    accuracy, balanced = scores.get("accuracy"), scores.get("balanced_accuracy", float("nan"))
    constant = known.get("constant")
    if accuracy is None or constant is None or isnan(balanced) or weighs_classes(evidence):
        return  # with classes that weigh alike, accuracy is given up on purpose
    if accuracy - constant < LITTLE and accuracy - balanced > ROOM and constant > balanced:
        yield _finding(
            f"The accuracy of {accuracy:.1%} is that of answering the commonest class always "
            f"({constant:.1%}); with classes counted "
            f"alike it is {balanced:.1%}.",
            "A score that a constant answer reaches says nothing about the network.",
            {"accuracy": accuracy, "constant": constant, "balanced_accuracy": balanced, "threshold": LITTLE},
            (Remedy({"recipe.monitor": "balanced_accuracy"}, "Watch accuracy with classes counted alike."),),
            None,
        )


def _cannot_be(evidence: Evidence) -> Iterator[Finding]:
    """Of a loop: an accuracy that is logged is lower than its cross-entropy allows, and than that of the answers themselves."""
    output, judged = evidence.before.get("output", {}), evidence.before.get("judged", {})
    scores = evidence.epochs[-1].get("validation", {}) if evidence.epochs else {}
    accuracy, loss = scores.get("accuracy"), scores.get("loss")
    if output.get("loss") not in ("cross_entropy", "binary_cross_entropy") or output.get("weighs_classes"):
        return
    if (
        accuracy is None
        or loss is None
        or "accuracy" not in judged
        or max(evidence.curve("validation", "accuracy")) > 1
    ):
        return
    least = 1 - loss / log(2)
    if accuracy < least - IMPOSSIBLE and accuracy < judged["accuracy"] - IMPOSSIBLE:
        yield _finding(
            f"The validation accuracy is logged as {accuracy:.1%} beside a loss of {loss:.3g}. A wrong answer costs at least "
            f"ln 2 = 0.693, so with that loss at least {least:.1%} of the answers are right.",
            "The accuracy is computed from other numbers than the answers: rounded scores, other rows, or other labels.",
            {"accuracy": accuracy, "least": least, "loss": loss, "threshold": least - IMPOSSIBLE},
            (
                Remedy(
                    {}, "Take the class from the scores (above 0, or the largest), and compare shape by shape.", "code"
                ),
            ),
            None,
        )


def _finding(
    what: str, why: str, numbers: dict[str, float], remedies: tuple[Remedy, ...], epoch: int | None
) -> Finding:
    return Finding(
        "metric_disagrees",
        "warning",
        what=what,
        why=why,
        evidence=numbers,
        source="exact; Guo et al., On Calibration of Modern Neural Networks, ICML 2017, on loss that rises while accuracy does not",
        epoch=epoch,
        remedies=remedies,
        explains=("overfitting", "underfitting"),
        refuted_by="The loss of the kept epoch is the lowest on fresh examples.",
        strength=0.9,
    )
