"""Together: several runs, such as those of several seeds, with intervals over them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepglass.errors import RunError
from deepglass.results import Evaluations, by_name, in_words
from deepglass.run import Run
from deepglass.training.spec import Spec

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


class Runs(Sequence[Run]):
    """Several runs, such as those of `seeds=5`, with intervals over them. Raises: RunError, for what is no opened run."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = list(runs)
        if odd := [run for run in self._runs if not isinstance(run, Run)]:
            raise RunError(f"{odd[0]!r} is no opened run. Give them so: dg.Runs([dg.Run('runs/a'), dg.Run('runs/b')]).")

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, index: Any) -> Any:
        return Runs(self._runs[index]) if isinstance(index, slice) else self._runs[index]

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def __repr__(self) -> str:
        return "\n".join([*map(repr, self._runs), *self.intervals()])

    def intervals(self) -> list[str]:
        """Say mean and interval of each validation metric of the best epochs, of each recipe for itself."""
        groups: dict[str, list[Run]] = {}
        names = [n for n in self._differing() if n.startswith("recipe.") and n != "recipe.seed"]
        for run in self._runs:
            told = ", ".join(f"{n.removeprefix('recipe.')} {_value(run.spec, n)}" for n in names)
            groups.setdefault(f"{told}: " if told else "", []).append(run)
        return [
            told + line for told, runs in groups.items() for line in in_words(Runs(runs).validation(), "validation ")
        ]

    def validation(self) -> dict[str, list[float]]:
        """The validation metrics of the best epochs, one number a run."""
        return by_name([dict(run.best_epoch.validation) if run.best_epoch else {} for run in self._runs])

    def evaluate(self, *, threshold: str | float | None = None, by: str | None = None) -> Evaluations:
        """Measure the test split of every run. Args: threshold, by: as in `Run.evaluate`, each run with its own."""
        return Evaluations([run.evaluate(threshold=threshold, by=by) for run in self._runs])

    def compare(self) -> "pandas.DataFrame":
        """One row a run: what differs between their specs, and the validation metrics of their best epochs."""
        import pandas

        first = self._runs[0].spec
        differing = self._differing()
        rows = []
        for run in self._runs:
            changes = run.spec.changes_from(first)
            there = {n: changes[n][1] if n in changes else _value(first, n) for n in differing}
            metrics = dict(run.best_epoch.validation) if run.best_epoch else {}
            rows.append(
                {
                    "run": str(run.path),
                    "status": run.status,
                    **there,
                    "best_epoch": run.facts.get("best_epoch"),
                    **metrics,
                }
            )
        return pandas.DataFrame(rows)

    def _differing(self) -> list[str]:
        """The settings that are not the same in all specs."""
        return sorted({name for run in self._runs for name in run.spec.changes_from(self._runs[0].spec)})

    def curves(self, labels: Sequence[str] | None = None) -> "Figure":
        """Draw the loss and the watched metric of all runs in one picture. Args: labels: what each run is called there."""
        from deepglass.report.pictures import compared_curves

        names = labels or [run.path.name for run in self._runs]
        return compared_curves([(name, run.history) for name, run in zip(names, self._runs)])


def _value(spec: Spec, dotted: str) -> Any:
    value: Any = spec.to_dict()
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
