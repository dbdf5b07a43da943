"""Series values: an array or a list that holds one series an example, taken for series."""

from typing import Any

import numpy as np
import torch

from deepglass.data.ragged import Ragged
from deepglass.data.source import Raw
from deepglass.errors import DataError


def series_values(name: str, values: Any) -> tuple[Raw, str]:
    """Take an array (n, time) or (n, time, variables), or a list of series of different lengths, for series, with a note.

    Raises: DataError, when they have other axes or differ in their variables, or one has no time step.
    """
    try:
        array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
        even = array.dtype != object
    except ValueError:
        even = False
    if even:
        array = array[..., None] if array.ndim == 2 else array
        if array.ndim != 3 or 0 in array.shape[1:] or array.dtype.kind not in "biuf":
            raise DataError(
                f"Field {name!r}: series are numbers (examples, time) or (examples, time, variables); got {array.dtype} of shape "
                f"{array.shape}."
            )
        told = f"{name}: series of {array.shape[1]:,} time steps, {array.shape[2]} variables"
        return Raw("series", array.astype(np.float64)), told
    try:
        parts = [np.asarray(v, dtype=np.float64) for v in values]
    except (TypeError, ValueError):
        raise DataError(f"Field {name!r}: a series holds something that is no number. Give numbers alone.") from None
    parts = [p[:, None] if p.ndim == 1 else p for p in parts]
    widths = {p.shape[1:] for p in parts}
    if any(p.ndim != 2 for p in parts) or len(widths) > 1:
        raise DataError(
            f"Field {name!r}: series of different lengths are (time, variables) each, with the same variables; got the shapes "
            f"{', '.join(sorted({str(p.shape) for p in parts})[:4])}."
        )
    empty = next((i for i, p in enumerate(parts) if not len(p)), None)
    if empty is not None:
        raise DataError(f"Field {name!r}: example {empty} (counted from 0) has no time step. Leave it out.")
    lengths = [len(p) for p in parts]
    told = f"{name}: series of {min(lengths):,} to {max(lengths):,} time steps, {parts[0].shape[1]} variables"
    return Raw("series", Ragged.of([torch.from_numpy(p) for p in parts])), told
