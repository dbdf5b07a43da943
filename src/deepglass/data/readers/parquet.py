"""Parquet files as tables, read with pyarrow; whole numbers stay exact beside gaps."""

from pathlib import Path
from typing import Any

import numpy as np

from deepglass.data.readers.dates import days_of
from deepglass.data.readers.frame import integers
from deepglass.data.readers.table import Cells, Table, Typed
from deepglass.data.readers.texts import Texts
from deepglass.errors import DataError


def read_parquet(path: Path) -> Table:
    """Read a Parquet file. Rows are counted from 1. Raises: DataError, when it is damaged or pyarrow is not installed."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise DataError(f"{path}: Parquet files need pyarrow. Install it: pip install 'deepglass[tables]'.") from None
    try:
        read = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        raise DataError(
            f"{path} is not a Parquet file that can be read: {' '.join(str(error).split())[:200]}."
        ) from None
    names = list(read.column_names)
    doubled = sorted({n for n in names if names.count(n) > 1})
    if doubled:
        raise DataError(f"{path}: the column {doubled[0]!r} stands twice. Rename one of them.")
    if not read.num_rows or not names:
        raise DataError(f"{path} has no rows. Give at least a few.")
    columns = {n: arrow_cells(str(path), n, read.column(n).combine_chunks()) for n in names}
    return Table(path.name, columns, ((str(path), np.arange(read.num_rows) + 1),))


def arrow_cells(source: str, name: str, values: Any) -> Cells:
    """Take an Arrow array for a column. Raises: DataError, naming source and column, for an odd type."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        return arrow_cells(source, name, values.dictionary_decode())
    missing = values.is_null(nan_is_null=pa.types.is_floating(kind)).to_numpy(zero_copy_only=False)
    if pa.types.is_boolean(kind):
        return Typed("boolean", values.fill_null(False).to_numpy(zero_copy_only=False).astype(np.float64), missing)
    if pa.types.is_integer(kind):
        return integers(values.fill_null(0).to_numpy(zero_copy_only=False), missing)
    if pa.types.is_floating(kind):
        found = values.cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
        return Typed("number", found, missing)
    if pa.types.is_decimal(kind):
        found = np.array([np.nan if v is None else float(v) for v in values.to_pylist()])
        return Typed("number", found, missing)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        plain = values.cast(pa.timestamp("us"), safe=False)
        return Typed("date", days_of(plain.to_numpy(zero_copy_only=False)), missing)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return Texts.of(["" if v is None else v for v in values.to_pylist()])
    if pa.types.is_null(kind):
        return Typed("number", np.full(len(values), np.nan), np.ones(len(values), dtype=bool))
    raise DataError(
        f"{source}, column {name!r} holds {kind}, which cannot be used. Leave it out of the file, or convert it."
    )
