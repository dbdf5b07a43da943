"""Signal encoding: signals of one length and one scale, both fitted on the training split alone.

Raw signals are dense, (n, channels, samples), or a `Ragged` of (samples, channels) an example, also one that is read when asked
for; encoded ones are float32
(n, channels, samples). What a short signal is padded with is 0 once it is encoded: the mean, or silence.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.placing import place
from deepglass.data.ragged import Ragged
from deepglass.data.readers.streamed_recordings import StreamedRecordings
from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.errors import DataError, SettingError
from deepglass.plurals import counted
from deepglass.settings import said

USUAL_LENGTH = (
    0.95  # share of the training signals that are kept whole; the longest few would only make all others padding
)
CHUNK_NUMBERS = 1 << 22  # of dense signals, taken at a time
ONLY_SIGNALS = ("rate", "seconds", "align", "mono", "channels")
FLAT = 1e-9  # of the largest magnitude: the rounding that is left when the mean of a constant is taken off
MOST_SAMPLES = 1 << 26  # of one encoded signal; a slip in data.seconds would otherwise ask for the whole memory


def fit_signal(
    name: str, raw: Raw, train: np.ndarray, settings: DataSettings
) -> tuple[tuple[int, int], dict[str, Any]]:
    """Fit length and scale on the examples `train`. Returns: the shape (channels, samples) and the encoding.

    The length is `settings.seconds`, else that which 95 % of the training signals do not exceed.
    Raises: DataError, when a value is missing or not finite; SettingError, for a length of no sample.
    """
    lengths = lengths_of(raw.values)
    if settings.seconds is not None:
        samples = round(settings.seconds * raw.rate)
    else:
        samples = int(np.quantile(lengths[train], USUAL_LENGTH, method="higher")) if len(train) else int(lengths.max())
    if not 1 <= samples <= MOST_SAMPLES:
        raise SettingError(
            f"data.seconds={settings.seconds}: that is {samples:,} samples at {raw.rate:g} Hz. Choose 1 to {MOST_SAMPLES:,}."
        )
    channels = channels_of(raw.values)
    offset, scale = _affine(name, raw.values, train, samples, settings.align, settings.scaling, channels)
    encoding = {
        "offset": offset[:, None].tolist(),
        "scale": scale[:, None].tolist(),
        "scaling": settings.scaling,
        "rate": float(raw.rate),
        "channels": [c.name for c in raw.columns],
        "align": settings.align,
        "padded": float((lengths[train] < samples).mean()) if len(train) else 0.0,
        "cut": float((lengths[train] > samples).mean()) if len(train) else 0.0,
        "reading": dict(raw.reading),
    }
    return (channels, samples), encoding


def encode_signal(encoding: Mapping[str, Any], shape: tuple[int, ...], values: Any) -> Tensor:
    """Cut or pad signals to one length, then scale them. Shapes: returns (n, *shape), shape being (channels, samples)."""
    offset = torch.tensor(encoding["offset"], dtype=torch.float64)
    scale = torch.tensor(encoding["scale"], dtype=torch.float64)
    is_dense = not isinstance(values, Ragged)
    count = len(values)
    device = values.device if isinstance(values, Tensor) else values.values.device if not is_dense else "cpu"
    encoded = torch.zeros(count, *shape, dtype=torch.float32, device=device)
    offset, scale = offset.to(device), scale.to(device)
    for ids, part, at in _parts(values, np.arange(count), shape[1], encoding["align"]):
        x = torch.as_tensor(part)
        if encoding["scaling"] == "peak":
            x = x.double()
            largest = x.abs().amax(dim=(1, 2), keepdim=True)
            x = x - x.mean(dim=2, keepdim=True)
            most = x.abs().amax(dim=(1, 2), keepdim=True)
            x = (x / torch.where(most > FLAT * largest, most, torch.inf)).float()
        elif x.dtype == torch.float32:  # no copies in double of what came out of recordings
            x = (x - offset.float()) / scale.float()
        else:
            x = ((x - offset) / scale).float()
        encoded[ids[0] : ids[-1] + 1, :, at : at + x.shape[2]] = x
    return encoded


def match_signal(name: str, encoding: Mapping[str, Any], shape: tuple[int, ...], raw: Raw) -> None:
    """Raises: DataError, when new signals have another rate or other channels than those that were learned."""
    if raw.rate and raw.rate != encoding["rate"]:
        raise DataError(
            f"Field {name!r}: signals at {encoding['rate']:g} Hz were learned; these have {raw.rate:g} Hz. Resample them, or load "
            f"recordings with rate={encoding['rate']:g}."
        )
    got = channels_of(raw.values)
    if got != shape[0]:
        raise DataError(f"Field {name!r}: signals of {counted(shape[0], 'channel')} were learned; these have {got}.")


def check_signal_settings(settings: DataSettings, kinds: set[str]) -> None:
    """Raises: SettingError, when something that goes with signals was said of other data."""
    if "signal" in kinds:
        return
    for setting in said(settings, ONLY_SIGNALS):
        value, held = getattr(settings, setting), ", ".join(sorted(kinds)) or "none"
        raise SettingError(f"data.{setting}={value!r} goes with signals, and the inputs are: {held}. Leave it out.")
    if settings.scaling == "peak":
        raise SettingError("data.scaling=peak goes with signals. Use standard, unit or none.")


def lengths_of(values: Any) -> np.ndarray:
    """Samples of each raw signal, shape (n,)."""
    if isinstance(values, StreamedRecordings):
        return values.lengths
    if isinstance(values, Ragged):
        return values.lengths.numpy()
    return np.full(len(values), values.shape[2])


def channels_of(values: Any) -> int:
    """Channels of raw signals."""
    if isinstance(values, StreamedRecordings):
        return values.channels
    return int(values.values.shape[1] if isinstance(values, Ragged) else values.shape[1])


def _parts(values: Any, ids: np.ndarray, samples: int, align: str) -> Iterator[tuple[np.ndarray, Any, int]]:
    """What is used of each signal, unpadded: the examples, their values (some, channels, used), and where these go."""
    if isinstance(values, StreamedRecordings):
        for i, part in zip(ids.tolist(), values.cut(samples, align).each(ids.tolist())):
            yield np.array([i]), torch.from_numpy(part).T[None], place(len(part), samples, align)[1]
        return
    if isinstance(values, Ragged):
        starts, lengths = values.offsets.numpy(), lengths_of(values)
        for i in ids.tolist():
            first, at, used = place(int(lengths[i]), samples, align)
            start = int(starts[i]) + first
            yield np.array([i]), values.values[start : start + used].T[None], at
        return
    first, at, used = place(values.shape[2], samples, align)
    step = max(1, CHUNK_NUMBERS // max(1, int(np.prod(values.shape[1:]))))
    for start in range(0, len(ids), step):
        some = ids[start : start + step]
        yield some, values[some, :, first : first + used], at


def _affine(
    name: str, values: Any, train: np.ndarray, samples: int, align: str, scaling: str, channels: int
) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale of each channel, over what is used of the training signals; padding does not count."""
    offset, scale = np.zeros(channels), np.ones(channels)
    if not len(train) or (isinstance(values, StreamedRecordings) and scaling not in ("standard", "unit")):
        return offset, scale  # recordings are known to be finite, and reading all of them would tell nothing
    count, total, squares, top = 0, np.zeros(channels), np.zeros(channels), np.zeros(channels)
    first: Any = None  # taken off before squaring, against cancellation
    for ids, part, _ in _parts(values, train, samples, align):
        chunk = np.asarray(part, dtype=np.float64)
        bad = ~np.isfinite(chunk)
        if bad.any():
            example = int(ids[np.argwhere(bad)[0, 0]])
            raise DataError(
                f"Field {name!r}: example {example} (counted from 0) holds a value that is missing or not finite. Correct it, or "
                f"leave it out."
            )
        first = chunk.mean(axis=(0, 2), keepdims=True) if first is None else first
        count += chunk.shape[0] * chunk.shape[2]
        top = np.maximum(top, np.abs(chunk).max(axis=(0, 2), initial=0))
        total += (chunk - first).sum(axis=(0, 2))
        squares += ((chunk - first) ** 2).sum(axis=(0, 2))
    if scaling == "unit":  # -1 to 1, all channels alike, so that 0 stays 0 and channels keep their proportions
        return offset, np.full(channels, top.max() or 1.0)
    if scaling != "standard" or not count:
        return offset, scale
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    offset = mean + first[0, :, 0]
    return offset, np.where(deviation > 1e-9 * np.maximum(1e-6, np.abs(offset)), deviation, 1.0)
