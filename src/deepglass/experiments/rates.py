"""Learning rates: the grid of a course, rates that fall, and the loss from step to step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from deepglass.data import load
from deepglass.experiments.arms import arms, pictures, rows
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves, lines, logarithmic
from deepglass.networks import build
from deepglass.report.pictures.figure import CLASS_COLOURS, new_figure, on_paper
from deepglass.training import Recipe, Training
from deepglass.training.pace import Pace
from deepglass.training.schedules import SCHEDULES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = (0.001, 0.01, 0.1, 1.0, 10.0)


def learning_rates(form: Form) -> Outcome:
    """Train at each rate of the grid."""
    sides = arms(form, {f"{rate:g}": {"learning_rate": rate} for rate in GRID})
    accuracy = {name: float(np.nanmean(arm.last("accuracy"))) for name, arm in sides.items()}
    loss = {name: float(np.mean(arm.last("loss", "train"))) for name, arm in sides.items()}
    best = max(accuracy, key=lambda name: accuracy[name])
    chance = 0.2
    verdicts = [
        {**row, "verdict": _verdict(row["learning rate"], best, accuracy)}
        for row in rows(sides, "loss", "accuracy", first="learning rate")
    ]
    return Outcome(
        verdicts,
        curves(sides, [("loss", "train"), ("accuracy", "validation")]),
        [
            Expectation(
                "the best is in the middle, 0.1 or 1", best in ("0.1", "1"), f"{best}, accuracy {accuracy[best]:.3f}"
            ),
            Expectation(
                "0.001 is too small: its loss is still more than twice that of 0.1",
                loss["0.001"] > 2 * loss["0.1"],
                f"{loss['0.001']:.2f} against {loss['0.1']:.2f}",
            ),
            Expectation(
                f"10 is too large: it stays near chance, under {chance}, or is no number",
                not accuracy["10"] > chance,
                f"accuracy {accuracy['10']:.3f}",
            ),
        ],
    )


def _verdict(rate: str, best: str, accuracy: dict[str, float]) -> str:
    """Say what a rate is like beside the best one: good within 0.02 of its accuracy."""
    if accuracy[rate] > accuracy[best] - 0.02:
        return "good"
    if float(rate) < float(best):
        return "too slow"
    return "unstable" if accuracy[rate] > 0.2 else "diverged"


def falling_rates(form: Form) -> Outcome:
    """Fit a line to noisy points, one example a step, and watch how far the weight stays from the best one."""
    random = np.random.default_rng(0)
    x = random.normal(size=(form.examples, 1)).astype(np.float32)
    y = 3 * x[:, 0] + random.normal(size=form.examples).astype(np.float32)
    data = load((x, y), validation=0, test=0, scaling="none", target_scaling="none")
    best = float(np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0][0])
    rules = {"constant": "constant", "inverse time": "inverse_time", "cosine": "cosine"}
    distance = {
        name: [_distances(form, data, schedule, best, seed) for seed in form.seeds] for name, schedule in rules.items()
    }
    means = {name: np.sqrt(np.mean(np.square(found), axis=0)) for name, found in distance.items()}
    steps = np.arange(1, len(means["constant"]) + 1) * max(1, form.examples // 20)
    floor = {name: found[-len(found) // 10 :].mean() for name, found in means.items()}
    return Outcome(
        [{"schedule": n, "distance from the best weight, last tenth": f"{v:.4f}"} for n, v in floor.items()],
        _falling(form, {n: (steps, v) for n, v in means.items()}),
        [
            Expectation(
                f"a rate that falls ({name}) ends at less than half the distance of a constant one",
                floor[name] < floor["constant"] / 2,
                f"{floor[name]:.4f} against {floor['constant']:.4f}",
            )
            for name in ("inverse time", "cosine")
        ],
    )


@on_paper
def _falling(form: Form, distance: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Every schedule's share of the rate by step, and beside it how far the weight is from the best one."""
    figure, (left, right) = new_figure(10.5, 3.8, 1, 2)
    count = form.examples * form.epochs
    at: Any = np.arange(0, count, max(1, count // 400))
    for colour, name in zip(
        CLASS_COLOURS * 2, sorted(set(SCHEDULES) - {"plateau"})
    ):  # a plateau depends on what is measured
        pace = Pace(Recipe(epochs=form.epochs, schedule=name), form.examples)
        left.plot(at, [pace.share(int(step)) for step in at], color=colour, label=name.replace("_", " "))
    for colour, (name, (steps, found)) in zip(CLASS_COLOURS, distance.items()):
        right.plot(steps, found, color=colour, label=name)
    left.set(xlabel="step", ylabel="share of the learning rate", title="How each schedule lowers the rate")
    right.set(xlabel="step", ylabel="distance from the best weight", title="And where three of them lead")
    logarithmic(right)
    for panel in (left, right):
        panel.locator_params(axis="x", nbins=5)
    left.legend(fontsize=8)
    right.legend(fontsize=8)
    return figure


def _distances(form: Form, data: object, schedule: str, best: float, seed: int) -> list[float]:
    network = build("linear", data, seed=seed)
    recipe = Recipe(
        epochs=form.epochs,
        batch_size=1,
        optimizer="sgd",
        learning_rate=0.05,
        schedule=schedule,
        early_stopping=False,
        seed=seed,
    )
    training, found = Training(network, data, recipe), []  # type: ignore[arg-type]
    weight = next(p for p in network.parameters() if p.ndim == 2)
    while not training.finished:
        for step in training.steps():
            if step.number % max(1, form.examples // 20) == 0:
                found.append(abs(float(weight.detach()) - best))
        training.close_epoch()
    return found


def noisy_loss(form: Form) -> Outcome:
    """Compare the loss of each batch with the loss on all the examples."""
    data = pictures(form)
    recipe = Recipe(epochs=form.epochs, optimizer="sgd", learning_rate=0.1, early_stopping=False)
    training = Training(build("mlp", data, hidden=[64]), data, recipe)
    batch_losses: list[float] = []
    while not training.finished:
        batch_losses += [step.loss for step in training.steps()]
        training.close_epoch()
    batches = np.array(batch_losses)
    window = max(2, len(batches) // form.epochs)
    moving = np.convolve(batches, np.ones(window) / window, mode="valid")
    whole = np.array([e.train["loss"] for e in training.history])
    up, whole_up = float((np.diff(batches) > 0).mean()), float((np.diff(whole) > 0).mean())
    steps = np.arange(1, len(batches) + 1)
    per_epoch = len(batches) // len(whole)
    return Outcome(
        [
            {"loss": "of each batch", "share of steps up": f"{up:.2f}"},
            {"loss": f"mean of the last {window} batches", "share of steps up": f"{(np.diff(moving) > 0).mean():.2f}"},
            {"loss": "of all examples, after each epoch", "share of steps up": f"{whole_up:.2f}"},
        ],
        lines(
            {
                "each batch": (steps, batches),
                f"mean of {window} batches": (steps[window - 1 :], moving),
                "all examples": (per_epoch * np.arange(1, len(whole) + 1), whole),
            },
            "step",
            "loss",
        ),
        [
            Expectation("the loss of the batches goes up at a third of the steps or more", up > 1 / 3, f"{up:.2f}"),
            Expectation(
                "that of all examples hardly ever does, at most once in five epochs", whole_up <= 0.2, f"{whole_up:.2f}"
            ),
        ],
    )
