"""Sequences: the encodings of texts, series and strokes, whose examples are rows of entries padded at their end."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

SEQUENCES = ("text", "series", "strokes")


class Codec(NamedTuple):
    """How one kind of sequence is fitted on the training split, encoded, decoded, and compared with new data."""

    fit: Callable[..., tuple[tuple[int, ...], dict[str, Any]]]
    encode: Callable[..., Tensor]
    decode: Callable[..., Any]
    match: Callable[..., None]


def codec(kind: str) -> Codec:
    """Return the encoding of a kind in SEQUENCES; imported when used, as few data have any."""
    if kind == "text":
        from deepglass.data.text_encoding import decode_text, encode_text, fit_text, match_text

        return Codec(fit_text, encode_text, decode_text, match_text)
    if kind == "series":
        from deepglass.data.series_encoding import decode_series, encode_series, fit_series, match_series

        return Codec(fit_series, encode_series, decode_series, match_series)
    from deepglass.data.stroke_encoding import decode_strokes, encode_strokes, fit_strokes, match_strokes

    return Codec(fit_strokes, encode_strokes, decode_strokes, match_strokes)


def encoded_lengths(kind: str, encoded: Tensor) -> Tensor:
    """Entries of each encoded example before its padding, int64 (n,), on the host.

    Shapes: encoded (n, length) of a text, whose padding is 0; (n, time, variables) of a series, nan in all of them;
    (n, points, 5) of strokes, whose last pen state is 1.
    """
    if kind == "text":
        there = encoded != 0
    elif kind == "series":
        there = ~encoded.isnan().all(dim=2)
    else:
        there = encoded[..., 4] < 1
    places = torch.arange(1, encoded.shape[1] + 1, device=encoded.device)
    return (there * places).amax(dim=1).cpu() if encoded.shape[1] else torch.zeros(len(encoded), dtype=torch.int64)
