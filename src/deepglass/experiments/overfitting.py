"""Overfitting: what it looks like, and what helps against it, on few training examples."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from deepglass.data import load
from deepglass.experiments.arms import Arm, arms, pictures, rows, train
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves, scores
from deepglass.networks import summary

LARGE: dict[str, Any] = {"hidden": [256, 256]}
RECIPE: dict[str, Any] = {"learning_rate": 0.1}
LOOKS = (("loss", "train"), ("loss", "validation"), ("accuracy", "validation"))


def overfitting(form: Form) -> Outcome:
    """Train a large network on few examples for long."""
    (arm,) = arms(form, {"no remedy": {}}, data=_scaled(form), network=LARGE, recipe=RECIPE).values()
    loss, fitted = arm.curve("loss").mean(axis=0), float(arm.last("accuracy", "train").mean())
    lowest = int(loss.argmin())
    return Outcome(
        rows({"no remedy": arm}, "loss", "accuracy"),
        curves({"training": _as(arm, "train"), "validation": arm}, [("loss", "validation")]),
        [
            Expectation(
                "the training examples are learned by heart, over 0.99 of them", fitted > 0.99, f"{fitted:.4f}"
            ),
            Expectation(
                "the validation loss is lowest in the first half and has risen by 3 % or more at the end",
                lowest < len(loss) / 2 and loss[-1] > 1.03 * loss[lowest],
                f"{loss[lowest]:.3f} in epoch {lowest + 1}, {loss[-1]:.3f} at the end",
            ),
        ],
    )


def early_stopping(form: Form) -> Outcome:
    """The same, stopped when the validation loss no longer falls, with the best weights put back."""
    sides = arms(
        form,
        {"all epochs": {}, "early stopping": {"early_stopping": True, "patience": 5, "monitor": "loss"}},
        data=_scaled(form),
        network=LARGE,
        recipe=RECIPE,
    )
    late = sides["all epochs"].last("loss")
    kept = np.array([t.measure("validation")["loss"] for t in sides["early stopping"].trainings])
    epochs = float(np.mean([len(h) for h in sides["early stopping"].histories]))
    return Outcome(
        [
            {"side": "all epochs", "epochs": form.epochs, "loss, validation": f"{late.mean():.3f}"},
            {"side": "early stopping", "epochs": f"{epochs:.0f}", "loss, validation": f"{kept.mean():.3f}"},
        ],
        curves(sides, [("loss", "validation")]),
        [
            Expectation(
                "its validation loss is lower with every seed",
                bool((kept < late).all()),
                f"{kept.mean():.3f} against {late.mean():.3f}",
            ),
            Expectation("it takes fewer epochs", epochs < form.epochs, f"{epochs:.0f} of {form.epochs}"),
        ],
    )


def dropout(form: Form) -> Outcome:
    """Half of the hidden units left out in each step."""
    sides = arms(
        form,
        {"none": {}, "dropout 0.5": {"network": {"dropout": 0.5}}},
        data=_scaled(form),
        network=LARGE,
        recipe=RECIPE,
    )
    without, with_it = sides["none"], sides["dropout 0.5"]
    gain = with_it.late("accuracy") - without.late("accuracy")
    lowest = {name: float(arm.curve("loss").mean(axis=0).min()) for name, arm in sides.items()}
    return Outcome(
        rows(sides, "loss", "accuracy"),
        curves(sides, LOOKS),
        [
            Expectation(
                "accuracy in the last tenth of the epochs is higher on average",
                gain.mean() > 0,
                f"by {gain.mean():+.3f}",
            ),
            Expectation(
                "the lowest validation loss on the way is lower",
                lowest["dropout 0.5"] < lowest["none"],
                f"{lowest['dropout 0.5']:.3f} against {lowest['none']:.3f}",
            ),
        ],
    )


def l2(form: Form) -> Outcome:
    """An L2 penalty of two sizes."""
    sides = arms(
        form,
        {"none": {}, "1e-3": {"weight_decay": 1e-3}, "1e-2": {"weight_decay": 1e-2}},
        data=_scaled(form),
        network=LARGE,
        recipe=RECIPE,
    )
    curve = {name: arm.curve("loss").mean(axis=0) for name, arm in sides.items()}
    end = {name: float(arm.late("loss").mean()) for name, arm in sides.items()}
    rise = {name: end[name] - float(found.min()) for name, found in curve.items()}
    return Outcome(
        rows(sides, "loss", "accuracy", first="penalty"),
        curves(sides, LOOKS),
        [
            Expectation(
                "1e-2 ends at a lower validation loss than no penalty", end["1e-2"] < end["none"], _rounded(end)
            ),
            Expectation("it rises less from its lowest value", rise["1e-2"] < rise["none"], _rounded(rise)),
        ],
    )


def augmentation(form: Form) -> Outcome:
    """Training pictures moved or turned at random."""
    change = {"rotate": 10} if form.data == "digits" else {"shift": 2}  # of 8 pixels, one is too much
    name = ", ".join(f"{what} {value}" for what, value in change.items())
    sides = arms(
        form,
        {"as they are": {}, name: {"data": {"augment": change}}},
        data=_scaled(form),
        network=LARGE,
        recipe=RECIPE,
    )
    without, with_it = (arm.late("accuracy") for arm in sides.values())
    gain = with_it - without
    return Outcome(
        rows(sides, "loss", "accuracy"),
        curves(sides, LOOKS),
        [
            Expectation(
                "accuracy in the last tenth of the epochs is higher with every seed",
                bool((gain > 0).all()),
                f"by {gain.mean():+.3f} on average",
            )
        ],
    )


def more_data(form: Form) -> Outcome:
    """The same network on more and more examples; as many steps each time."""
    amounts = sorted({int(form.examples * share) for share in (0.03, 0.1, 0.3, 1.0)})
    errors, found = {}, {}
    for amount in amounts:
        part = Form(form.data, amount, form.held_out, max(1, form.epochs * form.examples // amount), form.seeds)
        (arm,) = arms(part, {str(amount): {}}, network={"hidden": [128]}, recipe=RECIPE).values()
        errors[str(amount)] = 1 - arm.last("accuracy")
        found[str(amount)] = arm
    means = [float(e.mean()) for e in errors.values()]
    power = float(np.polyfit(np.log(amounts), np.log(means), 1)[0])
    return Outcome(
        rows(found, "accuracy", first="examples"),
        scores(errors, "validation error", x_name="training examples"),
        [
            Expectation(
                "the error falls each time",
                all(after < before for before, after in pairwise(means)),
                ", ".join(f"{m:.3f}" for m in means),
            ),
            Expectation(
                "like a power of the number of examples, whose exponent is between -1 and 0",
                -1 < power < 0,
                f"{power:.2f}: ten times as many leave {10**power:.0%} of the error",
            ),
        ],
    )


def bagging(form: Form) -> Outcome:
    """Networks trained on draws with replacement, and the average of their answers."""
    members, single, together, cost = 5, [], [], 0
    for seed in form.seeds:
        data = pictures(form)
        random = np.random.default_rng(seed)
        train_ids = data.members("train").numpy()
        validation = data.examples("validation")
        truth = validation[data.target.name].numpy()
        votes = []
        for member in range(members):
            weights = np.zeros(len(data), dtype=np.float32)
            weights[data.members("validation").numpy()] = 1
            np.add.at(weights, random.choice(train_ids, len(train_ids)), 1)  # how often each example was drawn
            form.tell(f"network {member + 1} of {members}, seed {seed}")
            training = train(form, load(data, weights=weights), RECIPE, {}, seed * members + member)
            answer = training.task.predict(training.network, validation.pick(training.task.inputs))
            votes.append(answer["probabilities"].numpy())
            cost = summary(training.network, data).multiply_adds
        single += [float((vote.argmax(1) == truth).mean()) for vote in votes]
        together.append(float((np.mean(votes, axis=0).argmax(1) == truth).mean()))
    values = {"one network": np.array(single), f"average of {members}": np.array(together)}
    gain = values[f"average of {members}"].mean() - values["one network"].mean()
    return Outcome(
        [
            {
                "side": name,
                "accuracy, validation": f"{v.mean():.3f}",
                "lowest": f"{v.min():.3f}",
                "multiply-adds for an example": f"{cost * times:,}",
                "trainings": times,
            }
            for (name, v), times in zip(values.items(), (1, members))
        ],
        scores(values, "validation accuracy"),
        [Expectation("the average is better than the networks are on average", gain > 0, f"by {gain:+.3f}")],
    )


def _scaled(form: Form) -> dict[str, str]:
    """MNIST from 0 to 1, as in the course: standardized, dropout gains nothing there."""
    return {"scaling": "unit"} if form.data == "mnist" else {}


def _as(arm: Arm, part: str) -> Arm:
    """The same histories with what was measured on another split in the place of validation."""
    return replace(arm, histories=[[replace(e, validation=getattr(e, part)) for e in h] for h in arm.histories])


def _rounded(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in values.items())
