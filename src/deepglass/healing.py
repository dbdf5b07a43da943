"""Healing: a run is diagnosed, its remedies are proved, and what helped is trained as a second run beside the first."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepglass.carrying import begin, carry, shown_by
from deepglass.doctor.proof import Proof
from deepglass.errors import RunError
from deepglass.proving import Arm, Subject
from deepglass.run import Run
from deepglass.runs import ENDED

SUFFIX = "-healed"  # of the folder of the second run


@dataclass(frozen=True)
class Healing:
    """What came of it.

    Args:
        run: the first run; healed: the one with the remedy that helped, None when there was none.
        proof: what was tried; None when nothing was found that a setting could mend.
        found: the symptoms that said that something is wrong.
    """

    run: Run
    healed: Run | None
    proof: Proof | None
    found: tuple[str, ...]

    def __repr__(self) -> str:
        if not self.found:
            return f"Nothing is wrong with {self.run.path}, as far as can be told."
        found = ", ".join(self.found)
        if self.proof is None:
            return f"Found: {found}. No setting mends it, so nothing was tried; `deepglass diagnose {self.run.path}` says more."
        lines = [f"Found: {found}.", self.proof.text()]
        lines.append(
            f"The run as it was: {self.run.path}; with what helped: {self.healed.path}"
            if self.healed is not None
            else f"The run stays as it was: {self.run.path}"
        )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "run": self.run.path.as_posix(),
            "healed": None if self.healed is None else self.healed.path.as_posix(),
            "found": list(self.found),
            "proof": None if self.proof is None else self.proof.to_dict(),
        }


def heal(run: Run, *, max_time: float | str | None = None, progress: str | bool = "auto") -> Healing:
    """Find what is wrong with a run, prove remedies, and train the one that helped with the run's own seed.

    Both runs are kept; the second lies beside the first. A healthy run, and one that no remedy helped, stay alone.

    Args: max_time: for the proof, as in `Run.prove`.
    Raises: RunError, when the run has not come to its end.
    """
    if run.status not in (*ENDED, "failed"):
        raise RunError(
            f"{run.path} is {run.status}. Train it to its end first: deepglass train --resume --out {run.path}"
        )
    found = tuple(finding.symptom for finding in run.findings if finding.is_serious)
    proof = run.prove(max_time=max_time, progress=progress) if found else None
    if proof is None or proof.spec is None:
        return Healing(run, None, proof, found)
    subject = Subject(run.folder, run.spec, run.data, run.own_network, run.own_task, run.trust)
    arm = Arm(subject, proof.best.change)
    training, shown = arm.training(run.spec.recipe.seed), shown_by(progress)
    remedy = {"run": run.path.as_posix(), "change": dict(proof.best.change)}
    folder = begin(training, arm.spec, out=_beside(run.path), strict=False, shown=shown, healed_from=remedy)
    carry(training, folder, shown, f"{run.path.name} with {proof.best.named}")
    return Healing(run, Run(folder.path, network=training.network, data=arm.data, task=training.task), proof, found)


def _beside(path: Path) -> Path:
    """A folder beside the run's that is not there yet."""
    number, name = 1, f"{path.name}{SUFFIX}"
    while path.with_name(name).exists():
        number += 1
        name = f"{path.name}{SUFFIX}-{number}"
    return path.with_name(name)
