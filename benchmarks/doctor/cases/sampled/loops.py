"""Loops of drawn programs: three habits of writing the same epoch."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from cases.sampled.context import Context

Train = Callable[[int], float]  # an epoch, by its number from 0; gives the mean loss


def mode(c: Context, network: nn.Module, *, training: bool) -> None:
    """Set the network's mode, as the author does it."""
    c.hooks["modes"](network, training) if "modes" in c.hooks else network.train(training)


def step(
    c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor, number: int, last: bool
) -> float:
    """One batch. Args: number: from 0 in the epoch; last: whether it is the epoch's last."""
    if "dealt" in c.hooks:
        x, y = c.hooks["dealt"](x, y)
    if "step" in c.hooks:
        return float(c.hooks["step"](network, optimizer, loss_of, x, y, number, last))
    if number % c.accumulate == 0:
        optimizer.zero_grad()
    loss = loss_of(network(x), y)
    (loss / c.accumulate).backward()
    if c.clip:
        nn.utils.clip_grad_norm_(network.parameters(), c.clip)
    if number % c.accumulate == c.accumulate - 1 or last:
        optimizer.step()
    return float(loss.detach())


def judged(c: Context, network: nn.Module, x: Tensor) -> Tensor:
    """What the network answers to the validation inputs, all at once or a few at a time."""
    return torch.cat([network(some) for some in x.split(c.judged_by)]) if c.judged_by else network(x)


def schedule(c: Context, optimizer: Any) -> Any:
    """A schedule that is stepped once an epoch, or none."""
    lambdas: dict[str, Callable[[int], float]] = {
        "cosine": lambda epoch: 0.5 * (1 + math.cos(math.pi * epoch / c.epochs)),
        "exponential": lambda epoch: 0.05 ** (epoch / c.epochs),
        "warmup": lambda epoch: min(1.0, (epoch + 1) / max(1, c.epochs // 10)),
    }
    if c.schedule == "step":
        return torch.optim.lr_scheduler.StepLR(optimizer, max(1, c.epochs // 2), gamma=0.2)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambdas[c.schedule]) if c.schedule else None


def _indices(c: Context, y: Tensor) -> Tensor:
    return c.hooks["order"](y) if "order" in c.hooks else torch.randperm(len(y))


def _kept(c: Context, size: int) -> bool:
    """Whether a batch is used: a batch norm takes no batch of one."""
    return size > 1 or c.norm != "batch" or c.batch == 1


def _by_index(c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor) -> Train:
    turn = schedule(c, optimizer)

    def epoch(number: int) -> float:
        mode(c, network, training=True)
        total = 0.0
        batches = [i for i in _indices(c, y).split(c.batch) if _kept(c, len(i))]
        for n, i in enumerate(batches):
            total += step(c, network, optimizer, loss_of, x[i], y[i], n, n == len(batches) - 1) * len(i)
        if turn:
            turn.step()
        return total / len(x)

    return epoch


def _by_loader(c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor) -> Train:
    turn = schedule(c, optimizer)
    order = c.hooks["order"](y) if "order" in c.hooks else torch.arange(len(y))
    loader = DataLoader(
        TensorDataset(x[order], y[order]),
        batch_size=c.batch,
        shuffle="order" not in c.hooks,
        drop_last=c.norm == "batch" and c.batch > 1,
    )

    def epoch(number: int) -> float:
        mode(c, network, training=True)
        losses = [
            step(c, network, optimizer, loss_of, xb, yb, n, n == len(loader) - 1) for n, (xb, yb) in enumerate(loader)
        ]
        if turn:
            turn.step()
        return sum(losses) / len(losses)

    return epoch


class Trainer:
    """A trainer as people write one for themselves."""

    def __init__(self, c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor) -> None:
        self.c, self.network, self.optimizer, self.loss_of = c, network, optimizer, loss_of
        self.x, self.y = x, y
        self.schedule = schedule(c, optimizer)
        self.history: list[float] = []

    def batches(self) -> Iterator[Tensor]:
        order = _indices(self.c, self.y)
        for start in range(0, len(order), self.c.batch):
            if _kept(self.c, len(order[start : start + self.c.batch])):
                yield order[start : start + self.c.batch]

    def __call__(self, number: int) -> float:
        mode(self.c, self.network, training=True)
        running, batches = 0.0, list(self.batches())
        for n, i in enumerate(batches):
            last = n == len(batches) - 1
            running += step(self.c, self.network, self.optimizer, self.loss_of, self.x[i], self.y[i], n, last)
        if self.schedule is not None:
            self.schedule.step()
        self.history.append(running / len(batches))
        return self.history[-1]


def _by_steps(c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor) -> Train:
    """So many steps, from batches that never end; an epoch is as many as there are batches of all rows."""
    turn, count = schedule(c, optimizer), max(1, len(x) // c.batch)

    def endless() -> Iterator[Tensor]:
        while True:
            yield from (i for i in _indices(c, y).split(c.batch) if _kept(c, len(i)))

    batches = endless()

    def epoch(number: int) -> float:
        mode(c, network, training=True)
        total = 0.0
        for n in range(count):
            i = next(batches)
            total += step(c, network, optimizer, loss_of, x[i], y[i], n, n == count - 1)
        if turn:
            turn.step()
        return total / count

    return epoch


def _by_closure(c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor) -> Train:
    """Steps by a closure, which clears, goes forward and backward; only where nothing else is done between these."""
    if c.clip or c.accumulate > 1 or {"step", "dealt"} & c.hooks.keys():
        return _by_steps(c, network, optimizer, loss_of, x, y)
    turn = schedule(c, optimizer)

    def epoch(number: int) -> float:
        mode(c, network, training=True)
        losses = []
        for i in (i for i in _indices(c, y).split(c.batch) if _kept(c, len(i))):

            def closure(i: Tensor = i) -> Tensor:
                optimizer.zero_grad()
                loss = loss_of(network(x[i]), y[i])
                loss.backward()
                return loss

            losses.append(float(optimizer.step(closure).detach()))
        if turn:
            turn.step()
        return sum(losses) / len(losses)

    return epoch


class _Named(torch.utils.data.Dataset):
    """Rows as dictionaries."""

    def __init__(self, x: Tensor, y: Tensor) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, row: int) -> dict[str, Tensor]:
        return {"inputs": self.x[row], "labels": self.y[row]}


def _by_dictionary(c: Context, network: nn.Module, optimizer: Any, loss_of: Any, x: Tensor, y: Tensor) -> Train:
    turn = schedule(c, optimizer)
    order = c.hooks["order"](y) if "order" in c.hooks else torch.arange(len(y))
    rows = _Named(x[order], y[order])
    few = c.norm == "batch" and c.batch > 1
    loader = DataLoader(rows, c.batch, shuffle="order" not in c.hooks, drop_last=few)

    def epoch(number: int) -> float:
        mode(c, network, training=True)
        running, seen = 0.0, 0
        for n, batch in enumerate(loader):
            xb, yb = batch["inputs"], batch["labels"]
            running += step(c, network, optimizer, loss_of, xb, yb, n, n == len(loader) - 1) * len(xb)
            seen += len(xb)
        if turn:
            turn.step()
        return running / seen

    return epoch


STYLES: dict[str, Callable[..., Train]] = {
    "index": _by_index,
    "loader": _by_loader,
    "trainer": Trainer,
    "steps": _by_steps,
    "closure": _by_closure,
    "dictionary": _by_dictionary,
}
