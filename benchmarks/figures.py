"""Figures: what many turns come to. Medians, shares of the ordinary loop, and how they are written."""

from collections.abc import Sequence
from statistics import median

from contest import Facts, Played

ORDINARY = "ordinary PyTorch loop"
NOTHING = "-"


def finished(turns: Sequence[Facts]) -> list[Facts]:
    """The turns that came to an end."""
    return [facts for facts in turns if "seconds" in facts]


def fact(turns: Sequence[Facts], name: str) -> float | None:
    """The median of a fact over the turns."""
    values = [facts[name] for facts in finished(turns) if facts.get(name) is not None]
    return median(values) if values else None


def epoch(turns: Sequence[Facts], part: str) -> float | None:
    """Seconds of an epoch: the median over turns of the median of the epochs after the first, which warms up.

    Args: part: "training" for the training part alone, "whole" for all of it.
    """
    medians = []
    for facts in finished(turns):
        epochs = facts["epochs"][1:] or facts["epochs"]
        seconds = [e[part] for e in epochs if e[part] is not None]
        if seconds:
            medians.append(median(seconds))
        elif "epochs_in_all" in facts and part == "training":  # one call that says nothing of its epochs
            medians.append(facts["seconds"] / facts["epochs_in_all"])
    return median(medians) if medians else None


def reached(turns: Sequence[Facts], target: float) -> float | None:
    """Seconds until an epoch ended with at least that accuracy, from the start; None when a turn never got there."""
    times = []
    for facts in finished(turns):
        there = [e["at"] for e in facts["epochs"] if e["accuracy"] is not None and e["accuracy"] >= target]
        if not there:
            return None
        times.append(there[0])
    return median(times) if times else None


def accuracies(turns: Sequence[Facts]) -> list[float]:
    """The accuracy at the end of each turn."""
    last = [f["epochs"][-1]["accuracy"] if f["epochs"] else f.get("accuracy") for f in finished(turns)]
    return [a for a in last if a is not None]


def accuracy(turns: Sequence[Facts]) -> str:
    """Mean and range over the turns, each with its seed, in percent; and after how many epochs."""
    values = accuracies(turns)
    if not values:
        return NOTHING
    mean = f"{100 * sum(values) / len(values):.2f}"
    return mean if len(values) == 1 else f"{mean} ({100 * min(values):.2f} to {100 * max(values):.2f})"


def seconds(value: float | None) -> str:
    """Three digits, or what says that there is no figure."""
    if value is None:
        return NOTHING
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def share(value: float | None, ordinary: float | None) -> str:
    """How many times the ordinary loop's."""
    return NOTHING if value is None or not ordinary else f"{value / ordinary:.2f}"


def mebibytes(turns: Sequence[Facts]) -> str:
    value = fact(turns, "peak_mib")
    return NOTHING if value is None else f"{value:,.0f}"


def missing(played: Played) -> str:
    """Say who did not play, and why; nothing when all did."""
    lines = []
    for name, turns in played.items():
        for state, word in (("left_out", "left out"), ("failed", "failed")):
            reasons = {str(facts[state]) for facts in turns if state in facts}
            lines += [f"- {name}: {word}, {reason}." for reason in sorted(reasons)]
    return "\n".join(lines)


def present(played: Played) -> Played:
    """Those who told something."""
    return {name: turns for name, turns in played.items() if finished(turns) or any("over" in f for f in turns)}
