"""Overfitting: the training examples are learned by heart, and validation gets worse."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.trained import is_asked_alike
from deepglass.doctor.trend import first_loss, rate, training_curve
from deepglass.probes.evidence import Evidence

PATIENCE = 3  # epochs since the best one, at least (SageMaker Debugger's over-training rule: 5)
ROSE = 1.05  # validation loss in the end over its lowest; OF_WAY asks for more than so small a rise
OF_WAY = 0.15  # of the way from the first validation loss to the lowest, that was lost again
FELL = 0.9  # training loss in the end over that of the best epoch: it went on learning by heart
NEVER_FELL = 0.9  # the lowest validation loss over the first one: then it is another matter, see validation_unlike
WOBBLES = 3.0  # times the usual change from epoch to epoch, unless HALF_LOST of the way is lost
HALF_LOST = 0.5  # of the way: no wobble is as long


def look(evidence: Evidence) -> Iterator[Finding]:
    """Validation loss clearly past its lowest while the training loss went on falling, in a run that keeps its last weights."""
    if setting(evidence, "recipe.early_stopping"):
        return  # the best weights are brought back; whether they were chosen well is asked by metric_disagrees
    pairs = [
        (e["validation"]["loss"], e["train"].get("loss", running))
        for e, running in zip(evidence.epochs, evidence.curve("running"), strict=True)
        if isinstance(e.get("validation", {}).get("loss"), int | float)
    ]
    if len(pairs) < PATIENCE + 2 or not training_curve(evidence):
        return
    curve = [float(v) for v, _ in pairs]
    best = curve.index(min(curve))
    since = len(curve) - 1 - best
    end = median(curve[-PATIENCE:])
    changes = [abs(b - a) for a, b in zip(curve[max(0, best - 5) : -1], curve[max(0, best - 5) + 1 :], strict=True)]
    before = first_loss(evidence)
    highest = curve[0] if math.isnan(before) else max(curve[0], before)
    start = curve[0] if best else highest
    lost = (end - curve[best]) / max(start - curve[best], 1e-12)
    begun, ended = pairs[best][1], pairs[-1][1]
    if (
        (bool(evidence.losses) and curve[best] > NEVER_FELL * highest and not is_asked_alike(evidence))
        or since < PATIENCE
        or curve[best] <= 0
        or end < ROSE * curve[best]
        or lost < OF_WAY
    ):
        return
    if (
        begun is None
        or ended is None
        or not ended < FELL * begun
        or (end - curve[best] < WOBBLES * median(changes) and lost < HALF_LOST)
    ):
        return
    yield Finding(
        "overfitting",
        "alarm" if end > curve[0] else "warning",
        what=f"Validation loss was lowest in epoch {evidence.epochs[best]['epoch']} ({curve[best]:.3g}) "
        f"and has risen to {end:.3g}, while "
        f"the training loss fell from {begun:.3g} to {ended:.3g}.",
        why="From there on the network learned these examples rather than what they have in common.",
        evidence={
            "lowest": curve[best],
            "last": end,
            "threshold": ROSE * curve[best],
            "train_loss": ended,
            "epochs_since": since,
        },
        source="Prechelt, Early Stopping - But When?, 1998; SageMaker Debugger's overfit rule (a tenth)",
        epoch=evidence.epochs[best]["epoch"],
        remedies=tuple(_remedies(evidence)),
        refuted_by="On fresh examples the last weights do better than those of the best epoch.",
        strength=min(1.0, lost),
    )


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    if not evidence.settings:
        yield Remedy({}, "Keep the weights of the epoch with the lowest validation loss.", by="code")
        return
    yield Remedy({"recipe.early_stopping": True}, "Go back to the weights of the best epoch.")
    if "dropout" in evidence.settings.get("network", {}):
        yield Remedy(
            {"network.dropout": 0.3, "recipe.early_stopping": True},
            "Dropout keeps units from learning examples by heart.",
        )
    if setting(evidence, "recipe.optimizer") in ("adam", "adamw"):
        same = {} if math.isnan(used := rate(evidence)) else {"recipe.learning_rate": used}  # which suits both
        decay = {"recipe.optimizer": "adamw", **same, "recipe.weight_decay": 0.1, "recipe.early_stopping": True}
        yield Remedy(decay, "A penalty on weights keeps the network simple.")
    yield Remedy({}, "More examples, or ones that are shifted, turned or noisy (data.augment).", by="data")
