"""Diagnose: look for every symptom, put the cause first, and fold what follows from it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from deepglass.doctor.finding import SEVERITIES, Finding
from deepglass.doctor.fitting import fitting
from deepglass.doctor.standing import standing
from deepglass.doctor.symptoms import GROUPS, SYMPTOMS
from deepglass.probes.evidence import Evidence


def diagnose(evidence: Evidence) -> list[Finding]:
    """Return what is found, the likeliest cause of what is seen first. A healthy training gets nothing above a remark.

    A symptom whose needs were not measured is silent. Findings about a run that does well are remarks, but for those of
    symptoms that hold then too. What a finding explains stands in its `folded`.
    """
    if evidence.examples is not None:
        from deepglass.doctor.before.of_loop import of_loop  # with torch, which what is on disk needs not

        try:
            evidence.before |= of_loop(evidence)
        except Exception as error:  # of batches as nobody has foreseen them: what else is known counts all the same
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            evidence.notes.append(f"Nothing is said of the batches: {reason}.")
    is_well = standing(evidence).is_well
    found = []
    for symptom in (SYMPTOMS[name] for name, could in could_tell(evidence).items() if could):
        is_soft = is_well and not symptom.holds_when_well
        for finding in symptom.look(evidence):
            severity = "remark" if is_soft else finding.severity
            remedies = fitting(finding.remedies, evidence.settings)
            found.append(replace(finding, severity=severity, group=symptom.group, remedies=remedies))
    return fold(rank(found))


def could_tell(evidence: Evidence) -> dict[str, bool]:
    """Symptom -> whether what it needs was measured."""
    return {name: all(evidence.has(need) for need in symptom.needs) for name, symptom in SYMPTOMS.items()}


def rank(findings: Iterable[Finding]) -> list[Finding]:
    """Order by severity, then by where the cause lies (data before task before loop ...), then by strength."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), _group(f), -f.strength))


def fold(findings: Sequence[Finding]) -> list[Finding]:
    """Put every finding under the one that explains it, directly or through others; several of one symptom are one.

    A cause becomes as severe as what it explains. A remark explains remarks alone: it is not known to do harm, so it is no cause
    of what does.
    """
    left = sorted(findings, key=_group)  # causes first, whatever their severity
    roots: list[Finding] = []
    while left:
        cause = next((f for f in left if not any(_explains(other, f) for other in left if other is not f)), left[0])
        left = [f for f in left if f is not cause]
        under: list[Finding] = []
        # What follows from a consequence follows from the cause as well.
        while more := [f for f in left if any(_explains(f_above, f) for f_above in (cause, *under))]:
            if not cause.is_serious:
                more = [f for f in more if not f.is_serious]
            if not more:
                break
            under += more
            left = [f for f in left if f not in more]
        worst = min([cause, *under], key=lambda f: SEVERITIES.index(f.severity)).severity
        roots.append(replace(cause, severity=worst, folded=tuple(rank(under))))
    return rank(roots)


def _explains(cause: Finding, finding: Finding) -> bool:
    if finding.is_serious and not cause.is_serious:
        return False
    if finding.symptom == cause.symptom:
        return _order(cause) <= _order(finding)
    return finding.symptom in cause.explains


def _order(finding: Finding) -> tuple[int, float]:
    return SEVERITIES.index(finding.severity), -finding.strength


def _group(finding: Finding) -> int:
    symptom = SYMPTOMS.get(finding.symptom)
    group = finding.group or (symptom.group if symptom else "")
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)
