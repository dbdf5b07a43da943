"""Verify: are the cases what they claim to be? No doctor is asked.

    python benchmarks/doctor/verify.py [--half both] [--only WORD ...] [--faults | --healthy] [--seeds 3] [--part 1/4]

A fault holds when its healthy twin is better on every seed and by MARGIN on average (a loss by that share of itself), or when it
says why no score can show it. A healthy training holds when it is clearly above the constant answer, and above the linear model
or, where that is as good as can be, not below it. Of parts that are never listed (halves.py) only the number that is wrong is said.
"""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from case import Fault, Healthy, Loop
from halves import HALVES, NOT_LISTED, chosen
from outcome import SMALL_IS_GOOD, Outcome, carry_out

from deepglass.tasks.baselines import baselines

MARGIN = (
    0.05  # of accuracy or R2: beyond what one validation split of 100 to 300 examples gives by chance in three seeds
)
LOSS_MARGIN = 0.1  # of the faulty training's loss
ABOVE_CONSTANT = 0.1  # of accuracy or R2
ABOVE_LINEAR = 0.03
BELOW_LINEAR = (
    0.05  # what a healthy network may lose to a linear model where that is the ceiling: chance of a small split
)
SLOWEST = 5.0  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="both")
    parser.add_argument("--only", action="append", metavar="WORD", help="cases whose name or kind contains it")
    parser.add_argument("--faults", action="store_true", help="faults alone")
    parser.add_argument("--healthy", action="store_true", help="healthy trainings alone")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--part", default="1/1", help="the first of four parts: 1/4")
    asked = parser.parse_args()
    kinds = (Fault,) if asked.faults else (Healthy,) if asked.healthy else (Fault, Healthy)
    wrong, several = 0, range(asked.seeds)
    for name in HALVES[asked.half]:
        cases = [case for case in chosen(name, asked.only, asked.part) if isinstance(case, kinds)]
        bad = []
        for case in cases:
            line, holds = fault_line(case, several) if isinstance(case, Fault) else healthy_line(case, several)
            if name not in NOT_LISTED:
                print(("ok    " if holds else "WRONG ") + line, flush=True)
            bad += [] if holds else [case.name]
        listed = "" if name in NOT_LISTED or not bad else f": {', '.join(bad)}"
        print(f"{name}: {len(bad)} of {len(cases)} are not what they claim{listed}")
        wrong += len(bad)
    return 1 if wrong else 0


def fault_line(case: Fault, seeds: range) -> tuple[str, bool]:
    with tempfile.TemporaryDirectory() as folder:
        pairs = [
            [carry_out(partial(case.make, mended=m), s, Path(folder) / f"{s}-{int(m)}") for m in (False, True)]
            for s in seeds
        ]
    holds = bool(case.hidden) or is_worse(pairs, case.metric)
    slowest = max(o.seconds for pair in pairs for o in pair)
    level = min((twin.goodness(case.metric) for _, twin in pairs))
    reached = abs(level) if case.metric in SMALL_IS_GOOD else level
    faulty, mended = (" ".join(_shown(pair[i], case.metric) for pair in pairs) for i in (0, 1))
    note = f"  hidden: {case.hidden}" if case.hidden else ""
    line = f"{case.name:38} {case.kind:24} {case.metric:18} {faulty:24} | {mended:24} level {reached:.3g} {slowest:.1f} s{note}"
    return line, holds and slowest <= SLOWEST


def is_worse(pairs: list[list[Outcome]], metric: str) -> bool:
    """Whether the first of each pair is worse than the second, on every seed and clearly on average."""
    good = [(faulty.goodness(metric), twin.goodness(metric)) for faulty, twin in pairs]
    if any(twin <= faulty or twin == float("-inf") for faulty, twin in good):
        return False
    gains = [min(twin - faulty, 1e9) for faulty, twin in good]
    known = [-faulty for faulty, _ in good if faulty != float("-inf")]
    least = LOSS_MARGIN * sum(known) / max(1, len(known)) if metric in SMALL_IS_GOOD else MARGIN
    return sum(gains) / len(gains) >= least


def healthy_line(case: Healthy, seeds: range) -> tuple[str, bool]:
    rows, holds, slowest = [], True, 0.0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            outcome = carry_out(case.make, seed, Path(folder) / "run")
            constant, linear = _baselines(case, seed, outcome)
        score, slowest = outcome.scores.get(case.metric, float("-inf")), max(slowest, outcome.seconds)
        needed = linear - BELOW_LINEAR if case.ceiling else linear + ABOVE_LINEAR
        holds = holds and score >= constant + ABOVE_CONSTANT and score >= needed
        rows.append(f"{score:.3f} ({constant:.2f} {linear:.2f})")
    note = f"  linear is the ceiling: {case.ceiling}" if case.ceiling else ""
    line = f"{case.name:42} {case.metric:18} {'; '.join(rows)} {slowest:.1f} s{note}"
    return line, holds and slowest <= SLOWEST


def _baselines(case: Healthy, seed: int, outcome: Outcome) -> tuple[float, float]:
    """What the constant answer and a linear model reach on the same validation examples."""
    if outcome.run is not None:
        found = outcome.run.baselines(outcome.run.data.members("validation"))
    else:
        made = case.make(seed)
        assert isinstance(made, Loop) and made.examples is not None
        kind = "number" if made.examples[1].is_floating_point() else "category"
        found = baselines(kind, *made.examples, seed=seed)
    constant = found.get("majority class") or found["mean"]
    return float(constant[case.metric]), float(found["linear model"][case.metric])


def _shown(outcome: Outcome, metric: str) -> str:
    return "failed" if metric not in outcome.scores else f"{outcome.scores[metric]:.3f}"


if __name__ == "__main__":
    sys.exit(main())
