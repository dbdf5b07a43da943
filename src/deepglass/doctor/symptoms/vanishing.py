"""Vanishing: gradients shrink from layer to layer on their way down, so the first layers hardly learn."""

from collections.abc import Iterator
from statistics import median

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.trend import first_loss, is_lacking, last_loss, learning, update_ratios
from deepglass.probes.evidence import Evidence

SHRUNK = 1e-3  # gradient over weight of the first layer, over that of the last (Zhang et al., AutoTrainer, ICSE 2021)
FORGOT = 1e-3  # spread over rows of the last hidden layer's outputs, over that of the first
# Through time, where a training with steps of a usual length has not got off the spot: what is heard of the first quarter over
# what is heard best (a hundredth, as of the signal over the whole depth of a network; calibration.md).
UNHEARD = 0.01
USUAL_STEP = 1e-3  # of the weights (Karpathy's recipe); shorter ones are another fault, see rate_too_low
FEWEST_STEPS = 100  # of a training; before, an untrained LSTM or GRU hears next to nothing of what is long past
FLAT_LOSS = 0.9  # the last loss over the first
LOOKS = 6  # at the beginning, where it is decided whether the first layers get going
FLAT = ("sigmoid", "tanh", "hard_sigmoid", "hardsigmoid", "softsign")

EXPLAINS = (
    *("slow_layer", "rate_too_low", "underfitting", "unfinished", "predicts_mean", "class_never_predicted"),
    "batch_too_small",
)


def look(evidence: Evidence) -> Iterator[Finding]:
    """The relative gradient of the first layer against the last, or the signal that is left at the end of the way up.

    Silent while the run does well, and where gradients are exactly 0, which has other reasons.
    """
    layers = learning(evidence)
    if not is_lacking(evidence):
        return
    yield from _through_time(evidence)
    if len(layers) < 3:
        return
    ratios, *others = (list(_ratios(evidence, y.name, layers[-1].name))[:LOOKS] for y in layers[: len(layers) // 2])
    is_by_depth = all(median(found) < SHRUNK**0.5 for found in others if found)  # as vanishing_at_start has it
    spread = [
        float(b) / a
        for step, a in evidence.series("activation_unit_std", layers[0].name)
        if a > 0 and (b := evidence.series("activation_unit_std", layers[-2].name).at(step)) is not None
    ]
    shrunk = median(ratios) if ratios and is_by_depth else 1.0
    left = median(spread[:LOOKS]) if spread else 1.0
    if shrunk >= SHRUNK and (left >= FORGOT or shrunk >= 1):
        return
    if shrunk < SHRUNK:
        seen = f"The gradient of {layers[0].name!r}, measured against its weights, is {shrunk:.1g} of that of {layers[-1].name!r}"
    else:
        seen = (
            f"Of what differs between examples after {layers[0].name!r}, {left:.1g} is left before {layers[-1].name!r}"
        )
    yield Finding(
        "vanishing",
        "alarm",
        what=f"{seen} (under {SHRUNK:g} is lost), over {len(layers)} layers that learn.",
        why="Each layer multiplies the gradient by less than 1. The layers near the input hear next to nothing of the loss.",
        evidence={"gradient_ratio": shrunk, "signal_left": left, "threshold": SHRUNK, "layers": len(layers)},
        source="Glorot and Bengio, AISTATS 2010; threshold: AutoTrainer (Zhang et al., ICSE 2021)",
        layer=layers[0].name,
        remedies=tuple(_remedies(evidence)),
        explains=EXPLAINS,
        refuted_by="The first layers' gradients are as large with another activation or normalization, and the score is no better.",
        strength=0.9 if shrunk < SHRUNK else 0.7,
    )


def _through_time(evidence: Evidence) -> Iterator[Finding]:
    """Of a recurrent network: what its answer hears of the first quarter of the steps, over what it hears best."""
    heard = evidence.before.get("through_time", {}).get("heard", [])
    early = max(heard[: len(heard) // 4], default=0.0)
    if not heard or not max(heard) > 0 or early == 0 or early >= UNHEARD * max(heard):
        return  # a 0 is cut, see cut_gradient
    updates, steps = update_ratios(evidence), evidence.loop.get("optimizer_steps", 0)
    is_flat = last_loss(evidence) > FLAT_LOSS * first_loss(evidence) > 0
    if not is_flat or steps < FEWEST_STEPS or not updates or median(updates) < USUAL_STEP:
        return
    yield Finding(
        "vanishing",
        "alarm",
        what=f"The answer hears {early / max(heard):.1g} as much of the first quarter of {len(heard)} steps as of the step that it "
        f"hears best (under {UNHEARD:g} is lost), and {steps} steps have not brought the loss down.",
        why="At every step back the gradient is multiplied by less than 1; what came early is neither heard nor learned.",
        evidence={"heard": early / max(heard), "threshold": UNHEARD, "steps": len(heard)},
        source="Hochreiter 1991; Bengio et al. 1994; Pascanu et al., ICML 2013; threshold: calibration.md",
        remedies=(
            Remedy(
                {},
                "Use an LSTM or a GRU, read the mean over all steps instead of the last one, or reverse or shorten the series.",
                by="code",
            ),
        ),
        explains=EXPLAINS,
        refuted_by="The same network learns as little when what counts stands at the end.",
        strength=0.8,
    )


def _ratios(evidence: Evidence, first: str, last: str) -> Iterator[float]:
    zero = evidence.series("gradient_zero", first)
    for step, g in evidence.series("gradient_norm", first):
        end = evidence.series("gradient_norm", last).at(step)
        w, w_end = (evidence.series("weight_norm", name).at(step) for name in (first, last))
        if g > 0 and end and w and w_end and zero.at(step) != 1:
            yield (g / w) / (end / w_end)


def _remedies(evidence: Evidence) -> Iterator[Remedy]:
    network = evidence.settings.get("network", {})
    if str(setting(evidence, "network.activation", "")).lower() in FLAT:
        yield Remedy({"network.activation": "relu"}, "ReLU passes gradients on unchanged where it is active.")
    if "norm" in network and network["norm"] != "batch":
        yield Remedy({"network.norm": "batch"}, "Batch norm brings each layer's signal back to size 1.")
    if network.get("initialization", "auto") != "auto":
        yield Remedy({"network.initialization": "auto"}, "Initial weights that keep the size of the signal.")
    yield Remedy(
        {},
        "Lead the input of a block around it (residual connections), use ReLU and He's initial weights, or fewer layers.",
        by="code",
    )
