"""Choose: which drawn recipes are what they claim to be. No doctor is asked.

    cd benchmarks/doctor; python -m cases.recipes.choose first|second [--each 4] [--only KIND ...] [--seconds 600]

Kept is a draw whose sound recipe is clearly above the constant answer on each seed and by verify.py's margins better than the
faulty one, both in SLOWEST seconds. The accepted ones are written into accepted.txt, with the level of the sound recipe on its
worst seed.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from outcome import SMALL_IS_GOOD, Outcome, carry_out
from verify import ABOVE_CONSTANT, is_worse

from cases.recipes import ACCEPTED
from cases.recipes.drawing import KINDS, SOURCES, Drawn, drawn
from deepglass.errors import DeepglassError

SEEDS = (0, 1)
SLOWEST = 4.0  # seconds of a training, as in cases/sampled: a repair takes ten to a hundred of them
MOST = 40  # numbers that are tried for a kind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=SOURCES)
    parser.add_argument("--only", action="append", metavar="KIND")
    parser.add_argument("--each", type=int, default=4, help="of a kind")
    parser.add_argument("--seconds", type=float, default=600.0, help="begin no further draw after so long")
    asked = parser.parse_args()
    started = perf_counter()
    rows = ACCEPTED.read_text(encoding="utf-8").splitlines() if ACCEPTED.exists() else []
    for kind in asked.only or KINDS:
        rows = [row for row in rows if row.split()[:2] != [asked.part, kind]]
        found = 0
        for number in range(MOST):
            known = drawn(asked.part, kind, number)
            if known is None or found == asked.each or perf_counter() - started > asked.seconds:
                continue
            level, said = _level(known)
            print(f"{kind} {number}: {said}", flush=True)
            if level is not None:
                rows.append(f"{asked.part} {kind} {number} {level:.3g}")
                found += 1
        ACCEPTED.write_text("".join(f"{row}\n" for row in sorted(rows)), encoding="utf-8")


def _level(known: Drawn) -> tuple[float | None, str]:
    """What the sound recipe reaches on its worst seed, or None and why the draw is not kept."""
    pairs = []
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                pair = [
                    carry_out(partial(known.training, mended=m), seed, Path(folder) / f"{m}") for m in (False, True)
                ]
            except DeepglassError as error:
                return None, f"cannot be trained: {error}"
        faulty, twin = pair
        if max(one.seconds for one in pair) > SLOWEST:
            return None, f"slow {faulty.seconds:.1f}, {twin.seconds:.1f} s"
        if not _above_constant(known, seed, twin):
            return None, f"no better than a constant: {twin.scores}"
        pairs.append(pair)
        if not is_worse(pairs, known.metric):
            return None, f"no worse: {faulty.goodness(known.metric):.3f}, {twin.goodness(known.metric):.3f}"
    level = min(twin.goodness(known.metric) for _, twin in pairs)
    said = " ".join(f"{f.goodness(known.metric):.3f}|{t.goodness(known.metric):.3f}" for f, t in pairs)
    return (abs(level) if known.metric in SMALL_IS_GOOD else level), f"kept {said}"


def _above_constant(known: Drawn, seed: int, twin: Outcome) -> bool:
    _, y, cut = known.data(seed)
    if y.dtype.kind == "f":
        return twin.scores.get("r2", -1.0) >= ABOVE_CONSTANT
    if known.metric == "balanced_accuracy":
        return twin.scores.get("balanced_accuracy", 0.0) >= 0.5 + ABOVE_CONSTANT
    return twin.scores.get("accuracy", 0.0) >= np.bincount(y[cut:]).max() / (len(y) - cut) + ABOVE_CONSTANT


if __name__ == "__main__":
    main()
