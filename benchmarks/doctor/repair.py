"""Repair: is a fault put right by what the doctor proves, and by a random search that may train as often?

A fault that the settings can mend counts. It is repaired when training anew with the spec that was chosen, on seeds that nobody
has chosen by, closes CLOSED of the way from the faulty score to the level of the healthy twin. Each fault's line is written
when it is done (results/repair.jsonl), so that a search that was stopped goes on from there.
"""

import hashlib
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from case import Fault, Loop, Training
from outcome import SMALL_IS_GOOD, Outcome, carry_out
from random_search import drawn

from deepglass.errors import DeepglassError
from deepglass.healing import heal
from deepglass.tasks.metrics import wilson_interval
from deepglass.training.spec import Spec

KEPT = Path(__file__).resolve().parent / "results" / "repair.jsonl"
CLOSED = 0.75  # of the gap: the rest is what one seed differs from another by
FRESH = (100, 101, 102)  # seeds to judge by
PAIRS = (5, 10)  # of trainings behind a proof: more only where the first five decide nothing
BUDGET = 120.0  # seconds for all proofs of a case: five pairs of the slowest cases on a busy machine
HELPED = "helped"


@dataclass(frozen=True)
class Repair:
    """What became of one fault: found, a remedy tried, proved to help, the level reached; how many trainings that took."""

    found: bool = False
    tried: bool = False
    proved: bool = False
    reached: bool = False
    trainings: int = 0
    change: str = ""
    ended: str = ""


def repairs(faults: Sequence[Fault], *, part: str, limit: float, listed: bool) -> dict[str, str]:
    """Share repaired and proved by the doctor, and repaired by a random search of equal cost.

    Args: part: what the faults are a part of; limit: seconds after which no further fault is begun; listed: whether it may be
    shown how each of them went (their names are kept then, else hashes).
    """
    can = [case for case in faults if can_be_repaired(case)]
    names = {case.name: case.name if listed else hashlib.sha256(case.name.encode()).hexdigest()[:12] for case in can}
    known, started = _known(), perf_counter()
    for case in can:
        name = names[case.name]
        if name in known:
            continue
        if perf_counter() - started > limit:
            break
        begun = perf_counter()
        doctor = by_doctor(case)
        search = by_search(case, doctor.trainings)
        line = {"case": name, "kind": case.kind, "half": part, "seconds": round(perf_counter() - begun, 1)}
        known[name] = line | {"doctor": asdict(doctor), "search": asdict(search)}
        with KEPT.open("a", encoding="utf-8") as file:
            file.write(json.dumps(known[name], ensure_ascii=False) + "\n")
        if listed:
            print(f"{name} ({line['seconds']} s)\n  doctor {doctor}\n  search {search}", flush=True)
    lines = [known[names[case.name]] for case in can if names[case.name] in known]
    return {"faults that settings mend": f"{len(lines)} of {len(can)} tried"} | _figures(lines)


def can_be_repaired(case: Fault) -> bool:
    """Whether settings mend it, a score shows it, and there is a run to heal: a loop of somebody's own has no Spec."""
    return case.by == "settings" and not case.hidden and not isinstance(case.make(0, False), Loop)


