"""Splits: which examples are for training, for validation and for the final test; disjoint, and stored with the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from deepglass.data.settings import DataSettings
from deepglass.errors import DataError
from deepglass.randomness import derive

MOST_VALIDATION = 10_000  # a share asks for no more: with these an accuracy is known within half a point already


@dataclass(frozen=True)
class Splits:
    """Indices of examples, each int64 and in rising order."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def counts(self) -> dict[str, int]:
        return {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}


def split(
    examples: np.ndarray,
    settings: DataSettings,
    *,
    classes: np.ndarray | None = None,
    own: Mapping[str, np.ndarray] | None = None,
) -> Splits:
    """Divide examples: the test split first, then validation out of the rest.

    Args:
        examples: indices of the examples to divide.
        classes: class of every example of the source, to keep the shares of the classes in each split.
        own: the membership that the source itself states; a split that it leaves open is drawn from its training examples.
    Raises: DataError, when an example is stated to be in two splits, or nothing would be left to train on.
    """
    own = own or {}
    kinds = classes if settings.stratify else None
    stated = {name: np.intersect1d(np.asarray(ids), examples) for name, ids in own.items()}
    for one, other in combinations(stated, 2):
        both = np.intersect1d(stated[one], stated[other])
        if len(both):
            raise DataError(
                f"{len(both)} examples are in {one} and in {other} (first: {both[0]}, counted from 0). State each once."
            )
    test, validation = stated.get("test"), stated.get("validation")
    rest = stated.get("train", np.setdiff1d(examples, np.concatenate([examples[:0], *stated.values()])))
    if test is None:
        test, rest = _draw(rest, settings.test, kinds, settings.split_seed, "test")
    if validation is None:
        share = settings.validation
        most = MOST_VALIDATION if share < 1 and share * len(rest) > MOST_VALIDATION else share
        validation, rest = _draw(rest, most, kinds, settings.split_seed, "validation")
    if not len(rest):
        raise DataError(
            f"No example is left to train on: {len(examples)} examples, test={settings.test}, "
            f"validation={settings.validation}. Give more examples or smaller shares."
        )
    return Splits(np.sort(rest), np.sort(validation), np.sort(test))


def folds(splits: Splits, k: int, settings: DataSettings, classes: np.ndarray | None = None) -> list[Splits]:
    """Divide everything but the test split k times, each example being in one validation fold exactly.

    Raises: DataError, when k is not between 2 and the number of examples.
    """
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    if not 2 <= k <= len(pool):
        raise DataError(f"{k} folds of {len(pool)} examples are impossible. Choose 2 to {len(pool)}.")
    order = _shuffled(pool, settings.split_seed, "folds")
    if classes is not None and settings.stratify:
        order = order[np.argsort(classes[order], kind="stable")]  # dealing out sorted examples shares every class
    parts = [np.sort(order[i::k]) for i in range(k)]
    return [Splits(np.setdiff1d(pool, part), part, splits.test) for part in parts]


def _draw(
    examples: np.ndarray, share: float, classes: np.ndarray | None, seed: int, purpose: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a part, and return it with what remains."""
    count = int(share) if share >= 1 else round(share * len(examples))
    if count > len(examples):
        raise DataError(f"{purpose}={share} asks for more than the {len(examples)} examples there are. Choose less.")
    order = _shuffled(examples, seed, purpose)
    if classes is not None and 0 < count < len(order):
        order = _interleaved(order, classes)
    return order[:count], order[count:]


def _interleaved(order: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Order examples so that every beginning of the list holds the classes in their shares.

    The k-th of m examples of a class stands at place (k + 1/2) / m, so a class with one example comes in the middle
    and stays out of a small part: it is needed for training.
    """
    kinds = classes[order]
    place = np.empty(len(order))
    for kind in np.unique(kinds):
        (members,) = np.nonzero(kinds == kind)
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return order[np.argsort(place, kind="stable")]


def _shuffled(examples: np.ndarray, seed: int, purpose: str) -> np.ndarray:
    return np.random.default_rng(derive(seed, f"split {purpose}")).permutation(examples)
