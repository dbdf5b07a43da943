"""Judging: what each training of two arms reaches on the validation split, and what without some of the examples."""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from deepglass.doctor.verdict import least
from deepglass.measured import said_of
from deepglass.proving.subject import Arm
from deepglass.proving.trials import LOST, Trials
from deepglass.proving.yardstick import Yardstick
from deepglass.randomness import generator
from deepglass.runs import RunFolder
from deepglass.tasks import Collected, Supervised
from deepglass.tasks.metrics import METRICS
from deepglass.training.hardware import device_named
from deepglass.training.records import Epoch
from deepglass.training.reopen import trained_weights

BLOCKS = 50  # parts of the examples that are left out in turn: with these the spread is known within a tenth
SEEN = 5000  # training examples at most, from which the constant answer is taken

Answers = tuple[np.ndarray, np.ndarray]  # what is judged, and the truth


@dataclass(frozen=True)
class Judgement:
    """What the pairs of two arms reached.

    Args:
        control, remedy: the metric of each training.
        left_out: the mean gain without each of some parts of the examples; None where only the recorded loss is known.
        margin: the least difference that matters.
        failed: how many trainings of each came to nothing.
    """

    control: tuple[float, ...]
    remedy: tuple[float, ...]
    left_out: list[float] | None
    margin: float
    failed: tuple[int, int]
    examples: int


class Judge:
    """Judges trainings on the validation split, and remembers what each of them answered."""

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self._answers: dict[tuple[str, int, str], Answers] = {}

    def judge(self, control: Arm, remedy: Arm, seeds: Sequence[int], by: Yardstick) -> Judgement:
        """Compare the trainings of two arms, a pair for each seed. All of them have to be there."""
        arms = (control, remedy)
        count = (sum(self._is_lost(control, s) for s in seeds), sum(self._is_lost(remedy, s) for s in seeds))
        if by.function is None:
            return self._by_loss(arms, seeds, count)
        found, constant = self._found(arms, seeds, by.takes)
        examples = len(found[0][0][1])
        everything = np.arange(examples)

        def values(places: np.ndarray) -> list[list[float]]:
            floor = _number(by, constant[0][places], constant[1][places], None)
            return [[_number(by, a[places], t[places], floor) for a, t in side] for side in found]

        def mean_gain(places: np.ndarray) -> float:
            before, after = values(places)
            return by.sign * float(np.mean(np.subtract(after, before)))

        order = torch.randperm(examples, generator=generator(0, "blocks")).numpy()
        parts = np.array_split(order, min(BLOCKS, examples))
        left_out = [mean_gain(np.setdiff1d(everything, part)) for part in parts] if examples > 1 else None
        before, after = values(everything)
        unit = 1.0
        if by.name not in METRICS:  # the loss, or a metric of the user's, whose scale nobody knows
            unit = abs(float(np.mean(before))) or 1.0
        elif not by.bounded and by.direction == "min":
            unit = abs(_number(by, *constant, None))  # an error, in the unit of the target
        return Judgement(tuple(before), tuple(after), left_out, least(examples) * unit, count, examples)

    def _found(self, arms: tuple[Arm, Arm], seeds: Sequence[int], takes: str) -> tuple[list[list[Answers]], Answers]:
        """What every training of both arms answers, and what nobody should be worse than."""
        found = [[self._answer(arm, seed, takes) for seed in seeds] for arm in arms]
        if takes != "losses":
            return found, _constant(_first_of_classes(arms), takes, found[0][0][1])
        worst = _worst(
            found
        )  # the loss of a constant answer depends on the loss, so the worst that was seen stands in for it
        for arm, side in zip(arms, found):
            side[:] = [worst if self._is_lost(arm, seed) else one for seed, one in zip(seeds, side)]
        return found, worst

    def _answer(self, arm: Arm, seed: int, takes: str) -> Answers:
        """What a training answers to the validation examples, and the truth."""
        key = (arm.name, seed, takes)
        if key not in self._answers:
            folder = RunFolder(self.trials.path(arm, seed))
            network = arm.network(seed)
            task = copy.copy(arm.task)
            assert isinstance(task, Supervised)
            task.prepare(arm.data, network)
            ids = arm.data.members("validation")
            lost = self._is_lost(arm, seed)
            if not lost:
                network.load_state_dict(trained_weights(folder, best=arm.spec.recipe.early_stopping))
            said = said_of(network.to(device_named(arm.spec.recipe.device)), task, arm.data, ids)
            truth = task.truth(said)
            if takes == "losses":
                weights = torch.ones(len(said.losses)) if said.weights is None else said.weights
                self._answers[key] = torch.stack([said.losses, weights], dim=1).double().numpy(), truth
                return self._answers[key]
            judged = task.judged(said, "values" if task.field.kind == "number" else takes)
            codes = _as_codes(judged, truth, task, takes)
            self._answers[key] = _constant(arm, takes, codes[1]) if lost else codes
        return self._answers[key]

    def _is_lost(self, arm: Arm, seed: int) -> bool:
        return bool(RunFolder(self.trials.path(arm, seed)).facts.get(LOST))

    def _by_loss(self, arms: tuple[Arm, Arm], seeds: Sequence[int], failed: tuple[int, int]) -> Judgement:
        """The losses as they were recorded; a training that came to nothing counts as the worst of the others."""
        found = []
        for arm in arms:
            folders = [RunFolder(self.trials.path(arm, seed)) for seed in seeds]
            found.append([math.nan if f.facts.get(LOST) else _loss(f, arm) for f in folders])
        worst = np.nanmax(found) if np.isfinite(found).any() else 0.0
        before, after = (tuple(float(worst) if math.isnan(v) else v for v in side) for side in found)
        return Judgement(before, after, None, least(0) * abs(float(np.mean(before))), failed, 0)


