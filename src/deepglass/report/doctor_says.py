"""Doctor says: findings and proofs as a page or a terminal shows them, from plain values."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from deepglass.report.diagnosis import Diagnosis
from deepglass.report.words import number

SERIOUS = ("alarm", "warning")
PARTS = {
    "data": "the data",
    "task": "how output, loss and target fit",
    "loop": "the loop",
    "initialization": "the first weights",
    "optimization": "the steps",
    "architecture": "the network",
    "generalization": "how it does on new examples",
}  # the groups of symptoms, as people say them


def headline(diagnosis: Diagnosis) -> str:
    """Say in a sentence what was found."""
    serious = [f for f in diagnosis.findings if f["severity"] in SERIOUS]
    looked = f"{sum(map(len, diagnosis.looked_for.values()))} kinds of fault were looked for"
    if not serious:
        return f"Nothing wrong was found; {looked}."
    under = sum(len(f["folded"]) for f in serious)
    causes = (
        "One likely cause" if len(serious) == 1 else f"{len(serious)} likely causes, the first to be put right first"
    )
    follows = f", which explain{'s' * (len(serious) == 1)} {under} more that {'is' if under == 1 else 'are'} seen"
    return f"{causes}{follows if under else ''}; {looked}."


def words(symptom: str) -> str:
    """A symptom as people say it: "rate_too_high" is "rate too high"."""
    return symptom.replace("_", " ")


def place(finding: Mapping[str, Any]) -> str:
    """Where and when: "in hidden_1, column age, at epoch 3"; "" where it concerns all."""
    column = f"column {finding['column']}" if finding.get("column") else None
    where = ", ".join(w for w in (finding.get("layer"), column) if w)
    when = f"at epoch {finding['epoch']}" if finding.get("epoch") else ""
    return ", ".join(part for part in (f"in {where}" if where else "", when) if part)


def numbers(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What it rests on: names and numbers as they are read."""
    return [
        (words(name), value if isinstance(value, str) else number(value)) for name, value in finding["evidence"].items()
    ]


def diff(spec: Mapping[str, Any], change: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A change as lines of a diff of the Spec: ("-", "recipe.learning_rate: 1.0") and ("+", "recipe.learning_rate: 0.001")."""
    lines = []
    for name, value in change.items():
        before = _setting(spec, name)
        if before is not _ABSENT:
            lines.append(("-", f"{name}: {written(before)}"))
        lines.append(("+", f"{name}: {written(value)}"))
    return lines


def command(run: str, finding: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    """The command that proves a remedy; one that changes a whole section has no name of its own, and goes by its finding."""
    if any("." not in name for name in change):
        return f"deepglass prove {shlex.quote(run)} {finding['symptom']}"
    return f"deepglass prove {shlex.quote(run)} {sets(change)}"


def sets(change: Mapping[str, Any]) -> str:
    """A change as options of a command: "--set recipe.learning_rate=0.001"."""
    return " ".join(f"--set {shlex.quote(f'{name}={written(value)}')}" for name, value in change.items())


def written(value: Any) -> str:
    """A value as `--set` takes it.

    >>> written(None), written([64, 64]), written(0.001), written("none")
    ('null', '[64, 64]', '0.001', 'none')
    """
    import yaml

    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("...").strip()


def outcome(diagnosis: Diagnosis, finding: Mapping[str, Any], remedy: Mapping[str, Any]) -> str:
    """What the newest proof said of a remedy, in a sentence; "" when there was none."""
    for proof in reversed(diagnosis.proofs):
        for tried in proof.tried:
            same = (tried.symptom, tried.why) == (finding["symptom"], remedy["why"])
            if tried.seeds and (same or tried.change == remedy["change"]):
                return tried.sentences()[0]
    return ""


def in_short(finding: Mapping[str, Any]) -> str:
    """A finding as one line: "alarm: rate too high, at epoch 1: The loss ..."."""
    where = place(finding)
    return f"{finding['severity']}: {words(finding['symptom'])}{', ' + where if where else ''}: {finding['what']}"


def parts_of(looked_for: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """What was looked for, a row for each part of a training."""
    return [(PARTS.get(group, group), ", ".join(map(words, names))) for group, names in looked_for.items() if names]


def _setting(spec: Mapping[str, Any], dotted: str) -> Any:
    found: Any = spec
    for part in dotted.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return _ABSENT
        found = found[part]
    return found


_ABSENT = object()
