"""Trials: the trainings of a proof, each a run of its own, one after the other or a whole arm in one step."""

from collections.abc import Sequence
from pathlib import Path

from deepglass.carrying import begin, shown_by
from deepglass.errors import TrainingError
from deepglass.plurals import counted
from deepglass.proving.shown import Shown, Stopped
from deepglass.proving.subject import Arm
from deepglass.runs import ENDED, RunFolder, delete_run, is_run
from deepglass.training.keep import keep
from deepglass.training.keep_all import keep_all
from deepglass.training.reopen import load_newest
from deepglass.training.replicas import Replicas
from deepglass.training.stackable import pays, unfit

LOST = "came_to_nothing"  # a fact of a trial whose loss was no finite number
DIVERGED = (
    "not finite",
    "The update was not made",
)  # what an error says then; others, such as a full disk, end the proof


class Trials:
    """Trains arms and keeps every training in `place`, so that what is there already is not trained again."""

    def __init__(self, place: Path, shown: Shown) -> None:
        self.place, self.shown = place, shown

    def path(self, arm: Arm, seed: int) -> Path:
        return self.place / arm.name / f"seed-{seed}"

    def is_done(self, arm: Arm, seed: int) -> bool:
        """Whether this training has come to its end, with these very settings."""
        path = self.path(arm, seed)
        if not is_run(path) or not (path / "spec.yaml").exists():
            return False
        folder = RunFolder(path)
        ended = folder.facts.get("status") in ENDED or folder.facts.get(LOST, False)
        return bool(ended) and folder.read_spec() == arm.spec_of(seed).to_dict()

    def train(self, arms: Sequence[Arm], seeds: Sequence[int]) -> None:
        """Train what is missing, pair by pair, so that what is there when the time is over makes pairs.

        Raises: OutOfTime; Stopped, after a signal; DeepglassError, when an arm cannot be trained.
        """
        for arm in arms:
            missing = [seed for seed in seeds if not self.is_done(arm, seed)]
            if len(missing) > 1 and stacks(arm, missing):
                self._together(arm, missing)
        for seed in seeds:
            for arm in arms:
                if not self.is_done(arm, seed):
                    self._alone(arm, seed)

    def _alone(self, arm: Arm, seed: int) -> None:
        training = arm.training(seed)
        self.shown.begin(f"{arm.title}, seed {seed}", training.recipe.epochs)
        path = self.path(arm, seed)
        folder = self._unfinished(arm, seed)
        if folder is not None:
            load_newest(training, folder)
            folder.truncate_history(len(training.history))
        else:
            _clear(path)
            folder = begin(training, arm.spec_of(seed), out=path, strict=False, shown=shown_by(False))
        try:
            status = keep(training, folder, self.shown)
        except TrainingError as error:
            _lost(folder, error)
        else:
            if status == "paused":
                raise Stopped(folder.facts.get("stopped_by"))
        self.shown.end()

    def _together(self, arm: Arm, seeds: Sequence[int]) -> None:
        trainings = [arm.training(seed) for seed in seeds]
        self.shown.begin(
            f"{arm.title}, {counted(len(seeds), 'seed')} in one step", trainings[0].recipe.epochs, len(seeds)
        )
        folders = []
        for training, seed in zip(trainings, seeds):
            _clear(self.path(arm, seed))
            out, spec = self.path(arm, seed), arm.spec_of(seed)
            folders.append(begin(training, spec, out=out, strict=False, shown=shown_by(False), stacked=len(seeds)))
        replicas = Replicas(trainings)
        try:
            statuses = keep_all(replicas, folders, self.shown)
        except TrainingError as error:
            if not replicas.failures:
                raise
            for place in replicas.failures:
                _lost(folders[place], error)
        else:
            if "paused" in statuses:
                raise Stopped(folders[statuses.index("paused")].facts.get("stopped_by"))
        self.shown.end()

    def _unfinished(self, arm: Arm, seed: int) -> RunFolder | None:
        """A training that was stopped on its way, and can be gone on with."""
        path = self.path(arm, seed)
        if not is_run(path) or not (path / "spec.yaml").exists():
            return None
        folder = RunFolder(path)
        fits = folder.begun and not folder.facts.get("stacked") and folder.read_spec() == arm.spec_of(seed).to_dict()
        return folder if fits and folder.status in ("paused", "interrupted") else None


def stacks(arm: Arm, seeds: Sequence[int]) -> bool:
    """Whether an arm is trained quicker with all its seeds in one step."""
    pair = [arm.training(seed) for seed in seeds[:2]]
    return pays(pair) and not unfit(pair)


def _clear(path: Path) -> None:
    """Remove what is left of a training with other settings, or of one that cannot be gone on with."""
    if is_run(path):
        delete_run(path)


def _lost(folder: RunFolder, error: TrainingError) -> None:
    """Note that a training came to nothing by itself. Raises: the error, when something else was in its way."""
    if not any(words in str(error) for words in DIVERGED):
        raise error
    folder.update_facts(**{LOST: True})
