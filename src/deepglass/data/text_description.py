"""Text description: what a text field holds and how it is encoded, in words."""

import numpy as np

from deepglass.data.encode import Field
from deepglass.data.source import Raw
from deepglass.data.text_encoding import codes_of
from deepglass.data.vocabulary import SPECIALS, UNKNOWN
from deepglass.plurals import counted

LOOKED_AT = 2000  # texts of the validation split that the share of unknown tokens is taken from
LEVELS = {"words": "word", "characters": "character", "pieces": "piece", "tokens": "token"}


def text_what(field: Field) -> str:
    """Say what the tokens are, how many are known, and how long a text may be.

    "text, words in small letters, 15,386 known; up to 47 of them, 0.8 % are longer and cut at the end"
    """
    encoding = field.encoding
    unit = LEVELS[encoding["level"]]
    small = " in small letters" if encoding["lowercase"] else ""
    around = {
        (True, False): ", after <start>",
        (False, True): ", with <end> behind",
        (True, True): ", between <start> and <end>",
    }
    marks = around.get((encoding["start"], encoding["end"]), "")
    what = "tags" if encoding["aligned"] and not encoding.get("shared") else f"{unit}s"
    cut = encoding["shortened"]
    where = "at the beginning" if encoding["cut"] != "end" else "at the end"
    longer = (
        f"; {_percent(cut)} of those to train on are longer (up to {encoding['longest']:,}) and cut {where}"
        if cut
        else ""
    )
    known = len(field.tokens) - len(SPECIALS)
    return f"text of {what}{small}{marks}, {known:,} known; up to {counted(field.shape[0], unit)}{longer}"


def text_notes(field: Field, raw: Raw, validation: np.ndarray) -> list[str]:
    """Say what is unknown in training and in validation, and how many texts are empty."""
    encoding, notes = field.encoding, []
    shares = {"training": encoding["unknown"]}
    if len(validation):
        shares["validation"] = unknown_share(field, raw, validation)
    if any(shares.values()) and not (encoding["aligned"] and encoding.get("shared")):
        told = ", ".join(f"{_percent(s)} of the {LEVELS[encoding['level']]}s in {split}" for split, s in shares.items())
        notes.append(f"{field.name}: unknown are {told}")
    if encoding["empty"]:
        notes.append(f"{field.name}: {counted(encoding['empty'], 'training text')} empty, kept as padding alone")
    return notes


def unknown_share(field: Field, raw: Raw, ids: np.ndarray) -> float:
    """The share of the tokens of some texts, of at most 2,000 evenly spread, that the vocabulary lacks."""
    some = ids[np.unique(np.linspace(0, len(ids) - 1, min(LOOKED_AT, len(ids))).round().astype(np.int64))]
    flat, _ = codes_of(field.encoding, list(raw.values[some]))
    return float((flat == UNKNOWN).mean()) if len(flat) else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:{'.3g' if share >= 0.1 else '.2g'}} %"
