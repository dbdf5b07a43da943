"""Every number that a finding rests on says where it comes from."""

import ast
import re
from pathlib import Path

import pytest

import deepglass.doctor

ROOM = Path(deepglass.doctor.__file__).parent
FIGURES = Path(__file__).parents[2] / "benchmarks" / "doctor" / "calibration.md"
FILES = [
    *sorted((ROOM / "symptoms").glob("*.py")),
    *(ROOM / f"{n}.py" for n in ("standing", "trend", "trained", "sizes", "rates")),
]


def is_a_number(value):
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    constants = [part for part in ast.walk(value) if isinstance(part, ast.Constant)]
    return all(isinstance(p, ast.Constant | ast.BinOp | ast.UnaryOp) for p in parts) and all(
        isinstance(c.value, int | float) for c in constants
    )


def unexplained(text):
    """The names of the numbers of a file that no comment stands beside or above."""
    lines, found = text.splitlines(), []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or not is_a_number(node.value):
            continue
        place = node.lineno - 1
        said = "#" in "\n".join(lines[place : node.end_lineno])
        while not said and place > 0 and re.match(r"#|[A-Z_, ]+ = ", lines[place - 1]):
            place -= 1
            said = lines[place].startswith("#")
        if not said:
            found.append(ast.unparse(node.targets[0]))
    return found


def test_a_number_without_a_word_is_seen():
    assert unexplained("HALF = 0.5\n") == ["HALF"]
    assert unexplained("HALF = 0.5  # of the units\nMOST = 3\n") == ["MOST"]
    assert unexplained("# from a paper\nHALF = 0.5\nMOST = 3\n") == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_threshold_says_what_it_is_or_where_it_comes_from(file):
    assert unexplained(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_threshold_that_was_calibrated_has_its_figures_in_the_repository(file):
    if not FIGURES.exists():
        pytest.skip("the benchmarks are not part of an installed Deepglass")
    if "calibration" in file.read_text(encoding="utf-8"):
        assert file.stem in FIGURES.read_text(encoding="utf-8")
