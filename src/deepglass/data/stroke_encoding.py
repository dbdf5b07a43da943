"""Stroke encoding: drawings as pen offsets on one common scale, fitted on the training split alone, and the state of the pen.

Raw drawings are a `Ragged` of (points, 3): dx and dy from the point before (y points down, as on a screen), and 1 where the pen
is lifted after this point. Encoded they are float32 (n, points, 5): dx, dy, and one of three for the pen: it stays down, it is
lifted, the drawing is over. Padding is over, with no offset: (0, 0, 0, 0, 1).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.ragged import Ragged
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.errors import DataError

DOWN, UP, OVER = 2, 3, 4  # the columns of the pen's states
COLUMNS = 5
OVER_ROW = (0.0, 0.0, 0.0, 0.0, 1.0)


def fit_strokes(
    name: str, raw: Raw, role: str, train: np.ndarray, settings: DataSettings
) -> tuple[tuple[int, int], dict[str, Any]]:
    """Fit the scale on the examples `train`. Returns: the shape (points, 5) and the encoding.

    One scale serves dx and dy, so that drawings keep their proportions: the root mean square of the training offsets, without
    the first of each drawing, which leads to where it begins; 1 with scaling="none", their largest with "unit". There are as
    many points as the longest training drawing has; what is longer elsewhere is cut, which is told.
    Raises: DataError, for a drawing without points, numbers that are missing, or a pen that is neither 0 nor 1.
    Source: Ha and Eck, "A Neural Representation of Sketch Drawings", arXiv:1704.03477, section 3.1, for form and scale.
    """
    drawings = as_drawings(name, raw.values)
    lengths = drawings.lengths.numpy()
    chosen = drawings.take(torch.from_numpy(np.asarray(train)))
    first = torch.zeros(len(chosen.values), dtype=torch.bool)
    first[chosen.offsets[:-1]] = True
    steps = chosen.values[~first, :2].double()
    most = float(steps.abs().max()) if len(steps) else 0.0
    usual = float(steps.square().mean().sqrt()) if len(steps) else 0.0
    scaling = (
        settings.scaling if settings.scaling in ("none", "unit") else "standard"
    )  # imagenet is for pictures beside
    scale = {"none": 1.0, "unit": most, "standard": usual}[scaling] or 1.0
    points = int(lengths[train].max()) if len(train) else int(lengths.max(initial=1))
    others = np.setdiff1d(np.arange(len(lengths)), train)
    encoding = {
        "scale": scale,
        "scaling": scaling,
        "cut": int((lengths[others] > points).sum()),
        "reading": dict(raw.reading),
    }
    return (points, COLUMNS), encoding


def encode_strokes(encoding: Mapping[str, Any], shape: tuple[int, ...], values: Any) -> Tensor:
    """Scale offsets, write the pen's state, and pad to one length. Shapes: returns (n, *shape) float32, shape being (points, 5)."""
    drawings = as_drawings("strokes", values)
    points = shape[0]
    encoded = torch.zeros(len(drawings), points, COLUMNS)
    encoded[:, :, OVER] = 1
    place = torch.arange(len(drawings.values)) - drawings.offsets[:-1][drawings.owners]  # within its own drawing
    kept = place < points
    owner, place, rows = drawings.owners[kept], place[kept], drawings.values[kept]
    lifted = rows[:, 2] > 0.5
    encoded[owner, place, :2] = (rows[:, :2].double() / encoding["scale"]).float()
    encoded[owner, place, DOWN] = (~lifted).float()
    encoded[owner, place, UP] = lifted.float()
    encoded[owner, place, OVER] = 0
    return encoded


def decode_strokes(encoding: Mapping[str, Any], encoded: Tensor) -> np.ndarray:
    """Turn encoded drawings back: an object array (n,) of float64 (points, 3) in raw units, each as long as it is."""
    rows = encoded.detach().cpu().double()
    pen = rows[:, :, 2:].argmax(dim=2)  # 0 down, 1 up, 2 over
    ends = (pen == OVER - 2).long().cumsum(dim=1) > 0
    found = np.empty(len(rows), dtype=object)
    for i in range(len(rows)):
        length = int((~ends[i]).sum())
        offsets = rows[i, :length, :2] * encoding["scale"]
        found[i] = torch.cat([offsets, pen[i, :length, None].double()], dim=1).numpy()
    return found


def match_strokes(name: str, encoding: Mapping[str, Any], shape: tuple[int, ...], raw: Raw) -> None:
    """Raises: DataError, when new drawings are none, or were simplified in another way than those that were learned."""
    as_drawings(name, raw.values)
    learned, new = encoding.get("reading", {}).get("simplify"), dict(raw.reading).get("simplify")
    if raw.reading and learned != new:
        raise DataError(
            f"Field {name!r}: drawings read with simplify={learned} were learned; these have simplify={new}."
        )


def as_drawings(name: str, values: Any) -> Ragged:
    """Return drawings as a checked `Ragged`: of arrays (points, 3) that may differ in length, or of one that is.

    Raises: DataError, naming the example and what is wrong with it.
    """
    drawings = values if isinstance(values, Ragged) else Ragged.of([_tensor(name, i, v) for i, v in enumerate(values)])
    points = drawings.values
    if points.ndim != 2 or points.shape[1] != 3:
        raise DataError(
            f"Field {name!r}: a drawing is an array (points, 3) of dx, dy and whether the pen is lifted after this point; "
            f"got {' x '.join(map(str, points.shape[1:])) or 'single'} values a point."
        )
    empty = torch.nonzero(drawings.lengths == 0)
    if len(empty):
        raise DataError(f"Field {name!r}: drawing {int(empty[0])} (counted from 0) has no point. Leave it out.")
    finite = points.isfinite().all(dim=1)
    if not bool(finite.all()):
        example = int(drawings.owners[~finite][0])
        raise DataError(
            f"Field {name!r}: drawing {example} (counted from 0) holds a value that is missing or not finite."
        )
    pen = (points[:, 2] == 0) | (points[:, 2] == 1)
    if not bool(pen.all()):
        example, value = int(drawings.owners[~pen][0]), float(points[~pen][0, 2])
        raise DataError(
            f"Field {name!r}: drawing {example} (counted from 0) has the pen at {value:g}; the third number of a point is 1 where "
            f"the pen is lifted after it, else 0."
        )
    return drawings


def _tensor(name: str, index: int, value: Any) -> Tensor:
    try:
        array = (
            value.detach().cpu() if isinstance(value, Tensor) else torch.from_numpy(np.array(value, dtype=np.float64))
        )
    except (TypeError, ValueError):
        raise DataError(
            f"Field {name!r}: drawing {index} (counted from 0) is no array (points, 3) of numbers."
        ) from None
    return array.double().reshape(-1, 3) if array.numel() == 0 else array.double()
