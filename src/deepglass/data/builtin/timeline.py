"""Timeline: generated values, one a time step, as windows to look back on and to forecast."""

from collections.abc import Mapping

import numpy as np

from deepglass.data.builtin.drawn import LICENCE
from deepglass.data.readers.series import windows_of
from deepglass.data.readers.series_rows import Rows
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import SettingError
from deepglass.settings import checked


def timeline(
    name: str,
    variables: Mapping[str, np.ndarray],
    *,
    lookback: int,
    horizon: int,
    stride: int,
    description: str,
) -> Source:
    """Cut variables of equal length into windows. Shapes: each (points,). Raises: SettingError, for too few points."""
    values = np.stack(list(variables.values()), axis=1)
    settings = checked(DataSettings, {"lookback": lookback, "horizon": horizon, "stride": stride}, "data.options")
    if len(values) < lookback + horizon:
        raise SettingError(
            f"{name}: a window takes {lookback + horizon} points ({lookback=}, {horizon=}), and there are {len(values)}. "
            f"Choose more points."
        )
    rows = Rows.untimed(list(variables), values)
    return windows_of(
        rows,
        name=name,
        inputs=list(variables),
        targets=list(variables)[-1:],
        settings=settings,
        reading={"time": None, "series": None},
        facts={"description": description, "licence": LICENCE, "source": "generated"},
    )
