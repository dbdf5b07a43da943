"""Counted: what the doctor's findings are worth, counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from case import Fault, Healthy
from symptoms import kinds_of

from deepglass.tasks.metrics import wilson_interval


@dataclass(frozen=True)
class Visit:
    """One training that the doctor has seen: the symptoms that were found, in the doctor's order, apart by severity.

    `found` are alarms and warnings, `remarks` the rest.
    """

    case: Fault | Healthy
    seed: int
    found: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def right(self) -> tuple[bool, ...]:
        """For each symptom found, whether it names a cause that counts."""
        causes = self.case.causes if isinstance(self.case, Fault) else frozenset()
        return tuple(bool(kinds_of(symptom) & causes) for symptom in self.found)


def figures(visits: Sequence[Visit]) -> dict[str, str]:
    """Detected, right cause anywhere and first, precision, false alarms; each with how many, and an interval over cases."""
    faulty = [v for v in visits if isinstance(v.case, Fault)]
    well = [v for v in visits if isinstance(v.case, Healthy)]
    named = [right for v in faulty for right in v.right]
    hinted = [any(kinds_of(s) & v.case.causes for s in (*v.found, *v.remarks)) for v in faulty]
    return {
        "detected": _share(faulty, [bool(v.found) for v in faulty]),
        "right cause": _share(faulty, [any(v.right) for v in faulty]),
        "right cause, remarks too": _share(faulty, hinted),
        "right cause first": _share(faulty, [v.right[:1] == (True,) for v in faulty]),
        "precision of findings": f"{sum(named) / len(named):.3f} ({sum(named)} of {len(named)})" if named else "-",
        "false alarms": _share(well, [bool(v.found) for v in well]),
    }


def unknown(visits: Iterable[Visit]) -> list[str]:
    """Symptoms whose kinds nobody has said; they count as wrong."""
    return sorted({s for v in visits for s in (*v.found, *v.remarks) if not kinds_of(s)})


def _share(visits: Sequence[Visit], hits: Sequence[bool]) -> str:
    """The share of visits; the interval counts cases, because three seeds of one case are hardly three answers."""
    if not visits:
        return "-"
    by_case: dict[str, list[bool]] = {}
    for visit, hit in zip(visits, hits):
        by_case.setdefault(visit.case.name, []).append(hit)
    cases = sum(sum(own) / len(own) for own in by_case.values())
    low, high = wilson_interval(round(cases), len(by_case))
    return (
        f"{sum(hits) / len(hits):.3f} ({sum(hits)} of {len(hits)}; {low:.2f} to {high:.2f} over {len(by_case)} cases)"
    )
