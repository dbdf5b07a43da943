"""Table format: how a table is written, as the person says it; what is left open is found out and said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class TableFormat:
    """How a table is written.

    Args:
        names: the columns of a file without a line of names.
        header: whether the first line holds names; None asks when it looks like data.
        separator: what parts the fields; None finds it out.
        decimal, thousands: the marks inside numbers.
        encoding: of the text; None is UTF-8, or what a byte order mark says.
        missing: texts that mean a missing value, beside the empty field.
    """

    names: tuple[str, ...] = ()
    header: bool | None = None
    separator: str | None = None
    decimal: str = "."
    thousands: str | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Any) -> "TableFormat":
        """Take the format out of settings of the data section."""
        return cls(
            tuple(settings.names or ()),
            settings.header,
            settings.separator,
            settings.decimal,
            settings.thousands,
            settings.encoding,
            tuple(settings.missing),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that differ from the defaults, so that new rows are read as the training rows were."""
        plain = {n: list(v) if isinstance(v, tuple) else v for n, v in asdict(self).items()}
        return {n: v for n, v in plain.items() if v != asdict(TableFormat())[n] and v != []}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "TableFormat":
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in facts.items()}
        return cls(**values)
