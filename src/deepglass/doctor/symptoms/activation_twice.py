"""Activation twice: the network ends in softmax or sigmoid, and the loss applies it once more."""

import math
from collections.abc import Iterator

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import called
from deepglass.probes.evidence import Evidence

ENDS = ("Softmax", "Sigmoid", "LogSigmoid")
ALL_ROWS = 1.0  # share of the rows whose outputs are 0 to 1 and sum to 1
# With outputs of 0 to 1 for logits, the right one of K classes gets at most e / (e + K - 1): that limits the loss from below.
SLACK = 0.02  # under that limit the loss was another one
SURE = 0.99  # outputs have come so near 1; one that is unsure has a loss above the limit in any case


def look(evidence: Evidence) -> Iterator[Finding]:
    """A named loss that takes logits, or for a loop and a loss of one's own: outputs that are probabilities and a loss that
    stays above what probabilities for logits can reach."""
    output = evidence.before.get("output", {})
    if output and not output["own_loss"]:
        if output["takes"] == "logits" and output["gives"] == "probabilities" and not _is_one_unit(evidence):
            yield _finding(output["last_layer"], output["loss"], {"takes": "logits", "gives": "probabilities"}, None)
        return
    layers = called(evidence)
    if not layers or layers[-1].kind not in ENDS or (layers[-1].units or 0) < 2:
        return
    yield from _by_the_floor(evidence, layers[-1].name, layers[-1].kind, layers[-1].units or 0)


def _by_the_floor(evidence: Evidence, name: str, kind: str, classes: int) -> Iterator[Finding]:
    """The loss has settled just above the least that probabilities can reach when they are taken for logits."""
    sums = evidence.series("output_row_sums_to_one").values
    losses = [v for split in ("validation", "train") for v in evidence.curve(split) if v == v]
    sure = evidence.series("output_max").values
    if not sums or min(sums) < ALL_ROWS or not losses or not sure or sure[-1] < SURE:
        return
    floor = -math.log(math.e / (math.e + classes - 1))
    if floor - SLACK <= min(losses) <= math.log(classes):
        yield _finding(kind, "of this loop", {"least_loss": min(losses), "floor": floor}, name)


def _is_one_unit(evidence: Evidence) -> bool:
    output = evidence.before["output"]
    return output["outputs"] == 1 and output["last_layer"].lower() in ("softmax", "logsoftmax")


def _finding(last: str, loss: str, numbers: dict[str, float | str], layer: str | None) -> Finding:
    return Finding(
        "activation_twice",
        "alarm",
        f"The network ends in {last}, and the loss {loss} applies its own softmax or sigmoid to that.",
        "Twice is too flat: a sure answer still counts as an unsure one, gradients are small, and the loss cannot come near 0.",
        numbers,
        source="Goodfellow et al., Deep Learning, 2016, section 6.2.2; torch.nn.CrossEntropyLoss takes logits",
        layer=layer,
        remedies=(
            Remedy({"network.output_activation": "none"}, "Leave out the last activation; the loss has it."),
            Remedy({"task.loss": "auto"}, "Take the loss for probabilities."),
        ),
        explains=(
            "output_range",
            "rate_too_low",
            "vanishing",
            "unfinished",
            "underfitting",
            "saturated_units",
            "wrong_loss",
            "slow_layer",
            "class_never_predicted",
            "predicts_mean",
            "labels_encoded_wrongly",
            "frozen",
        ),
        refuted_by="The same training without the last activation is no better.",
    )
