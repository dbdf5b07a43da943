"""Text encoding: texts as rows of token codes, padded at their end; vocabulary and length are fitted on the training split alone.

Encoded texts are int64 (n, length): 0 is padding, 1 unknown, 2 start, 3 end, then the vocabulary by falling frequency (pieces: as
they were learned).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.settings import DataSettings
from deepglass.data.source import Raw
from deepglass.data.text_levels import cut, joined, usual_level
from deepglass.data.text_pieces import known_pieces, learn_pieces, pieces_of
from deepglass.data.texts import Texts
from deepglass.data.vocabulary import (
    END,
    MOST_PIECES,
    MOST_WORDS,
    PADDING,
    SPECIALS,
    START,
    UNKNOWN,
    index_of,
    vocabulary_of,
)
from deepglass.errors import DataError, SettingError
from deepglass.settings import said

USUAL_LENGTH = 0.99  # share of the training texts that are kept whole; the longest few would only make others wait
NEARLY = 1.25  # times that length: where the longest is hardly longer, all are kept whole (our choice)
LOOKED_AT = 1000  # texts that the level is found from
MOST_LENGTH = 1 << 20  # tokens of one text
ONLY_TEXTS = ("level", "lowercase", "length", "vocabulary", "least_count")
FULL_STOP = "."
REPLACEMENT = "�"  # of an unknown character, where characters stand next to each other


def fit_text(
    name: str, raw: Raw, role: str, train: np.ndarray, settings: DataSettings, *, beside: Raw | None = None
) -> tuple[tuple[int], dict[str, Any]]:
    """Fit vocabulary and length on the examples `train`. Returns: the shape (length,) and the encoding.

    The length is `settings.length`, else that which 99 % of the training texts do not exceed, or that of the longest where it is
    hardly more. A text to predict that is not aligned
    with the input ends in <end>.
    Args: beside: the field with which it has one vocabulary, made of the training texts of both.
    Raises: DataError, when all training texts are empty; SettingError, for a level that the texts cannot have.
    """
    own = list(raw.values[train])
    others = [] if beside is None else list(beside.values[train])
    reading = raw.reading
    encoding: dict[str, Any] = {
        "level": _level(name, reading, settings, [*own, *others]),
        "lines": bool(reading.get("lines", False)),
        "start": bool(reading.get("start", False)),
        "end": bool(reading.get("end", role == "target" and not raw.aligned)),
        "cut": reading.get("cut", "end"),
        "aligned": raw.aligned,
        "shared": beside is not None,
        "reading": {n: v for n, v in reading.items() if n in ("from", "form", "column")},
    }
    marks = raw.aligned and beside is None  # tags, of which none is too rare to be learned
    lowers = encoding["level"] == "words" if settings.lowercase is None else settings.lowercase
    encoding["lowercase"] = bool(lowers and not marks)
    most = None if marks else settings.vocabulary
    if encoding["level"] == "pieces":
        seen = (_plain(encoding, t) for t in (*own, *others))
        encoding["pieces"] = reading.get("pieces") or learn_pieces(seen, most or MOST_PIECES)
    rows = tokens_in(encoding, own)
    if encoding["level"] == "pieces":
        encoding["tokens"] = [*SPECIALS, *known_pieces(encoding["pieces"])]
    else:
        counts = _counted(encoding, [*rows, *tokens_in(encoding, others)])
        least = 1 if marks else settings.least_count
        encoding["tokens"] = vocabulary_of(counts, most=most or (len(counts) if marks else MOST_WORDS), least=least)
    flat, lengths = _numbered(encoding, rows)
    if not len(flat):
        raise DataError(f"Field {name!r}: all {len(own):,} training texts are empty. Give texts that say something.")
    around = encoding["start"] + encoding["end"]
    longest = int((lengths + around).max())
    usual = int(np.quantile(lengths + around, USUAL_LENGTH, method="higher"))
    length = settings.length or (longest if longest <= NEARLY * usual else usual)
    if not around + 1 <= length <= MOST_LENGTH:
        raise SettingError(f"data.length={length} leaves no room for a token in {name!r}. Choose {around + 1} or more.")
    encoding |= {
        "longest": longest,
        "shortened": float((lengths + around > length).mean()),
        "unknown": float((flat == UNKNOWN).mean()),
        "empty": int((lengths == 0).sum()),
    }
    return (length,), encoding


def encode_text(encoding: Mapping[str, Any], shape: tuple[int, ...], values: Any) -> Tensor:
    """Cut texts into tokens and number these. Shapes: returns int64 (n, *shape), shape being (length,)."""
    texts = values if isinstance(values, Texts) else Texts.from_strings(values)
    flat, lengths = codes_of(encoding, texts.tolist())
    start, end = int(encoding["start"]), int(encoding["end"])
    # Where each place is answered, a text that is cut goes on beyond the last place: no end is put there.
    room = shape[0] - start - (end and not encoding["aligned"])
    used = np.minimum(lengths, room)
    begins = np.concatenate([[0], lengths.cumsum()])[:-1]
    if encoding["cut"] != "end":
        begins, used = _ends(encoding, flat, begins, lengths, used)
    encoded = np.full((len(texts), shape[0]), PADDING, dtype=np.int64)
    place = np.arange(room)
    inside = place < used[:, None]
    encoded[:, start : start + room][inside] = flat[(begins[:, None] + place)[inside]]
    if start:
        encoded[:, 0] = START
    if end:
        ended = np.flatnonzero(start + used < shape[0])
        encoded[ended, start + used[ended]] = END
    return torch.from_numpy(encoded)


def decode_text(encoding: Mapping[str, Any], encoded: Any) -> np.ndarray:
    """Make texts of codes (n, length): up to <end>, without padding and <start>. Returns: an object array (n,) of strings."""
    tokens, level = encoding["tokens"], encoding["level"]
    unknown = REPLACEMENT if level == "characters" else SPECIALS[UNKNOWN]
    spoken = [unknown if code == UNKNOWN else token for code, token in enumerate(tokens)]
    rows = np.asarray(encoded.cpu() if isinstance(encoded, Tensor) else encoded, dtype=np.int64)
    texts = np.empty(len(rows), dtype=object)
    for i, row in enumerate(rows.tolist()):
        row = row[: row.index(END)] if END in row else row
        texts[i] = joined((spoken[code] for code in row if code not in (PADDING, START)), level)
    return texts


def too_long(encoding: Mapping[str, Any], shape: tuple[int, ...], texts: Sequence[str]) -> int:
    """How many texts have more tokens than are kept."""
    room = shape[0] - int(encoding["start"]) - int(encoding["end"])
    return sum(len(row) > room for row in tokens_in(encoding, texts))


def match_text(name: str, encoding: Mapping[str, Any], shape: tuple[int, ...], raw: Raw) -> None:
    """Raises: DataError, when what stands where texts were learned is none."""
    if raw.kind != "text":
        raise DataError(f"Field {name!r}: texts were learned; this holds {raw.kind}. Give strings.")


def codes_of(encoding: Mapping[str, Any], texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The codes of all tokens one after the other, int64 (tokens,), and how many each text has, int64 (n,); nothing is cut off."""
    return _numbered(encoding, tokens_in(encoding, texts))


