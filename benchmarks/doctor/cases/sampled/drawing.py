"""Drawing: the cases that draws give, by family, kind and number; and which of them are accepted."""

from functools import partial
from pathlib import Path
from random import Random

from case import Fault, Healthy, Loop, Training

from cases.sampled.context import Context, drawn
from cases.sampled.faults import FAULTS
from cases.sampled.planted import Planted
from cases.sampled.program import program
from cases.sampled.traps import TRAPS

HERE = Path(__file__).parent
HEALTHY = "healthy"  # what stands in the place of a kind
PLAIN = 0.25  # share of the healthy draws of the third family in which nothing is odd


def planted(family: str, kind: str, number: int) -> Planted | None:
    """The draw of a number; None where the kind would be no fault in the context that was drawn."""
    context = drawn(family, f"{kind} {number}")
    return FAULTS[kind](context, Random(f"{family} {kind} {number} fault"))


def healthy_context(family: str, number: int) -> Context:
    context = drawn(family, f"{HEALTHY} {number}")
    if family != "third":
        return context
    random = Random(f"{family} {HEALTHY} {number} trap")
    if random.random() < PLAIN:
        return context
    return next(c for c in (trap(context, random) for trap in random.sample([*TRAPS.values()], len(TRAPS))) if c)


def fault_case(family: str, kind: str, number: int, level: float) -> Fault:
    """A draw as a case. Closures hold some state, so a draw is made anew for each training."""
    known = planted(family, kind, number)
    assert known is not None, (family, kind, number)

    def make(seed: int, mended: bool) -> Training | Loop:
        again = planted(family, kind, number)
        assert again is not None
        return program(again.mended if mended else again.faulty, seed)

    return Fault(
        *(
            f"{family}_{kind}_{number}",
            make,
            kind,
            known.repair,
            known.metric or known.mended.metric,
            level,
            known.also,
        ),
        *(known.where, known.by, known.hidden),
    )


def healthy_case(family: str, number: int) -> Healthy:
    context = healthy_context(family, number)
    make = partial(program, context)
    return Healthy(f"{family}_{HEALTHY}_{number}", make, context.metric, "drawn: a linear model may be as good")


def accepted(family: str) -> list[tuple[str, int, float]]:
    """Kind, number and the twin's level on its worst seed, of each draw that choose.py has accepted."""
    path = HERE / f"accepted_{family}.txt"
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    rows = [line.split() for line in lines if line.strip()]
    return [(kind, int(number), float(level)) for kind, number, level in rows]


def cases(family: str) -> tuple[dict[str, Fault], dict[str, Healthy]]:
    """The accepted faults and healthy trainings of a family, by name."""
    rows = accepted(family)
    faults = [fault_case(family, *row) for row in rows if row[0] != HEALTHY]
    well = [healthy_case(family, number) for kind, number, _ in rows if kind == HEALTHY]
    return {case.name: case for case in faults}, {case.name: case for case in well}
