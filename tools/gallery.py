"""Gallery: every experiment of the course, run, with its picture and figures: python tools/gallery.py [--full] [NAME ...]

Writes experiments/NAME/ (README.md and picture.png) and experiments/README.md, the list.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from deepglass.experiments import EXPERIMENTS, Experiment, Form, Outcome
from deepglass.names import find
from deepglass.report.pictures import save

GALLERY = Path(__file__).resolve().parents[1] / "experiments"
HELD = "As expected: "  # how a page says what its list repeats


def page(name: str, experiment: Experiment, form: Form, outcome: Outcome, seconds: float, full: bool) -> str:
    """Write one experiment down, in Markdown."""
    command = f"deepglass experiment {name}{' --full' if full else ''}"
    held = sum(e.held for e in outcome.expectations)
    lines = [
        f"# {name} ({experiment.row})",
        f"**The course says:** {experiment.claim}" + (f" *{experiment.note}*" if experiment.note else ""),
        f"{HELD}{held} of {len(outcome.expectations)}. `{command}`, {seconds:.0f} s on 2 cores: {described(form)}.",
        "\n".join(f"- {'Yes' if e.held else '**No**'}: {e.text} ({e.measured})." for e in outcome.expectations),
        table(outcome.rows),
        f"![{experiment.claim}](picture.png)",
    ]
    return "\n\n".join(lines) + "\n"


def described(form: Form) -> str:
    """Say how large a form is."""
    data = "generated points" if form.data == "points" else form.data
    if not form.epochs:
        return f"{data}, {form.examples:,} of them, nothing is trained" if form.examples else "nothing is trained"
    wrong = f", {form.wrong:.0%} of their labels drawn anew" if form.wrong else ""
    held_out = f", {form.held_out:,} held out" if form.held_out else ""
    return f"{data}, {form.examples:,} to train on{wrong}{held_out}, {form.epochs} epochs, {len(form.seeds)} seeds"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(rows[0])
    body = ["| " + " | ".join(str(row.get(name, "")) for name in names) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(names) + " |", "|" + "---|" * len(names), *body])


def listing() -> str:
    """The list of all experiments that have a page."""
    lines = [
        "# Experiments: the claims of a course, run again",
        "Each is one command; figures are means and 95 % intervals over seeds. A claim holds in part where it needs a condition "
        "that the course does not state; expected are figures, also those that speak against a claim.",
        "",
    ]
    lines += ["| experiment | row | the course says | holds | as expected |", "|---|---|---|---|---|"]
    for name, experiment in EXPERIMENTS.items():
        path = GALLERY / name / "README.md"
        if path.is_file():
            held = re.search(rf"{HELD}(\d+ of \d+)", path.read_text(encoding="utf-8"))
            figures = held[1] if held else ""
            lines.append(
                f"| [{name}]({name}) | {experiment.row} | {experiment.claim} | {experiment.verdict} | {figures} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--full", action="store_true", help="on MNIST where an experiment has such a form")
    asked = parser.parse_args()
    for name in asked.names or EXPERIMENTS:
        experiment = find("experiment", name, EXPERIMENTS)
        form = experiment.full if asked.full else experiment.small
        started = perf_counter()
        outcome = experiment.run(form)
        seconds = perf_counter() - started
        folder = GALLERY / name
        folder.mkdir(parents=True, exist_ok=True)
        save(outcome.picture, folder / "picture.png", experiment.claim)
        (folder / "README.md").write_text(page(name, experiment, form, outcome, seconds, asked.full), encoding="utf-8")
        print(f"{name}: {'held' if outcome.held else 'NOT HELD'}, {seconds:.0f} s", flush=True)
    (GALLERY / "README.md").write_text(listing(), encoding="utf-8")


if __name__ == "__main__":
    main()
