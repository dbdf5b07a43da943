"""Course: which of the 300 rows of a deep-learning course Deepglass shows, proved by running what shows them.

    python tools/course.py              run everything in its quick form
    python tools/course.py A08 B02      only these rows
    python tools/course.py --full       as a person would type it, without shortening anything
    python tools/course.py --write      write docs/course.md anew from docs/course.yaml

A row of docs/course.yaml:
    id     A01 to O16
    what   the row in a few words
    show   null while it cannot be shown, else a list of commands and test ids; ` && ` joins commands
    quick  a cheaper list in place of `show`, where putting "--epochs 2" for {quick} is not enough
    sees   text that the commands print (commas between digits do not count)
    needs  data that has to lie in $DEEPGLASS_DATA, such as mnist; without it the row is not tried
    lacks  what of the row cannot be seen yet; such a row runs too, but does not count as one that works
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
ROWS_FILE = REPOSITORY / "docs" / "course.yaml"
PAGE_FILE = REPOSITORY / "docs" / "course.md"

QUICK = "--epochs 2"  # what {quick} stands for
TIMEOUT_SECONDS = 120.0  # of one entry of `show`; it should take a few seconds
JOBS = min(os.cpu_count() or 2, 8)  # entries run side by side, each on one thread

SECTIONS = {  # letter: title, rows
    "A": ("Kinds of problems, and data", 27),
    "B": ("Neurons, layers, feed-forward networks", 25),
    "C": ("Activations, outputs, losses", 18),
    "D": ("Gradient descent, back-propagation, optimizers", 28),
    "E": ("Initialization, vanishing and exploding gradients", 14),
    "F": ("Regularization and normalization", 19),
    "G": ("Convolution and pooling", 33),
    "H": ("Convolutional networks", 18),
    "I": ("Recurrent networks and sequences", 28),
    "J": ("Other families of networks", 14),
    "K": ("Applications", 19),
    "L": ("Metrics and evaluation", 8),
    "M": ("Tools and habits of work", 20),
    "N": ("History and definitions", 13),
    "O": ("Exercises and open questions", 16),
}
IDS = [f"{letter}{number:02}" for letter, (_, count) in SECTIONS.items() for number in range(1, count + 1)]
KEYS = {"id", "what", "show", "quick", "sees", "needs", "lacks"}


@dataclass(frozen=True)
class Row:
    """One row of the course."""

    id: str
    what: str
    show: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    needs: str = ""
    lacks: str = ""

    def entries(self, *, full: bool = False) -> tuple[str, ...]:
        """Return the commands and test ids to run."""
        if full:
            return tuple(plain(entry) for entry in self.show)
        return tuple(entry.replace("{quick}", QUICK) for entry in self.quick or self.show)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows, or write the page; return the exit code."""
    parser = argparse.ArgumentParser(description="Run what shows the rows of the course.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="rows to run (default: all)")
    parser.add_argument("--full", action="store_true", help="run the commands as a person would type them")
    parser.add_argument("--write", action="store_true", help="write docs/course.md anew, run nothing")
    chosen = parser.parse_args(arguments)
    try:
        rows = parse(yaml.safe_load(ROWS_FILE.read_text(encoding="utf-8")))
        if unknown := set(chosen.ids) - set(IDS):
            raise ValueError(f"There are no rows {', '.join(sorted(unknown))}. Rows run from {IDS[0]} to {IDS[-1]}.")
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if chosen.write:
        PAGE_FILE.write_text(page(rows), encoding="utf-8", newline="\n")
        print(f"Wrote {PAGE_FILE.relative_to(REPOSITORY)}.")
        return 0
    if chosen.ids:
        rows = [row for row in rows if row.id in chosen.ids]
    return report(rows, run(rows, full=chosen.full))


# Reading


def parse(listed: Any) -> list[Row]:
    """Make rows of the parsed YAML.

    Raises: ValueError, when a row is missing, doubled, unknown or misspelt.
    """
    rows = [_row(entry) for entry in listed]
    ids = [row.id for row in rows]
    problems = {
        "missing": [i for i in IDS if i not in ids],
        "unknown": [i for i in ids if i not in IDS],
        "more than once": sorted({i for i in ids if ids.count(i) > 1}),
    }
    said = "; ".join(f"{problem}: {', '.join(found)}" for problem, found in problems.items() if found)
    if said:
        raise ValueError(f"Rows of {ROWS_FILE.name} {said}.")
    return rows


def _row(entry: Mapping[str, Any]) -> Row:
    name = entry.get("id", "?")
    if "show" not in entry or not entry.get("what"):
        raise ValueError(f"Row {name} needs `what` and `show` (null while there is nothing to show).")
    if unknown := set(entry) - KEYS:
        raise ValueError(f"Row {name} has {', '.join(sorted(unknown))}. Known: {', '.join(sorted(KEYS))}.")
    lists = {}
    for key in ("show", "quick", "sees"):
        value = entry.get(key) or []
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise ValueError(f"Row {name}: {key} has to be a list of texts, or null.")
        lists[key] = tuple(value)
    return Row(name, entry["what"], **lists, needs=entry.get("needs") or "", lacks=entry.get("lacks") or "")


def is_test(entry: str) -> bool:
    """Say whether an entry of `show` is a test id, not a command."""
    return entry.startswith("tests/")


def plain(entry: str) -> str:
    """Return an entry as a person would type it."""
    return " ".join(entry.replace("{quick}", "").split())


# Running


def run(rows: Iterable[Row], *, full: bool = False) -> dict[str, str]:
    """Run what shows each row, each entry once.

    Returns: for each row that has something to show "" when it works, else the reason; "needs NAME" when not tried.
    """
    environment = _environment()
    tried, verdicts = [], {}
    for row in rows:
        if not row.show:
            continue
        if row.needs and not (Path(environment.get("DEEPGLASS_DATA", "")) / row.needs).is_dir():
            verdicts[row.id] = f"needs {row.needs}"
        else:
            tried.append(row)
    entries = list(dict.fromkeys(entry for row in tried for entry in row.entries(full=full)))
    commands = [entry for entry in entries if not is_test(entry)]
    with ThreadPoolExecutor(JOBS) as pool:
        results = dict(zip(commands, pool.map(lambda command: run_command(command, environment), commands)))
    tests = run_tests([entry for entry in entries if is_test(entry)], environment)
    for row in tried:
        problems = [results[e][0] if e in results else tests[e] for e in row.entries(full=full)]
        printed = "".join(results[e][1] for e in row.entries(full=full) if e in results)
        problems += [f"does not print {text!r}" for text in row.sees if not is_in(text, printed)]
        verdicts[row.id] = "; ".join(problem for problem in problems if problem)
    return verdicts


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    environment["OMP_NUM_THREADS"] = "1"
    environment["PYTHONUTF8"] = "1"
    environment["DEEPGLASS_OFFLINE"] = "1"
    environment["COLUMNS"] = "160"  # so that no table breaks a line
    beside = REPOSITORY.parent / "shared" / "data"
    if "DEEPGLASS_DATA" not in environment and beside.is_dir():
        environment["DEEPGLASS_DATA"] = str(beside)
    return environment


def run_command(command: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Run commands joined by ` && ` in an empty folder.

    Returns: the problem, "" when all went well; and what was printed.
    """
    printed = ""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for part in command.split(" && "):
            words = shlex.split(part)
            try:
                done = subprocess.run(
                    [_program(words[0]), *words[1:]],
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                    errors="replace",
                    timeout=TIMEOUT_SECONDS,
                )
            except subprocess.TimeoutExpired:
                return f"`{part}` is not done after {TIMEOUT_SECONDS:.0f} s", printed
            except OSError as error:
                return f"`{part}` does not start: {error.strerror}", printed
            printed += done.stdout
            if done.returncode:
                last = (done.stdout.strip().splitlines() or ["nothing printed"])[-1]
                return f"`{part}` ends with {done.returncode}: {last.strip()}", printed
    return "", printed


def _program(name: str) -> str:
    """Return the program beside this Python, where there is one: PATH of `env` does not count everywhere."""
    if name == "python":
        return sys.executable
    own = Path(sys.executable).with_name(name + (".exe" if os.name == "nt" else ""))
    return str(own) if own.exists() else name


def is_in(text: str, printed: str) -> bool:
    """Say whether a text was printed, with or without commas between digits.

    >>> is_in("61706", "parameters: 61,706")
    True
    """

    def bare(s: str) -> str:
        return re.sub(r"(?<=\d),(?=\d)", "", s)

    return bare(text) in bare(printed)


def run_tests(wanted: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Run tests, all in one pytest. An id names a file, a test or one case of it.

    Returns: for each id the problem, "" when all its tests passed.
    """
    recorder = Recorder(wanted)
    files = sorted({entry.split("::")[0] for entry in wanted if (REPOSITORY / entry.split("::")[0]).is_file()})
    if files:
        os.environ.update(environment)
        options = [
            f"--rootdir={REPOSITORY}",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
            "-q",
            "--tb=line",
            "--color=no",
        ]
        pytest.main([*options, *(str(REPOSITORY / file) for file in files)], plugins=[recorder])
    return {entry: recorder.verdict(entry) for entry in wanted}


class Recorder:
    """A pytest plugin that keeps the tests that were asked for and notes how each of them ended."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self.wanted = wanted
        self.outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept = [item for item in items if any(belongs(item.nodeid, entry) for entry in self.wanted)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.outcomes[report.nodeid] = report.outcome

    def verdict(self, entry: str) -> str:
        found = {outcome for test, outcome in self.outcomes.items() if belongs(test, entry)}
        if not found:
            return f"{entry} is no test"
        return "" if found == {"passed"} else f"{entry} {' and '.join(sorted(found - {'passed'}))}"


def belongs(test: str, entry: str) -> bool:
    """Say whether a test id is the entry, a test of that file or class, or a case of that test."""
    return test == entry or test.startswith((f"{entry}::", f"{entry}["))


# Telling


def report(rows: Sequence[Row], verdicts: Mapping[str, str]) -> int:
    """Print a line for each row that fails, then the sum; return the exit code."""
    untried = {i: v for i, v in verdicts.items() if v.startswith("needs ")}
    failed = {i: v for i, v in verdicts.items() if v and i not in untried}
    going = [row for row in rows if verdicts.get(row.id) == ""]
    for row in rows:
        if row.id in failed:
            print(f"{row.id}  {row.what}: {failed[row.id]}")
    if untried:
        print(f"Not tried, for want of data in DEEPGLASS_DATA: {', '.join(f'{i} {v}' for i, v in untried.items())}")
    if partly := [row.id for row in going if row.lacks]:
        print(f"In part: {', '.join(partly)}")
    names = f": {', '.join(failed)}" if failed else ""
    print(f"{sum(not row.lacks for row in going)} of {len(rows)} rows work; {len(failed)} failed{names}")
    return 1 if failed else 0


def page(rows: Sequence[Row]) -> str:
    """Return docs/course.md."""
    whole, partly = _counts(rows)
    lines = [
        "# The course, row by row",
        "",
        f"A course on deep learning in {len(rows)} rows, and the command or the test that shows each one at work: "
        f"{whole} so far, and {partly} in part.",
        "`make course` runs them all. This page is made from `docs/course.yaml` by `python tools/course.py --write`.",
    ]
    for letter, (title, _) in SECTIONS.items():
        here = [row for row in rows if row.id.startswith(letter)]
        whole, partly = _counts(here)
        lines += ["", f"## {letter}. {title}", "", f"{whole} of {len(here)} rows work, {partly} in part.", ""]
        lines += ["| row | what | shown by | state |", "|---|---|---|---|"]
        for row in here:
            shows = "<br>".join(f"`{plain(entry)}`" for entry in row.show)
            cells = [row.id, row.what, shows, _state(row)]
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _counts(rows: Iterable[Row]) -> tuple[int, int]:
    """Count the rows that are shown as a whole, and in part."""
    shown = [row for row in rows if row.show]
    return sum(not row.lacks for row in shown), sum(bool(row.lacks) for row in shown)


def _state(row: Row) -> str:
    if not row.show:
        return "not yet"
    state = f"in part; still lacks {row.lacks}" if row.lacks else "works"
    return f"{state}; needs {row.needs}" if row.needs else state


if __name__ == "__main__":
    sys.exit(main())
