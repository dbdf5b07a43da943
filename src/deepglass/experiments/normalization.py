"""Normalization: batch norm and layer norm, before and after ReLU, with tiny batches, and between training and use."""

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.experiments.arms import Arm, arms, pictures, rows, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.looking import accuracy, answers, examples
from deepglass.experiments.pictures import scores, sweep

NORMS: dict[str, dict[str, Any]] = {
    "none": {},
    "batch, before": {"norm": "batch", "norm_position": "before"},
    "batch, after": {"norm": "batch", "norm_position": "after"},
    "layer, before": {"norm": "layer"},
}
DEEP = {"hidden": [64, 64, 64]}
RECIPE = {"learning_rate": 0.1}
SHOWN = 2048  # examples that trained networks are shown in either mode


def batch_norm(form: Form) -> Outcome:
    """Train with batch norm before ReLU, after it, with layer norm and without."""
    found = _normed(form, 64)
    score = {name: arm.last("accuracy") for name, arm in found.items()}
    gain = {name: score[name] - score["none"] for name in ("batch, before", "batch, after")}
    after = score["batch, after"] - score["batch, before"]
    margin = 0.005 if form.data == "mnist" else 0.03
    return Outcome(
        rows(found, "loss", "accuracy", first="norm, where to ReLU", seconds=False),
        scores(score, "validation accuracy", x_name="norm, before or after ReLU"),
        [
            *(
                Expectation(f"{name} ReLU: better than none on average", bool(g.mean() > 0), f"by {spread(g)}")
                for name, g in gain.items()
            ),
            Expectation(
                f"after ReLU it is no better than before, by {margin} at most",
                after.mean() <= margin,
                f"by {spread(after)}",
            ),
        ],
    )


def tiny_batches(form: Form) -> Outcome:
    """The same with batches of 2, of 4 and of 32 examples."""
    sizes = (2, 4, 32) if form.data == "mnist" else (2, 32)
    found = {size: _normed(form, size) for size in sizes}
    score = {size: {n: float(arm.last("accuracy").mean()) for n, arm in arms_.items()} for size, arms_ in found.items()}
    two, many = score[2], score[32]
    best = max(two["batch, before"], two["batch, after"])
    return Outcome(
        [
            {"norm, where to ReLU": name}
            | {f"accuracy, batches of {size}": spread(found[size][name].last("accuracy")) for size in sizes}
            for name in NORMS
        ],
        sweep(
            {
                "accuracy, validation": {
                    name: {size: found[size][name].last("accuracy") for size in sizes} for name in NORMS
                }
            },
            "examples in a batch",
            log="x",
        ),
        [
            Expectation("batches of 2: with batch norm under 0.7", best < 0.7, f"{best:.3f}"),
            Expectation(
                "batches of 2: with layer norm over 0.75", two["layer, before"] > 0.75, f"{two['layer, before']:.3f}"
            ),
            Expectation("batches of 2: without a norm over 0.75", two["none"] > 0.75, f"{two['none']:.3f}"),
            Expectation(
                "batches of 32: batch norm is within 0.03 of layer norm, or better",
                many["batch, before"] > many["layer, before"] - 0.03,
                f"{many['batch, before']:.3f} against {many['layer, before']:.3f}",
            ),
        ],
    )


def batch_norm_in_use(form: Form) -> Outcome:
    """Show trained networks the same batches as in training and as in use."""
    two = torch.tensor([[1.0, 2.0, 3.0], [3.0, 6.0, 9.0]])
    norm = nn.BatchNorm1d(3)
    trained = norm(two).detach()  # which also moves its running mean and variance
    used = norm.eval()(two).detach()
    found = _normed(form, 64, ("batch, before", "layer, before"))
    sizes = (2, 4, 16, 64)
    measured = {
        f"{name.split(',')[0]} norm, as in training": {
            size: np.array([_in_training(t.network, arm, size) for t in arm.trainings]) for size in sizes
        }
        for name, arm in found.items()
    }
    for name, arm in found.items():
        in_use = np.array([accuracy(t.network, *examples(t.data, limit=SHOWN)) for t in arm.trainings])
        measured[f"{name.split(',')[0]} norm, in use"] = dict.fromkeys(sizes, in_use)
    gap = float((measured["batch norm, in use"][2] - measured["batch norm, as in training"][2]).mean())
    layer = found["layer, before"].trainings[0]
    same = torch.equal(
        _as_in_training(layer.network, two_of := examples(layer.data)[0][:2]), answers(layer.network, two_of)
    )
    return Outcome(
        [
            {"network": name} | {f"accuracy, batches of {size}": spread(by[size]) for size in sizes}
            for name, by in measured.items()
        ],
        sweep({"accuracy, validation": measured}, "examples that are shown together", log="x"),
        [
            Expectation(
                "of two examples, batch norm makes -1 and +1 in training, whatever they are",
                torch.allclose(trained, torch.tensor([[-1.0] * 3, [1.0] * 3]), atol=1e-4),
                _written(trained),
            ),
            Expectation(
                "in use, after that one step, something else",
                not torch.allclose(used, trained, atol=0.1),
                _written(used),
            ),
            Expectation(
                "normalized by batches of 2 as in training, a trained network loses 0.1 of its accuracy or more",
                gap > 0.1,
                f"{gap:.3f}",
            ),
            Expectation(
                "layer norm gives the same answers in both, to the bit", same, "the same" if same else "others"
            ),
        ],
    )


def _normed(form: Form, batch_size: int, norms: Any = tuple(NORMS)) -> dict[str, Arm]:
    data = pictures(form, scaling="unit")
    sides = {name: {"network": NORMS[name]} for name in norms}
    return arms(form, sides, data=data, network=DEEP, recipe={**RECIPE, "batch_size": batch_size})


def _in_training(network: nn.Module, arm: Arm, size: int) -> float:
    """The accuracy in the mode of training, shown so many examples at a time."""
    x, y = examples(arm.trainings[0].data, limit=SHOWN)
    whole = len(x) // size * size
    said = torch.cat([_as_in_training(network, part) for part in x[:whole].split(size)])
    return float((said.argmax(1) == y[:whole]).float().mean())


def _as_in_training(network: nn.Module, x: Tensor) -> Tensor:
    """What a network would say in the mode of training; its running statistics stay as they are."""
    with torch.no_grad():
        return deepcopy(network).train()(x)


def _written(two: Tensor) -> str:
    return " and ".join(f"({', '.join(f'{value:.2f}' for value in row)})" for row in two.tolist())
