"""Predicts the mean: the answer is the same for all examples."""

from collections.abc import Iterator
from typing import Any

from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.reading import called
from deepglass.doctor.standing import standing
from deepglass.probes.evidence import Evidence

ONE_ANSWER = 0.98  # share of the rows that are given one class
SHARED = 0.9  # of the target by its commonest class: beyond, one answer for nearly all is no surprise
SPREAD = 0.1  # of the answers over the rows, over that of the targets
LOOKS = 2  # the last ones, both of which have to say it


def look(evidence: Evidence) -> Iterator[Finding]:
    """One class for all rows in the last looks, or numbers with a tenth of the targets' spread. Silent while the run does well."""
    if standing(evidence).is_well:
        return
    shares, targets = evidence.series("predicted_shares"), evidence.series("target_shares")
    spread = evidence.series("output_spread")
    wanted = evidence.before.get("target", {})
    if len(shares) >= LOOKS and len(targets) and max(targets.values[-1]) < SHARED:
        top = min(max(v) for v in shares.values[-LOOKS:])
        if top >= ONE_ANSWER:
            place = shares.values[-1].index(max(shares.values[-1]))
            names = wanted.get("classes", [])
            name = names[place] if place < len(names) else f"number {place}"
            yield _finding(
                f"{top:.0%} of the examples are given one class, {name}; {targets.values[-1][place]:.0%} are of it.",
                {"largest_share": top, "threshold": ONE_ANSWER},
            )
    elif len(spread) >= LOOKS and wanted.get("kind") == "number" and wanted.get("std", 0) > 0:
        most = max(spread.values[-LOOKS:]) / wanted["std"]
        if most < SPREAD:
            yield _finding(
                f"The answers spread {most:.1%} as far as the targets do.", {"spread_share": most, "threshold": SPREAD}
            )
    elif "predicted" in (judged := evidence.before.get("judged", {})):
        yield from _of_classes(judged, wanted)
    elif "spread" in judged and judged["spread"] < SPREAD:
        yield _finding(
            f"The answers spread {judged['spread']:.1%} as far as the targets do.",
            {"spread_share": judged["spread"], "threshold": SPREAD},
        )
    elif not len(shares) and len(spread) >= LOOKS and _ends_constant(evidence):
        yield _finding(
            "The network gives the same output for all examples.", {"output_spread": spread.values[-1], "threshold": 0}
        )


def _of_classes(judged: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Finding]:
    """Of a loop: the classes that its training rows are given in the end."""
    said, truth = judged["predicted"], wanted.get("counts") or [0]
    top, commonest = max(said) / max(1, sum(said)), max(truth) / max(1, sum(truth))
    if top >= ONE_ANSWER and commonest < SHARED and len([c for c in truth if c]) > 1:
        name = said.index(max(said))
        yield _finding(
            f"{top:.0%} of the examples are given one class, number {name}.",
            {"largest_share": top, "threshold": ONE_ANSWER},
        )


def _ends_constant(evidence: Evidence) -> bool:
    """Whether every output unit was one same value for all rows in the last looks."""
    layers = called(evidence)
    if not layers:
        return False
    same = evidence.series("constant_units", layers[-1].name).values[-LOOKS:]
    dead = evidence.series("dead_units", layers[-1].name).values[-LOOKS:]
    return len(same) == LOOKS and all(a + b == 1 for a, b in zip(same, dead, strict=True))


def _finding(what: str, numbers: dict[str, float]) -> Finding:
    return Finding(
        "predicts_mean",
        "alarm",
        what=what,
        why="The mean, or the commonest class, is what is left to say when nothing of the input gets through.",
        evidence=numbers,
        source="Karpathy, A Recipe for Training Neural Networks, 2019: input-independent baseline; thresholds: "
        "benchmarks/doctor/calibration.md",
        remedies=(
            Remedy(
                {},
                "Look first at what stands above: inputs, target and loss. Then try to learn 16 examples by heart.",
                by="code",
            ),
        ),
        explains=("class_never_predicted", "underfitting", "unfinished", "metric_disagrees"),
        refuted_by="Answers differ on other examples.",
        strength=0.8,
    )
