"""Networks of every build, and a training that is driven step by step with a prober beside it."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import deepglass as dg
from deepglass.probes import Prober
from deepglass.training import Recipe, Training


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inward, self.block, self.out = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = self.inward(x)
        return self.out(h + F.relu(self.block(h)))


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inward, self.twice, self.out = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)
        self.twice.bias = self.inward.bias  # one parameter in two places, beside one module called twice

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.tanh(self.twice(torch.tanh(self.twice(self.inward(x))))))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.out = nn.LSTM(2, 5, batch_first=True, dropout=0.3, num_layers=2), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.lstm(x.reshape(len(x), 3, 2))[0][:, -1])


class Remembering(nn.Module):
    """Code of one's own that keeps things between calls."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(6, 3)
        self.calls, self.outputs = 0, []  # as a policy keeps its actions until the reward is known
        self.register_buffer("mean", torch.zeros(6), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(0)
        self.outputs.append(len(self.outputs))
        return self.out(
            x + 0.001 * len(self.outputs) - self.mean + 0.1 * torch.randn_like(x) + 0.01 * float(np.random.rand())  # noqa: NPY002
        )


def in_place() -> nn.Module:
    return nn.Sequential(
        nn.Linear(6, 8), nn.ReLU(inplace=True), nn.Linear(8, 8), nn.Hardtanh(inplace=True), nn.Linear(8, 3)
    )


def normalized() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


def compiled() -> nn.Module:
    network = normalized()
    network.compile(backend="eager")  # in place, as the names stay
    return network


def wrapped() -> nn.Module:
    return torch.compile(normalized(), backend="eager")  # type: ignore[return-value]


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "residual": Residual,
    "shared": Shared,
    "lstm": Recurrent,
    "in place": in_place,
    "batch norm and dropout": normalized,
    "own code": Remembering,
    "compiled": compiled,
    "compiled, wrapped": wrapped,
}


def make(name: str) -> nn.Module:
    torch.manual_seed(0)
    return NETWORKS[name]()


def rows(count: int = 90) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(count, 6)).astype(np.float32)
    return x, np.array(["a", "b", "c"])[x[:, :3].argmax(1)]


def training_of(network: nn.Module, **recipe: object) -> Training:
    settings = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "early_stopping": False, **recipe}
    return Training(network, dg.load(rows(), validation=0.2, test=0.0, split_seed=1), Recipe(**settings))


def prober_of(training: Training, run: object = None) -> Prober:
    return Prober(
        training.network,
        training.task,
        training.data,
        steps_an_epoch=training.steps_an_epoch,
        batch_size=training.batch_size,
        optimized=[p for player in training.players for p in player.parameters.values()],
        clip_norm=training.recipe.clip_norm,
        device=training.device,
        seed=training.recipe.seed,
        run=run,  # type: ignore[arg-type]
    )


def drive(training: Training, prober: Prober | None, stop_after: int | None = None) -> None:
    """Train, telling the prober of every step. Args: stop_after: number of steps."""
    while not training.finished:
        steps = training.steps()
        while training.position < len(training.train_ids):
            if prober is not None:
                prober.before(training.step_number, len(training.history) + 1)
            step = next(steps)
            if prober is not None:
                rate = float(training.players[0].learning_rate) * training.pace.share(training.step_number - 1)
                prober.after(step.losses, rate)
            if stop_after is not None and training.step_number >= stop_after:
                return
        for _ in steps:
            raise AssertionError("an epoch has more steps than examples")
        training.close_epoch()
    if prober is not None:
        prober.end(training.step_number, len(training.history))


def hooks_of(network: nn.Module) -> int:
    """How many hooks there are on a network and its parameters."""
    on_modules = sum(
        len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in network.modules()
    )
    return on_modules + sum(len(p._backward_hooks or ()) for p in network.parameters())
