"""Given: what `fit` and `predict` are handed, checked. Everything wrong is an InputError, which is a ValueError."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d, validate_data

from deepglass.data.dataset import RESIDENT_BYTES
from deepglass.errors import DataError, InputError

FRAME = "If some columns hold texts or dates, give a pandas DataFrame."


@contextmanager
def as_value_errors() -> Iterator[None]:
    """Let what is wrong with data arrive as the ValueError that scikit-learn's tools expect."""
    try:
        yield
    except InputError:
        raise
    except DataError as error:
        raise InputError(str(error)) from None


def is_frame(X: Any) -> bool:
    """Whether this is a pandas DataFrame, whose columns may be of any kind."""
    return hasattr(X, "columns") and hasattr(X, "iloc")


def examples(estimator: BaseEstimator, X: Any, *, reset: bool, as_table: bool) -> Any:
    """Return inputs as an array of finite numbers, examples first, or as the table that they are. Sparse ones become dense.

    A list of strings is one of texts, which need no more: an object array (examples,).

    Args:
        reset: learn the number of columns and their names, instead of comparing with those that were learned.
        as_table: the columns are read one by one, so texts and missing values may stay.
    Raises: InputError; TypeError, for an object that is no number at all.
    """
    if isinstance(X, str | Path):
        raise InputError(
            f"X is {str(X)!r}: names, files and folders are not read here. Give examples as an array or a pandas DataFrame; "
            f"deepglass.train reads files."
        )
    texts = strings(X)
    if texts is not None:
        return texts
    if hasattr(X, "toarray"):
        X = _dense(X)
    if is_frame(X):
        if not len(X):
            raise InputError("X has no rows. Give at least one example.")
    else:
        with _told():
            plain = np.asarray(X, dtype=object if as_table else None)
        _refuse_form(plain)
        X = plain if as_table else X
    with _told(FRAME, of="could not convert"):
        if as_table:
            return validate_data(estimator, X, reset=reset, skip_check_array=True)
        array = validate_data(estimator, X, reset=reset, allow_nd=True, ensure_all_finite=False)  # said with the place
    _refuse_gaps(
        "X", array, "Fill them (SimpleImputer), or learn from a pandas DataFrame: its missing values are filled."
    )
    return array


def strings(X: Any) -> np.ndarray | None:
    """The texts, where X is a list or one-dimensional array of strings; else None."""
    if is_frame(X) or not (isinstance(X, list | tuple) or getattr(X, "ndim", 0) == 1):
        return None
    given = list(X)
    if not given or not all(isinstance(text, str) for text in given):
        return None
    found = np.empty(len(given), dtype=object)
    found[:] = given
    return found


def labels(y: Any) -> np.ndarray:
    """Return one label an example. Raises: InputError, when some are missing, or are no labels but quantities."""
    import pandas

    if y is None:
        raise InputError("A classifier requires y to be passed, but the target y is None. Give one label an example.")
    with _told("For several labels an example, wrap the classifier in sklearn.multioutput.MultiOutputClassifier."):
        array = column_or_1d(y, warn=True)
    gaps = np.flatnonzero(pandas.isna(array))
    if len(gaps):
        raise InputError(
            f"y: {len(gaps)} of {len(array)} labels are missing (first: example {gaps[0]}, counted from 0). "
            f"Remove these examples."
        )
    with _told("If y holds quantities, use Regressor; if it holds labels, convert them with y.astype(str)."):
        check_classification_targets(array)
    return array


def quantities(y: Any) -> np.ndarray:
    """Return the numbers to learn, (examples,) or (examples, numbers). Raises: InputError."""
    if y is None:
        raise InputError(
            "A regressor requires y to be passed, but the target y is None. Give one number or several an example."
        )
    advice = "If y holds labels, use Classifier."
    if np.asarray(y).dtype.kind in "US":
        raise InputError(f"y holds texts, such as {np.asarray(y).ravel().tolist()[0]!r}, and no numbers. {advice}")
    with _told(advice):
        array = check_array(y, ensure_2d=False, dtype="numeric", ensure_all_finite=False, input_name="y")
    _refuse_gaps("y", array, "Remove these examples.")
    return array


