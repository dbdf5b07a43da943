"""Splits: which examples are for training, for validation and for the final test; disjoint, and stored with the run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from deepglass.data.distinct import distinct
from deepglass.data.series_split import split_steps
from deepglass.data.settings import DataSettings
from deepglass.errors import DataError, SettingError
from deepglass.randomness import derive

MOST_INT32 = 2**31 - 1
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
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
    spans: np.ndarray | None = None,
) -> Splits:
    """Divide examples: the test split first, then validation out of the rest.

    Args:
        examples: indices of the examples to divide.
        classes: class of every example of the source, to keep the shares of the classes in each split.
        own: the membership that the source itself states; a split that it leaves open is drawn from its training examples.
        groups: a number an example; equal ones stay together, so shares come out as near as whole groups allow.
        times: when each example was: the past trains, what follows validates, the future tests; equal times stay together.
        spans: of windows that run over a series, the first and last time step to be learned: see `split_steps`.
    Raises: DataError, when an example is stated to be in two splits, or nothing would be left to train on; SettingError,
    when what is ordered in time should be shuffled.
    """
    own = own or {}
    _check_settings(settings, groups, times)
    if spans is not None:
        return Splits(**split_steps(examples, spans, settings))
    if len(examples) and examples.max() < MOST_INT32:  # half the memory for all that follows, and the same numbers
        examples = examples.astype(np.int32)
    kinds = classes if settings.stratify is not False and groups is None and times is None else None
    stated = {name: np.intersect1d(np.asarray(ids), examples) for name, ids in own.items()}
    for one, other in combinations(stated, 2):
        both = np.intersect1d(stated[one], stated[other])
        if len(both):
            raise DataError(
                f"{len(both)} examples are in {one} and in {other} (first: {both[0]}, counted from 0). State each once."
            )
    test, validation = stated.get("test"), stated.get("validation")
    rest = stated["train"] if "train" in stated else _without(examples, stated.values())
    if test is None:
        share = settings.test
        if isinstance(share, str):
            raise SettingError(
                f"data.test={share!r} is a file, which goes with a table. Give a share or a number of examples."
            )
        test, rest = _draw(rest, share, settings.split_seed, "test", kinds, groups, times)
    if validation is None:
        share = settings.validation
        most = MOST_VALIDATION if share < 1 and share * len(rest) > MOST_VALIDATION else share
        validation, rest = _draw(rest, most, settings.split_seed, "validation", kinds, groups, times, in_order=False)
    if not len(rest):
        raise DataError(
            f"No example is left to train on: {len(examples)} examples, test={settings.test}, "
            f"validation={settings.validation}. Give more examples or smaller shares."
        )
    del examples
    parts = {}
    for name, part in (("train", rest), ("validation", validation), ("test", test)):
        part.sort()  # of a copy: what is drawn is drawn from a permutation
        parts[name] = part.astype(np.int64)
    _check_order(parts, groups, times)
    return Splits(**parts)


def folds(
    splits: Splits,
    k: int,
    settings: DataSettings,
    classes: np.ndarray | None = None,
    *,
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
) -> list[Splits]:
    """Divide everything but the test split k times, each example being in one validation fold exactly.

    Raises: DataError, when k is not between 2 and the number of examples (of groups, when these stay together); SettingError,
    when the examples are ordered in time.
    """
    if times is not None:
        raise SettingError(
            f"{k} folds would train on the future of what they validate, with time= set. Use the one split."
        )
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    if groups is not None:
        return _folds_of_groups(splits, pool, k, settings, groups)
    if not isinstance(k, int | np.integer) or not 2 <= k <= len(pool):
        raise DataError(f"{k} folds of {len(pool)} examples are impossible. Choose 2 to {len(pool)}.")
    order = _shuffled(pool, settings.split_seed, "folds")
    if classes is not None and settings.stratify is not False:
        order = order[np.argsort(classes[order], kind="stable")]  # dealing out sorted examples shares every class
    parts = [np.sort(order[i::k]) for i in range(k)]
    return [Splits(np.setdiff1d(pool, part), part, splits.test) for part in parts]


def _check_settings(settings: DataSettings, groups: np.ndarray | None, times: np.ndarray | None) -> None:
    """Raises: SettingError, for settings that contradict each other."""
    if times is not None and settings.stratify:
        raise SettingError(
            "stratify=True shuffles the examples, but time= says that they are ordered: the past trains, the future tests. "
            "Leave one of them out."
        )
    if times is not None and groups is not None:
        raise SettingError("time= and group= part the examples in two different ways. Choose one of them.")
    if groups is not None and settings.stratify:
        raise SettingError(
            "stratify=True cannot be kept with group=: groups go into a split as a whole. Leave one out."
        )


def _check_order(parts: Mapping[str, np.ndarray], groups: np.ndarray | None, times: np.ndarray | None) -> None:
    """Raises: DataError, when splits that the source states break a group apart, or test on the past."""
    for one, other in combinations(parts, 2):
        if groups is not None:
            both = np.intersect1d(groups[parts[one]], groups[parts[other]])
            if len(both):
                raise DataError(
                    f"{len(both)} groups of group= are in {one} and in {other}. State each group in one split."
                )
        if times is not None and len(parts[one]) and len(parts[other]):
            early = int((times[parts[other]] <= times[parts[one]].max()).sum())
            if early:
                raise DataError(
                    f"{early} {other} examples are no later in time= than the last of {one}. The past has to train and the "
                    f"future to test: state the splits so, or leave time= out."
                )


def _folds_of_groups(
    splits: Splits, pool: np.ndarray, k: int, settings: DataSettings, groups: np.ndarray
) -> list[Splits]:
    names = np.unique(groups[pool])
    if not 2 <= k <= len(names):
        raise DataError(f"{k} folds of {len(names)} groups are impossible. Choose 2 to {len(names)}.")
    sizes = {int(g): int((groups[pool] == g).sum()) for g in _shuffled(names, settings.split_seed, "folds")}
    members: list[list[int]] = [[] for _ in range(k)]
    for group in sorted(sizes, key=sizes.__getitem__, reverse=True):  # the largest first, each into the smallest fold
        min(members, key=lambda m: sum(sizes[g] for g in m)).append(group)
    parts = [pool[np.isin(groups[pool], m)] for m in members]
    return [Splits(np.setdiff1d(pool, part), part, splits.test) for part in parts]


def _draw(
    examples: np.ndarray,
    share: float,
    seed: int,
    purpose: str,
    classes: np.ndarray | None,
    groups: np.ndarray | None,
    times: np.ndarray | None,
    *,
    in_order: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a part, and return it with what remains. Args: in_order: something is drawn from what remains, in its order."""
    count = int(share) if share >= 1 else round(share * len(examples))
    if count > len(examples):
        raise DataError(f"{purpose}={share} asks for more than the {len(examples)} examples there are. Choose less.")
    if times is not None:
        order = examples[np.argsort(times[examples], kind="stable")][::-1]  # the latest first
        return _cut(order, times[order], count, purpose)
    order = _shuffled(examples, seed, purpose)
    if groups is not None:
        names = np.unique(groups[examples])
        place = np.empty(int(names.max(initial=0)) + 1)
        place[_shuffled(names, seed, purpose)] = np.arange(len(names))
        order = order[np.argsort(place[groups[order]], kind="stable")]
        return _cut(order, groups[order], count, purpose)
    if classes is not None and 0 < count < len(order):
        if not in_order:
            return _first_interleaved(order, classes, count)
        order = _interleaved(order, classes)
    return order[:count].copy(), order[count:]