def _constant(arm: Arm, takes: str, truth: np.ndarray) -> Answers:
    """The answers of a model that does not look, beside the truth: the commonest class or the mean of the training split."""
    task = copy.copy(arm.task)
    assert isinstance(task, Supervised)
    task.prepare(arm.data, arm.network(0))
    batch = arm.data.examples("train", limit=SEEN)
    train = task.truth(Collected({}, task.target_of(batch).cpu(), torch.empty(0), batch.ids))
    if task.field.kind == "category":
        shares = np.bincount(train, minlength=len(task.field.classes)) / len(train)
        answer = np.asarray(shares.argmax()) if takes == "codes" else shares[1] if len(shares) == 2 else shares
    elif task.field.kind == "labels":
        answer = train.mean(axis=0) if takes == "scores" else (train.mean(axis=0) > 0.5).astype(train.dtype)
    else:
        answer = train.mean(axis=0)
    judged = np.broadcast_to(answer, (len(truth), *np.shape(answer))).copy()
    return (_as_codes(judged, truth, task, takes)[0], truth)


def _first_of_classes(arms: Sequence[Arm]) -> Arm:
    """The arm that learns classes as classes, if one does; else the first."""
    return next((arm for arm in arms if arm.target_kind == "category"), arms[0])


def _as_codes(judged: np.ndarray, truth: np.ndarray, task: Supervised, takes: str) -> Answers:
    """Round numbers that stand for classes to the nearest class, where classes are judged."""
    if takes == "codes" and task.field.kind == "number":
        codes = truth.reshape(len(truth)).round().astype(np.int64)
        known = np.unique(codes)
        answers = judged.reshape(len(truth), 1)
        near = np.abs(np.where(np.isfinite(answers), answers, np.inf) - known).argmin(axis=1)
        return known[near], codes
    return judged, truth


def _number(by: Yardstick, judged: np.ndarray, truth: np.ndarray, floor: float | None) -> float:
    """The metric; where it is not defined, or has no end and is worse than the constant answer's, that one's.

    Nobody uses a model that is worse than a constant answer, so how much worse makes no difference to anyone.
    """
    assert by.function is not None
    value = by.function(judged, truth)
    value = math.nan if value is None else float(value)
    if floor is None:
        return value if math.isfinite(value) else 0.0
    if not math.isfinite(value):
        return floor
    return value if by.bounded else max(value, floor) if by.sign > 0 else min(value, floor)


def _worst(found: Sequence[Sequence[Answers]]) -> Answers:
    """The training with the largest mean loss."""
    return max(
        (one for side in found for one in side), key=lambda one: float(np.nan_to_num(one[0][:, 0].mean(), nan=-1.0))
    )


def _loss(folder: RunFolder, arm: Arm) -> float:
    history = [Epoch.from_dict(line) for line in folder.history()]
    best = folder.facts.get("best_epoch") if arm.spec.recipe.early_stopping else len(history)
    return float(history[(best or len(history)) - 1].validation["loss"])
