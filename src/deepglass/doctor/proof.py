"""Proof: what came of trying remedies, side by side from the same seeds, as plain numbers that can be kept and told."""

import math
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepglass.errors import RunError
from deepglass.plurals import counted
from deepglass.report.words import duration, metric_word, short
from deepglass.runs import files
from deepglass.training.spec import Spec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 60  # letters of a value, such as a list of layers, in a sentence
FOLDER = "proofs"  # in a run's folder
BEST_FIRST = ("helped", "undecided", "no_difference", "hurt")


@dataclass(frozen=True)
class Tried:
    """One remedy beside the control.

    Args:
        change, was: the settings as the remedy sets them, and as they were.
        why, symptom: what it was tried for; empty when it was named by hand.
        metric: what both were judged by; sign: 1 where more of it is better, -1 where less is.
        effect, interval: with the change minus without it, in the metric's own terms; None where they cannot be told.
        margin: the least difference that matters.
        control, remedy: the metric of each training, in the order of `seeds`.
        failed: how many trainings of each came to nothing, and count as a constant answer.
        examples: how many validation examples they were judged on.
        trouble: why it could not be trained at all.
    """

    change: Mapping[str, Any]
    was: Mapping[str, Any]
    why: str = ""
    symptom: str = ""
    verdict: str = "undecided"
    metric: str = ""
    sign: int = 1
    effect: float | None = None
    interval: tuple[float, float] | None = None
    margin: float = 0.0
    seeds: tuple[int, ...] = ()
    control: tuple[float, ...] = ()
    remedy: tuple[float, ...] = ()
    failed: tuple[int, int] = (0, 0)
    examples: int = 0
    trouble: str = ""

    @property
    def named(self) -> str:
        """The change in words: "recipe.learning_rate 1.0 -> 0.001"."""
        return "; ".join(f"{n} {_value(self.was.get(n))} -> {_value(v)}" for n, v in self.change.items())

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def sentences(self) -> list[str]:
        """What came of it, the answer first."""
        if self.trouble:
            return [f"Undecided: {self.named} could not be trained. {self.trouble}"]
        if not self.seeds:
            return [f"Undecided: {self.named}. Not a pair of trainings of it came to an end."]
        if self.interval is None or self.effect is None:
            many = f"{counted(len(self.seeds), 'pair')} of trainings"
            return [f"Undecided: {self.named}. Only {many} came to an end; give it more time (--max-time)."]
        low, high = self.interval
        write, word = self._written, metric_word(self.metric)
        covers = counted(len(self.seeds), "seed") + (
            f" and {counted(self.examples, 'validation example')}" if self.examples else ""
        )
        between = f"95 % interval {write(low, True)} to {write(high, True)}, over {covers}"
        means = f"{write(_mean(self.control))} without the change, {write(_mean(self.remedy))} with it"
        way = "raises" if self.effect > 0 else "lowers"
        seen = f"{self.named} {way} {word} by {write(abs(self.effect))} ({between})"
        changes = f"with {self.named}, {word} changes by {write(self.effect, True)} ({between})"
        least = f"{self.margin:.2g}"
        if self.control == self.remedy and low == high == 0:
            return [
                f"It did nothing: with {self.named}, {word} is the same in each of the {len(self.seeds)} pairs of trainings "
                f"({write(_mean(self.control))} on average). Leave the setting as it was."
            ]
        said = {
            "helped": f"Helped: {seen}: {means}.",
            "hurt": f"It did harm: {seen}: {means}. Leave the setting as it was.",
            "no_difference": f"It did nothing: {changes}, less than the {least} that would matter. Leave the setting as it was.",
            "undecided": f"Undecided: {changes}. Both no gain and one that matters ({least}) are possible; "
            "more seeds (--seeds), more time (--max-time) or more validation examples would tell.",
        }
        lines = [said[self.verdict]]
        for count, which in zip(self.failed, ("without", "with")):
            if count:
                lines.append(
                    f"{count} of {len(self.seeds)} trainings {which} the change came to nothing (their loss was no finite "
                    "number) and count as a constant answer."
                )
        return lines

    def _written(self, value: float, signed: bool = False) -> str:
        """Write a number with as many decimals as give the interval two digits, at least what the margin has."""
        reach = (self.interval[1] - self.interval[0]) / 2 if self.interval else 0.0
        scale = (
            min(x for x in (reach or self.margin, self.margin or reach or 1) if x > 0) if reach or self.margin else 0.1
        )
        decimals = min(8, max(0, 1 - math.floor(math.log10(scale))))
        return f"{value + 0.0:{'+' if signed else ''}.{decimals}f}"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            n: list(v) if isinstance(v, tuple) else dict(v) if isinstance(v, Mapping) else v for n, v in plain.items()
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Tried":
        """Read what `to_dict` gives; words of a newer Deepglass are left out."""
        known: dict[str, Any] = {n: v for n, v in plain.items() if n in cls.__dataclass_fields__}
        for name, value in known.items():
            known[name] = tuple(value) if isinstance(value, list) else value
        return cls(**known)


