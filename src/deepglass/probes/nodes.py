"""Nodes: what single nodes of autograd's graph do, by their names."""

from typing import Any

ACTIVATIONS = {
    "SoftmaxBackward0": "softmax",
    "LogSoftmaxBackward0": "logsoftmax",
    "SigmoidBackward0": "sigmoid",
    "TanhBackward0": "tanh",
    "ReluBackward0": "relu",
    "SoftplusBackward0": "softplus",
    "HardtanhBackward0": "hardtanh",
}
# These change the shape or the type, and no number.
CARRYING = (
    *("View", "ReshapeAlias", "UnsafeView", "Squeeze", "Unsqueeze", "Select", "Slice", "Permute", "Transpose", "T"),
    *("Index", "Gather", "Expand", "Clone", "ToCopy", "Alias", "Contiguous", "Narrow", "Split", "Unbind"),
)
LOGARITHMS = ("LogBackward0", "Log1PBackward0")
LINEAR = ("AddmmBackward0", "MmBackward0", "ConvolutionBackward0")  # what a layer without an activation ends in
SHIFTING = ("Add", "Sub", "Rsub", "Mul", "Div")
MOST_HOPS = 12  # from a loss to the output that it takes


def first(node: Any) -> Any:
    """The first input of a node that learns; None where there is none."""
    return next((parent for parent, _ in node.next_functions if parent is not None), None)


def is_probability(node: Any) -> bool:
    """Whether what is below came out of a softmax or a sigmoid."""
    below = first(node)
    for _ in range(3):
        if below is None:
            return False
        if name_of(below) in ("SoftmaxBackward0", "SigmoidBackward0"):
            return True
        if not (carries(below) or name_of(below) == "RsubBackward1"):
            return False
        below = first(below)
    return False


def is_score(node: Any, places: dict[int, int]) -> bool:
    """Whether what is below is a linear layer's output, shifted or scaled at most: nothing keeps it above 0."""
    below = first(node)
    for _ in range(MOST_HOPS):
        if below is None:
            return False
        if id(below) in places:
            return name_of(below) in LINEAR
        if not (carries(below) or name_of(below).partition("Backward")[0] in SHIFTING):
            return False
        below = first(below)
    return False


def weighs(node: Any) -> bool:
    """Whether classes, or the two answers of a binary loss, count differently; a weight of 1 for all is none."""
    weight, positive = (getattr(node, name, None) for name in ("_saved_weight", "_saved_pos_weight"))
    unequal = weight is not None and weight.numel() > 1 and not bool((weight == weight.flatten()[0]).all())
    return unequal or (positive is not None and not bool((positive == 1).all()))


def axis(node: Any) -> int:
    """The axis over which a softmax shares out, from 0."""
    number = int(node._saved_dim)
    number = number - 2**64 if number >= 2**63 else number
    return number % max(1, node._saved_result.ndim)


def skip(names: list[str]) -> list[str]:
    """Leave out what carries numbers on unchanged."""
    return [name for name in names if not name.startswith(CARRYING)]


def carries(node: Any) -> bool:
    """Whether a node changes the shape or the type, and no number."""
    name = name_of(node)
    return name.partition("Backward")[0] in CARRYING


def name_of(node: Any) -> str:
    """The name of a node, such as "ReluBackward0"; "" for none."""
    return str(node.name()) if node is not None else ""
