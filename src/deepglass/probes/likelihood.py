"""Likelihood: a cross-entropy that somebody has written out, read off autograd's graph.

Four ways of writing it are known: the log-probability of the right class picked by its place (`logp[rows, labels]`, `gather`), the
sum of ones and zeros times log-probabilities, and `y log p + (1 - y) log(1 - p)`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from deepglass.probes.nodes import carries, factor, first, name_of, passes

PICKING = ("IndexBackward0", "GatherBackward0")
REDUCING = ("Neg", "Mean", "Sum", "Div", "Mul", "Add", "Sub", "Rsub")
MOST_NODES = 40  # between the loss and the logarithms that it sums up


@dataclass(frozen=True)
class Likelihood:
    """A cross-entropy written out.

    Attributes:
        loss, takes: as in deepglass.tasks. sign: -1 where minus the cross-entropy is minimized.
        node: of the graph, the log-softmax, or the logarithm, or below it what cuts a probability off before it is 0.
        answers: log-probabilities (rows, classes), or probabilities. targets: class numbers, or ones and zeros.
    """

    loss: str
    takes: str
    sign: int
    node: Any
    answers: Tensor
    targets: Tensor


def likelihood(root: Any) -> Likelihood | None:
    """Return the first one that the loss (its node) is made of by sums, means and single factors alone; None where there is none.

    Where rows count differently, as the returns of a policy do, nothing is said.
    """
    ones: tuple[int, Any, Tensor] | None = None
    others = False
    for node, sign in _terms(root):
        if name_of(node) in PICKING:
            if (found := _picked(node, sign)) is not None:
                return found
        elif name_of(node) == "MulBackward0" and (product := _product(node)) is not None:
            marks, logarithm, is_other = product
            if not is_other and (found := _summed(marks, logarithm, sign)) is not None:
                return found
            others = others or is_other
            ones = ones if is_other else (sign, logarithm, marks)
    if ones is None or not others:
        return None
    sign, logarithm, marks = ones
    if name_of(logarithm) != "LogBackward0":
        return None
    node, p = _uncut(logarithm)
    return Likelihood("binary_cross_entropy_of_probabilities", "probabilities", -sign, node, p, marks.detach())


def _terms(root: Any) -> Iterator[tuple[Any, int]]:
    """The nodes that a loss sums up, with their signs; what multiplies rows by different numbers is not gone through."""
    waiting: list[tuple[Any, int]] = [(root, 1)]
    kept: list[Any] = []  # nodes live as long as somebody holds them
    while waiting and len(kept) < MOST_NODES:
        node, sign = waiting.pop(0)
        kept.append(node)
        yield node, sign
        name = name_of(node)
        if name in PICKING or not (carries(node) or name.partition("Backward")[0] in REDUCING):
            continue
        other = getattr(node, "_saved_other", None)
        if name == "MulBackward0":
            other = other if other is not None else node._saved_self
        if isinstance(other, Tensor) and other.numel() > 1:
            continue
        for place, (parent, _) in enumerate(node.next_functions):
            if parent is not None:
                waiting.append((parent, sign * factor(node, place)))


def _picked(node: Any, sign: int) -> Likelihood | None:
    """`logp[arange, labels]` or `logp.gather(1, labels)`."""
    source = first(node)
    while source is not None and carries(source):
        source = first(source)
    logp = _log_probabilities(source)
    if logp is None:
        return None
    if name_of(node) == "GatherBackward0":
        labels = node._saved_index.reshape(-1)
        is_rows = int(node._saved_dim) % 2**64 in (1, 2**64 - 1)
    else:
        indices = [i for i in node._saved_indices if i is not None]
        if len(indices) != 2 or any(i.ndim != 1 or torch.is_floating_point(i) for i in indices):
            return None
        labels = indices[1]
        is_rows = torch.equal(indices[0].cpu(), torch.arange(len(labels)))
    if not is_rows or len(labels) != len(logp) or labels.dtype == torch.bool:
        return None
    return _of_classes(source, logp, labels, sign)


def _summed(marks: Tensor, logarithm: Any, sign: int) -> Likelihood | None:
    """Ones and zeros, one 1 a row, times log-probabilities."""
    logp = _log_probabilities(logarithm)
    if logp is None or marks.shape != logp.shape or logp.shape[1] < 2:
        return None
    if not bool(((marks == 0) | (marks == 1)).all()) or not bool((marks.sum(1) == 1).all()):
        return None
    return _of_classes(logarithm, logp, marks.argmax(1), sign)


def _of_classes(source: Any, logp: Tensor, labels: Tensor, sign: int) -> Likelihood:
    if name_of(source) == "LogSoftmaxBackward0":
        return Likelihood("cross_entropy", "logits", -sign, source, logp.detach(), labels.detach())
    node, _ = _uncut(source)
    return Likelihood("negative_log_likelihood", "log_probabilities", -sign, node, logp.detach(), labels.detach())


def _log_probabilities(node: Any) -> Tensor | None:
    """What a log-softmax or a logarithm gave, (rows, classes)."""
    if name_of(node) == "LogSoftmaxBackward0":
        logp = node._saved_result
    elif name_of(node) == "LogBackward0":
        logp = node._saved_self.log()
    else:
        return None
    return logp if logp.ndim == 2 else None


def _product(node: Any) -> tuple[Tensor, Any, bool] | None:
    """Marks between 0 and 1, the logarithm that they are multiplied by, and whether that is of 1 - p."""
    learned = [parent is not None for parent, _ in node.next_functions]
    if sum(learned) != 1:
        return None
    marks = node._saved_other if learned[0] else node._saved_self
    if not isinstance(marks, Tensor) or marks.numel() < 2 or not bool(((marks >= 0) & (marks <= 1)).all()):
        return None
    below = first(node)
    while below is not None and carries(below):
        below = first(below)
    name = name_of(below)
    if name == "Log1PBackward0":
        return marks, below, True
    if name not in ("LogBackward0", "LogSoftmaxBackward0"):
        return None
    under = first(below)
    while under is not None and (carries(under) or passes(under)):
        under = first(under)
    return marks, below, name_of(under) == "RsubBackward1"


def _uncut(logarithm: Any) -> tuple[Any, Tensor]:
    """Go below what keeps a probability away from 0 and 1: the node there, and the probability as it was before."""
    node, p = logarithm, logarithm._saved_self.detach()
    while (below := first(node)) is not None and passes(below):
        node = below
        saved = getattr(below, "_saved_self", None)
        p = saved.detach() if isinstance(saved, Tensor) and saved.shape == p.shape else p
    return node, p
