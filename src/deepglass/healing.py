"""Healing: a run is diagnosed, remedies are proved, what helped is trained as a run beside it, and that one is diagnosed anew."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from deepglass.carrying import begin, carry, shown_by
from deepglass.doctor.proof import Proof
from deepglass.errors import DeepglassError, RunError, SettingError
from deepglass.proving import Arm, Subject, candidates, prove
from deepglass.proving.prove import MOST_REMEDIES, budget_of
from deepglass.run import Run
from deepglass.runs import ENDED

SUFFIX = "-healed"  # of the folder of a run with what helped
MOST_ROUNDS = 4  # each one changes something; what is still wrong after four is for a person to look at


@dataclass(frozen=True)
class Round:
    """One run on the way.

    Args:
        run: the one that was diagnosed; healed: the one with the remedy that helped, None when there was none.
        found: the symptoms that said that something is wrong.
        proofs: what was tried.
        trouble: why nothing could be tried, or trained.
    """

    run: Run
    found: tuple[str, ...]
    proofs: tuple[Proof, ...] = ()
    healed: Run | None = None
    trouble: str = ""

    def lines(self) -> list[str]:
        """Say what came of it."""
        if not self.found:
            return [f"Nothing is wrong with {self.run.path}, as far as can be told."]
        lines = [f"Found in {self.run.path}: {', '.join(self.found)}.", *(proof.text() for proof in self.proofs)]
        if self.trouble:
            lines.append(self.trouble)
        elif not self.proofs:
            lines.append(
                f"No setting mends it, so nothing was tried; `deepglass diagnose {shlex.quote(str(self.run.path))}` says more."
            )
        if self.healed is not None:
            lines.append(f"The run with what helped: {self.healed.path}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "run": self.run.path.as_posix(),
            "found": list(self.found),
            "proofs": [proof.to_dict() for proof in self.proofs],
            "healed": None if self.healed is None else self.healed.path.as_posix(),
            "trouble": self.trouble,
        }


@dataclass(frozen=True)
class Healing:
    """What came of it: a round for each run that was diagnosed."""

    rounds: tuple[Round, ...]

    @property
    def run(self) -> Run:
        """The run as it was."""
        return self.rounds[0].run

    @property
    def healed(self) -> Run | None:
        """The last run with a remedy that helped; None when none did."""
        return next((one.healed for one in reversed(self.rounds) if one.healed is not None), None)

    @property
    def ended(self) -> str:
        """Why there was no further round; "" where there is nothing to say."""
        last = self.rounds[-1]
        statuses = [proof.status for proof in last.proofs]
        if not last.found:
            return "Nothing is wrong any more, as far as can be told." if self.rounds[1:] else ""
        if "paused" in statuses or (last.healed is not None and last.healed.status == "paused"):
            return "Paused: what was trained is kept."
        if last.healed is None and "time ended" not in statuses:
            return "None of the remedies helped." if statuses else ""
        if len(self.rounds) == MOST_ROUNDS:
            return f"That was the last of {MOST_ROUNDS} rounds; `deepglass diagnose` says whether something is still wrong."
        return "The time is over; more of it (--heal-time) would go further."

    @property
    def stopped_by(self) -> str:
        """The signal that ended it; "" for none."""
        proofs = next((proof.stopped_by for one in self.rounds for proof in one.proofs if proof.stopped_by), "")
        training = self.healed is not None and self.healed.status == "paused"
        return proofs or (
            str(self.healed.facts.get("stopped_by") or "") if self.healed is not None and training else ""
        )

    def __repr__(self) -> str:
        lines = [line for one in self.rounds for line in one.lines()]
        if self.rounds[0].found:
            stays = f"The run stays as it was: {self.run.path}."
            kept = f"The run as it was: {self.run.path}; with all that helped: "
            lines += [stays if self.healed is None else f"{kept}{self.healed.path}.", self.ended]
        return "\n".join(line for line in lines if line)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "run": self.run.path.as_posix(),
            "healed": None if self.healed is None else self.healed.path.as_posix(),
            "ended": self.ended,
            "rounds": [one.to_dict() for one in self.rounds],
        }

    def facts(self) -> dict[str, Any]:
        """What the first run's folder says of it, in short."""
        steps = [
            {
                "run": one.run.path.as_posix(),
                "found": list(one.found),
                "tried": [f"{tried.named}: {tried.verdict}" for proof in one.proofs for tried in proof.tried],
                "healed": None if one.healed is None else one.healed.path.as_posix(),
            }
            for one in self.rounds
        ]
        return {"ended": self.ended, "rounds": steps}


