"""Fit: which loss suits an output and a target, and what about a choice of these three does not fit."""

import math
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from torch import nn

from deepglass.networks.handwriting import HandwritingNetwork
from deepglass.plurals import counted
from deepglass.tasks.losses import Loss, find_loss

AUTOMATIC = {  # target -> what the output holds -> the loss that was made for the two
    "two classes": {"logits": "binary_cross_entropy", "probabilities": "binary_cross_entropy_of_probabilities"},
    "category": {
        "logits": "cross_entropy",
        "probabilities": "categorical_cross_entropy",
        "log_probabilities": "negative_log_likelihood",
    },
    "labels": {"logits": "labels_cross_entropy", "probabilities": "labels_cross_entropy_of_probabilities"},
    "number": {"logits": "mse"},
    "series": {"logits": "mse"},
}
RANGES = {  # what comes out of a last layer
    "relu": (0.0, math.inf),
    "softplus": (0.0, math.inf),
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "logsoftmax": (-math.inf, 0.0),
    "tanh": (-1.0, 1.0),
    "hardtanh": (-1.0, 1.0),
    "scaledtanh": (-1.7159, 1.7159),
}


def pick_loss(name: str, output_kind: str, target_kind: str, outputs: int) -> str:
    """Return the name of the loss: `name` itself, or for "auto" the one made for such an output and target.

    Args: output_kind: logits, probabilities, log_probabilities or values. target_kind: category, labels or number.
    Raises: UnknownName.

    >>> pick_loss("auto", "logits", "category", 10), pick_loss("auto", "probabilities", "category", 1)
    ('cross_entropy', 'binary_cross_entropy_of_probabilities')
    """
    if name != "auto":
        find_loss(name)
        return name
    choices = AUTOMATIC["two classes" if target_kind == "category" and outputs == 1 else target_kind]
    return choices.get(output_kind, choices["logits"])


def unflattened(output_shape: Any, target_shape: Sequence[int], kind: str) -> str | None:
    """Say that an output keeps axes that the target has not, as where layers for rows are given pictures; else None.

    Args:
        output_shape: of one example; other than a tuple of numbers where the network gives several tensors.
        target_shape: of one example; that of a category is (). kind: category, labels or number.
    """
    if not isinstance(output_shape, tuple) or not all(isinstance(n, int) for n in output_shape):
        return (
            f"The network gives {len(output_shape)} tensors in a {type(output_shape).__name__}, and one target is learned from "
            "one output. Return one tensor from forward, or write a Task of your own."
        )
    count = prod(output_shape)
    alike = count == 1 if kind == "category" else count == prod(target_shape) and kind == "number"
    if alike or len(output_shape) <= max(1, len(target_shape)):
        return None
    size, wanted = (" x ".join(map(str, shape)) for shape in (output_shape, target_shape))
    target = "one class" if kind == "category" else f"{wanted} number{'s' * (wanted != '1')}"
    return (
        f"The network gives {size} numbers an example, in {len(output_shape)} axes, and the target is {target}. Put Flatten "
        "first, or after the last convolution, so that the last layers see an example as one row of numbers."
    )


def impossible(loss_name: str, outputs: int, target_facts: Mapping[str, Any]) -> str | None:
    """Say why a loss cannot be computed at all for a number of outputs and a target, or return None.

    Args: target_facts: "kind", and where it applies "classes" (how many) or "size" (numbers or labels an example).
    """
    loss, kind = find_loss(loss_name), target_facts["kind"]
    classes, size = target_facts.get("classes", 0), target_facts.get("size", outputs)
    if loss.outputs == "one" and outputs != 1:
        other = f"{classes} outputs with loss='cross_entropy'" if kind == "category" else "loss='auto'"
        return f"The loss {loss_name!r} takes one output, and the network has {outputs}. Use one output, or {other}."
    if kind == "category":
        if loss.target == "labels":
            return f"The loss {loss_name!r} takes a target of many labels, and this one is a category. Use loss='auto'."
        alone = outputs == 1 and loss.outputs != "many"
        if outputs < classes and not alone:
            also = " (or one output, with loss='binary_cross_entropy')" if classes == 2 else ""
            return (
                f"The network has {counted(outputs, 'output')} for {classes} classes, and {loss_name!r} "
                f"needs one for each class. Give the last layer {classes} outputs{also}."
            )
        return None
    if loss.target == "category" and (kind == "labels" or outputs > 1 or loss.outputs == "many"):
        have = "may have several labels at once" if kind == "labels" else "is a number"
        return f"The loss {loss_name!r} takes one class an example, and this target {have}. Use loss='auto'."
    if outputs != size:
        return (
            f"The network has {outputs} outputs, and the target has {size} numbers an example. Give the last layer "
            f"{size} outputs."
        )
    return None


