"""Page: a calculation as HTML, a fragment for notebooks or a page of its own."""

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from deepglass.by_hand.figures import number
from deepglass.by_hand.sheet import Row
from deepglass.by_hand.terminal import NUMBER_DIGITS, VALUE_DIGITS, legend, section

if TYPE_CHECKING:
    from deepglass.by_hand.table import ByHand

TERMS = 12  # of a sum, before the middle is left out
STYLE = """
.by-hand { border-collapse: collapse; font: 14px/1.45 system-ui, sans-serif; }
.by-hand th, .by-hand td { text-align: left; padding: 3px 14px 3px 0; vertical-align: top; border-bottom: 1px solid #8883; }
.by-hand td { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; }
.by-hand th[scope=rowgroup] { padding-top: 14px; }
.by-hand td:first-child, .by-hand td:last-child { white-space: nowrap; overflow-wrap: normal; }
.by-hand td:last-child, .by-hand th[scope=col]:last-child { text-align: right; padding-right: 0; white-space: nowrap; }
.by-hand .given { opacity: .65; }
"""
FRAME = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>By hand</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 24px auto; max-width: 1200px; padding: 0 16px; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
</style></head>
<body><h1>By hand</h1>
{body}
</body>
</html>
"""


def page(table: "ByHand") -> str:
    """Return a page that holds everything it needs."""
    return FRAME.format(body=fragment(table))


def fragment(table: "ByHand") -> str:
    """Return the table with its style, to stand in a page or a notebook."""
    about = "".join(f"<p>{escape(line)}</p>" for line in table.about)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("quantity", "formula", "with numbers", "value"))
    body = "".join(
        f'<tbody><tr><th colspan="4" scope="rowgroup">{escape(heading)}</th></tr>{"".join(map(_line, rows))}</tbody>'
        for heading, rows in groupby(table.rows, key=section)
    )
    return (
        f'<style>{STYLE}</style>{about}<table class="by-hand"><thead><tr>{head}</tr></thead>{body}</table>'
        f"<p>{escape(legend(table))}</p>"
    )


def _line(row: Row) -> str:
    cells = (row.quantity, row.formula(TERMS), row.numbers(NUMBER_DIGITS, TERMS), number(row.value, VALUE_DIGITS))
    given = ' class="given"' if row.part == "given" else ""
    return f"<tr{given}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
