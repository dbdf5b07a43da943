"""Recurrence: gradients that explode through time and what clipping does, and networks that read both ways."""

from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from deepglass.data import Dataset, load
from deepglass.data.builtin.next_symbol import next_symbol
from deepglass.errors import TrainingError
from deepglass.experiments.arms import arms, rows, spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import curves, lines
from deepglass.networks import build
from deepglass.training import Recipe, Training

STEPS, UNITS = 50, 32
SCALES = (1.1, 1.2)  # of the recurrent matrix, a multiple of the identity
LIMIT = 1.0  # of the gradient's norm


def exploding(form: Form) -> Outcome:
    """Let a ReLU network, whose state grows at each of 50 steps, learn the mean of a series, with its gradients clipped and not."""
    random = np.random.default_rng(0)
    x = random.uniform(size=(form.examples, STEPS, 1)).astype(np.float32)
    data = load(
        (x, x.mean(axis=(1, 2))), kinds={"x": "series"}, validation=0, test=0, scaling="none", target_scaling="none"
    )
    table, expected = [], []
    drawn: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for scale in SCALES:
        first = float(np.median([_first_norm(data, scale, seed) for seed in form.seeds]))
        found = {clip: [_losses(form, data, scale, seed, clip) for seed in form.seeds] for clip in (None, LIMIT)}
        lost = sum(not np.isfinite(losses[-1]) for losses in found[None])
        clipped = np.array([losses[-1] for losses in found[LIMIT]])
        table.append(
            {
                "recurrent matrix": f"{scale:g} I",
                "norm of the first gradient": f"{first:.1e}",
                "not clipped": f"{lost} of {len(form.seeds)} end as no number",
                "clipped at 1, loss": f"{clipped.mean():.1e}",
            }
        )
        for name, losses in (("not clipped", found[None][0]), ("clipped at 1", found[LIMIT][0])):
            ended = "" if np.isfinite(losses[-1]) else f", no number in epoch {len(losses)}"
            drawn[f"{scale:g} I, {name}{ended}"] = (np.arange(1, len(losses) + 1), losses)
        start = float(np.mean([losses[0] for losses in found[LIMIT]]))
        expected += [
            Expectation(f"{scale:g} I: the first gradient has a norm of 1,000 or more", first > 1e3, f"{first:.1e}"),
            Expectation(
                f"{scale:g} I: without clipping, every seed ends as no number",
                lost == len(form.seeds),
                f"{lost} of {len(form.seeds)}",
            ),
            Expectation(
                f"{scale:g} I: clipped at 1, each seed ends at a thousandth of the loss of its first epoch, or less",
                all(losses[-1] < losses[0] / 1000 for losses in found[LIMIT]),
                f"from {start:.1e} to {clipped.max():.1e} at most",
            ),
        ]
    return Outcome(table, lines(drawn, "epoch", "training loss", log=True), expected)


def _made(data: Dataset, scale: float, seed: int) -> torch.nn.Module:
    network = build(
        {"name": "rnn", "units": UNITS, "nonlinearity": "relu", "initialization": "default"}, data, seed=seed
    )
    with torch.no_grad():
        network.get_parameter("rnn1.weight_hh_l0").copy_(scale * torch.eye(UNITS))
    return network


def _first_norm(data: Dataset, scale: float, seed: int) -> float:
    """The norm of the gradient of the whole network before the first step, over 32 examples."""
    batch = data.examples("train", 32)
    network = _made(data, scale, seed)
    answers = network(batch[next(iter(data.inputs))])
    loss = F.mse_loss(answers.flatten(), batch[data.target.name].flatten())
    slopes = torch.autograd.grad(loss, list(network.parameters()))
    return float(torch.stack([slope.norm() for slope in slopes]).norm())


def _losses(form: Form, data: Dataset, scale: float, seed: int, clip: float | None) -> np.ndarray:
    """The training loss of each epoch; nan at the end where there was no number any more."""
    recipe = Recipe(
        epochs=form.epochs,
        batch_size=32,
        optimizer="sgd",
        learning_rate=0.01,
        clip_norm=clip,
        early_stopping=False,
        seed=seed,
    )
    training = Training(_made(data, scale, seed), data, recipe)
    form.tell(f"{scale:g} I, {'not clipped' if clip is None else 'clipped'}")
    losses: list[float] = []
    with suppress(TrainingError):
        for epoch in training:
            losses.append(epoch.train.get("loss", np.nan))
    return np.array(losses if len(losses) == form.epochs else [*losses, np.nan])


def both_ways(form: Form) -> Outcome:
    """Mark each symbol with the next one, by a network that reads one way and by one that reads both."""
    length = 12
    data = load(next_symbol(examples=form.examples + form.held_out, length=length), validation=form.held_out, test=0)
    base: dict[str, Any] = {"name": "rnn", "units": UNITS}
    sides = {"one way": {"network": base}, "both ways": {"network": {**base, "bidirectional": True}}}
    recipe = {"optimizer": "adam", "learning_rate": 3e-3, "batch_size": 64, "clip_norm": 1.0}
    found = arms(form, sides, data=data, recipe=recipe)
    one, both = found["one way"].last("accuracy"), found["both ways"].last("accuracy")
    return Outcome(
        rows(found, "accuracy", first="network", seconds=False),
        curves(found, [("accuracy", "validation")]),
        [
            Expectation(
                "one way: by chance, 0.5, or little more, as the last mark is always the same",
                np.abs(one - 0.52).max() < 0.06,
                spread(one),
            ),
            Expectation("both ways: 0.99 or more", both.min() > 0.99, spread(both)),
        ],
    )
