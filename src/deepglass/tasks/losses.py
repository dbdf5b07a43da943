"""Losses: how wrong an output is, one number an example, and which output each loss is made for."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from deepglass.errors import ShapeError, UnknownName
from deepglass.layers import ACTIVATIONS, OUTPUT_ACTIVATIONS
from deepglass.names import find


def cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    """Minus the log of the probability that softmax gives to the right class; log K for an even guess.

    Shapes: output (batch, classes, ...) of logits, target (batch, ...) of codes; returns (batch,).
    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.108.
    """
    return _per_example(functional.cross_entropy(output, target.long(), reduction="none"))


def categorical_cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of probabilities, for a network that ends in softmax.

    Shapes: output (batch, classes, ...) from 0 to 1, target (batch, ...) of codes; returns (batch,).
    A probability of 0 counts as the smallest normal number of its type, so that the loss stays finite (87 in float32).
    """
    return _per_example(functional.nll_loss(_log(output), target.long(), reduction="none"))


def negative_log_likelihood(output: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of log-probabilities, for a network that ends in log-softmax.

    Shapes: output (batch, classes, ...), at most 0, target (batch, ...) of codes; returns (batch,).
    """
    return _per_example(functional.nll_loss(output, target.long(), reduction="none"))


def binary_cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    """Minus the log of the probability that sigmoid of one logit gives to the right one of two classes.

    Shapes: output (batch, 1) or (batch,), target (batch,) of 0 and 1; returns (batch,).
    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.90.
    """
    output, target = _alike(output, target)
    return _per_example(functional.binary_cross_entropy_with_logits(output, target, reduction="none"))


def binary_cross_entropy_of_probabilities(output: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of one probability, for a network that ends in sigmoid; 0 and 1 count as nearly so.

    Shapes: output (batch, 1) or (batch,) from 0 to 1, target (batch,) of 0 and 1; returns (batch,).
    """
    output, target = _alike(output, target)
    return _per_example(-(target * _log(output) + (1 - target) * _log(1 - output)))


def labels_cross_entropy(output: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of one logit a label, averaged over the labels.

    Shapes: output (batch, labels) and target (batch, labels) of 0 and 1; returns (batch,).
    """
    return binary_cross_entropy(output, target)


def labels_cross_entropy_of_probabilities(output: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of one probability a label, averaged over the labels.

    Shapes: output (batch, labels) from 0 to 1 and target (batch, labels) of 0 and 1; returns (batch,).
    """
    return binary_cross_entropy_of_probabilities(output, target)


def mse(output: Tensor, target: Tensor) -> Tensor:
    """Squared error, averaged over the numbers of an example; without the factor 1/2 that some books put before it.

    Shapes: output and target (batch, ...) alike, or codes (batch,) beside (batch, classes), where each code stands for
    a row of zeros with a one; returns (batch,).
    """
    output, target = _alike(output, target)
    return _per_example((output - target) ** 2)


def mae(output: Tensor, target: Tensor) -> Tensor:
    """Absolute error, averaged over the numbers of an example: an outlier pulls no harder than any other error.

    Shapes: as in `mse`.
    """
    output, target = _alike(output, target)
    return _per_example((output - target).abs())


def huber(output: Tensor, target: Tensor, *, delta: float = 1.0) -> Tensor:
    """Half the squared error up to `delta`, and a straight line beyond, averaged over the numbers of an example.

    Shapes: as in `mse`. Args: delta: in the unit of the encoded target.
    Source: Huber, "Robust Estimation of a Location Parameter", 1964.
    """
    output, target = _alike(output, target)
    return _per_example(functional.huber_loss(output, target, reduction="none", delta=delta))


def perceptron(output: Tensor, target: Tensor) -> Tensor:
    """How far the score is on the wrong side; its gradient at learning rate 1 is Rosenblatt's rule.

    One output: max(0, -y f) with y = 1 where the target is above 0, else -1. Several: the best wrong score minus the
    right one. A score of 0, or a tie, counts as a mistake with its full gradient, so that training starts from zero
    weights.
    Shapes: output (batch, 1), (batch,) or (batch, classes), target (batch,) of codes, or of -1 and 1; returns (batch,).
    Source: Rosenblatt, "The Perceptron", 1958; several classes: Duda and Hart, 1973 (Kesler's construction).
    """
    lead = _wrong_lead(output, target)
    return lead * (lead >= 0)  # not relu, whose gradient at 0 is 0


def hinge(output: Tensor, target: Tensor) -> Tensor:
    """As `perceptron`, but the right side has to be won by a margin of 1: the loss of support vector machines.

    Shapes: as in `perceptron`.
    Source: Crammer and Singer, "Multiclass Kernel-based Vector Machines", JMLR 2001; one output: Vapnik, 1995.
    """
    return (1 + _wrong_lead(output, target)).relu()


@dataclass(frozen=True)
class Loss:
    """One entry of the catalogue: `function(output, target, **settings)` gives one number an example.

    takes: logits, probabilities, log_probabilities, scores (any number, only the sign or the order decides) or values.
    target: category, labels or number. outputs: how many it takes, "one", "many" or "any".
    """

    function: Callable[..., Tensor]
    takes: str
    target: str
    outputs: str
    what: str


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(cross_entropy, "logits", "category", "many", "surprise at the right class"),
    "categorical_cross_entropy": Loss(
        categorical_cross_entropy, "probabilities", "category", "many", "cross-entropy after softmax"
    ),
    "negative_log_likelihood": Loss(
        negative_log_likelihood, "log_probabilities", "category", "many", "cross-entropy after log-softmax"
    ),
    "binary_cross_entropy": Loss(binary_cross_entropy, "logits", "category", "one", "cross-entropy of two classes"),
    "binary_cross_entropy_of_probabilities": Loss(
        binary_cross_entropy_of_probabilities, "probabilities", "category", "one", "the same after sigmoid"
    ),
    "labels_cross_entropy": Loss(labels_cross_entropy, "logits", "labels", "any", "cross-entropy of each label"),
    "labels_cross_entropy_of_probabilities": Loss(
        labels_cross_entropy_of_probabilities, "probabilities", "labels", "any", "the same after sigmoid"
    ),
    "mse": Loss(mse, "values", "number", "any", "squared error"),
    "mae": Loss(mae, "values", "number", "any", "absolute error, for data with outliers"),
    "huber": Loss(huber, "values", "number", "any", "squared error near 0, absolute error beyond"),
    "perceptron": Loss(perceptron, "scores", "category", "any", "Rosenblatt's rule: only mistakes count"),
    "hinge": Loss(hinge, "scores", "category", "any", "mistakes and narrow wins count"),
}


def find_loss(name: str) -> Loss:
    """Return a loss by its name. Raises: UnknownName, which tells a loss from an activation.

    >>> find_loss("mse").about
    'squared error'
    """
    if name not in LOSSES and name in {**ACTIVATIONS, **OUTPUT_ACTIVATIONS}:
        raise UnknownName(
            f"{name!r} is an activation, which bends what a layer gives; a loss says how wrong an answer is. Take "
            f"network.activation={name} for hidden layers or network.output_activation={name} for the output, and leave task.loss "
            f"or name a loss: {', '.join(sorted(LOSSES))}."
        )
    return find("loss", name, LOSSES)


def _per_example(values: Tensor) -> Tensor:
    return values.flatten(1).mean(1) if values.ndim > 1 else values


def _log(probability: Tensor) -> Tensor:
    return probability.clamp_min(torch.finfo(probability.dtype).tiny).log()


def _alike(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Give the target the shape and type of the output; (batch,) and (batch, 1) would else spread to (batch, batch)."""
    whole = not target.is_floating_point()
    if whole and target.ndim == 1 and output.ndim == 2 and output.shape[1] > 1:
        target = functional.one_hot(target.long(), output.shape[1])
    if len(output) != len(target) or output.numel() != target.numel():
        raise ShapeError(
            f"The output has shape {tuple(output.shape)} and the target {tuple(target.shape)}. Give the last layer "
            f"as many outputs as the target has numbers: {math.prod(target.shape[1:])}."
        )
    return output, target.reshape(output.shape).to(output.dtype)


def _wrong_lead(output: Tensor, target: Tensor) -> Tensor:
    """How far wrong leads right: -y f for one output, else the best wrong score minus the right one. Shape (batch,)."""
    if output.ndim == 1 or output.shape[1] == 1:
        output, target = _alike(output, target)
        return _per_example(torch.where(target > 0, -output, output))
    codes = target.long()[:, None]
    right = output.gather(1, codes)[:, 0]
    wrong = output.scatter(1, codes, -torch.inf).max(dim=1).values  # max, not amax: one best class takes the gradient
    return wrong - right
