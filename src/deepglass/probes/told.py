"""Told: what autograd's graph tells of a loss."""

from dataclasses import dataclass

from torch import Tensor


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
