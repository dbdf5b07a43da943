"""Finding: one thing that the doctor sees, the numbers that it rests on, and what may be tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SEVERITIES = ("alarm", "warning", "remark")  # the worst first; only the first two say that something is wrong


@dataclass(frozen=True)
class Remedy:
    """A change that should help; `deepglass prove` trains with it and without it."""

    change: Mapping[
        str, Any
    ]  # a diff of the Spec, {"recipe.learning_rate": 0.001}; {} where only data or code can be changed
    why: str  # one sentence in plain words
    by: str = "spec"  # "spec" can be proved; "data" and "code" are done by hand, as `why` says


@dataclass(frozen=True)
class Finding:
    """What one symptom found, and where."""

    symptom: str  # a name in SYMPTOMS
    severity: str  # one of SEVERITIES
    what: str  # what is seen, in plain words with the numbers
    why: str  # why it matters
    evidence: Mapping[str, float | str] = field(default_factory=dict)  # {"update_ratio": 0.4, "threshold": 0.05}
    source: str = ""  # of the rule and its threshold
    layer: str | None = None
    column: str | None = None
    epoch: int | None = None
    remedies: tuple[Remedy, ...] = ()  # in the order to try
    explains: tuple[str, ...] = ()  # symptoms that follow from this one
    refuted_by: str = ""  # what would show that it is wrong
    strength: float = 1.0  # 0 to 1: ranks findings of one severity and one group of causes
    group: str = ""  # where the cause lies, as its Symptom says; `diagnose` writes it
    folded: tuple["Finding", ...] = ()  # findings that follow from it

    @property
    def is_serious(self) -> bool:
        """Whether it says that something is wrong; a remark says that something is worth knowing."""
        return self.severity != "remark"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("remedies", "folded")}
        plain["evidence"] = dict(self.evidence)
        plain["remedies"] = [{"change": dict(r.change), "why": r.why, "by": r.by} for r in self.remedies]
        plain["folded"] = [finding.to_dict() for finding in self.folded]
        return {**plain, "explains": list(self.explains)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Finding":
        """Read what `to_dict` gives; words of a newer Deepglass are left out."""
        known = {name: value for name, value in plain.items() if name in cls.__dataclass_fields__}
        known["remedies"] = tuple(Remedy(**remedy) for remedy in plain.get("remedies", ()))
        known["folded"] = tuple(cls.from_dict(finding) for finding in plain.get("folded", ()))
        known["explains"] = tuple(plain.get("explains", ()))
        return cls(**known)
