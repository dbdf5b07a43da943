"""Decay too strong: the penalty on weights outweighs the data."""

import math
from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.standing import standing
from deepglass.doctor.trend import finite, is_lacking, last_loss, learning, rate, rounded
from deepglass.probes.evidence import Evidence

OUTWEIGHS = 1.0  # the penalty in the end over the loss
SHRUNK = 0.5  # the weights' norm in the end over that at the start, in most layers; learning makes weights grow
PER_STEP = 1e-3  # share of the weights that decoupled decay takes a step: rate times decay; usual: 1e-3 * 1e-2 = 1e-5
ROOM = 0.1  # of the way to perfection that is left
EARLY = 5  # looks, while the weights are still of their first size
GAP = 1.5  # validation loss over training loss: above it the penalty is not what keeps the training loss high

EXPLAINS = (
    *("underfitting", "predicts_mean", "class_never_predicted", "vanishing", "unfinished", "dead_units"),
    *("rate_too_low", "slow_layer", "rate_too_high"),
)


def look(evidence: Evidence) -> Iterator[Finding]:
    """Weights that shrink by half while the penalty pulls harder than the data, or costs more, and the training loss stays high."""
    names = {"weight_decay": setting(evidence, "recipe.weight_decay"), "l1": setting(evidence, "recipe.l1")}
    used = {name: float(value) for name, value in names.items() if value}
    if not used:
        yield from _of_a_loop(evidence)
    if not used or not (is_lacking(evidence) or standing(evidence).gain < 1 - ROOM):
        return
    last = evidence.epochs[-1] if evidence.epochs else {}
    loss = last.get("train", {}).get("loss") or last_loss(evidence)
    penalty = last.get("train", {}).get("penalty") or 0.0
    if not loss > 0:
        return
    other = last.get("validation", {}).get("loss")
    shrunk = _shrunk(evidence)
    decoupled = setting(evidence, "recipe.optimizer") == "adamw"
    a_step = rate(evidence) * used.get("weight_decay", 0.0) if decoupled else 0.0
    pull = 0.0 if decoupled else _pull(evidence, used.get("weight_decay", 0.0))
    is_heavy = penalty > OUTWEIGHS * loss or a_step > PER_STEP or pull > OUTWEIGHS
    if not is_heavy or shrunk is None or shrunk >= SHRUNK or (other is not None and other > GAP * loss):
        return
    name = max(used, key=lambda n: used[n])
    if a_step > PER_STEP:
        seen = f"a step takes {a_step:.1%} of every weight"
    elif penalty > OUTWEIGHS * loss:
        seen = f"the penalty is {penalty:.3g} beside a loss of {loss:.3g}"
    else:
        seen = f"the penalty pulled {pull:.2g} times as hard as the data from the start"
    yield Finding(
        "decay_too_strong",
        "alarm" if is_lacking(evidence) else "warning",
        what=f"With {name}={used[name]:g} {seen}, and the weights have shrunk to {shrunk:.0%} of their first size.",
        why="Small weights cost less than right answers, so the network would rather forget than learn.",
        evidence={
            "penalty": penalty,
            "loss": loss,
            "threshold": OUTWEIGHS * loss,
            "weights_left": shrunk,
            "a_step": a_step,
            "pull": pull,
        },
        source="penalty against loss: TheDeepChecker (Ben Braiek and Khomh, TOSEM 2023); usual decay: "
        "Loshchilov and Hutter, ICLR 2019",
        remedies=(
            Remedy(
                {f"recipe.{name}": 0.01 if a_step > PER_STEP else 0.0},
                "The usual one." if a_step > PER_STEP else "No penalty.",
            ),
            Remedy({f"recipe.{name}": rounded(used[name] / 100)}, "A hundredth of it."),
        ),
        explains=EXPLAINS,
        refuted_by="Without the penalty the training loss is as high.",
        strength=1.0,
    )


def _of_a_loop(evidence: Evidence) -> Iterator[Finding]:
    """A loss that is mostly not the named one of the answers from the start on, while weights shrink: a penalty put in by hand."""
    whole, of_answers = evidence.series("step_loss"), evidence.series("batch_loss")
    pairs = [(w, own) for step, w in whole if (own := of_answers.at(step)) is not None][:EARLY]
    shrunk = _shrunk(evidence)
    if len(pairs) < EARLY or shrunk is None or shrunk >= SHRUNK or not is_lacking(evidence):
        return
    penalty, loss = (median(values) for values in zip(*((w - own, own) for w, own in pairs), strict=True))
    if not loss > 0 or not penalty > OUTWEIGHS * loss:
        return
    yield Finding(
        "decay_too_strong",
        "alarm",
        what=f"The loss that goes back was {penalty + loss:.3g} at first, of which the answers explain {loss:.3g}; the rest is a "
        f"penalty, and the weights have shrunk to {shrunk:.0%} of their first size.",
        why="Small weights cost less than right answers, so the network would rather forget than learn.",
        evidence={"penalty": penalty, "loss": loss, "threshold": OUTWEIGHS * loss, "weights_left": shrunk},
        source="penalty against loss: TheDeepChecker (Ben Braiek and Khomh, TOSEM 2023)",
        remedies=(Remedy({}, "Multiply the penalty by a hundredth, or leave it out.", by="code"),),
        explains=EXPLAINS,
        refuted_by="Without the penalty the loss of the answers is as high.",
    )


def _pull(evidence: Evidence, decay: float) -> float:
    """The penalty's gradient, decay times weights, over that of the data, in the middle one of the first looks."""
    found = []
    for step in evidence.steps[:EARLY]:
        norms, gradients = evidence.across("weight_norm", step), evidence.across("gradient_norm", step)
        pairs = [
            (norms[y.name], gradients[y.name]) for y in learning(evidence) if y.name in norms and y.name in gradients
        ]
        weight = math.hypot(*(float(w) for w, _ in pairs if isinstance(w, float)))
        gradient = math.hypot(*(float(g) for _, g in pairs if isinstance(g, float)))
        if gradient > 0 and math.isfinite(weight / gradient):
            found.append(decay * weight / gradient)
    return median(found) if found else 0.0


def _shrunk(evidence: Evidence) -> float | None:
    """The middle one of the layers' shares of weight that is left; None where nothing tells."""
    norms = [finite(evidence.series("weight_norm", y.name).values) for y in learning(evidence)]
    left = sorted(values[-1] / values[0] for values in norms if len(values) > 1 and values[0] > 0)
    return left[len(left) // 2] if left else None
