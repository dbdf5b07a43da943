"""Graph: which loss somebody's loop computes, from what and against what, read off autograd's graph before it goes back."""

from collections import deque
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from deepglass.probes.likelihood import Likelihood, likelihood
from deepglass.probes.marks import LOGISTIC, of_a_hinge, of_marks
from deepglass.probes.nodes import (
    ACTIVATIONS,
    LINEAR,
    LOGARITHMS,
    axis,
    carries,
    factor,
    first,
    is_probability,
    is_score,
    name_of,
    number,
    passes,
    road,
    skip,
    weighs,
    weighs_by_product,
)
from deepglass.probes.told import Told

MOST_NODES = 300  # between the loss and the network's outputs

# node of autograd -> the loss as deepglass.tasks calls it, and what it takes
LOSSES = {
    "NllLossBackward0": ("negative_log_likelihood", "log_probabilities"),
    "NllLoss2DBackward0": ("negative_log_likelihood", "log_probabilities"),
    "BinaryCrossEntropyWithLogitsBackward0": ("binary_cross_entropy", "logits"),
    "BinaryCrossEntropyBackward0": ("binary_cross_entropy_of_probabilities", "probabilities"),
    "MseLossBackward0": ("mse", "values"),
    "SmoothL1LossBackward0": ("huber", "values"),
    "HuberLossBackward0": ("huber", "values"),
    "MultiMarginLossBackward0": ("multi_margin", "scores"),
    "PowBackward0": ("mse", "values"),  # these of a difference that somebody took by hand
    "MulBackward0": ("mse", "values"),
    "AbsBackward0": ("mae", "values"),
    "CoshBackward0": ("huber", "values"),  # the logarithm of it: square near 0, straight far away
    "SoftplusBackward0": ("huber", "values"),  # the same, written so that it does not overflow
}
BY_HAND = ("PowBackward0", "MulBackward0", "AbsBackward0", "CoshBackward0", "SoftplusBackward0")
CUT_AT_ZERO = ("ClampMinBackward0", "ClampBackward1", "ReluBackward0")


def told(loss: Tensor, outputs: Sequence[Tensor]) -> Told | None:
    """Read the first loss that is found between `loss` and the outputs of a network; None where there is none that is known.

    To be called before the graph is gone through backward. Nothing is changed; a node that cannot be read ends the search.
    """
    if loss.grad_fn is None:
        return None
    try:
        places = {id(y.grad_fn): n for n, y in enumerate(outputs) if y.grad_fn is not None}
        nodes = list(_between(loss.grad_fn, set(places)))
        bare = any(
            name_of(node) in LOGARITHMS and (is_probability(node) or is_score(node, places)) for node, _ in nodes
        )
        for place, (node, sign) in enumerate(nodes):
            above = [other for other, _ in nodes[:place]]
            found = _of_node(node, sign, places, outputs, bare, above) if name_of(node) in LOSSES else None
            if found is None and name_of(node) in CUT_AT_ZERO:
                found = of_a_hinge(node, sign, places, outputs)
            if found is None and name_of(node) in LOGISTIC:
                found = of_marks(node, sign * LOGISTIC[name_of(node)], places, outputs)
            if found is not None:
                return found
        written = likelihood(loss.grad_fn)
        if written is not None and (found := _of_a_likelihood(written, places, outputs, bare)) is not None:
            return found
        return _of_a_logarithm(outputs, bare) if bare else None
    except (RuntimeError, AttributeError, TypeError, ValueError, IndexError):
        return None  # a node of another version, or one whose tensors are gone


def _of_node(
    node: Any, sign: int, places: dict[int, int], outputs: Sequence[Tensor], bare: bool, above: Sequence[Any]
) -> Told | None:
    name = name_of(node)
    loss, takes = LOSSES[name]
    by_hand = name in BY_HAND
    source, side = node, 0
    if by_hand:
        if name == "PowBackward0" and float(node._saved_exponent) != 2:
            return None
        source = first(node)
        if name == "MulBackward0" and (len({id(p) for p, _ in node.next_functions}) > 1 or node._saved_other is None):
            return None  # no square of a difference
        if name == "SoftplusBackward0" and name_of(source) == "MulBackward0" and number(source) is not None:
            source = first(source)
        parents = [parent for parent, _ in source.next_functions] if source is not None else []
        if (
            source is None
            or name_of(source) not in ("SubBackward0", "RsubBackward1")
            or len([p for p in parents if p]) != 1
        ):
            return None  # of two things that are learned, or of none
        side = 0 if parents[0] is not None else 1
    way = list(road(source, places))
    place = next((places[id(n)] for n in way if id(n) in places), None)
    if place is None:
        return None
    names = [name_of(n) for n in way]
    if loss == "negative_log_likelihood" and skip(names)[:1] == ["LogSoftmaxBackward0"]:
        loss, takes = "cross_entropy", "logits"
    own = next((n for n in way if name_of(n) == "LogSoftmaxBackward0"), None) if loss == "cross_entropy" else None
    others = [n for n in way if n is not own]
    last = next((n for n in others if not (carries(n) or (takes == "log_probabilities" and _shrinks(n)))), None)
    activation = ACTIVATIONS.get(name_of(last), "") if last is not None else ""
    shared = (
        own
        if own is not None
        else next((n for n in others if name_of(n) in ("SoftmaxBackward0", "LogSoftmaxBackward0")), None)
    )
    until = way[: next(i for i, n in enumerate(way) if id(n) in places)]
    y = outputs[place]
    answers, targets = _compared(node, by_hand, side, y)
    return Told(
        loss=loss,
        takes=takes,
        by_hand=by_hand,
        activation=activation,
        softmax_axis=None if shared is None else axis(shared),
        softmax_size=None if shared is None else shared._saved_result.shape[axis(shared)],
        sign=sign,
        shape=tuple(y.shape),
        compared=_shape(node, by_hand),
        is_plain=all(n is own or carries(n) for n in until),
        has_bare_logarithm=bare,
        weighs_classes=weighs(node) or weighs_by_product(above, node, targets),
        output=place,
        answers=answers,
        targets=targets,
        ends_linear=name_of(last) in LINEAR,
    )


