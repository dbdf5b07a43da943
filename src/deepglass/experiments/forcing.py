"""Forcing: learning to go on after the true past (teacher forcing), or after one's own guesses, as in use."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset, Source, load
from deepglass.data.source import numbers
from deepglass.experiments.arms import spread
from deepglass.experiments.experiment import Expectation, Form, Outcome
from deepglass.experiments.pictures import lines, sweep
from deepglass.networks import build
from deepglass.randomness import Noise, generator, seeded
from deepglass.tasks import Task, Translation
from deepglass.training import Recipe, Training
from deepglass.training.measuring import evaluating

GIVEN, FREE = 16, 24  # steps of a wave that are seen, and that are to be foretold after them
UNITS = 32
PITCHES = torch.tensor([0.25, 0.6])  # radians a step: 25 and 10 steps a turn
FORCED, OWN = "after the true past", "after its own guesses"
BATCH = 64
EXACT = 0.02  # shares of whole sequences that are closer count as alike
EVERY = 500  # steps after which sequences are counted, in the full form


class OutputFed(nn.Module):
    """A GRU that is given the value before, true or its own, and says the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.gru, self.output = nn.GRU(1, UNITS, batch_first=True), nn.Linear(UNITS, 1)

    def forward(self, waves: Tensor, free: bool) -> Tensor:
        """Say each value of `waves` but the first; the last FREE of them after its own guesses, where `free`.

        Shapes: waves (examples, steps), returned (examples, steps - 1).
        """
        x = waves[:, :-1, None]
        if not free:
            return self.output(self.gru(x)[0])[..., 0]
        hidden, state = self.gru(x[:, :GIVEN])
        said = [self.output(hidden)]
        for _ in range(x.shape[1] - GIVEN):
            hidden, state = self.gru(said[-1][:, -1:], state)
            said.append(self.output(hidden))
        return torch.cat(said, dim=1)[..., 0]


class GoOn(Task):
    """Say the next value of a wave. Measured are both errors over the last values: after the true past, and running freely."""

    name = "go_on"

    def __init__(self, forced: bool) -> None:
        super().__init__()
        self.forced = forced

    def losses(self, network: nn.Module, batch: Batch, player: str, noise: Noise) -> dict[str, Tensor]:
        waves = batch["wave"]
        error = (network(waves, free=not self.forced) - waves[:, 1:]).square()
        return {"loss": error[:, GIVEN - 1 :].mean()}

    def measure(self, network: nn.Module, batches: Any, seed: int = 0) -> dict[str, float]:
        waves = torch.cat([batch["wave"] for batch in batches])
        both = [(network(waves, free=free) - waves[:, 1:]).square()[:, GIVEN - 1 :].mean() for free in (False, True)]
        found = {"one_step": float(both[0]), "free_running": float(both[1])}
        return {"loss": found["one_step" if self.forced else "free_running"], **found}


def two_tones(examples: int, seed: int = 0) -> Dataset:
    """Waves of two tones, each with a random phase, as long as GIVEN and FREE steps together; a fifth of them validates."""
    random = generator(seed, "two tones")
    phase = torch.empty(examples, 2, 1).uniform_(0, 2 * torch.pi, generator=random)
    waves = (PITCHES[:, None] * torch.arange(GIVEN + FREE) + phase).sin().mean(dim=1)
    source = Source("two tones", {"wave": numbers(waves.numpy())}, ("wave",), ())
    return load(source, validation=0.2, test=0, scaling="none")


