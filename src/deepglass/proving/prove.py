"""Prove: try remedies in their order, look at fixed numbers of pairs, and stop at the first one that helps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from deepglass.doctor.finding import Finding
from deepglass.doctor.proof import Proof, Tried, write_proof
from deepglass.doctor.verdict import FEWEST_PAIRS, chance_of, verdict_of, weigh
from deepglass.errors import DeepglassError, SettingError
from deepglass.names import find
from deepglass.proving.judging import Judge
from deepglass.proving.shown import OutOfTime, Shown, Stopped
from deepglass.proving.starting import varied
from deepglass.proving.subject import Arm, Subject, proofs_folder
from deepglass.proving.trials import Trials, stacks
from deepglass.proving.yardstick import Yardstick, yardstick
from deepglass.report.words import duration
from deepglass.runs import RunFolder
from deepglass.training.duration import seconds_of

LOOKS = (5, 10)  # after so many pairs it is looked whether a remedy is decided; no more are trained of one that is
STACKED_LOOKS = (10, 30)  # where all seeds are trained in one step, which costs little more than one of them alone
MOST_REMEDIES = 4  # more would widen every interval, and cost time; the first ones are the likeliest
BUDGET_TIMES = 12  # of the run's own time: five pairs are ten trainings, and a remedy may take longer than the control
SHORTEST_BUDGET = 60.0  # seconds that are given in any case


@dataclass(frozen=True)
class Candidate:
    """A remedy that is to be tried, and for which symptom."""

    change: Mapping[str, Any]
    why: str = ""
    symptom: str = ""


def candidates(
    findings: Sequence[Finding], wanted: str | Finding | None = None, *, most: int | None = MOST_REMEDIES
) -> list[Candidate]:
    """The remedies that can be proved, in the order to try: of one finding, or of all that are serious, the cause first.

    Args: wanted: a finding, or its symptom; most: no more than so many.
    Raises: UnknownName, for a symptom that was not found; SettingError, for one whose remedies are all done by hand.
    """
    if isinstance(wanted, str):
        if not findings:
            raise SettingError(
                f"Nothing was found in this run, so there is no {wanted!r} to prove a remedy of. "
                "Try a change of your own: change={...} (--set)."
            )
        chosen = [find("finding", wanted, {f.symptom: f for f in reversed(_with_folded(findings))})]
    else:
        chosen = [f for f in findings if f.is_serious] if wanted is None else [wanted]
    found: dict[str, Candidate] = {}
    for finding in chosen:
        for remedy in finding.remedies:
            if remedy.by == "spec" and remedy.change:
                found.setdefault(
                    repr(sorted(remedy.change.items())), Candidate(remedy.change, remedy.why, finding.symptom)
                )
    if wanted is not None and not found:
        by_hand = " ".join(remedy.why for remedy in chosen[0].remedies) or "It has no remedy."
        raise SettingError(
            f"{chosen[0].symptom} has no remedy among the settings, so there is nothing to prove. {by_hand}"
        )
    return list(found.values())[:most]


def _with_folded(findings: Sequence[Finding]) -> list[Finding]:
    return [one for finding in findings for one in (finding, *finding.folded)]


def prove(
    subject: Subject,
    remedies: Sequence[Candidate],
    *,
    seeds: int | Sequence[int] | None = None,
    max_time: float | str | None = None,
    metric: str | None = None,
    planned: int | None = None,
    progress: str | bool = "auto",
) -> Proof:
    """Train control and remedies from the same seeds, and say whether a remedy helps, on the validation split alone.

    The seeds are not the run's own, which was looked at because it did badly. It is looked after fixed numbers of pairs
    (5 and 10; 10 and 30 where they are trained in one step; `seeds` where that is given), at all remedies in turn, and the
    first one that helped ends it. Every training is kept under the run, and none is made twice.

    Args:
        seeds: how many pairs; several numbers, such as (5, 10), say after how many it is looked.
        max_time: seconds, or such as "10m" (default: 12 times what the run took, at least a minute).
        metric: what is judged (default: the metric that the run watches, or the task's first; never a loss that changes).
        planned: how many remedies are tried in all, when these are some of them: the intervals are widened for all.
    Raises: SettingError, for a change that changes nothing or cannot be proved; RunError, when the run cannot be repeated.
    """
    subject.check()
    asked = looks_asked(seeds)
    if not remedies:
        raise SettingError("There is no remedy to prove. Name a change, such as --set recipe.learning_rate=0.001.")
    budget, planned = budget_of(subject.folder, max_time), max(planned or 0, len(remedies))
    shown = Shown(progress, budget)
    trials = Trials(proofs_folder(subject), shown)
    control = Arm(subject, {})
    attempts = [_Attempt(subject, control, r, metric, alone=len(remedies) == 1) for r in remedies]
    able = [a for a in attempts if a.arm is not None]
    first = subject.spec.recipe.seed + 1
    looks = asked or _looks([control, *(a.arm for a in able if a.arm is not None)], first)
    numbers = range(first, first + looks[-1])
    judge, chance, status, stopped_by = Judge(trials), chance_of(planned, len(looks)), "done", ""
    many = looks[-1] * (len(able) + 1)
    title = f"{len(able)} remed{'ies' if len(able) != 1 else 'y'} beside the control, at most {looks[-1]} pairs of trainings "
    try:
        with shown.open(many, f"{title}each, at most {duration(budget)}"):
            for attempt, look in _order(able, looks):
                trials.train([control, attempt.arm], numbers[:look])
                attempt.look(judge, control, numbers[:look], chance)
    except OutOfTime:
        status = "time ended"
    except (Stopped, KeyboardInterrupt) as stop:
        status, stopped_by = "paused", str((stop.args or ("",))[0] or "SIGINT")
    for attempt in able:
        there = [
            s for s in numbers if attempt.arm is not None and all(trials.is_done(a, s) for a in (control, attempt.arm))
        ]
        if status != "done" and len(there) > len(attempt.tried.seeds) and not attempt.decided:
            attempt.look(judge, control, there, chance)
    used = {(arm.name, s) for a in able for arm in (control, a.arm) if arm is not None for s in a.tried.seeds}
    proof = Proof(
        run=subject.folder.path.as_posix(),
        tried=tuple(a.tried for a in attempts),
        status=status,
        trainings=len(used),
        seconds=shown.seconds,
        looks=looks,
        planned=planned,
        time=datetime.now(UTC).isoformat("T", "seconds"),
        varied=varied(
            subject.spec,
            weights=control.start is None,
            redrawn=any(a.arm is not None and a.arm.start is None for a in able),
        ),
        stopped_by=stopped_by,
    )
    winner = next((a for a in able if a.tried.verdict == "helped"), None)
    if winner is not None and winner.arm is not None:
        proof = replace(proof, spec=winner.arm.spec)
    return write_proof(proof, _record(trials.place, attempts, looks, metric)) if used or status != "paused" else proof


class _Attempt:
    """A remedy on its way: its arm, None when it cannot be trained, and what is known of it."""

    def __init__(
        self, subject: Subject, control: Arm, candidate: Candidate, metric: str | None, *, alone: bool
    ) -> None:
        self.tried = Tried(candidate.change, {}, candidate.why, candidate.symptom)
        self.arm: Arm | None = None
        try:
            arm = Arm(subject, candidate.change)
            differing = arm.spec.changes_from(control.spec)
            if not differing:
                names = ", ".join(f"{n}={v}" for n, v in candidate.change.items())
                raise SettingError(f"{names} changes nothing: the run was trained like that.")
            self.by: Yardstick = yardstick(control, arm, differing, wanted=metric, symptom=candidate.symptom)
            arm.training(subject.spec.recipe.seed)  # which says what does not fit, before anything is trained
        except DeepglassError as error:
            if alone:
                raise
            self.tried = replace(self.tried, trouble=str(error))
            return
        self.arm = arm
        was = {n: old for n, (old, _) in differing.items()}
        change = {n: new for n, (_, new) in differing.items()}
        self.tried = replace(self.tried, change=change, was=was, metric=self.by.name, sign=self.by.sign)

    @property
    def decided(self) -> bool:
        return self.tried.verdict != "undecided"

    def look(self, judge: Judge, control: Arm, seeds: Sequence[int], chance: float) -> None:
        """See what the pairs say so far."""
        assert self.arm is not None
        found = judge.judge(control, self.arm, seeds, self.by)
        sign = self.by.sign
        gains = [sign * (after - before) for before, after in zip(found.control, found.remedy)]
        effect = weigh(gains, found.left_out, chance=chance)
        ends = None if effect.interval is None else sorted(sign * end for end in effect.interval)
        self.tried = replace(
            self.tried,
            verdict=verdict_of(effect, found.margin, len(gains)),
            effect=sign * effect.mean,
            interval=None if ends is None else (ends[0], ends[1]),
            margin=found.margin,
            seeds=tuple(seeds),
            control=found.control,
            remedy=found.remedy,
            failed=found.failed,
            examples=found.examples,
        )


def _order(attempts: Sequence[_Attempt], looks: Sequence[int]) -> Iterator[tuple[Any, int]]:
    """Every remedy up to the first look, then those that are undecided up to the next; the first that helped ends it."""
    for look in looks:
        for attempt in attempts:
            if not attempt.decided:
                yield attempt, look
                if attempt.tried.verdict == "helped":
                    return


def check_asked(
    subject: Subject,
    *,
    seeds: int | Sequence[int] | None = None,
    max_time: float | str | None = None,
    metric: str | None = None,
    **others: Any,
) -> None:
    """Check what is asked of a proof, where there is no remedy to find a mistake in it. Raises: SettingError."""
    looks_asked(seeds)
    budget_of(subject.folder, max_time)
    if metric is not None:
        control = Arm(subject, {})
        yardstick(control, control, {}, wanted=metric)


def looks_asked(seeds: int | Sequence[int] | None) -> tuple[int, ...]:
    """After how many pairs it is to be looked; () where nothing was said. Raises: SettingError, for too few."""
    asked = () if seeds is None else (seeds,) if isinstance(seeds, int) else tuple(sorted(seeds))
    if asked and asked[0] < FEWEST_PAIRS:
        raise SettingError(
            f"{seeds=}: fewer than {FEWEST_PAIRS} pairs cannot decide anything. Give {FEWEST_PAIRS} or more."
        )
    return asked


def _looks(arms: Sequence[Arm], first: int) -> tuple[int, ...]:
    return STACKED_LOOKS if all(stacks(arm, (first, first + 1)) for arm in arms) else LOOKS


def budget_of(folder: RunFolder, max_time: float | str | None) -> float:
    """The seconds that a proof may take. Raises: SettingError, for what is no time."""
    if max_time is None:
        facts = folder.facts
        own = float(facts.get("time_spent") or facts.get("seconds") or 0.0)
        return max(SHORTEST_BUDGET, BUDGET_TIMES * own)
    try:
        seconds = seconds_of(max_time) if isinstance(max_time, str) else float(max_time)
    except ValueError as error:
        raise SettingError(f"max_time={max_time!r}: {error}.") from None
    if not 0 < seconds < float("inf"):
        raise SettingError(f"{max_time=} is no time to train in. Give one above 0, such as 10m.")
    return seconds


def _record(place: Path, attempts: Sequence[_Attempt], looks: Sequence[int], metric: str | None) -> Path:
    """Where the result is kept: one file for each question, which a later answer to the same question replaces."""
    question = repr(([sorted(a.tried.change.items()) for a in attempts], tuple(looks), metric))
    return place / f"proof-{crc32(question.encode()):08x}.json"
