"""Figures: how numbers are written."""

import math

SHORT = 12  # digits of a number that stands in a formula itself, such as a learning rate, unless it has more
SAME = 1e-14  # share by which the short form may be off, such as 0.1 for 1 - 0.9


def number(value: float, digits: int) -> str:
    """Write a number with so many digits.

    >>> number(0.5, 4), number(-0.0, 4), number(2 / 3, 4)
    ('0.5', '0', '0.6667')
    """
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text


def constant(value: float) -> str:
    """Write a number as it is.

    >>> constant(1.0), constant(1 - 0.9), constant(1 / 3)
    ('1', '0.1', '0.3333333333333333')
    """
    short = number(value, SHORT)
    return short if math.isclose(float(short), value, rel_tol=SAME) else repr(value)
