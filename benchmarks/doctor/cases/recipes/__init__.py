"""Recipes: faults of settings, drawn from a seed; trained by `dg.train` with a named network, so that each setting can be mended.

They come in two parts that share no data (those of cases/sampled): remedies were mended while looking at the first, of the second
only totals are known. Which draws are kept, accepted.txt says (choose.py).
"""

from pathlib import Path

from case import Fault, Training

from cases.recipes.drawing import Drawn, drawn

ACCEPTED = Path(__file__).with_name("accepted.txt")


def recipes() -> dict[str, Fault]:
    """The accepted faults, by name."""
    rows = [line.split() for line in ACCEPTED.read_text(encoding="utf-8").splitlines()] if ACCEPTED.exists() else []
    found = [_case(part, kind, int(number), float(level)) for part, kind, number, level in rows]
    return {case.name: case for case in found}


def _case(part: str, kind: str, number: int, level: float) -> Fault:
    known = drawn(part, kind, number)
    assert isinstance(known, Drawn), (part, kind, number)

    def make(seed: int, mended: bool) -> Training:
        return known.training(seed, mended=mended)

    return Fault(
        f"recipe_{part}_{kind}_{number}", make, kind, known.repair, known.metric, level, known.also, by="settings"
    )


def part(name: str) -> str:
    """Which part one is in: "recipes, mended on", or "recipes, looked at after"."""
    return "recipes, " + ("mended on" if name.startswith("recipe_first_") else "looked at after")
