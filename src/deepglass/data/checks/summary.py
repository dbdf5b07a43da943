"""Summary: the problems of some data as a person reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deepglass.data.checks.problem import SEVERITIES, Problem

MOST = 5  # problems of one check that are shown; a table of 100 columns can have the same fault 100 times


@dataclass(frozen=True)
class Summary:
    """Problems, and the number of checks that looked for them; `str()` for the terminal.

    Args: note: what has to be said when not everything was looked at.
    """

    problems: Sequence[Problem]
    checks: int
    note: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many problems there are of each severity."""
        return {s: sum(p.severity == s for p in self.problems) for s in SEVERITIES}

    @property
    def headline(self) -> str:
        """One line: how many of what, such as "1 alarm, 2 remarks in 18 checks:"."""
        if not self.problems:
            return f"No problems found in {self.checks} checks.{self.note and ' ' + self.note}"
        said = [f"{n} {severity}{'s' * (n != 1)}" for severity, n in self.counts.items() if n]
        return f"{', '.join(said)} in {self.checks} checks:"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and words, for a report."""
        problems = [p.to_dict() for p in self.problems]
        return {"headline": self.headline, "checks": self.checks, "counts": self.counts, "problems": problems}

    def __str__(self) -> str:
        lines, shown = [self.headline], dict.fromkeys((p.check for p in self.problems), 0)
        for problem in self.problems:
            shown[problem.check] += 1
            if shown[problem.check] <= MOST:
                lines.append(f"  {problem}")
        lines += [f"  ... and {n - MOST} more of {name} (--json has all)" for name, n in shown.items() if n > MOST]
        return "\n".join(lines)
