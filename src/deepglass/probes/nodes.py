"""Nodes: what single nodes of autograd's graph do, by their names."""

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor

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
CUTTING = ("ClampBackward1", "ClampMinBackward0", "ClampMaxBackward0")
SHIFTING = ("Add", "Sub", "Rsub", "Mul", "Div")
UNEQUAL = 1.2  # times the weight of another class: more than what masks of padding leave by chance in a batch
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


def weighs_by_product(above: Iterable[Any], node: Any, targets: Tensor | None) -> bool:
    """Whether each row's loss is multiplied by a number that depends on its class. above: nodes between the loss and this one."""
    if targets is None or not bool((targets == targets.round()).all()):
        return False
    classes = targets.reshape(-1)
    for product in above:
        if name_of(product) != "MulBackward0" or sum(p is not None for p, _ in product.next_functions) != 1:
            continue
        weights = product._saved_other if product.next_functions[0][0] is not None else product._saved_self
        below = first(product)
        while below is not None and below is not node and carries(below):
            below = first(below)
        if below is node and isinstance(weights, Tensor) and weights.numel() == classes.numel():
            means = [float(weights.reshape(-1)[classes == c].mean()) for c in classes.unique()]
            return max(means) > UNEQUAL * min(means)
    return False


def road(node: Any, places: dict[int, int]) -> Iterator[Any]:
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


def number(product: Any) -> float | None:
    """The one number that a tensor is multiplied by; None where it is another tensor."""
    other = getattr(product, "_saved_other", None)
    return float(other) if isinstance(other, Tensor) and other.numel() == 1 else None


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


def passes(node: Any) -> bool:
    """Whether a node only keeps a probability away from 0 and 1: a clamp, or a number that is added."""
    return name_of(node) in CUTTING or (
        name_of(node) == "AddBackward0" and sum(p is not None for p, _ in node.next_functions) == 1
    )


def factor(node: Any, place: int) -> int:
    """-1 where a node turns the sign of its input of that place, else 1."""
    name = name_of(node)
    if name == "NegBackward0" or (name == "SubBackward0" and place == 1) or name == "RsubBackward1":
        return -1
    if name.startswith(("MulBackward", "DivBackward")):
        other = getattr(node, "_saved_other", None)
        value = (
            float(other.detach() if isinstance(other, Tensor) else other)
            if isinstance(other, int | float) or (isinstance(other, Tensor) and other.numel() == 1)
            else 1.0
        )
        return -1 if value < 0 else 1
    return 1


def name_of(node: Any) -> str:
    """The name of a node, such as "ReluBackward0"; "" for none."""
    return str(node.name()) if node is not None else ""