def _figures(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    doctor, search = ([line[who] for line in lines] for who in ("doctor", "search"))
    return {
        "with a remedy": _share([d["tried"] for d in doctor]),
        "proved to help": _share([d["proved"] for d in doctor]),
        "repaired and proved": _share([d["proved"] and d["reached"] for d in doctor]),
        "by random search": _share([s["reached"] for s in search]),
        "trainings of each": str(sum(d["trainings"] for d in doctor)),
    }


def _share(hits: Sequence[bool]) -> str:
    low, high = wilson_interval(sum(hits), len(hits)) if hits else (0.0, 1.0)
    return f"{sum(hits) / max(1, len(hits)):.3f} ({sum(hits)} of {len(hits)}; {low:.2f} to {high:.2f})"


def by_doctor(case: Fault, seed: int = 0) -> Repair:
    """Let the doctor heal the run: find, prove, train, look again."""
    with tempfile.TemporaryDirectory() as folder:
        sick = carry_out(partial(case.make, mended=False), seed, Path(folder) / "sick")
        found = bool([finding for finding in sick.run.findings if finding.is_serious])
        healing = heal(sick.run, max_time=BUDGET, pairs=PAIRS, progress=False)
        if healing.stopped_by:
            raise KeyboardInterrupt  # nothing is known of this case
        proofs = [proof for one in healing.rounds for proof in one.proofs]
        trainings = sum(proof.trainings for proof in proofs) + sum(one.healed is not None for one in healing.rounds)
        changes = [proof.best.named for proof in proofs if proof.verdict == HELPED]
        others = [
            f"{tried.named}: {tried.verdict}{tried.trouble and ' ' + tried.trouble}"
            for p in proofs
            for tried in p.tried
        ]
        healed = healing.healed
        return Repair(
            found,
            bool(proofs),
            bool(changes),
            healed is not None and reaches(case, healed.spec, sick),
            trainings,
            "; then ".join(changes) or " | ".join(others),
            healing.ended,
        )


def by_search(case: Fault, trainings: int, seed: int = 0) -> Repair:
    """Train as often with settings drawn at random, and keep the best on validation."""
    with tempfile.TemporaryDirectory() as folder:
        sick = carry_out(partial(case.make, mended=False), seed, Path(folder) / "sick")
        best, best_goodness = sick.run.spec, sick.goodness(case.metric)
        for trial, spec in zip(range(trainings), drawn(sick.run.spec, seed)):
            goodness = _trained(case, spec, seed, Path(folder) / str(trial)).goodness(case.metric)
            if goodness > best_goodness:
                best, best_goodness = spec, goodness
        change = "; ".join(f"{n} {old} -> {new}" for n, (old, new) in best.changes_from(sick.run.spec).items())
        reached = best is not sick.run.spec and reaches(case, best, sick)
        return Repair(tried=trainings > 0, reached=reached, trainings=trainings, change=change)


def reaches(case: Fault, spec: Spec, sick: Outcome) -> bool:
    """Whether a spec closes the gap, on average over fresh seeds; where their data are harder, to what the twin reaches there."""
    with tempfile.TemporaryDirectory() as folder:
        found = _mean(case, [_trained(case, spec, s, Path(folder) / str(s)) for s in FRESH])
        level, start = -case.level if case.metric in SMALL_IS_GOOD else case.level, sick.goodness(case.metric)
        if found >= _needed(level, start):
            return True
        twin = partial(case.make, mended=True)
        there = _mean(case, [carry_out(twin, s, Path(folder) / f"twin {s}") for s in FRESH])
        return start < there < level and found >= _needed(there, start)


def _mean(case: Fault, outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.goodness(case.metric) for outcome in outcomes) / len(outcomes)


def _needed(level: float, start: float) -> float:
    return level - (1 - CLOSED) * (level - start) if math.isfinite(start) else level


def _trained(case: Fault, spec: Spec, seed: int, folder: Path) -> Outcome:
    """Train the data of a case, drawn anew for the seed, with a spec; one that cannot be trained is as bad as can be."""

    def make(seed: int) -> Training:
        made = case.make(seed, False)
        assert isinstance(made, Training)
        before = made.data.settings
        changed = {n: v for n, v in spec.data.model_dump().items() if n in _OF_DATA and v != getattr(before, n)}
        own = {n: v for n, v in made.settings.items() if n == "metrics" or (n == "loss" and callable(v))}
        drawn_by = {"seed": seed} if "seed" in spec.network else {}
        network = made.network if "module" in spec.network else {**spec.network, **drawn_by}
        settings = {**spec.recipe.model_dump(exclude_unset=True), "seed": seed}
        task = spec.task.model_dump(exclude_defaults=True)
        return Training(network, made.data.with_(**changed), {**settings, "task": task, **own})

    try:
        return carry_out(make, seed, folder)
    except DeepglassError:
        return Outcome()


_OF_DATA = ("scaling", "target_scaling", "label_encoding", "augment")


def _known() -> dict[str, dict[str, Any]]:
    """The lines of faults that are done."""
    if not KEPT.exists():
        return {}
    lines = [json.loads(text) for text in KEPT.read_text(encoding="utf-8").splitlines()]
    return {line["case"]: line for line in lines}
