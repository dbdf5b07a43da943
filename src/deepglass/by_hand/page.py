"""Page: a calculation as HTML, a fragment for notebooks or a page of its own."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from deepglass.by_hand.figures import number
from deepglass.by_hand.sheet import Row
from deepglass.by_hand.wording import HEADS, NUMBER_DIGITS, VALUE_DIGITS, legend, section

TERMS = 12  # of a sum, before the middle is left out
STYLE = """
.by-hand { border-collapse: collapse; font: 14px/1.45 system-ui, sans-serif; }
.by-hand th, .by-hand td { text-align: left; padding: 3px 14px 3px 0; vertical-align: top; border-bottom: 1px solid #8883; }
.by-hand td { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; }
.by-hand th[scope=rowgroup] { padding-top: 14px; }
.by-hand td:first-child, .by-hand td:last-child { white-space: nowrap; overflow-wrap: normal; }
.by-hand td:last-child, .by-hand th[scope=col]:last-child { text-align: right; padding-right: 0; white-space: nowrap; }
.by-hand thead th { position: sticky; top: 0; background: Canvas; z-index: 1; }
.by-hand tbody { border-left: 4px solid #8886; }
.by-hand tbody.forward { border-color: #2a78b8; } .by-hand tbody.backward { border-color: #c2571a; }
.by-hand tbody.loss { border-color: #8a3ab9; } .by-hand tbody.update { border-color: #2e8b57; }
.by-hand tbody td:first-child, .by-hand tbody th { padding-left: 10px; }
.by-hand .given td { opacity: .7; }
.by-hand td:nth-child(2), .by-hand td:nth-child(3) { overflow-wrap: anywhere; }
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


def page(rows: Sequence[Row], about: Sequence[str]) -> str:
    """Return a page that holds everything it needs."""
    return FRAME.format(body=fragment(rows, about))


def fragment(rows: Sequence[Row], about: Sequence[str]) -> str:
    """Return the table with its style, to stand in a page or a notebook. Args: about: lines for the head of the table."""
    said = "".join(f"<p>{escape(line)}</p>" for line in (*about, *legend(rows)))
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
    body = "".join(
        f'<tbody class="{next(iter(inside)).part}"><tr><th colspan="4" scope="rowgroup">{escape(heading)}</th></tr>'
        f"{''.join(map(_line, inside))}</tbody>"
        for heading, inside in ((heading, list(found)) for heading, found in groupby(rows, key=section))
    )
    return f'<style>{STYLE}</style>{said}<table class="by-hand"><thead><tr>{head}</tr></thead>{body}</table>'


def _line(row: Row) -> str:
    cells = (row.quantity, row.formula(TERMS), row.numbers(NUMBER_DIGITS, TERMS), number(row.value, VALUE_DIGITS))
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
