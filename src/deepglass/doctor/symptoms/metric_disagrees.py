"""Metric disagrees: the score that is watched goes another way than the loss, or says little."""

from collections.abc import Iterator
from math import isnan

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import is_small_good
from deepglass.doctor.trend import weighs_classes
from deepglass.probes.evidence import Evidence

WORSE = 1.15  # validation loss of the chosen epoch over the lowest
OF_WAY = 0.25  # of the way from the first validation loss to the lowest, that is lost again in the chosen epoch
LITTLE = 0.02  # by which the constant answer is below the score that is watched
ROOM = 0.1  # by which a constant answer is below what classes that count alike would show


def look(evidence: Evidence) -> Iterator[Finding]:
    """The epoch that was kept for its score has a far higher loss than the best one; or a constant answer scores as well."""
    yield from _chosen_badly(evidence)
    yield from _says_little(evidence)


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
        explains=("overfitting",),
        refuted_by="The loss of the kept epoch is the lowest on fresh examples.",
        strength=0.9,
    )