def heal(
    run: Run,
    *,
    max_time: float | str | None = None,
    pairs: int | Sequence[int] | None = None,
    progress: str | bool = "auto",
) -> Healing:
    """Find what is wrong with a run, prove remedies, train the one that helped with the run's own seed, and look again.

    That goes on until nothing is wrong any more, nothing helps or the time is over, four rounds at most. All runs are kept, the
    new ones beside the first, whose folder says what was done. A healthy run, and one that no remedy helped, stay alone.

    Args:
        max_time: for all proofs together, such as "10m" (default: for those of each round what `Run.prove` takes).
        pairs: of trainings behind each proof, as `seeds` of `Run.prove`.
    Raises: RunError, when the run has not come to its end.
    """
    if run.status not in (*ENDED, "failed"):
        raise RunError(
            f"{run.path} is {run.status}. Train it to its end first: deepglass train --resume --out {shlex.quote(str(run.path))}"
        )
    given = None if max_time is None else budget_of(run.folder, max_time)
    rounds: list[Round] = []
    now: Run | None = run
    while now is not None and now.status in (*ENDED, "failed") and len(rounds) < MOST_ROUNDS:
        spent = sum(proof.seconds for one in rounds for proof in one.proofs)
        left = budget_of(now.folder, None) if given is None else given - spent
        if left <= 0:
            break
        rounds.append(_round(run, now, left, pairs, progress))
        now = rounds[-1].healed
        if rounds[0].found:
            run.folder.update_facts(healing=Healing(tuple(rounds)).facts())
    return Healing(tuple(rounds))


def _round(first: Run, run: Run, seconds: float, pairs: int | Sequence[int] | None, progress: str | bool) -> Round:
    """Diagnose one run, try remedies until one helps, and train with it. Args: first: whose folder gives the names."""
    findings = run.findings
    one = Round(run, tuple(finding.symptom for finding in findings if finding.is_serious))
    if not one.found:
        return one
    subject = Subject(run.folder, run.spec, run.data, run.own_network, run.own_task, run.trust)
    remedies = candidates(findings, most=None)
    until = perf_counter() + seconds
    for some in (remedies[i : i + MOST_REMEDIES] for i in range(0, len(remedies), MOST_REMEDIES)):
        left = until - perf_counter()
        if left <= 0:
            break
        try:
            proof = prove(subject, some, seeds=pairs, max_time=left, planned=len(remedies), progress=progress)
        except SettingError as error:  # the last one, which cannot be tried on this run
            return replace(one, trouble=str(error))
        one = replace(one, proofs=(*one.proofs, proof))
        if proof.spec is not None:
            change = some[proof.tried.index(proof.best)].change
            return _trained(one, first, Arm(subject, change), proof.best.named, progress)
        if proof.status != "done":
            break
    return one


def _trained(one: Round, first: Run, arm: Arm, named: str, progress: str | bool) -> Round:
    """Train with what helped, from the run's own seed."""
    run, shown = one.run, shown_by(progress)
    training = arm.training(run.spec.recipe.seed)
    remedy = {"run": run.path.as_posix(), "change": named}
    folder = begin(training, arm.spec, out=_beside(first.path), strict=False, shown=shown, healed_from=remedy)
    try:
        carry(training, folder, shown, f"{run.path.name} with {named}")
    except DeepglassError as error:
        return replace(one, trouble=f"With the run's own seed it failed ({folder.path}): {error}")
    healed = Run(folder.path, network=training.network, data=arm.data, task=training.task, trust=run.trust)
    return replace(one, healed=healed)


def _beside(path: Path) -> Path:
    """A folder beside the run's that is not there yet."""
    number, name = 1, f"{path.name}{SUFFIX}"
    while path.with_name(name).exists():
        number += 1
        name = f"{path.name}{SUFFIX}-{number}"
    return path.with_name(name)
