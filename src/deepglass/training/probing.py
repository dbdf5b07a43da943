"""Probing: what looks into a training, or into each of a stack, while it is carried through."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from deepglass.probes.prober import Prober
from deepglass.probes.schedule import is_probed
from deepglass.probes.windows import FOLDED
from deepglass.training.records import Step
from deepglass.training.replicas import Replicas
from deepglass.training.training import Training

# Of one stack are looked into at most. A look takes a network as long in a stack as alone (10 ms, a small mlp), while its step
# takes half as long there with 5 networks and a quarter with 16 (44 of 170 microseconds; one busy thread).
MOST_OF_A_STACK = 16


def look_into(training: Training, run: Path | None = None) -> None:
    """Have a training looked into, as its recipe asks. Args: run: the folder in which the evidence is kept."""
    if not training.recipe.probes:
        return
    training.prober = Prober(
        training.network,
        training.task,
        training.data,
        steps_an_epoch=training.steps_an_epoch,
        batch_size=training.batch_size,
        planned_steps=training.steps_an_epoch * training.recipe.epochs,
        optimized=[p for player in training.players for p in player.parameters.values()],
        clip_norm=training.recipe.clip_norm,
        device=training.device,
        seed=training.recipe.seed,
        run=run,
    )


def steps_looked_into(training: Training) -> Iterator[Step]:
    """The steps of what is left of an epoch, with the looks before and after them, which are no part of its time."""
    prober, epoch = training.prober, len(training.history) + 1
    if prober is None:
        yield from training.steps()
        return
    prober.before(training.step_number, epoch)
    for step in training.steps():
        prober.after(step.losses, None if prober.look is None else training.rate)
        yield step
        prober.before(training.step_number, epoch)


def look_into_all(trainings: Sequence[Training], runs: Sequence[Path]) -> int:
    """Have the trainings of a stack looked into, each as if it were alone, and return how many are: the first ones of a large
    stack."""
    for training, run in list(zip(trainings, runs))[:MOST_OF_A_STACK]:
        look_into(training, run)
    return sum(training.prober is not None for training in trainings)


def stacked_steps_looked_into(replicas: Replicas) -> Iterator[Tensor]:
    """The losses of the steps of a stack's epoch, (replicas,), with the looks before and after them.

    The networks hold views of the stacked weights, so each is looked at as if it were alone. All are looked at after the same
    steps; what comes in between is handed over at once, for an operation a replica would cost as much as a step of all.
    """
    active, epoch = list(replicas.active), len(replicas.active[0].history) + 1
    lead, number = active[0], {id(t): place for place, t in enumerate(replicas.trainings)}
    seen = [(place, t, t.prober) for place, t in enumerate(active) if t.prober is not None]
    passed: list[Tensor] = []  # the losses of steps that nobody has been told of yet

    def hand_over() -> None:
        if passed:
            each = torch.stack(passed, dim=1)
            passed.clear()
            for place, _, prober in seen:
                prober.passed(each[place])

    for _, training, prober in seen:
        prober.before(training.step_number, epoch)
    for losses in replicas.steps():
        if replicas.failures:  # what has failed goes no further, and nobody looks at it any more
            seen = [one for one in seen if number[id(one[1])] not in replicas.failures]
        if any(prober.look is not None for _, _, prober in seen):
            hand_over()
            for place, training, prober in seen:
                known = {"loss": losses[place]}
                if replicas.norms is not None and training.recipe.clip_norm is not None:
                    known["gradient_norm"] = replicas.norms[place]
                prober.after(known, training.rate)
        elif seen:
            passed.append(losses)
            if len(passed) == FOLDED:
                hand_over()
        yield losses
        if seen and is_probed(lead.step_number, lead.steps_an_epoch, seen[0][2].planned_steps):
            hand_over()
            for _, training, prober in seen:
                prober.before(training.step_number, epoch)
    hand_over()
