"""Symptoms: which kinds of fault each symptom of the doctor names. A symptom that bears the name of a kind names that kind."""

from kinds import KINDS

# symptom -> kinds, for those whose names differ. Filled in from what a symptom says, never from what it is found in.
CAUSES: dict[str, tuple[str, ...]] = {
    "oscillating": ("rate_too_high", "momentum_too_high", "batch_too_small"),
    "not_finite": ("exploding", "log_of_zero"),
    "cannot_memorize": ("underfitting", "cut_gradient", "wrong_loss"),
}


def kinds_of(symptom: str) -> frozenset[str]:
    """The kinds that a symptom names; none for one that is not known here."""
    return frozenset(CAUSES.get(symptom, (symptom,) if symptom in KINDS else ()))
