"""Bench: how often the doctor is right about planted faults, and silent about healthy trainings.

    python benchmarks/doctor/bench.py [--half open] [--seeds 3] [--only WORD ...] [--part 1/4] [--twins]
    python benchmarks/doctor/bench.py --repair [--half open] [--first] [--only WORD ...] [--limit SECONDS]

The half that is set aside ("--half set-aside") is for a look at the end: nothing may be tuned on it. Its cases are not listed, nor
are those of the second parts of the unseen and the real ones and of the recipes, and of the held family of the drawn ones
(cases/sampled); `--first` leaves them alone. Every look at one of these is written into results/looks.jsonl with what it gave.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from case import Fault, Healthy
from cases.unseen import TWIN_NOT_WELL
from counted import Visit, figures, unknown
from halves import HALVES, LOOKED_AT, NOT_LISTED, chosen, parts_of
from outcome import Outcome, carry_out
from repair import repairs

import deepglass as dg

LOOKS = Path(__file__).resolve().parent / "results" / "looks.jsonl"
SERIOUS = ("alarm", "warning")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="open")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", action="append", metavar="WORD", help="cases whose name or kind contains it")
    parser.add_argument("--part", default="1/1", help="the first of four parts: 1/4")
    parser.add_argument("--first", action="store_true", help="only the parts of a set that may be listed")
    parser.add_argument("--twins", action="store_true", help="visit the healthy twins of the faults too")
    parser.add_argument("--repair", action="store_true", help="heal the faults instead, beside random search (long)")
    parser.add_argument(
        "--limit", type=float, default=float("inf"), help="begin no further repair after so many seconds"
    )
    asked = parser.parse_args()
    if not (hasattr(dg, "watch") and hasattr(dg.Run, "findings")):
        parser.exit(2, "This Deepglass has no doctor yet: dg.watch or Run.findings is missing.\n")
    for name in parts_of(asked.half, first=asked.first):
        cases = chosen(name, asked.only, asked.part)
        if asked.repair:
            faults_here = [c for c in cases if isinstance(c, Fault)]
            found = repairs(faults_here, part=name, limit=asked.limit, listed=name not in NOT_LISTED)
            _say(f"{name}, repaired:", found)
            if name in LOOKED_AT:
                _write_look({"part": name, "asked": vars(asked), **found})
            continue
        visits = visit_all(cases, range(asked.seeds), shown=name not in NOT_LISTED)
        found = figures(visits)
        faults = sum(isinstance(c, Fault) for c in cases)
        _say(f"{name}: {faults} faults, {len(cases) - faults} healthy", found)
        if asked.twins:
            mended = [_twin(case) for case in cases if isinstance(case, Fault) and case.name not in TWIN_NOT_WELL]
            visits += (seen := visit_all(mended, range(asked.seeds), shown=name not in NOT_LISTED))
            found["alarms on healthy twins"] = figures(seen)["false alarms"]
            print(f"  {'alarms on healthy twins':26} {found['alarms on healthy twins']}")
        if strange := unknown(visits):
            print(f"  symptoms that symptoms.py does not know, counted as wrong: {', '.join(strange)}")
        if name in NOT_LISTED or (name in LOOKED_AT and not asked.only):
            _write_look({"part": name, "asked": vars(asked), **found})


def _twin(case: Fault) -> Healthy:
    """The mended training of a fault. Verified to be better than the faulty one, not to be above a linear model."""
    return Healthy(f"{case.name}, mended", partial(case.make, mended=True), case.metric)


def visit_all(cases: Sequence[Fault | Healthy], seeds: range, *, shown: bool) -> list[Visit]:
    """Carry out every case on every seed, ask the doctor, and list what was not right where that may be seen."""
    visits = []
    for case in cases:
        for seed in seeds:
            visit = visited(case, seed)
            visits.append(visit)
            wrong = not any(visit.right) if isinstance(case, Fault) else bool(visit.found)
            if shown and wrong:
                meant = case.kind if isinstance(case, Fault) else "healthy"
                print(f"{case.name} (seed {seed}): {meant}; found {', '.join(visit.found) or 'nothing'}", flush=True)
    return visits


def visited(case: Fault | Healthy, seed: int) -> Visit:
    """Carry out a case and ask the doctor, who sees the run or the evidence and nothing else."""
    make = partial(case.make, mended=False) if isinstance(case, Fault) else case.make
    with tempfile.TemporaryDirectory() as folder:
        findings = _findings(carry_out(make, seed, Path(folder) / "run", dg.watch))
    serious = tuple(f.symptom for f in findings if f.severity in SERIOUS)
    return Visit(case, seed, serious, tuple(f.symptom for f in findings if f.severity not in SERIOUS))


def _findings(outcome: Outcome) -> list[Any]:
    return list(outcome.run.findings if outcome.run is not None else outcome.evidence.diagnose())


def _say(title: str, found: dict[str, str]) -> None:
    print(f"\n{title}")
    print("\n".join(f"  {word:26} {figure}" for word, figure in found.items()))


def _write_look(facts: dict[str, Any]) -> None:
    LOOKS.parent.mkdir(exist_ok=True)
    with LOOKS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"time": datetime.now(UTC).isoformat("T", "seconds"), **facts}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
