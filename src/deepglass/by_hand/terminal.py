"""Terminal: a calculation as a table of text."""

import io
from itertools import groupby
from typing import TYPE_CHECKING, Any

from deepglass.by_hand.figures import number
from deepglass.by_hand.sheet import Row

if TYPE_CHECKING:
    from deepglass.by_hand.table import ByHand

WIDTH = 120
TERMS = 6  # of a sum: three or so fit a line
NUMBER_DIGITS, VALUE_DIGITS = 4, 6
LEGEND = (
    "Indices count from 0. w, b: weights and biases; z: weighted sums; a: activations; dL/dz1[0]: slope of the loss by z1[0]; "
    "new w1[0,0]: after the step."
)

WAYS = (
    " Where several layers take a number, dL/dz1[0] via fc2 is what comes back from fc2, and dL/dz1[0] adds up all "
    "that comes back."
)


def legend(table: "ByHand") -> str:
    """What the symbols mean."""
    return LEGEND + WAYS if any(" via " in row.quantity for row in table.rows) else LEGEND


def section(row: Row) -> str:
    """The heading that a row stands under."""
    return f"{row.layer} ({row.kind}): {row.part}" if row.kind else f"{row.layer}: {row.part}"


def as_text(table: "ByHand", width: int = WIDTH) -> str:
    """Return the table as text of a fixed width."""
    from rich.console import Console

    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(*drawn(table), sep="\n")
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def drawn(table: "ByHand") -> list[Any]:
    """Return what a rich Console prints."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("quantity", "formula", "with numbers", "value"):
        whole = column in ("quantity", "value")
        grid.add_column(column, overflow="fold", no_wrap=whole, justify="right" if column == "value" else "left")
    for heading, rows in groupby(table.rows, key=section):
        grid.add_row("", Text(heading, style="bold"))
        for row in rows:
            cells = (
                row.quantity,
                row.formula(TERMS),
                row.numbers(NUMBER_DIGITS, TERMS),
                number(row.value, VALUE_DIGITS),
            )
            grid.add_row(*map(Text, cells))
        grid.add_section()
    return [*map(Text, table.about), grid, Text(legend(table))]
