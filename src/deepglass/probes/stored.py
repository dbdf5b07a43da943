"""Stored: the evidence of a run in its folder.

probes/probes.jsonl    a header (schema, layers), then one record a probe with the losses of the steps up to it; each line
                       has a checksum, and a torn last line is left out
probes/before.json     what was known before the first step
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepglass.errors import RunError
from deepglass.probes.evidence import Evidence
from deepglass.probes.records import add_records
from deepglass.runs import Journal, RunFolder
from deepglass.runs.files import read_record, write_record, writing


def journal_of(run: Path) -> Journal:
    """The records of a run's probes; the folder is made when it is not there."""
    place = run / "probes"
    with writing(place, 0):
        place.mkdir(exist_ok=True)
    return Journal(place / "probes.jsonl")


def write_before(run: Path, sections: Mapping[str, Any]) -> None:
    """Keep what was known before the first step: named sections of plain values."""
    journal_of(run)
    write_record(run / "probes" / "before.json", {"before": dict(sections)})


def read_evidence(run: Path) -> Evidence:
    """Read all evidence of a run. What is damaged is left out and said in `notes`.

    Raises: RunError, when there is no run, or a newer Deepglass wrote its evidence.
    """
    folder = RunFolder(run)
    evidence = Evidence("run")
    evidence.epochs = folder.history()
    journal = Journal(run / "probes" / "probes.jsonl")
    add_records(evidence, journal.records(), str(journal.path))
    evidence.notes += [*folder.notes, *journal.notes]
    before = run / "probes" / "before.json"
    if before.exists():
        evidence.before = _or_note(evidence, lambda: read_record(before)["before"])
    evidence.settings = _or_note(evidence, folder.read_spec)
    evidence.facts["run"] = _or_note(evidence, lambda: folder.facts)
    trained = sum(float(epoch.get("seconds") or 0) for epoch in evidence.epochs)
    cost = float(evidence.facts.get("seconds", 0.0))
    evidence.facts["share"] = cost / (trained + cost) if trained + cost else 0.0
    return evidence


def _or_note(evidence: Evidence, read: Any) -> dict[str, Any]:
    try:
        return dict(read())
    except RunError as error:
        evidence.notes.append(str(error))
        return {}