def _of_a_likelihood(found: Likelihood, places: dict[int, int], outputs: Sequence[Tensor], bare: bool) -> Told | None:
    """A cross-entropy that is written out."""
    is_own = id(found.node) in places  # a log-softmax that is the network's last layer
    way = list(road(found.node, {} if is_own else places))
    place = places[id(found.node)] if is_own else next((places[id(n)] for n in way if id(n) in places), None)
    if place is None:
        return None
    y = outputs[place]
    last = next((n for n in way if not (carries(n) or _shrinks(n))), None)
    shared = next((n for n in (found.node, *way) if name_of(n) in ("SoftmaxBackward0", "LogSoftmaxBackward0")), None)
    until = [] if is_own else way[: next(i for i, n in enumerate(way) if id(n) in places)]
    return Told(
        loss=found.loss, takes=found.takes, by_hand=True, activation=ACTIVATIONS.get(name_of(last), ""),
        softmax_axis=None if shared is None else axis(shared),
        softmax_size=None if shared is None else shared._saved_result.shape[axis(shared)],
        sign=found.sign, shape=tuple(y.shape), compared=tuple(found.answers.shape),
        is_plain=all(map(carries, until)), has_bare_logarithm=bare, weighs_classes=False, output=place,
        answers=found.answers, targets=found.targets, ends_linear=name_of(last) in LINEAR,
    )  # fmt: skip


def _shrinks(node: Any) -> bool:
    """What stands between a probability and its logarithm's use: the logarithm, a clamp, a division by the sum."""
    return passes(node) or name_of(node) in (*LOGARITHMS, "DivBackward0")


def _of_a_logarithm(outputs: Sequence[Tensor], bare: bool) -> Told:
    shape = tuple(outputs[0].shape) if outputs else ()
    return Told("own", "", True, "", None, None, 1, shape, shape, False, bare, False, 0, None, None)


def _between(root: Any, ends: set[int]) -> Iterator[tuple[Any, int]]:
    """The nodes from the loss down to the outputs, with the sign by which each counts."""
    waiting, seen = deque([(root, 1)]), {id(root)}
    kept: list[Any] = []  # nodes live as long as somebody holds them
    while waiting and len(kept) < MOST_NODES:
        node, sign = waiting.popleft()
        kept.append(node)
        yield node, sign
        if id(node) in ends:
            continue
        for place, (parent, _) in enumerate(node.next_functions):
            if parent is not None and id(parent) not in seen:
                seen.add(id(parent))
                waiting.append((parent, sign * factor(node, place)))


def _compared(node: Any, by_hand: bool, side: int, y: Tensor) -> tuple[Tensor | None, Tensor | None]:
    if not by_hand:
        return node._saved_self.detach(), node._saved_target.detach()
    difference = node._saved_self.detach()
    if name_of(node) == "SoftplusBackward0" and name_of(first(node)) == "MulBackward0":
        difference = difference / number(first(node))
    if difference.numel() != y.numel():
        return None, None
    answers = y.detach().reshape(difference.shape)
    return answers, answers - difference if side == 0 else answers + difference


def _shape(node: Any, by_hand: bool) -> tuple[int, ...]:
    return tuple(node._saved_self.shape)


def rows_of(values: Tensor, rows: int) -> Tensor | None:
    """Return values by rows of a batch, (rows, ...); None where they do not part so."""
    if values.ndim and values.shape[0] == rows:
        return values
    if rows and values.numel() % rows == 0 and prod(values.shape) >= rows:
        return values.reshape(rows, -1)
    return None


def is_whole(values: Tensor) -> bool:
    """Whether values are codes of classes."""
    return not torch.is_floating_point(values)
