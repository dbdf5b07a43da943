"""Looks: other ways to look inside at one example than layer by layer, one file each, for `run.look(what=...)`."""

from collections.abc import Callable

from deepglass.looks.attention import attention
from deepglass.looks.dreams import dreams
from deepglass.looks.learned_filters import learned_filters
from deepglass.looks.looked import Asked, Looked
from deepglass.looks.numbers import numbers
from deepglass.looks.separating import separating
from deepglass.looks.through_time import over_time
from deepglass.looks.words import words

LOOKS: dict[str, Callable[[Asked], Looked]] = {
    "attention": attention,
    "dream": dreams,
    "filters": learned_filters,
    "numbers": numbers,
    "separation": separating,
    "time": over_time,
    "words": words,
}

__all__ = ["LOOKS", "Asked", "Looked"]