def tokens_in(encoding: Mapping[str, Any], texts: Sequence[str]) -> list[Sequence[str]]:
    """The tokens of each text, also those that the vocabulary lacks; of characters the texts themselves."""
    plain = [_plain(encoding, t) for t in texts]
    if encoding["level"] == "pieces":
        return list(pieces_of(plain, encoding["pieces"]))
    return [cut(t, encoding["level"], lines=encoding["lines"]) for t in plain]


def check_text_settings(settings: DataSettings, kinds: set[str]) -> None:
    """Raises: SettingError, when something that goes with texts was said of other data. Args: kinds: of inputs and targets."""
    if "text" in kinds:
        return
    for setting in said(settings, ONLY_TEXTS):
        value, held = getattr(settings, setting), ", ".join(sorted(kinds)) or "nothing"
        raise SettingError(f"data.{setting}={value!r} goes with texts, and these data hold {held}. Leave it out.")


def _level(name: str, reading: Mapping[str, Any], settings: DataSettings, texts: Sequence[str]) -> str:
    given = reading.get("level", "")
    if settings.level == "auto":
        every = max(1, len(texts) // LOOKED_AT)
        return str(given) or usual_level(texts[::every])
    if reading.get("fixed") and settings.level != given:
        raise SettingError(
            f"data.level={settings.level} cannot be for {name!r}: {reading['fixed']}. Load the data anew for another."
        )
    return settings.level


def _ends(
    encoding: Mapping[str, Any], flat: np.ndarray, begins: np.ndarray, lengths: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of texts that are too long keep the end, from the beginning of a sentence where one is marked. Returns: begins, used."""
    stops = np.flatnonzero(flat == index_of(encoding["tokens"]).get(FULL_STOP, -1))
    cut_at = begins + lengths - used
    after = (
        np.append(stops, len(flat))[np.searchsorted(stops, cut_at - 1)] + 1
    )  # the first sentence that is there as a whole
    whole = (lengths > used) & (after < begins + lengths) & (encoding["cut"] == "sentences")
    first = np.where(whole, after, cut_at)
    return first, begins + lengths - first


def _plain(encoding: Mapping[str, Any], text: str) -> str:
    return text.lower() if encoding["lowercase"] else text


def _counted(encoding: Mapping[str, Any], rows: Sequence[Any]) -> Counter[str]:
    if encoding["level"] == "characters":
        return Counter("".join(rows))
    return Counter(chain.from_iterable(rows))


def _numbered(encoding: Mapping[str, Any], rows: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    if encoding["level"] == "characters":
        return _characters(encoding["tokens"], rows)
    index = index_of(encoding["tokens"])
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    codes = map(index.get, chain.from_iterable(rows), repeat(UNKNOWN))
    flat = np.fromiter(codes, dtype=np.int64, count=int(lengths.sum()))
    return flat, lengths


def _characters(tokens: Sequence[str], texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """As `codes_of`, all characters of all texts at once."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    index = index_of(tokens)
    code = np.full(max(map(ord, index), default=0) + 2, UNKNOWN, dtype=np.int64)  # the last stands for all beyond
    for token, number in index.items():
        code[ord(token)] = number
    return code[np.minimum(points, len(code) - 1)], lengths
