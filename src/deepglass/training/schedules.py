"""Schedules: what share of the learning rate is used at each step of a training."""

import math
from collections.abc import Callable
from dataclasses import dataclass

DROP = 0.1  # of a step of the rate: divided by ten, as in He et al., arXiv:1512.03385, section 3.4
END_SHARE = 0.01  # what an exponential schedule leaves at the end, unless it is given a factor
RISE, START_SHARE, LAST_SHARE = 0.3, 1 / 25, 1 / 25e4  # of one_cycle, as in torch's OneCycleLR


@dataclass(frozen=True)
class Course:
    """What a schedule runs along: steps after the warm-up, steps an epoch, and its two settings where they are given."""

    steps: int
    epoch_steps: int
    factor: float | None = None
    epochs: int | None = None

    def every(self, share: float) -> int:
        """The steps of `epochs`, or else of a share of the whole course, in full epochs."""
        epochs = self.epochs or max(1, round(share * self.steps / self.epoch_steps))
        return epochs * self.epoch_steps


def constant(step: int, course: Course) -> float:
    """The full rate, all the time."""
    return 1.0


def step_decay(step: int, course: Course) -> float:
    """Times `schedule_factor` (0.1) every `schedule_epochs` (a third of all): as torch's StepLR."""
    factor = DROP if course.factor is None else course.factor
    return float(factor ** (step // course.every(1 / 3)))


def exponential(step: int, course: Course) -> float:
    """Times `schedule_factor` an epoch, a little at each step: as torch's ExponentialLR. Unless given, 1 % is left at the end."""
    if course.factor is None:
        return float(END_SHARE ** (step / max(1, course.steps)))
    return float(course.factor ** (step / course.epoch_steps))


def inverse_time(step: int, course: Course) -> float:
    """1 / (1 + t / T): half the rate after `schedule_epochs` (a tenth of all), a third after twice as many.

    Source: Robbins and Monro, 1951: such rates sum up to infinity, their squares do not, so descent reaches its end.
    """
    return 1 / (1 + step / course.every(1 / 10))


def cosine(step: int, course: Course) -> float:
    """From the full rate to nothing along half a cosine, so that the last steps settle down.

    Source: Loshchilov and Hutter, "SGDR", arXiv:1608.03983, equation 5, without restarts.

    >>> cosine(0, Course(10, 5)), round(cosine(5, Course(10, 5)), 12), round(cosine(10, Course(10, 5)), 12)
    (1.0, 0.5, 0.0)
    """
    return 0.5 + 0.5 * math.cos(math.pi * step / max(1, course.steps))


def one_cycle(step: int, course: Course) -> float:
    """From 1/25 of the rate up to all of it in 30 % of the steps, and down to nearly nothing: as torch's OneCycleLR.

    Momentum stays as it is. Source: Smith and Topin, "Super-Convergence", arXiv:1708.07120.
    """
    top, end = RISE * course.steps - 1, course.steps - 1
    if step < top:
        return _between(START_SHARE, 1.0, step / top)
    return _between(1.0, LAST_SHARE, min(1.0, (step - top) / (end - top)))


def plateau(step: int, course: Course) -> float:
    """Times `schedule_factor` (0.1) whenever what is watched is no better for `schedule_epochs` (5): see `Pace`."""
    return 1.0


@dataclass(frozen=True)
class Schedule:
    """One entry of the catalogue.

    Args:
        share: (step from 0, course) -> share of the learning rate.
        takes: which of "schedule_factor" and "schedule_epochs" it heeds.
        settles: whether it comes to rest at the last epoch, and not before.
    """

    share: Callable[[int, Course], float]
    takes: tuple[str, ...] = ()
    settles: bool = False


SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule(constant),
    "step": Schedule(step_decay, ("schedule_factor", "schedule_epochs")),
    "exponential": Schedule(exponential, ("schedule_factor",)),
    "inverse_time": Schedule(inverse_time, ("schedule_epochs",)),
    "cosine": Schedule(cosine, settles=True),
    "one_cycle": Schedule(one_cycle, settles=True),
    "plateau": Schedule(plateau, ("schedule_factor", "schedule_epochs")),
}


def _between(start: float, end: float, part: float) -> float:
    """From start to end along half a cosine."""
    return end + (start - end) * (0.5 + 0.5 * math.cos(math.pi * part))
