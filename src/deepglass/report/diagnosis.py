"""Diagnosis: what the doctor says of a run, as plain values that a page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Pairs(Protocol):
    """A remedy beside the control: the metric of each training, and what came of it."""

    @property
    def named(self) -> str: ...
    @property
    def change(self) -> Mapping[str, Any]: ...
    @property
    def why(self) -> str: ...
    @property
    def symptom(self) -> str: ...
    @property
    def seeds(self) -> tuple[int, ...]: ...
    @property
    def verdict(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def effect(self) -> float | None: ...
    @property
    def interval(self) -> tuple[float, float] | None: ...
    @property
    def margin(self) -> float: ...
    @property
    def control(self) -> tuple[float, ...]: ...
    @property
    def remedy(self) -> tuple[float, ...]: ...
    def sentences(self) -> list[str]: ...


class Proved(Protocol):
    """What came of trying remedies."""

    @property
    def tried(self) -> Sequence[Pairs]: ...
    @property
    def time(self) -> str: ...
    def text(self) -> str: ...


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor says of a run.

    Args:
        findings: as `Finding.to_dict` gives them, the cause first.
        proofs: of remedies, the oldest first.
        looked_for: group of causes -> symptoms that what was measured could tell.
        not_measured: symptoms for which something was not measured.
    """

    findings: Sequence[Mapping[str, Any]]
    proofs: Sequence[Proved] = ()
    looked_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    not_measured: Sequence[str] = ()
