"""deepglass generate: a text that a language model goes on writing, or drawings of a run that has learned strokes."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli.common import Json, Trust, find_run, print_json
from deepglass.errors import SettingError
from deepglass.plurals import counted

NEXT = (
    "Lower temperatures write what is likely, higher ones what is surprising; --beam seeks the likeliest text of all."
)
RunOfText = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The folder of a run that has learned a text or strokes, or its name under runs/."
    ),
]


def command(
    run: RunOfText,
    start: Annotated[
        list[str] | None,
        typer.Option(
            "--start",
            metavar="TEXT",
            help="What is gone on from; may be given several times (default: how texts begin).",
        ),
    ] = None,
    length: Annotated[
        int, typer.Option("--length", metavar="N", help="Tokens at most: characters, words or pieces, as learned.")
    ] = 200,
    temperature: Annotated[
        float | None,
        typer.Option(
            metavar="T", help="Divides the logits: 0 takes the likeliest token each time, 1 is as learned (default)."
        ),
    ] = None,
    top_k: Annotated[
        int | None, typer.Option("--top-k", metavar="K", help="Draw from the K likeliest tokens (default: from all).")
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            "--top-p", metavar="P", help="Draw from the fewest tokens that have the share P, 0 to 1 (default: 1)."
        ),
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option("--beam", metavar="N", help="Seek the likeliest text along N beginnings, and draw nothing."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", help="Of strokes: how many are drawn (default: 16).")
    ] = None,
    told: Annotated[
        list[str] | None,
        typer.Option(
            "--told",
            metavar="NAME=CLASS",
            help="Of strokes: what is to be drawn, such as digit=3 (default: each in turn).",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Of strokes: the picture: .svg, .png, .pdf or .html (default: drawings.svg).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed writes or draws the same.")] = 0,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Write on from a start, token by token, with a run that has learned a text; or draw with one that has learned strokes.

    \b
      deepglass generate runs/tinyshakespeare-lstm-20260102-1 --start "ROMEO:" --length 300 --temperature 0.8
      deepglass generate runs/tinyshakespeare-lstm-20260102-1 --start "ROMEO:" --top-k 50 --seed 1
      deepglass generate runs/names-gru-20260102-1 --temperature 0.7 --json
      deepglass generate runs/names-gru-20260102-1 --start Ma --beam 5
      deepglass generate runs/strokes-handwriting-20260102-1 --told digit=3 --temperature 0.5 -o threes.svg
    """
    from deepglass.run import Run

    asked: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "beam_width": beam}
    given = {name: value for name, value in asked.items() if value is not None}
    opened = Run(find_run(run), trust=trust)
    if opened.task.name == "handwriting":
        _refuse("writing a text", {"--start": start, "--top-k": top_k, "--top-p": top_p, "--beam": beam})
        settings = {"seed": seed, **({} if temperature is None else {"temperature": temperature})}
        _draw(opened, 16 if count is None else count, output or Path("drawings.svg"), told or [], settings, json=json)
        return
    _refuse("drawing", {"--count": count, "--told": told, "--output": output})
    texts = opened.generate(start or [""], length, seed=seed, **given)
    if json:
        print_json({"run": run, "texts": texts})
        return
    for place, text in enumerate(texts):
        if place:
            print("---")
        print(text)


def _draw(run: Any, count: int, path: Path, told: list[str], settings: dict[str, Any], *, json: bool) -> None:
    """Draw, write the picture, and say where it is."""
    from deepglass.data.readers.pen import strokes_of

    drawings = run.draw(count, path, told=dict(map(_pair, told)), **settings)
    if json:
        strokes = [{"strokes": [stroke.tolist() for stroke in strokes_of(d)]} for d in drawings]
        print_json({"run": str(run.path), "drawings": strokes, "picture": str(path)})
        return
    print(f"{counted(len(drawings), 'drawing')}: {path}")


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name or not value:
        raise SettingError(f"--told {text}: write NAME=CLASS, such as digit=3.")
    return name, value


def _refuse(what: str, options: dict[str, Any]) -> None:
    """Raises: SettingError, when an option was given that goes with something else."""
    for option, value in options.items():
        if value is not None:
            raise SettingError(f"{option} goes with {what}, which this run has not learned. Leave it out.")
