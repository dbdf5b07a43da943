"""Marks: losses of marks -1 and 1 times scores, put together by hand: the hinge and the logistic loss."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from deepglass.probes.nodes import ACTIVATIONS, LINEAR, carries, first, name_of, road
from deepglass.probes.told import Told

LOGISTIC = {
    "SoftplusBackward0": 1,
    "LogSigmoidBackward0": -1,
}  # the sign of a loss that is made large on the wrong side


def of_a_hinge(node: Any, sign: int, places: dict[int, int], outputs: Sequence[Tensor]) -> Told | None:
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
    way = list(road(product, places))
    until = next((n for n, step in enumerate(way) if id(step) in places), None)
    if until is None or not isinstance(marks, Tensor) or marks.numel() < 2:
        return None
    y = outputs[places[id(way[until])]]
    last = next((n for n in way if not carries(n)), None)
    return Told(
        loss="hinge", takes="scores", by_hand=True, activation=ACTIVATIONS.get(name_of(last), "") if last is not None else "",
        softmax_axis=None, softmax_size=None, sign=sign, shape=tuple(y.shape), compared=tuple(marks.shape),
        is_plain=all(carries(n) for n in way[:until]), has_bare_logarithm=False, weighs_classes=False,
        output=places[id(way[until])],
        answers=y.detach().reshape(marks.shape) if y.numel() == marks.numel() else None, targets=marks.detach(),
    )  # fmt: skip


def of_marks(node: Any, sign: int, places: dict[int, int], outputs: Sequence[Tensor]) -> Told | None:
    """The logistic loss log(1 + exp(-mark * score)), marks -1 and 1, put together by hand; None where it is something else."""
    product: Any = first(node)
    wrong = 1  # the sign of the marks of the wrong side
    while name_of(product) == "NegBackward0":
        product, wrong = first(product), -wrong
    if name_of(product) != "MulBackward0" or sum(parent is not None for parent, _ in product.next_functions) != 1:
        return None
    marks = product._saved_other if product.next_functions[0][0] is not None else product._saved_self
    way = list(road(product, places))
    until = next((n for n, step in enumerate(way) if id(step) in places), None)
    if until is None or not isinstance(marks, Tensor) or marks.numel() < 2 or not bool((marks.abs() == 1).all()):
        return None
    y = outputs[places[id(way[until])]]
    if y.numel() != marks.numel():
        return None
    turned = sum(name_of(n) == "NegBackward0" for n in way[:until])
    wrong = wrong * (-1) ** turned * (1 if name_of(node) == "SoftplusBackward0" else -1)
    last = next((n for n in way if not carries(n)), None)
    return Told(
        loss="binary_cross_entropy", takes="logits", by_hand=True, activation=ACTIVATIONS.get(name_of(last), ""),
        softmax_axis=None, softmax_size=None, sign=sign, shape=tuple(y.shape), compared=tuple(marks.shape),
        is_plain=all(carries(n) or name_of(n) == "NegBackward0" for n in way[:until]),
        has_bare_logarithm=False, weighs_classes=False, output=places[id(way[until])],
        answers=y.detach().reshape(marks.shape), targets=(marks.detach() == -wrong).to(y.dtype),
        ends_linear=name_of(last) in LINEAR,
    )  # fmt: skip
