"""Page: the report of a run as one HTML file that needs nothing else, neither files beside it nor a network."""

from __future__ import annotations

import base64
import hashlib
import shlex
from importlib.resources import files

from deepglass.report import doctor_says, inside, tables
from deepglass.report.album import Album
from deepglass.report.contents import Contents
from deepglass.report.on_page import most_drawn, pictures_of
from deepglass.report.pictures.figure import many_pictures
from deepglass.report.verdict import verdict
from deepglass.report.words import duration, metric_word, number, share


def render(contents: Contents, before: str = "") -> str:
    """Return the whole page as HTML text. Args: before: the page as it was, from which pictures are taken that stay the same."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    room = files("deepglass.report")
    style = room.joinpath("report.css").read_text(encoding="utf-8")
    script = room.joinpath("report.js").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"share": share, "number": number, "duration": duration, "metric_word": metric_word}
    environment.filters["quoted"] = shlex.quote
    page = environment.from_string(room.joinpath("report.html.jinja").read_text(encoding="utf-8"))
    splits, scores = tables.score_rows(contents)
    with many_pictures():
        drawn = pictures_of(contents, Album(before))
    return page.render(
        c=contents,
        style=Markup(style),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        verdict=verdict(contents),
        test_verdict=verdict(contents, "test"),
        facts=tables.facts(contents),
        spec=tables.spec_lines(contents.spec, contents.settings_changed),
        repeat=f"deepglass train {shlex.quote(contents.path.rstrip('/') + '/spec.yaml')}",
        says=doctor_says,
        splits=splits,
        scores=scores,
        classes=tables.class_rows(contents),
        not_seen=inside.why_it_was_not_seen(contents.not_looked_into) if contents.not_looked_into else "",
        seen_by_one=tables.seen_by_one(contents),
        confusions=tables.commonest_confusions(contents),
        wrong=tables.example_rows(contents),
        wrong_count=int(contents.answers.wrong().sum()) if contents.answers is not None else 0,
        drawn=most_drawn(contents),
        **drawn,
    )
