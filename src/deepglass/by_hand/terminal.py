"""Terminal: the rows of a calculation as a table of text."""

import io
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from deepglass.by_hand.figures import number
from deepglass.by_hand.sheet import Row
from deepglass.by_hand.wording import HEADS, NUMBER_DIGITS, VALUE_DIGITS, legend, section

WIDTH = 120  # columns of a table that is no terminal's
TERMS = 6  # of a sum: three or so fit a line


def as_text(rows: Sequence[Row], about: Sequence[str]) -> str:
    """Return the table as text."""
    from rich.console import Console

    file = io.StringIO()
    Console(file=file, width=WIDTH, color_system=None).print(*drawn(rows, about), sep="\n")
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def drawn(rows: Sequence[Row], about: Sequence[str]) -> list[Any]:
    """Return what a rich Console prints. Args: about: lines for the head of the table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in HEADS:
        whole = column in ("quantity", "value")
        grid.add_column(column, overflow="fold", no_wrap=whole, justify="right" if column == "value" else "left")
    for heading, inside in groupby(rows, key=section):
        grid.add_row("", Text(heading, style="bold"))
        for row in inside:
            formula, numbers = row.formula(TERMS), row.numbers(NUMBER_DIGITS, TERMS)
            grid.add_row(*map(Text, (row.quantity, formula, numbers, number(row.value, VALUE_DIGITS))))
        grid.add_section()
    return [*map(Text, about), grid, *map(Text, legend(rows))]
