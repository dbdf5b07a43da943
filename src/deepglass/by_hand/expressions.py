"""Expressions: arithmetic on Python numbers that remembers its formula, so that a value and its formula cannot disagree."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deepglass.by_hand.figures import constant

Write = Callable[["Named"], str]  # how a number with a name is written: its symbol, its value, or a learner's own value
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4  # how firmly an expression holds together


class Expression:
    """A formula with its value. `strength` says where it needs brackets, `value` is a float64."""

    __slots__ = ("value",)
    strength = ATOM
    value: float

    def written(self, write: Write, terms: int | None = None) -> str:
        """Write the formula. Args: terms: how many terms of a sum are written at most."""
        raise NotImplementedError

    def at(self, given: Mapping[str, float]) -> float:
        """Compute it with other values for some of its numbers, by symbol."""
        raise NotImplementedError

    def inside(self, strength: int, write: Write, terms: int | None) -> str:
        """Write it as a part of something that holds together as firmly as `strength`."""
        text = self.written(write, terms)
        return f"({text})" if self.strength < strength or text.startswith("-") else text

    def __add__(self, other: "Expression | float") -> "Expression":
        return Sum([*_terms(self), of(other)])

    def __radd__(self, other: float) -> "Expression":
        return Sum([of(other), self])

    def __sub__(self, other: "Expression | float") -> "Expression":
        return Sum([*_terms(self), Negative(of(other))])

    def __rsub__(self, other: float) -> "Expression":
        return Sum([of(other), Negative(self)])

    def __neg__(self) -> "Expression":
        return Negative(self)

    def __mul__(self, other: "Expression | float") -> "Expression":
        return Product(self, of(other))

    def __rmul__(self, other: float) -> "Expression":
        return Product(of(other), self)

    def __truediv__(self, other: "Expression | float") -> "Expression":
        return Quotient(self, of(other))

    def __rtruediv__(self, other: float) -> "Expression":
        return Quotient(of(other), self)

    def __pow__(self, exponent: float) -> "Expression":
        return Power(self, exponent)


class Constant(Expression):
    """A number that stands in the formula itself."""

    __slots__ = ()

    def __init__(self, value: float) -> None:
        self.value = float(value)

    def written(self, write: Write, terms: int | None = None) -> str:
        return constant(self.value)

    def at(self, given: Mapping[str, float]) -> float:
        return self.value


class Named(Expression):
    """A number with a name, such as z1[0]. `made` is the formula it came from, None where it was given or is not kept."""

    __slots__ = ("made", "symbol")
    way = ""

    def __init__(self, symbol: str, value: float, made: Expression | None = None) -> None:
        self.symbol, self.value, self.made = symbol, float(value), made

    def written(self, write: Write, terms: int | None = None) -> str:
        return write(self)

    def at(self, given: Mapping[str, float]) -> float:
        return given.get(self.symbol, self.value)


class Handed(Named):
    """A number as one of the layers that take it has it. `way` is said of the slope that comes back from there, if several do."""

    __slots__ = ("number", "way")

    def __init__(self, number: Named) -> None:
        super().__init__(number.symbol, number.value)
        self.number, self.way = number, ""


class Sum(Expression):
    """Several terms; a negative one is written with a minus."""

    __slots__ = ("terms",)
    strength = SUM

    def __init__(self, terms: Sequence[Expression]) -> None:
        self.terms = terms
        self.value = sum([term.value for term in terms])

    def written(self, write: Write, terms: int | None = None) -> str:
        left_out = 0 if terms is None else max(0, len(self.terms) - terms)
        text = ""
        for k, term in enumerate(self.terms):
            if left_out and terms is not None and terms - 1 <= k < len(self.terms) - 1:
                text += f" + … ({left_out} more)" if k == terms - 1 else ""
                continue
            if isinstance(term, Negative):
                text += (" - " if k else "-") + term.of.inside(PRODUCT, write, terms)
            elif k:
                text += " + " + term.inside(SUM, write, terms)
            else:
                text = term.written(write, terms) if term.strength >= SUM else term.inside(SUM, write, terms)
        return text

    def at(self, given: Mapping[str, float]) -> float:
        return sum([term.at(given) for term in self.terms])


class Negative(Expression):
    """Minus something."""

    __slots__ = ("of",)
    strength = SUM

    def __init__(self, of: Expression) -> None:
        self.of, self.value = of, -of.value

    def written(self, write: Write, terms: int | None = None) -> str:
        return "-" + self.of.inside(PRODUCT, write, terms)

    def at(self, given: Mapping[str, float]) -> float:
        return -self.of.at(given)


class Product(Expression):
    """Two factors."""

    __slots__ = ("left", "right")
    strength = PRODUCT

    def __init__(self, left: Expression, right: Expression) -> None:
        self.left, self.right, self.value = left, right, left.value * right.value

    def written(self, write: Write, terms: int | None = None) -> str:
        # A product after a quotient, as in a / b·c, would be read in two ways.
        before = POWER if isinstance(self.left, Quotient) else PRODUCT
        after = POWER if isinstance(self.right, Quotient) else PRODUCT
        return f"{self.left.inside(before, write, terms)}·{self.right.inside(after, write, terms)}"

    def at(self, given: Mapping[str, float]) -> float:
        return self.left.at(given) * self.right.at(given)


class Quotient(Expression):
    """One divided by another."""

    __slots__ = ("above", "below")
    strength = PRODUCT

    def __init__(self, above: Expression, below: Expression) -> None:
        self.above, self.below, self.value = above, below, _divided(above.value, below.value)

    def written(self, write: Write, terms: int | None = None) -> str:
        return f"{self.above.inside(PRODUCT, write, terms)} / {self.below.inside(POWER, write, terms)}"

    def at(self, given: Mapping[str, float]) -> float:
        return _divided(self.above.at(given), self.below.at(given))


class Power(Expression):
    """A power."""

    __slots__ = ("base", "exponent")
    strength = POWER

    def __init__(self, base: Expression, exponent: float) -> None:
        self.base, self.exponent, self.value = base, exponent, base.value**exponent

    def written(self, write: Write, terms: int | None = None) -> str:
        exponent = constant(self.exponent)
        return f"{self.base.inside(ATOM, write, terms)}^{exponent if self.exponent > 0 else f'({exponent})'}"

    def at(self, given: Mapping[str, float]) -> float:
        return self.base.at(given) ** self.exponent


class Function(Expression):
    """A function with a name."""

    __slots__ = ("compute", "name", "parts")

    def __init__(self, name: str, compute: Callable[..., float], *parts: Expression) -> None:
        self.name, self.compute, self.parts = name, compute, parts
        self.value = compute(*[part.value for part in parts])

    def written(self, write: Write, terms: int | None = None) -> str:
        return f"{self.name}({', '.join(part.written(write, terms) for part in self.parts)})"

    def at(self, given: Mapping[str, float]) -> float:
        return self.compute(*[part.at(given) for part in self.parts])


class Choice(Expression):
    """One of two formulas, by whether a number is above a limit."""

    __slots__ = ("limit", "no", "tested", "yes")
    strength = 0

    def __init__(self, tested: Expression, limit: float, yes: Expression, no: Expression) -> None:
        self.tested, self.limit, self.yes, self.no = tested, limit, yes, no
        self.value = yes.value if tested.value > limit else no.value

    def written(self, write: Write, terms: int | None = None) -> str:
        test = f"{self.tested.written(write, terms)} > {constant(self.limit)}"
        return f"{self.yes.inside(SUM, write, terms)} if {test} else {self.no.inside(SUM, write, terms)}"

    def at(self, given: Mapping[str, float]) -> float:
        return self.yes.at(given) if self.tested.at(given) > self.limit else self.no.at(given)


def of(value: Any) -> Expression:
    """Return an expression as it is, and a plain number as a constant."""
    return value if isinstance(value, Expression) else Constant(value)


def _terms(expression: Expression) -> Sequence[Expression]:
    return expression.terms if isinstance(expression, Sum) else [expression]


def _divided(above: float, below: float) -> float:
    if below:
        return above / below
    return math.copysign(math.inf, above) if above else math.nan
