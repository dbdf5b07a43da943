"""Candidates: the rates and penalties that are tried, the same for all."""

from itertools import islice, product

import numpy as np

RATES = np.geomspace(1e-4, 3e-2, 8)
PENALTIES = np.geomspace(1e-6, 1e-2, 16)


def candidates(count: int) -> list[tuple[float, float]]:
    """The first of all pairs of a rate and a penalty, the penalties in turn fastest."""
    return [(float(r), float(p)) for r, p in islice(product(RATES, PENALTIES), count)]
