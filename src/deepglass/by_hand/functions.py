"""Functions: what expressions are made with, beside the four operations."""

import math
from collections.abc import Iterable
from typing import Any

from deepglass.by_hand.expressions import Choice, Constant, Expression, Function, Sum, of


def total(terms: Iterable[Expression]) -> Expression:
    """Add up any number of terms; none make 0, and one stays alone."""
    found = list(terms)
    if not found:
        return Constant(0)
    return found[0] if len(found) == 1 else Sum(found)


def exp(x: Expression) -> Expression:
    return Function("exp", _exp, x)


def ln(x: Expression) -> Expression:
    return Function("ln", _ln, x)


def tanh(x: Expression) -> Expression:
    return Function("tanh", math.tanh, x)


def erf(x: Expression) -> Expression:
    return Function("erf", math.erf, x)


def sqrt(x: Expression) -> Expression:
    return Function("sqrt", math.sqrt, x)


def absolute(x: Expression) -> Expression:
    return Function("abs", abs, x)


def largest(*parts: Expression) -> Expression:
    return Function("max", max, *parts)


def least(*parts: Expression) -> Expression:
    return Function("min", min, *parts)


def choose(tested: Expression, limit: float, yes: Any, no: Any) -> Expression:
    """`yes` where `tested` is above `limit`, else `no`."""
    return Choice(tested, limit, of(yes), of(no))


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _ln(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan
