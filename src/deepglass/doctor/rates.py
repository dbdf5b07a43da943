"""Rates: learning rates that a remedy tries, in the order of how likely they are to help."""

from collections.abc import Iterable, Iterator, Sequence

from deepglass.doctor.finding import Remedy
from deepglass.doctor.reading import setting
from deepglass.doctor.trend import USUAL_RATES, rounded
from deepglass.probes.evidence import Evidence

CLEARLY = 3.0  # times away from the usual rate: people try rates in steps of about 3
LEAST = 0.01  # of the usual rate: a lower one would need a hundred times as many steps
FURTHEST = 1e-3  # of the rate that was used: whoever chose it was not as far off as that
ALIKE = 2.0  # times: rates that are as near as that do much the same


def shorter_rates(evidence: Evidence, used: float, shares: Sequence[float] = (0.1,)) -> list[float]:
    """What suits the optimizer, where that is clearly less; then some shares of the rate that was used.

    A run that is lost says little of lengths: its steps grow without end, and what is in proportion to them would stand still. So
    none is below LEAST of the usual rate, or below FURTHEST of the one that was used where that was not clearly above the usual.
    """
    usual = USUAL_RATES.get(str(setting(evidence, "recipe.optimizer")), 0.0)
    is_less = 0 < usual <= used / CLEARLY
    least = LEAST * usual if is_less else FURTHEST * used
    return _unlike((*([usual] if is_less else []), *(rounded(max(used * share, least)) for share in shares)))


def longer_rates(evidence: Evidence, used: float, factors: Sequence[float]) -> list[float]:
    """What suits the optimizer, where that is clearly more; then some multiples of the rate that was used."""
    usual = USUAL_RATES.get(str(setting(evidence, "recipe.optimizer")), 0.0)
    first = [usual] if used * CLEARLY <= usual else []
    return _unlike((*first, *(rounded(used * factor) for factor in factors)))


def of_rates(evidence: Evidence, rates: Iterable[float], used: float, words: str = "") -> Iterator[Remedy]:
    """A remedy for each rate, in words where there are no settings. Args: words: why, instead of the plain sentence."""
    for value in rates:
        change = {"recipe.learning_rate": value} if evidence.settings else {}
        plain = f"A learning rate of {value:g} instead of {used:g}"
        yield Remedy(change, f"{plain}: {words}" if words else f"{plain}.", by="spec" if change else "code")


def _unlike(rates: Iterable[float]) -> list[float]:
    """These rates in their order, without such as hardly differ from one before."""
    left: list[float] = []
    for value in rates:
        if all(max(value / other, other / value) > ALIKE for other in left):
            left.append(value)
    return left
