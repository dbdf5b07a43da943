"""Calibrate: where the quantities that thresholds rest on lie, in healthy trainings and in faulty ones of the open half
and of the fresh and unseen cases that detectors were mended on.

    python benchmarks/doctor/calibrate.py [--seeds 1] [--part 1/4]

Healthy are the healthy cases and the mended twins. What it printed last stands in calibration.md, beside the thresholds.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median

from case import Fault
from halves import chosen
from outcome import carry_out
from quantities import QUANTITIES

import deepglass as dg
from deepglass.doctor.examine import evidence_of
from deepglass.probes import Evidence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--part", default="1/1")
    asked = parser.parse_args()
    healthy: dict[str, list[float]] = defaultdict(list)
    faulty: dict[tuple[str, str], list[float]] = defaultdict(list)
    groups = ("open", "mended on", "unseen, mended on")
    for case in [case for group in groups for case in chosen(group, None, asked.part)]:
        for seed in range(asked.seeds):
            makes = (
                (partial(case.make, mended=True), partial(case.make, mended=False))
                if isinstance(case, Fault)
                else (case.make,)
            )
            for number, make in enumerate(makes):
                evidence = _evidence(make, seed)
                for name, (measure, kinds) in QUANTITIES.items():
                    value = measure(evidence)
                    if value is None:
                        continue
                    if number == 0:
                        healthy[name].append(value)
                    elif case.kind in kinds:
                        faulty[name, case.kind].append(value)
    print(table(healthy, faulty))


def table(healthy: dict[str, list[float]], faulty: dict[tuple[str, str], list[float]]) -> str:
    """The range of each quantity in healthy trainings, and in faulty ones of each kind that it tells."""
    lines = ["| quantity | healthy: least, median, most | faulty |", "| --- | --- | --- |"]
    for name in QUANTITIES:
        others = "; ".join(f"{kind} {_range(v)}" for (n, kind), v in faulty.items() if n == name)
        lines.append(f"| {name} | {_range(healthy[name])} | {others} |")
    return "\n".join(lines)


def _range(values: Iterable[float]) -> str:
    known = sorted(values)
    return f"{known[0]:.3g}, {median(known):.3g}, {known[-1]:.3g} ({len(known)})" if known else "-"


def _evidence(make: Callable[[int], object], seed: int) -> Evidence:
    with tempfile.TemporaryDirectory() as folder:
        outcome = carry_out(make, seed, Path(folder) / "run", dg.watch)
        run = outcome.run
        return outcome.evidence if run is None else evidence_of(run.folder, lambda: run.data, lambda: run.task)


if __name__ == "__main__":
    main()
