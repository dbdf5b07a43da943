"""Experiment: a claim of a course as something to run: what is trained, a picture, and what is expected of the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Form:
    """How large an experiment is run.

    Args:
        data: the name of a set of pictures of digits: "digits" is embedded, "mnist" is not.
        examples: to train on.
        held_out: that validation measures on.
        seeds: one training for each; they give weights and order.
        wrong: share of the training labels that are drawn anew, so that few easy pictures can be overfitted.
        tell: is told what is trained, before each training.
    """

    data: str = "digits"
    examples: int = 1000
    held_out: int = 500
    epochs: int = 10
    seeds: tuple[int, ...] = (0, 1, 2)
    wrong: float = 0.0
    tell: Callable[[str], None] = field(default=lambda what: None, compare=False, repr=False)


@dataclass(frozen=True)
class Expectation:
    """A sentence that the figures should bear out, and whether they do."""

    text: str
    held: bool
    measured: str

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "held", bool(self.held)
        )  # numpy's comparisons have a truth of their own, which JSON refuses


@dataclass(frozen=True)
class Outcome:
    """What came of an experiment: a table (a row a line, by column), a picture, and the expectations."""

    rows: Sequence[Mapping[str, Any]]
    picture: Figure
    expectations: Sequence[Expectation]

    @property
    def held(self) -> bool:
        return all(e.held for e in self.expectations)


@dataclass(frozen=True)
class Experiment:
    """One claim.

    Args:
        row: its number in the list of the course's experiments, such as "EX-23".
        claim: what the course says.
        run: does it, in a form; `full` needs MNIST where it names it, `small` takes seconds and nothing but what is embedded.
        note: what a reader should know beside the figures.
        verdict: whether the claim holds here: "yes", "part" (on a condition that the course does not state), "no", or "open"
            (the full form has not told yet).
    """

    row: str
    claim: str
    run: Callable[[Form], Outcome]
    full: Form = field(default_factory=lambda: Form("mnist", 10_000, 10_000, 3, (0, 1, 2)))
    small: Form = field(default_factory=Form)
    note: str = ""
    verdict: Literal["yes", "part", "no", "open"] = "yes"
