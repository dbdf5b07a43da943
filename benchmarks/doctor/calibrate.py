"""Calibrate: where the quantities that thresholds rest on lie, in healthy trainings and in faulty ones of the open half.

    python benchmarks/doctor/calibrate.py [--seeds 1] [--part 1/4]

Healthy are the healthy cases and the mended twins. What it printed last stands in calibration.md, beside the thresholds.
"""

import argparse
import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median

from bench import chosen
from case import Fault
from outcome import carry_out

import deepglass as dg
from deepglass.doctor.examine import evidence_of
from deepglass.doctor.reading import at_start, called, weighted
from deepglass.doctor.sizes import against_he
from deepglass.doctor.standing import standing
from deepglass.probes import Evidence


def _he(evidence: Evidence) -> float | None:
    return median(found.values()) if (found := against_he(evidence)) else None


def _growth(evidence: Evidence) -> float | None:
    spread = [v for y in weighted(evidence) if (v := at_start(evidence, "activation_std").get(y.name, 0.0)) > 0]
    return spread[-1] / spread[0] if len(spread) > 2 and math.isfinite(spread[-1]) else None


def _gradient_left(evidence: Evidence) -> float | None:
    back = [v for y in weighted(evidence) if (v := at_start(evidence, "backward_rms").get(y.name, 0.0)) > 0]
    return back[0] / back[-1] if len(back) > 3 else None


def _dead(evidence: Evidence) -> float | None:
    dead = at_start(evidence, "dead_units")
    return max((dead[y.name] for y in called(evidence) if y.is_activation and y.name in dead), default=None)


def _size(evidence: Evidence) -> float | None:
    fields = [f for f in evidence.before.get("inputs", {}).values() if "std" in f]
    return max((math.hypot(f["mean"], f["std"]) for f in fields), default=None)


def _squeezed(evidence: Evidence) -> float | None:
    columns = [c for f in evidence.before.get("inputs", {}).values() for c in f.get("columns", [])]
    return min(
        (c["bulk"] / c["std"] for c in columns if c["std"] > 0 and c["bulk"] > 0 and c["distinct"] >= 10), default=None
    )


def _first_loss(evidence: Evidence) -> float | None:
    first, constant = (
        evidence.series("loss").at(0),
        evidence.before.get("baselines", {}).get("loss", {}).get("constant"),
    )
    return first / constant if first is not None and constant else None


def _lacking(evidence: Evidence) -> float | None:
    """How far under the best cheap model, as a share of the way to a perfect answer."""
    stands = standing(evidence)
    gain = (
        (stands.baseline - stands.constant) / (1 - stands.constant) if stands.metric in ("accuracy", "r2") else math.nan
    )
    return None if math.isnan(gain - stands.gain) else gain - stands.gain


# name -> the quantity, and the kinds of fault that it is to tell
QUANTITIES: dict[str, tuple[Callable[[Evidence], float | None], tuple[str, ...]]] = {
    "weights over He's, median of the layers": (_he, ("weights_too_large", "weights_too_small", "saturated_units")),
    "signal of the last layer over the first's": (_growth, ("exploding", "weights_too_large", "weights_too_small")),
    "gradient at the first layer over the last's": (_gradient_left, ("vanishing",)),
    "dead units at the start, worst layer": (_dead, ("dead_units",)),
    "root mean square of the inputs": (_size, ("inputs_unscaled", "huge_column")),
    "middle half of a column over its deviation": (_squeezed, ("huge_column",)),
    "first loss over the constant answer's": (_first_loss, ("weights_too_large", "targets_unscaled")),
    "gain under the best cheap model's": (_lacking, ("underfitting", "rate_too_low", "rate_too_high", "unfinished")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--part", default="1/1")
    asked = parser.parse_args()
    healthy: dict[str, list[float]] = defaultdict(list)
    faulty: dict[tuple[str, str], list[float]] = defaultdict(list)
    for case in chosen("open", None, asked.part):
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