@dataclass(frozen=True)
class Proof:
    """Whether remedies help, each trained beside the control from the same seeds, and judged on validation data alone.

    Args:
        run: the folder of the run that they were tried for.
        tried: the remedies, in the order in which they were tried.
        spec: the run's spec with the remedy that helped; None when none did.
        spec_path: where that spec is written.
        status: "done", "time ended" or "paused".
        trainings: how many trainings it rests on; seconds: what it took now.
        looks: after how many pairs it was looked; the intervals hold at 95 % for all looks and remedies together.
        planned: how many remedies there were to try.
        time: when it was done.
        varied: what differs from seed to seed, in a sentence.
        stopped_by: the signal that paused it.
    """

    run: str
    tried: tuple[Tried, ...]
    spec: Spec | None = None
    spec_path: str | None = None
    status: str = "done"
    trainings: int = 0
    seconds: float = 0.0
    looks: tuple[int, ...] = ()
    planned: int = 1
    time: str = ""
    varied: str = ""
    stopped_by: str = ""

    @property
    def best(self) -> Tried:
        """The remedy that helped, or else the one of which most can be hoped."""
        return min(self.tried, key=lambda t: (BEST_FIRST.index(t.verdict), -t.sign * (t.effect or 0.0)))

    @property
    def verdict(self) -> str:
        """helped, no_difference, hurt or undecided: of the best remedy."""
        return self.best.verdict

    @property
    def effect(self) -> float | None:
        """With the best remedy minus without it, in the metric's own terms."""
        return self.best.effect

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where that effect may lie, at 95 %."""
        return self.best.interval

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from deepglass.report.pictures.figure import to_svg

        return f"<pre>{escape(self.text())}</pre>" + to_svg(self.picture(), self.text().partition("\n")[0])

    def text(self) -> str:
        """Say in plain words what came of it."""
        best = self.best
        others = [tried for tried in self.tried if tried is not best]
        lines = [*best.sentences(), *(f"Also tried: {tried}" for tried in others if tried.seeds or tried.trouble)]
        left = [tried.named for tried in others if not tried.seeds and not tried.trouble]
        if left:
            lines.append(
                f"Not tried, {'as this one helped' if best.verdict == 'helped' else 'for want of time'}: {', '.join(left)}."
            )
        if self.status == "paused":
            lines.append("Paused. What was trained is kept; the same command goes on from there.")
        if self.status == "time ended":
            lines.append(
                f"The time ended after {duration(self.seconds)}; with more (--max-time) it goes on from there."
            )
        if len(self.looks) > 1 or self.planned > 1:
            many = [f"{self.planned} remedies"] * (self.planned > 1)
            many += [f"looks after {' and '.join(map(str, self.looks))} pairs"] * (len(self.looks) > 1)
            lines.append(f"Intervals are widened, so that all hold together at 95 %: {', '.join(many)}.")
        if self.varied and any(tried.seeds for tried in self.tried):
            lines.append(self.varied)
        if self.spec_path and self.spec is not None:
            own = "module" in self.spec.network or self.spec.data.source in ("", "arrays", "DataFrame")
            how = "" if own else f"; repeat it with: deepglass train {shlex.quote(self.spec_path)}"
            lines.append(f"The settings that helped: {self.spec_path}{how}")
        return "\n".join(lines)

    def picture(self) -> "Figure":
        """Draw the pairs and the interval of each remedy."""
        from deepglass.report.pictures.proved import proved

        return proved(self.tried)

    def to_dict(self) -> dict[str, Any]:
        """The `--json` object of `deepglass prove`: finding, verdict, effect, interval of the best remedy, then all the rest."""
        best = self.best
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        head: dict[str, Any] = {"finding": best.symptom or None, "verdict": best.verdict, "effect": best.effect}
        head["interval"] = None if best.interval is None else list(best.interval)
        head |= {"change": dict(best.change), "metric": best.metric}
        spec = None if self.spec is None else self.spec.to_dict()
        tried = [t.to_dict() for t in self.tried]
        return {**head, **plain, "tried": tried, "spec": spec, "looks": list(self.looks)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Proof":
        """Read what `to_dict` gives."""
        known = {name: value for name, value in plain.items() if name in cls.__dataclass_fields__}
        known["tried"] = tuple(Tried.from_dict(tried) for tried in plain["tried"])
        known["looks"] = tuple(plain.get("looks", ()))
        known["spec"] = None if plain.get("spec") is None else Spec.from_dict(plain["spec"])
        return cls(**known)


def write_proof(proof: Proof, path: Path) -> Proof:
    """Keep a proof, and beside it, as a spec that can be trained, what helped. Returns: it, with the path of that spec."""
    if proof.spec is not None:
        spec_path = path.with_suffix(".yaml")
        files.write_text(spec_path, proof.spec.to_yaml())
        proof = replace(proof, spec_path=spec_path.as_posix())
    files.write_record(path, proof.to_dict())
    return proof


def proofs_of(run: Path) -> list[Proof]:
    """The proofs that a run's folder holds, the oldest first; one that is damaged is left out."""
    found = []
    for path in sorted((run / FOLDER).glob("proof-*.json")):
        with suppress(RunError, KeyError, TypeError):
            proof = Proof.from_dict(files.read_record(path))
            spec_path = path.with_suffix(".yaml")  # where it is now; the folder may have been moved
            found.append(replace(proof, spec_path=spec_path.as_posix() if spec_path.exists() else None))
    return sorted(found, key=lambda proof: proof.time)


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def _value(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else short(value, LONGEST)
