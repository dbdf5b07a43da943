"""Graph: which loss somebody's loop computes, from what and against what, read off autograd's graph before it goes back."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor

from deepglass.probes.likelihood import Likelihood, likelihood
from deepglass.probes.nodes import (
    ACTIVATIONS,
    LINEAR,
    LOGARITHMS,
    MOST_HOPS,
    axis,
    carries,
    factor,
    first,
    is_probability,
    is_score,
    name_of,
    passes,
    skip,
    weighs,
    weighs_by_product,
)

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
    "PowBackward0": ("mse", "values"),  # these two of a difference that somebody took by hand
    "AbsBackward0": ("mae", "values"),
}
BY_HAND = ("PowBackward0", "AbsBackward0")
CUT_AT_ZERO = ("ClampMinBackward0", "ClampBackward1", "ReluBackward0")


@dataclass(frozen=True)
class Told:
    """What the graph tells of a loss.

    Attributes:
        loss, takes: as in deepglass.tasks; "cross_entropy" takes logits. by_hand: put together from a difference.
        activation: the last one that the numbers went through before the loss, "" for none.
        softmax_axis, softmax_size: the axis over which the last softmax shares out, from 0, and how many share; None without.
        sign: -1 where the loss that is minimized is minus this one.
        shape: of the network's output; compared: of what the loss compares.
        is_plain: whether nothing but shapes changes between the network's output and what the loss takes, its own softmax left out.
        weighs_classes: whether classes count differently in it.
        has_bare_logarithm: whether the logarithm of a softmax or a sigmoid, or of a score of either sign, is taken by itself.
        output: which of the network's output tensors it is.
        ends_linear: whether a linear layer's own output is taken, of either sign and any size.
        answers: what the loss took (of a cross-entropy: log-probabilities); targets: against what. None where it is not kept.
    """

    loss: str
    takes: str
    by_hand: bool
    activation: str
    softmax_axis: int | None
    softmax_size: int | None
    sign: int
    shape: tuple[int, ...]
    compared: tuple[int, ...]
    is_plain: bool
    has_bare_logarithm: bool
    weighs_classes: bool
    output: int
    answers: Tensor | None
    targets: Tensor | None
    ends_linear: bool = False


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
                found = _of_a_hinge(node, sign, places, outputs)
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
        parents = [parent for parent, _ in source.next_functions] if source is not None else []
        if (
            source is None
            or name_of(source) not in ("SubBackward0", "RsubBackward1")
            or len([p for p in parents if p]) != 1
        ):
            return None  # of two things that are learned, or of none
        side = 0 if parents[0] is not None else 1
    road = list(_road(source, places))
    place = next((places[id(n)] for n in road if id(n) in places), None)
    if place is None:
        return None
    names = [name_of(n) for n in road]
    if loss == "negative_log_likelihood" and skip(names)[:1] == ["LogSoftmaxBackward0"]:
        loss, takes = "cross_entropy", "logits"
    own = next((n for n in road if name_of(n) == "LogSoftmaxBackward0"), None) if loss == "cross_entropy" else None
    others = [n for n in road if n is not own]
    last = next((n for n in others if not (carries(n) or (takes == "log_probabilities" and _shrinks(n)))), None)
    activation = ACTIVATIONS.get(name_of(last), "") if last is not None else ""
    shared = (
        own
        if own is not None
        else next((n for n in others if name_of(n) in ("SoftmaxBackward0", "LogSoftmaxBackward0")), None)
    )
    until = road[: next(i for i, n in enumerate(road) if id(n) in places)]
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


def _of_a_hinge(node: Any, sign: int, places: dict[int, int], outputs: Sequence[Tensor]) -> Told | None:
    """max(0, 1 - mark * score), put together by hand; None where it is something else that is cut at 0."""
    margin: Any = first(node)
    product: Any = first(margin) if margin is not None else None
    if name_of(product) == "NegBackward0":
        product = first(product)
    if name_of(margin).partition("Backward")[0] not in ("Rsub", "Sub", "Add") or name_of(product) != "MulBackward0":
        return None
    learned = [parent is not None for parent, _ in product.next_functions]
    if sum(learned) != 1:
        return None
    marks = product._saved_other if learned[0] else product._saved_self
    road = list(_road(product, places))
    until = next((n for n, step in enumerate(road) if id(step) in places), None)
    if until is None or not isinstance(marks, Tensor) or marks.numel() < 2:
        return None
    y = outputs[places[id(road[until])]]
    last = next((n for n in road if not carries(n)), None)
    return Told(
        loss="hinge", takes="scores", by_hand=True, activation=ACTIVATIONS.get(name_of(last), "") if last is not None else "",
        softmax_axis=None, softmax_size=None, sign=sign, shape=tuple(y.shape), compared=tuple(marks.shape),
        is_plain=all(carries(n) for n in road[:until]), has_bare_logarithm=False, weighs_classes=False,
        output=places[id(road[until])],
        answers=y.detach().reshape(marks.shape) if y.numel() == marks.numel() else None, targets=marks.detach(),
    )  # fmt: skip


def _of_a_likelihood(found: Likelihood, places: dict[int, int], outputs: Sequence[Tensor], bare: bool) -> Told | None:
    """A cross-entropy that is written out."""
    is_own = id(found.node) in places  # a log-softmax that is the network's last layer
    road = list(_road(found.node, {} if is_own else places))
    place = places[id(found.node)] if is_own else next((places[id(n)] for n in road if id(n) in places), None)
    if place is None:
        return None
    y = outputs[place]
    last = next((n for n in road if not (carries(n) or _shrinks(n))), None)
    shared = next((n for n in (found.node, *road) if name_of(n) in ("SoftmaxBackward0", "LogSoftmaxBackward0")), None)
    until = [] if is_own else road[: next(i for i, n in enumerate(road) if id(n) in places)]
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


def _road(node: Any, places: dict[int, int]) -> Iterator[Any]:
    """From a loss along the first input that learns, down to what lies one step beyond an output."""
    for _ in range(MOST_HOPS):
        node = first(node)
        if node is None:
            return
        yield node
        if id(node) in places:
            if carries(node) or name_of(node) in ACTIVATIONS:  # the network's own last layer: its activation counts too
                places = {}
                continue
            return
        if not places and not carries(node):
            return


def _compared(node: Any, by_hand: bool, side: int, y: Tensor) -> tuple[Tensor | None, Tensor | None]:
    if not by_hand:
        return node._saved_self.detach(), node._saved_target.detach()
    difference = node._saved_self.detach()
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