def _cut(order: np.ndarray, like: np.ndarray, count: int, purpose: str) -> tuple[np.ndarray, np.ndarray]:
    """Cut near `count`, but never between equal neighbours of `like`."""
    if not 0 < count < len(order):
        return order[:count], order[count:]
    between = np.flatnonzero(like[1:] != like[:-1]) + 1
    if not len(between):
        raise DataError(
            f"All {len(order)} examples are of one group or time, so none can be kept apart for {purpose}. Set {purpose}=0, or "
            f"leave group= or time= out."
        )
    at = between[np.abs(between - count).argmin()]
    return order[:at], order[at:]


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


def _first_interleaved(order: np.ndarray, classes: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first examples that `_interleaved` would give, and the others in any order, without an order of all."""
    small = np.min_scalar_type(int(classes.max())) if classes.min() >= 0 else classes.dtype
    kinds = classes.astype(small)[order]
    at, place = [], []
    for kind in distinct(kinds):
        members = np.flatnonzero(kinds == kind)
        at.append(members[:count].copy())
        place.append((np.arange(len(at[-1])) + 0.5) / len(members))
    first = np.lexsort((np.concatenate(at), np.concatenate(place)))[
        :count
    ]  # equal places as they stand, as in a stable sort
    chosen = np.zeros(len(order), dtype=bool)
    chosen[np.concatenate(at)[first]] = True
    return order[chosen], order[~chosen]


def _without(examples: np.ndarray, parts: Iterable[np.ndarray]) -> np.ndarray:
    taken = list(parts)
    return np.setdiff1d(examples, np.concatenate(taken)) if taken else examples


def _shuffled(examples: np.ndarray, seed: int, purpose: str) -> np.ndarray:
    return np.random.default_rng(derive(seed, f"split {purpose}")).permutation(examples)
