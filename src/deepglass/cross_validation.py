"""Cross-validation: train once for each part of the examples that is left out, and say how the left-out ones fare."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from deepglass.data import Dataset, load
from deepglass.errors import SettingError
from deepglass.job import train
from deepglass.plurals import counted
from deepglass.report.words import score
from deepglass.results import by_name, interval
from deepglass.together import Runs
from deepglass.training.recipe import Recipe

GROUPS = "groups"


@dataclass(frozen=True)
class CrossValidation:
    """The trainings of a cross-validation, and what they say together.

    Args:
        left_out: how many examples each training was judged by and had not seen.
        of_groups: whether each training left one whole group out, such as a speaker.
        chosen: whether the left-out examples also chose the epoch, which flatters.
    """

    runs: Runs
    left_out: tuple[int, ...]
    of_groups: bool = False
    chosen: bool = False

    def scores(self) -> dict[str, list[float]]:
        """The metrics on the left-out examples, one number a training: of its last epoch, or of that which early stopping chose."""
        last = [run.best_epoch if self.chosen else next(reversed(run.history), None) for run in self.runs]
        return by_name([dict(epoch.validation) if epoch is not None else {} for epoch in last])

    def intervals(self) -> dict[str, dict[str, Any]]:
        """Mean and 95 % interval of each metric over the trainings, by Student's t.

        The trainings share examples, so that their scores are not independent, and the interval is a little too narrow.
        Source: Bengio and Grandvalet, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation", JMLR 2004.
        """
        found = {}
        for name, values in self.scores().items():
            if len(values) > 1:
                about = interval(values, name)
                found[name] = {"mean": about["mean"], "interval": about["interval"], "folds": len(values)}
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        scores = self.scores()
        rows = [
            {
                "run": str(run.path),
                "left_out": count,
                **{n: values[i] for n, values in scores.items() if i < len(values)},
            }
            for i, (run, count) in enumerate(zip(self.runs, self.left_out))
        ]
        return {"folds": rows, "scores": self.intervals(), "status": self.runs[-1].status}

    def __repr__(self) -> str:
        scores, what = self.scores(), "group" if self.of_groups else "fold"
        lines = []
        for i, (run, count) in enumerate(zip(self.runs, self.left_out)):
            said = "  ".join(f"{name} {score(name, values[i])}" for name, values in scores.items() if i < len(values))
            lines.append(f"{run.path}  {counted(count, 'example')} left out: {said or run.status}")
        for name, about in self.intervals().items():
            low, high = about["interval"]
            lines.append(
                f"left-out {name}: mean {about['mean']:.4f}, 95 % interval {low:.4f} to {high:.4f} over "
                f"{counted(about['folds'], what)}, which share training examples"
            )
        if self.chosen:
            lines.append(
                "The left-out examples also chose the epoch, so these figures are a little too kind; early_stopping=False."
            )
        return "\n".join(lines)


def cross_validate(
    network: Any = None,
    data: Any = None,
    *,
    folds: int | str = 5,
    recipe: Recipe | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    **options: Any,
) -> CrossValidation:
    """Train once for each of some parts of the examples, without it, and judge each training by the part that it has not seen.

    Examples of a group (data.group) stay together. All epochs are trained: with early_stopping=True the left-out examples would
    choose the epoch that they then judge. The test split is left out of everything.

    Args:
        folds: how many parts, or "groups": one for each group, such as leave-one-speaker-out.
        out: a folder for the runs (default: generated names under runs/).
        recipe, options: as in `train`, such as epochs=20, learning_rate=3e-3, task=..., progress=False.
    Raises: SettingError, for groups where there are none; DataError, when there are too few examples or groups; as `train`.

    >>> cross_validate("mlp", "iris", folds=3, epochs=20).intervals()["accuracy"]["folds"]
    3
    """
    for name in ("seeds", "stacked"):
        if options.pop(name, None) is not None:
            raise SettingError(f"{name} does not go with folds, of which each is one training. Leave one of them out.")
    data = data if isinstance(data, Dataset) else load(data)
    of_groups = folds == GROUPS
    parts = data.folds(_number_of(folds, data))
    given = recipe.model_dump(exclude_unset=True) if isinstance(recipe, Recipe) else dict(recipe or {})
    stops = options.pop("early_stopping", given.get("early_stopping", False))
    runs = []
    for number, part in enumerate(parts, start=1):
        own = (
            copy.deepcopy(network) if isinstance(network, nn.Module) else network
        )  # each begins where the user's began
        place = None if out is None else Path(out) / f"fold-{number}"
        run = train(own, part, recipe={**given, "early_stopping": stops}, out=place, **options)
        runs.append(run)
        if run.status == "paused":
            break
    return CrossValidation(Runs(runs), tuple(len(part.members("validation")) for part in parts), of_groups, bool(stops))


def _number_of(folds: int | str, data: Dataset) -> int:
    if isinstance(folds, int) and not isinstance(folds, bool):
        return folds
    if folds != GROUPS:
        raise SettingError(f"folds={folds!r} is neither a number nor {GROUPS!r}. Give how many, such as 5.")
    groups = data.source.groups
    if groups is None:
        raise SettingError(
            'folds="groups" leaves one group out at a time, and the examples have none. Say what groups them: '
            'load(..., group="speaker") (--set data.group=speaker).'
        )
    pool = np.concatenate([data.splits.train, data.splits.validation])
    return len(np.unique(groups[pool]))
