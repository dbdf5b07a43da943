"""Choose: which draws are what they claim to be. No doctor is asked.

    cd benchmarks/doctor; python -m cases.sampled.choose tuning|held|third [--only KIND ...] [--more]
        [--faults 3] [--healthy 60]

Kept is a fault whose mended twin is competent, fit and finished on two seeds, and (or `hidden` says why not) better by verify.py's
margins; a healthy training that is competent, fit and finished. Every training ends in SLOWEST seconds. The accepted
draws are written into accepted_FAMILY.txt, beside those of kinds that were not asked for.
"""

import argparse
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
from outcome import SMALL_IS_GOOD, Outcome, carry_out
from verify import ABOVE_CONSTANT, is_worse

from cases.sampled.context import Context
from cases.sampled.drawing import HEALTHY, HERE, accepted, healthy_context, planted
from cases.sampled.faults import FAULTS
from cases.sampled.program import data, program

SEEDS = (0, 1)
STILL_GAINS = 0.04  # of accuracy or R2, from two thirds of the epochs to the last: such a training is not finished
WORSE_AGAIN = 1.3  # the last validation loss over the least one: such a training has learned by heart
SLACK = 0.03  # of a loss: below it a rise says nothing
SLOWEST = 4.0  # seconds of a training, of the processor
MOST = 60  # numbers that are tried for a kind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=("tuning", "held", "third"))
    parser.add_argument("--only", action="append", metavar="KIND")
    parser.add_argument("--faults", type=int, default=3, help="of each kind")
    parser.add_argument("--healthy", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=1500.0, help="begin no further draw after so long")
    parser.add_argument("--more", action="store_true", help="go on after the last draw that was accepted of each kind")
    asked = parser.parse_args()
    started = time.perf_counter()
    for kind in asked.only or [HEALTHY, *FAULTS]:
        rows = [row for row in accepted(asked.family) if asked.more and row[0] == kind]
        number = max((n for _, n, _ in rows), default=-1)
        wanted = asked.healthy if kind == HEALTHY else asked.faults
        while len(rows) < wanted and number < (MOST if kind != HEALTHY else 4 * wanted):
            if time.perf_counter() - started > asked.seconds:
                break
            number += 1
            level, said = _level(asked.family, kind, number)
            if said:
                print(f"{kind} {number}: {said}", flush=True)
            if level is not None:
                rows.append((kind, number, level))
        _write(asked.family, [row for row in accepted(asked.family) if row[0] != kind] + rows)


def _write(family: str, rows: list[tuple[str, int, float]]) -> None:
    lines = [f"{kind} {number} {level:.3g}" for kind, number, level in sorted(rows)]
    (HERE / f"accepted_{family}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _level(family: str, kind: str, number: int) -> tuple[float | None, str]:
    """What the twin reaches on its worst seed, or None and why the draw is not kept."""
    if kind == HEALTHY:
        context = healthy_context(family, number)
        levels = []
        for seed in SEEDS:
            outcome, why = _well(context, seed)
            if why:
                return None, why
            levels.append(outcome.scores[context.metric])
        return min(levels), f"{levels} {context.source} {context.network}"
    if planted(family, kind, number) is None:
        return None, ""
    pairs = []
    for seed in SEEDS:
        known = planted(family, kind, number)
        twin, why = _well(known.mended, seed, twin=True)
        if why:
            return None, f"twin {why}"
        faulty = _carried(known.faulty, seed)
        if faulty.seconds > SLOWEST:
            return None, f"slow {faulty.seconds:.1f} s"
        pairs.append([faulty, twin])
        metric = known.metric or known.mended.metric
        if not known.hidden and not is_worse(pairs, metric):
            return None, f"no worse: {faulty.goodness(metric):.3f}, {twin.goodness(metric):.3f}"
    level = min(twin.goodness(metric) for _, twin in pairs)
    said = " ".join(f"{f.goodness(metric):.3f}|{t.goodness(metric):.3f}" for f, t in pairs)
    return (abs(level) if metric in SMALL_IS_GOOD else level), f"kept {said}"


def _well(context: Context, seed: int, *, twin: bool = False) -> tuple[Outcome, str]:
    """Carry a context out, and say what is wrong with it, if anything."""
    outcome = _carried(context, seed)
    score = outcome.scores.get(context.metric, float("-inf"))
    yv = data(context, seed)[3]
    constant = np.bincount(yv).max() / len(yv) if context.is_classes else 0.0
    constant = 0.5 if context.by_class else constant
    if not score >= constant + ABOVE_CONSTANT:
        return outcome, f"no better than a constant: {score:.3f}, {constant:.3f}"
    if outcome.seconds > SLOWEST:
        return outcome, f"slow {outcome.seconds:.1f} s"
    lines = [dict(e.validation) for e in outcome.run.history] if outcome.run is not None else _lines(outcome)
    scores = [line[context.metric] for line in lines if context.metric in line]
    losses = [line["loss"] for line in lines if "loss" in line]
    if len(scores) > 8 and score - scores[2 * len(scores) // 3] > STILL_GAINS:
        return outcome, f"not finished: {scores[2 * len(scores) // 3]:.3f}, {score:.3f}"
    if len(losses) > 8 and not context.early_stopping and losses[-1] > WORSE_AGAIN * min(losses) + SLACK:
        return outcome, f"by heart: {losses[-1]:.3f}, {min(losses):.3f}"
    return outcome, ""


def _lines(outcome: Outcome) -> list[dict[str, float]]:
    return [
        {k.removeprefix("validation_"): v for k, v in line.items()} for line in outcome.evidence.lines if len(line) > 1
    ]


def _carried(context: Context, seed: int) -> Outcome:
    watched = context if "modes" in context.hooks else context.but(evaluates="each")
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = carry_out(lambda s: program(watched, s), seed, Path(folder) / "run")
            return replace(found, seconds=time.process_time() - started)
        except Exception:
            traceback.print_exc(limit=-2)
            return Outcome(seconds=1e9)


if __name__ == "__main__":
    main()