def forced_waves(form: Form) -> Outcome:
    """Learn two-tone waves after the true past or after one's own guesses, and measure both ways."""
    data = two_tones(form.examples)
    found: dict[str, dict[str, np.ndarray]] = {}
    for side in (FORCED, OWN):
        form.tell(side)
        ends = [_waves(form, data, side == FORCED, seed) for seed in form.seeds]
        found[side] = {
            name: np.array([end[name] for end in ends]) for name in ("one_step", "free_running", "fit", "by_step")
        }
    fit = {side: found[side]["fit"] for side in found}
    free = {side: found[side]["free_running"] for side in found}
    steps = form.epochs * -(-len(data.members("train")) // BATCH)
    return Outcome(
        [
            {
                "learned": side,
                "what it trained on": _small(values["fit"]),
                "one step ahead": _small(values["one_step"]),
                "free running": _small(values["free_running"]),
            }
            for side, values in found.items()
        ],
        lines(
            {f"learned {side}": (np.arange(1, FREE + 1), v["by_step"].mean(axis=0)) for side, v in found.items()},
            f"steps that it goes on by itself, after {steps} steps of training",
            "mean squared error",
            log=True,
        ),
        [
            Expectation(
                "what is trained is easier to fit after the true past",
                fit[FORCED].mean() < fit[OWN].mean(),
                f"{_small(fit[FORCED])} against {_small(fit[OWN])}",
            ),
            Expectation(
                "but running freely it is worse than one that has learned from its own guesses",
                free[FORCED].mean() > free[OWN].mean(),
                f"{_small(free[FORCED])} against {_small(free[OWN])}",
            ),
        ],
    )


def forced_reversal(form: Form) -> Outcome:
    """Learn to write sequences backwards after the true symbols or after one's own guesses, and count what is right in use."""
    length = 6 if form.data == "symbols" else 4
    rows: list[dict[str, Any]] = []
    sides: dict[str, dict[Any, np.ndarray]] = {}
    for side, share in ((FORCED, 1.0), (OWN, 0.0)):
        form.tell(side)
        curves = np.array([_reversal(form, share, seed, length) for seed in form.seeds])  # (seeds, epochs)
        steps = -(-form.examples // BATCH)
        at = [e for e in range(1, form.epochs + 1) if (e * steps) % EVERY < steps or e == form.epochs]
        sides[side] = {e * steps: curves[:, e - 1] for e in range(1, form.epochs + 1)}
        rows.append({"learned": side} | {f"after {e * steps} steps": spread(curves[:, e - 1]) for e in at})
    last = {side: list(values.values())[-1] for side, values in sides.items()}
    return Outcome(
        rows,
        sweep({"whole sequences right": sides}, "steps"),
        [
            Expectation(
                "both learn it: over half of the sequences are right",
                min(v.mean() for v in last.values()) > 0.5,
                ", ".join(f"{spread(v)} {side}" for side, v in last.items()),
            ),
            Expectation(
                f"the true symbols before do not help in use: it is not better by {EXACT:g} or more",
                last[FORCED].mean() - last[OWN].mean() < EXACT,
                f"{last[FORCED].mean() - last[OWN].mean():+.3f}",
            ),
        ],
    )


def _waves(form: Form, data: Dataset, forced: bool, seed: int) -> dict[str, Any]:
    with seeded(seed, "weights"):
        network = OutputFed()
    recipe = Recipe(
        epochs=form.epochs, batch_size=BATCH, learning_rate=1e-2, clip_norm=1.0, early_stopping=False, seed=seed
    )
    history = list(Training(network, data, recipe, task=GoOn(forced)))
    waves = data.examples("validation")["wave"]
    with evaluating(network):
        error = (network(waves, free=True) - waves[:, 1:]).square()[:, GIVEN - 1 :]
    return {**history[-1].validation, "fit": history[-1].train["loss"], "by_step": error.mean(dim=0).numpy()}


def _reversal(form: Form, share: float, seed: int, length: int) -> list[float]:
    options = {"examples": form.examples + form.held_out, "length": length}
    data = load("reversal", options=options, validation=form.held_out, test=0)
    network = build("seq2seq", data, seed=seed, attention=None, width=128, dropout=0.0)
    recipe = Recipe(
        epochs=form.epochs, batch_size=BATCH, learning_rate=3e-3, clip_norm=1.0, early_stopping=False, seed=seed
    )
    return [
        e.validation["sequence_accuracy"]
        for e in Training(network, data, recipe, task=Translation(teacher_forcing=share))
    ]


def _small(values: np.ndarray) -> str:
    """A mean of small numbers over the seeds."""
    return f"{float(np.mean(values)):.2g}"