def misfits(
    loss_name: str, output_kind: str, last_layer_kind: str, outputs: int, target_facts: Mapping[str, Any]
) -> list[str]:
    """Say what about an output does not fit its loss or its target, one sentence a fault; training can still go on.

    Args:
        output_kind: logits, probabilities, log_probabilities or values.
        last_layer_kind: what the network ends in, such as "softmax", "LogSoftmax", "relu" or "linear".
        target_facts: "kind" (category, labels, number); "classes" (how many) of a category; "min" and "max" of an
            encoded number, "codes": True when these numbers stand for classes, and "values": how many there are.
    Source: one activation and one loss belong together; Goodfellow et al., "Deep Learning", section 6.2.2.
    """
    last = last_layer_kind.lower().replace("_", "")
    if outputs == 1 and last in ("softmax", "logsoftmax"):
        return [
            f"{last_layer_kind} on one output is always {0 if last == 'logsoftmax' else 1}, because it shares out a "
            "whole among the outputs: nothing can be learned. Use sigmoid on one output, or one output for each "
            "class."
        ]
    loss = find_loss(loss_name)
    faults = [
        _kind_fault(loss_name, loss, output_kind, last_layer_kind),
        _code_fault(loss, output_kind, outputs, target_facts),
    ]
    if target_facts["kind"] == "number":
        faults += [_range_fault(last, last_layer_kind, target_facts), _side_fault(loss_name, loss, target_facts)]
        return [fault for fault in faults if fault]
    classes = target_facts.get("classes", 0) if target_facts["kind"] == "category" else 0
    faults.append(_classifier_fault(loss, last, last_layer_kind, outputs, classes))
    if outputs == 1 and classes > 2:
        faults.append(
            f"One output can only tell two classes apart, and there are {classes}: the others count as one. Give the "
            f"last layer {classes} outputs, with loss='cross_entropy'."
        )
    return [fault for fault in faults if fault]


def _kind_fault(loss_name: str, loss: Loss, given: str, last: str) -> str:
    """The output holds something else than the loss takes."""
    free = given in ("logits", "values") and loss.takes in ("logits", "scores")
    unharmed = given == "log_probabilities" and loss_name == "cross_entropy"  # softmax gives back what it is given
    if free or unharmed or loss.takes in (given, "values"):
        return ""
    takes, gives = loss.takes.replace("_", "-"), given.replace("_", "-")
    if loss.takes == "logits" and given == "probabilities":
        return (
            f"The loss {loss_name!r} takes logits and applies its own softmax or sigmoid, and the network already "
            f"ends in {last}: twice is too flat to learn well. Use output_activation='none', or loss='auto'."
        )
    if loss.takes == "scores":
        return (
            f"The loss {loss_name!r} asks for scores of either sign, and {last} gives {gives}, of one sign only. Use "
            "output_activation='none', or loss='auto'."
        )
    return (
        f"The loss {loss_name!r} takes {takes}, and the network ends in {last}, which gives {gives}: its logarithms "
        "mean nothing then. Use loss='auto', or the output_activation that the loss was made for."
    )


def _classifier_fault(loss: Loss, last: str, shown: str, outputs: int, classes: int) -> str:
    """A last layer that keeps a classifier from saying what it should."""
    if last in ("relu", "softplus"):
        why = "all scores below zero become 0 and learn no more" if last == "relu" else "no score can be negative"
        return f"A classifier should not end in {shown}: {why}. Use output_activation='none', and loss='auto'."
    if last in ("tanh", "hardtanh", "scaledtanh") and loss.takes == "logits":
        high = RANGES[last][1]
        rivals = classes - 1 if outputs > 1 else 1
        best = 1 / (1 + max(rivals, 1) * math.exp(-2 * high if outputs > 1 else -high))
        return (
            f"{shown} keeps the logits within {high:g} of 0, so no class can get a probability above {best:.2f} and "
            "the loss cannot reach 0. Use output_activation='none'."
        )
    if last == "sigmoid" and classes and outputs > 1 and loss.takes.endswith("probabilities"):
        return (
            f"{outputs} sigmoids do not sum to 1, so nothing pushes down the wrong classes. Use "
            "output_activation='softmax', which suits one class of several."
        )
    return ""


def _range_fault(last: str, shown: str, facts: Mapping[str, Any]) -> str:
    low, high = RANGES.get(last, (-math.inf, math.inf))
    least, most = facts.get("min", low), facts.get("max", high)
    if least >= low and most <= high:
        return ""
    return (
        f"{shown} gives numbers from {low:g} to {high:g}, and the encoded targets run from {least:.4g} to "
        f"{most:.4g}: those outside cannot be reached. Use output_activation='none', which suits any number."
    )


def _side_fault(loss_name: str, loss: Loss, facts: Mapping[str, Any]) -> str:
    """A loss for two classes, which is given numbers."""
    least, most = facts.get("min", 0.0), facts.get("max", 1.0)
    two_sides = facts.get("values", 2) == 2 and least <= 0 < most
    if loss.target != "category" or (two_sides if loss.takes == "scores" else least >= 0 and most <= 1):
        return ""
    return (
        f"The loss {loss_name!r} learns which of two classes an example has, and this target is a number: how large it is "
        "counts for nothing. Use the network linear or mlp, with loss='auto'."
    )


def _code_fault(loss: Loss, given: str, outputs: int, facts: Mapping[str, Any]) -> str:
    if loss.target != "number" or not (facts["kind"] == "category" or facts.get("codes")):
        return ""
    if outputs > 1:
        why = (
            "hardly moves a probability that is confidently wrong"
            if given == "probabilities"
            else "also punishes a score that is better than right"
        )
        return f"For classes, a squared or absolute error {why}. Use loss='auto', which takes cross-entropy."
    mend = "label_encoding='index'" if facts["kind"] == "number" else "loss='auto'"
    return (
        "The classes are learned as numbers, as if class 2 were twice class 1 and class 1 lay between 0 and 2. Use "
        f"{mend}, which takes cross-entropy."
    )


def draws_only(network: nn.Module, target: str) -> str | None:
    """Why a network cannot learn a target, because it learns to draw; None where it does not."""
    if not isinstance(network, HandwritingNetwork):
        return None
    return (
        f"The network handwriting learns to draw, and here {target!r} is to be learned from drawings. Load them without a target "
        "(strokes: data.options.label=none; files: data.inputs=[strokes]), or take a network that names drawings, such as lstm."
    )
