"""Problem: one thing that is wrong with some data, with how much, where, and what to do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["alarm", "warning", "remark"]
SEVERITIES: tuple[Severity, ...] = ("alarm", "warning", "remark")  # the gravest first


@dataclass(frozen=True)
class Problem:
    """What a check has found.

    Severities:
        alarm    a figure measured on these data would be wrong, or nothing can be learned from them
        warning  probably a mistake in the data, or a setting that does not suit them
        remark   true and worth knowing; sound data may have it

    Args:
        check: the name of the check, as in CHECKS.
        field, column: where; empty when it is about the whole of the data, or several columns.
        count, of: how many of how many (examples, columns or classes, as the sentence says).
        places: the first of them: indices of examples (from 0), names of columns, or pairs of either.
        sentence: what, where, and what to do.
    """

    check: str
    severity: Severity
    sentence: str
    field: str = ""
    column: str = ""
    count: int = 0
    of: int = 0
    places: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.severity:<8}{self.check}: {self.sentence}"

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "places": [list(p) if isinstance(p, tuple) else p for p in self.places]}


def some(items: Sequence[Any], most: int = 5) -> str:
    """Name the first few of many: "3, 7, 9 and 12 more"."""
    shown = ", ".join(f"{a} = {b}" for a, b in items[:most]) if _pairs(items) else ", ".join(map(str, items[:most]))
    return shown + (f" and {len(items) - most:,} more" if len(items) > most else "")


def share(count: int, of: int) -> str:
    """Say a share in words: "12 of 345 (3.5 %)"."""
    return f"{count:,} of {of:,} ({100 * count / max(1, of):.2g} %)" if count < of else f"all {of:,}"


def _pairs(items: Sequence[Any]) -> bool:
    return len(items) > 0 and isinstance(items[0], tuple)
