"""Steps: how many examples one is made of, and by which rule."""

import numpy as np

from deepglass.experiments.arms import Arm, arms, rows
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves, scores

OPTIMIZERS = {  # the rates at which each is commonly used
    "sgd": 0.1,
    "momentum": 0.02,
    "adagrad": 0.02,
    "rmsprop": 0.001,
    "adadelta": 1.0,
    "adam": 0.001,
}


def gradient_descents(form: Form) -> Outcome:
    """Batch, mini-batch and stochastic gradient descent over the same number of epochs."""
    sides = arms(
        form,
        {
            "batch": {"batch_size": "all", "learning_rate": 0.5},
            "mini-batch of 32": {"batch_size": 32, "learning_rate": 0.1},
            "stochastic, 1 example": {"batch_size": 1, "learning_rate": 0.01},
        },
    )
    accuracy = {name: float(arm.last("accuracy").mean()) for name, arm in sides.items()}
    batch, mini, single = accuracy.values()
    return Outcome(
        rows(sides, "loss", "accuracy", first="gradient descent"),
        curves(sides, [("loss", "train"), ("accuracy", "validation")]),
        [
            Expectation(
                "after the same epochs, one step an epoch is far behind many",
                batch < min(mini, single) - 0.05,
                f"{batch:.3f} against {mini:.3f} and {single:.3f}",
            ),
            Expectation(
                "mini-batches are within 0.03 of single examples", mini > single - 0.03, f"{mini:.3f}, {single:.3f}"
            ),
        ],
    )


def optimizers(form: Form) -> Outcome:
    """The optimizers of a course at common rates."""
    sides = arms(form, {name: {"optimizer": name, "learning_rate": rate} for name, rate in OPTIMIZERS.items()})
    accuracy = {name: arm.last("accuracy") for name, arm in sides.items()}
    lowest = min(accuracy, key=lambda name: accuracy[name].mean())
    highest = max(accuracy, key=lambda name: accuracy[name].mean())
    gap = float(accuracy[highest].mean() - accuracy[lowest].mean())
    return Outcome(
        rows(sides, "loss", "accuracy", first="optimizer"),
        scores(accuracy, "validation accuracy", x_name="optimizer"),
        [
            Expectation(
                "at common rates they differ little, by 0.06 at most",
                gap < 0.06,
                f"{highest} {accuracy[highest].mean():.3f}, {lowest} {accuracy[lowest].mean():.3f}",
            ),
        ],
    )


def small_batches(form: Form) -> Outcome:
    """A deep network with several batch sizes, at one rate: the same epochs, and the same number of updates."""
    sizes = (4, 16, 64, 256)
    deep = {"hidden": [64] * 4}
    recipe = {"learning_rate": 0.05}
    same_epochs = arms(form, {str(b): {"batch_size": b} for b in sizes}, network=deep, recipe=recipe)
    updates = form.epochs * (form.examples // 16)
    longer = {str(b): {"batch_size": b, "epochs": max(1, updates * b // form.examples)} for b in sizes}
    same_updates = arms(form, longer, network=deep, recipe=recipe)
    by_epochs, by_updates = _accuracy(same_epochs), _accuracy(same_updates)
    return Outcome(
        [
            {"batch size": b, "accuracy after the same epochs": f"{by_epochs[b]:.3f}"}
            | {"accuracy after the same updates": f"{by_updates[b]:.3f}"}
            for b in same_epochs
        ],
        scores(
            {b: arm.last("accuracy") for b, arm in same_epochs.items()}, "accuracy, same epochs", x_name="batch size"
        ),
        [
            Expectation(
                "after the same epochs batches of 16 beat those of 256",
                by_epochs["16"] > by_epochs["256"],
                f"{by_epochs['16']:.3f} against {by_epochs['256']:.3f}",
            ),
            Expectation(
                "after the same updates that is over: 256 is within 0.02 of 16, or better",
                by_updates["256"] > by_updates["16"] - 0.02,
                f"{by_updates['256']:.3f} against {by_updates['16']:.3f}",
            ),
        ],
    )


def _accuracy(sides: dict[str, Arm]) -> dict[str, float]:
    return {name: float(np.mean(arm.last("accuracy"))) for name, arm in sides.items()}
