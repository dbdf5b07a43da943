"""Album: the pictures of a page, each drawn, or taken from the page before where nothing that it shows has changed."""

import base64
import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from deepglass.report import fingerprint
from deepglass.report.pictures import to_png, to_svg
from deepglass.report.seal import is_sealed, sealed

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

MARK = re.compile(r"<!--drawn ([0-9a-f]{64}) ([0-9a-f]{64})-->(.*?)<!--/drawn-->", re.DOTALL)
LAST = re.compile(r"\n<!--page ([0-9a-f]{64}) ([0-9a-f]{64})-->\n$")


class Album:
    """Pictures for a page. Args: before: the page as it was, "" where there is none."""

    def __init__(self, before: str = "") -> None:
        self.known = {key: picture for key, seal, picture in MARK.findall(before) if is_sealed(key, picture, seal)}

    def svg(self, label: str, draw: "Callable[..., Figure | None]", *given: Any, **options: Any) -> "Markup | None":
        """What a function draws from plain values, as SVG; None where it draws nothing. Args: label: what is read aloud."""
        return self._picture("svg", label, draw, given, options)

    def png(self, label: str, draw: "Callable[..., Figure | None]", *given: Any, **options: Any) -> "Markup | None":
        """The same as PNG, for very many points."""
        return self._picture("png", label, draw, given, options)

    def _picture(self, kind: str, label: str, draw: "Callable[..., Figure | None]", *given: Any) -> "Markup | None":
        from markupsafe import Markup

        try:
            key = fingerprint.of_values(kind, label, draw, *given)
        except fingerprint.Unknown:
            key = ""
        if key and key in self.known:
            return Markup(_marked(key, self.known[key]))
        figure = draw(*given[0], **given[1])
        if figure is None:
            return None
        picture = to_svg(figure, label) if kind == "svg" else _as_image(to_png(figure), label)
        return Markup(_marked(key, picture))


def is_page_of(key: str, page: str) -> bool:
    """Whether a page was written here for what this key stands for, and is as it was written."""
    end = LAST.search(page)
    return end is not None and end[1] == key and is_sealed(key, page[: end.start()], end[2])


def page_for(key: str, page: str) -> str:
    """The page with its seal, so that `is_page_of` knows it again."""
    seal = sealed(key, page)
    return page if seal is None else f"{page}\n<!--page {key} {seal}-->\n"


def _marked(key: str, picture: str) -> str:
    seal = sealed(key, picture) if key else None
    return picture if seal is None else f"<!--drawn {key} {seal}-->{picture}<!--/drawn-->"


def _as_image(content: bytes, label: str) -> str:
    return f'<img alt="{escape(label)}" src="data:image/png;base64,{base64.b64encode(content).decode()}">'
