"""DataFrames as tables: typed columns stay typed, texts stay texts."""

from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data.readers.dates import days_of
from deepglass.data.readers.table import Cells, Table, Typed
from deepglass.data.readers.texts import EXACT, Texts
from deepglass.errors import DataError

if TYPE_CHECKING:
    import pandas


def table_of_frame(frame: "pandas.DataFrame", name: str = "DataFrame") -> Table:
    """Take a DataFrame for a table. Rows are counted from 1. Raises: DataError, for a doubled column or an odd type."""
    frame = frame.rename(columns=str)
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise DataError(f"{name} has the column {doubled[0]!r} twice. Rename one of them.")
    if not len(frame):
        raise DataError(f"{name} has no rows. Give at least a few.")
    columns = {str(c): _cells(name, str(c), frame[c]) for c in frame.columns}
    return Table(name, columns, ((name, np.arange(len(frame)) + 1),))


def _cells(source: str, name: str, values: "pandas.Series[Any]") -> Cells:
    import pandas

    missing = values.isna().to_numpy()
    kind: Any = values.dtype
    is_object = pandas.api.types.is_object_dtype(kind)
    if isinstance(kind, pandas.CategoricalDtype) or is_object or pandas.api.types.is_string_dtype(kind):
        known = values[~missing].astype(object)
        if is_object and len(known) and all(isinstance(v, bool | np.bool_) for v in known):
            return Typed("boolean", values.astype(object).where(~missing, False).to_numpy(dtype=np.float64), missing)
        return Texts.of(["" if gap else str(v) for v, gap in zip(values.astype(object).tolist(), missing.tolist())])
    if pandas.api.types.is_bool_dtype(kind):
        return Typed("boolean", values.astype(object).where(~missing, False).to_numpy(dtype=np.float64), missing)
    if isinstance(kind, pandas.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
        kind = values.dtype
    if pandas.api.types.is_datetime64_dtype(kind):
        return Typed("date", days_of(np.asarray(values.to_numpy())), missing)
    if pandas.api.types.is_integer_dtype(kind):
        whole = values.fillna(0) if missing.any() else values
        return integers(np.asarray(whole.to_numpy()), missing)
    if pandas.api.types.is_float_dtype(kind):
        return Typed("number", values.to_numpy(dtype=np.float64, na_value=np.nan), missing)
    raise DataError(f"{source}, column {name!r} holds {kind}, which cannot be used. Convert it to numbers.")


def integers(values: np.ndarray, missing: np.ndarray) -> Cells:
    """Whole numbers, as texts where a float64 would round them."""
    if len(values) and (int(values.max()) >= EXACT or int(values.min()) <= -EXACT):
        return Texts.of(["" if gap else str(v) for v, gap in zip(values.tolist(), missing.tolist())])
    return Typed("number", np.where(missing, np.nan, values.astype(np.float64)), missing, whole=True)