def weights(sample_weight: Any, count: int) -> np.ndarray | None:
    """Return how much each example counts, (examples,). Raises: InputError."""
    if sample_weight is None:
        return None
    array = np.asarray(sample_weight, dtype=np.float64)
    if array.shape != (count,):
        raise InputError(f"sample_weight has shape {array.shape} for {count} examples. Give one number an example.")
    _refuse_gaps("sample_weight", array, "Give numbers of 0 or more.")
    below = np.flatnonzero(array < 0)
    if len(below):
        raise InputError(
            f"sample_weight is below 0 for {len(below)} of {count} examples (first: example {below[0]}, counted from 0: "
            f"{array[below[0]]:g}). Give numbers of 0 or more."
        )
    if not array.any():
        raise InputError("Every sample_weight is zero, so nothing can be learned. Give at least one example a weight.")
    return array


def weights_of_classes(
    class_weight: Mapping[Any, float] | str | None, classes: np.ndarray, codes: np.ndarray, each: np.ndarray | None
) -> np.ndarray | None:
    """Return the weights `each` of examples times those of their classes.

    "balanced" lets all classes weigh the same: total weight / (number of classes * weight of this class).
    Raises: InputError.
    """
    if class_weight is None:
        return each
    each = np.ones(len(codes)) if each is None else each
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise InputError(
                f'class_weight={class_weight!r} is none. Use "balanced", or a weight by label: {{"yes": 2}}.'
            )
        total = np.bincount(codes, weights=each, minlength=len(classes))
        return each * (total.sum() / (len(classes) * np.where(total > 0, total, 1.0)))[codes]
    unknown = [label for label in class_weight if label not in classes.tolist()]
    if unknown:
        raise InputError(
            f"class_weight has a weight for {unknown[0]!r}, and there is no such class. Classes: "
            f"{', '.join(map(str, classes[:20]))}."
        )
    wrong = {label: weight for label, weight in class_weight.items() if not 0 <= weight < float("inf")}
    if wrong:
        raise InputError(f"class_weight={wrong}: a weight is a number of 0 or more.")
    return each * np.array([class_weight.get(label, 1.0) for label in classes.tolist()])[codes]


@contextmanager
def _told(advice: str = "", *, of: str = "") -> Iterator[None]:
    """Let scikit-learn's own checks speak; where they speak of `of`, with what to do."""
    try:
        yield
    except ValueError as error:
        said = str(error).strip()
        raise InputError(f"{said.rstrip('.')}. {advice}" if advice and of in said else said) from None


def _dense(X: Any) -> np.ndarray:
    """Make a sparse array dense, if it can then be held encoded in memory, as other data are."""
    rows, columns = X.shape
    if rows * columns * 4 > RESIDENT_BYTES:
        raise InputError(
            f"X is sparse, {rows:,} x {columns:,}: a network takes dense numbers, and these would take "
            f"{rows * columns * 4 / 2**20:,.0f} MiB, more than {RESIDENT_BYTES >> 20}. Reduce the columns first, with TruncatedSVD "
            f"or SelectKBest."
        )
    dense: np.ndarray = X.toarray()
    return dense


def _refuse_form(array: np.ndarray) -> None:
    if array.ndim < 2:
        raise InputError(
            f"X has shape {array.shape}, and examples come first: (examples, features). Reshape your data: X.reshape(-1, 1) if it "
            f"is one feature, X.reshape(1, -1) if it is one example."
        )
    if array.dtype.kind == "c":
        raise InputError("Complex data not supported: X holds complex numbers. Give X.real and X.imag as columns.")
    if array.dtype.kind in "US":
        raise InputError(f"X is an array of texts, such as {array.ravel().tolist()[0]!r}. {FRAME}")


def _refuse_gaps(name: str, array: np.ndarray, advice: str) -> None:
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return
    rows = np.unique(np.argwhere(~np.isfinite(array))[:, 0])
    where = f"{len(rows)} of {len(array)} examples (first: example {rows[0]}, counted from 0)"
    if np.isnan(array).any():
        raise InputError(f"{name} contains NaN in {where}. {advice}")
    raise InputError(f"{name} contains infinity in {where}. Correct these numbers.")
