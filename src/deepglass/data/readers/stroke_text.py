"""Stroke text: pen points as plain text, one file of Omniglot's form, or JSON; every number is checked where it stands."""

import json
import math
from typing import Any, NamedTuple

import numpy as np

from deepglass.errors import DataError

START, BREAK = b"START", b"BREAK"
FORM = "START, then x,y,time lines with BREAK after each stroke"
JSON_FORM = '{"strokes": [[[x, y], ...], ...], "label": "a", "drawer": "7"}'
MOST_POINTS = 1_000_000  # of one drawing


class Drawn(NamedTuple):
    """One drawing: its strokes, each (points, 2) of x and y with y downwards, and who drew what, where it is said."""

    strokes: list[np.ndarray]
    label: str = ""
    drawer: str = ""


def is_stroke_text(head: bytes) -> bool:
    """Whether a file holds pen points as text. Args: head: its first 16 bytes or fewer."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:5] == START and head.strip()[5:6] in (b"", b"\r", b"\n")


def read_stroke_text(data: bytes, where: str) -> list[Drawn]:
    """Read drawings written as START, a line x,y,time for each point (y upwards, milliseconds), and BREAK after each stroke.

    Times are left out. A BREAK with no point before it is ignored, and the last one may be missing; a stroke of one point is a
    dot. Every START begins another drawing.
    Raises: DataError, naming file and line.
    Source: Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning", Science 2015: the form of the Omniglot set.
    """
    drawings: list[list[np.ndarray]] = []
    stroke: list[tuple[float, float]] = []
    began: list[int] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        text = line.strip()
        if not text:
            continue
        if text == START:
            _close(drawings, stroke)
            drawings.append([])
            began.append(number)
        elif not drawings:
            raise DataError(f"{where}, line {number}: {_shown(text)} stands before START. A file of strokes is {FORM}.")
        elif text == BREAK:
            _close(drawings, stroke)
        else:
            stroke.append(_point(text, f"{where}, line {number}"))
    _close(drawings, stroke)
    if not drawings:
        raise DataError(f"{where} is empty. A file of strokes is {FORM}.")
    for start, strokes in zip(began, drawings):
        if not strokes:
            raise DataError(f"{where}, line {start}: the drawing that begins here has no point. Remove it.")
    return [Drawn(strokes) for strokes in drawings]


def read_stroke_json(text: str, where: str) -> list[Drawn]:
    """Read drawings written as JSON: a list of objects, or one object a line.

    Each object has `strokes`, a list of strokes that are lists of points [x, y] (more numbers, such as times, are left out), or
    `drawing`, a list of strokes as [[x, ...], [y, ...]]; y points downwards. `label` (or `word`) and `drawer` are taken along.
    Raises: DataError, naming the file, the drawing and what is wrong with it.
    Source: the second form is that of the Quick, Draw! set of Google, 2017.
    """
    try:
        whole = json.loads(text)
        if isinstance(whole, dict) and "annotations" in whole:
            raise DataError(f"{where} holds captions. Load the folder or the archive that has it and the pictures.")
        listed = whole.get("drawings", [whole]) if isinstance(whole, dict) else whole
    except json.JSONDecodeError:
        listed = [_json_line(line, f"{where}, line {i}") for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    except RecursionError:
        raise DataError(f"{where} is nested too deeply. A drawing is {JSON_FORM}.") from None
    if not isinstance(listed, list) or not listed:
        raise DataError(f"{where} holds no drawings. Give a list of {JSON_FORM}.")
    return [_drawing(one, f"{where}, drawing {i} (counted from 0)") for i, one in enumerate(listed)]


def _close(drawings: list[list[np.ndarray]], stroke: list[tuple[float, float]]) -> None:
    if stroke:
        drawings[-1].append(np.array(stroke))
        stroke.clear()


def _point(text: bytes, where: str) -> tuple[float, float]:
    parts = text.split(b",")
    if len(parts) not in (2, 3):
        raise DataError(f"{where}: {_shown(text)} is no point. Write x,y,time, or START or BREAK alone.")
    try:
        x, y = float(parts[0]), float(parts[1])
    except ValueError:
        raise DataError(f"{where}: {_shown(text)} holds something that is no number. Write x,y,time.") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise DataError(f"{where}: {_shown(text)} is not finite. Correct or remove this point.")
    return x, -y  # upwards there, downwards here


def _json_line(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{where} is no JSON ({error}). A drawing is {JSON_FORM}.") from None


def _drawing(one: Any, where: str) -> Drawn:
    listed = one.get("strokes", one.get("drawing")) if isinstance(one, dict) else None
    if not isinstance(listed, list):
        raise DataError(f"{where}: there are no strokes. A drawing is {JSON_FORM}.")
    by_axis = "strokes" not in one
    strokes = [_stroke(s, by_axis, f"{where}, stroke {i}") for i, s in enumerate(listed)]
    strokes = [s for s in strokes if len(s)]
    if not strokes:
        raise DataError(f"{where} has no point. Leave it out.")
    if sum(map(len, strokes)) > MOST_POINTS:
        raise DataError(f"{where} has more than {MOST_POINTS:,} points. Draw with fewer.")
    return Drawn(strokes, str(one.get("label", one.get("word", ""))), str(one.get("drawer", "")))


def _stroke(stroke: Any, by_axis: bool, where: str) -> np.ndarray:
    if isinstance(stroke, list) and not stroke:
        return np.zeros((0, 2))
    try:
        given = stroke[:2] if by_axis else [point[:2] for point in stroke]
        points = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, IndexError, KeyError):
        raise DataError(f"{where} is no list of points [x, y]. Write numbers.") from None
    points = points.T if by_axis else points
    if points.ndim != 2 or points.shape[1] != 2:
        raise DataError(f"{where} is no list of points [x, y]. Give two numbers a point.")
    if not np.isfinite(points).all():
        raise DataError(f"{where} holds a number that is not finite. Correct or remove it.")
    return points


def _shown(text: bytes) -> str:
    return repr(text[:40].decode("utf-8", "replace"))
