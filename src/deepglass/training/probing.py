"""Probing: what looks into a training while it is carried through."""

from collections.abc import Iterator
from pathlib import Path

from deepglass.probes.prober import Prober
from deepglass.training.records import Step
from deepglass.training.training import Training


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
        prober.after(step.losses, training.rate)
        yield step
        prober.before(training.step_number, epoch)
