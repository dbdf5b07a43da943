"""The loop of the fresh cases: an ordinary one, in which a step, an order or what is said of it can be another."""

from collections.abc import Callable
from typing import Any

import torch
from case import Loop
from torch import Tensor, nn
from torch.nn import functional as F

from cases.fresh.material import Parts
from cases.fresh.networks import answers
from deepglass.probes import Evidence


def step(network: nn.Module, optimizer: Any, loss_of: Callable[..., Tensor], x: Tensor, y: Tensor) -> Tensor:
    """One step as it should be."""
    optimizer.zero_grad()
    loss = loss_of(network(x), y)
    loss.backward()
    optimizer.step()
    return loss


def say(evidence: Any, says: str, train: float, scores: dict[str, float]) -> None:
    """Tell the evidence what this loop's author prints: "all", the "train" loss, or "nothing". A bare log hears all, to verify."""
    if not isinstance(evidence, Evidence) or says == "all":
        evidence.log(loss=train, **{f"validation_{name}": value for name, value in scores.items()})
    elif says == "train":
        evidence.log(loss=train)


def classified(output: Tensor, y: Tensor) -> dict[str, float]:
    """Loss and accuracy of logits, whatever the loss of the training is."""
    output = output.detach()
    one = output.ndim == 1 or output.shape[1] == 1
    loss = (
        F.binary_cross_entropy_with_logits(output.reshape(len(y)), y.float())
        if one
        else F.cross_entropy(output, y.long())
    )
    right = (answers(output) == y.reshape(len(y)).long()).float().mean()
    return {"loss": float(loss), "accuracy": float(right)}


def measured(output: Tensor, y: Tensor) -> dict[str, float]:
    """Mean squared error and r2 of numbers."""
    error = (output.detach().reshape(y.shape) - y).square().mean()
    return {"loss": float(error), "r2": float(1 - error / y.var(correction=0))}


def fit(
    network: nn.Module,
    data: Parts,
    loss_of: Callable[..., Tensor],
    optimizer: Any,
    *,
    epochs: int,
    size: int = 32,
    judged: Callable[[Tensor, Tensor], dict[str, float]] = classified,
    says: str = "all",
    one: Callable[..., Tensor] = step,
    mixed: bool = True,
    modes: bool = True,
    before: Callable[[], None] | None = None,
    after_epoch: Callable[[int], Any] | None = None,
    given: bool = True,
) -> Loop:
    """An ordinary training. Args: one: the step; modes: whether train() and eval() are called; given: the optimizer is to watch."""
    x, y, x_validation, y_validation = data

    def loop(watch: Any) -> Any:
        with watch(network, optimizer=optimizer if given else None) as evidence:
            for epoch in range(epochs):
                total, count = 0.0, 0
                if modes:
                    network.train()
                order = torch.randperm(len(x)) if mixed else torch.arange(len(x))
                for batch in order.split(size):
                    if len(batch) < 2 <= size:
                        continue  # drop_last, as batch norm asks for
                    total += float(one(network, optimizer, loss_of, x[batch], y[batch])) * len(batch)
                    count += len(batch)
                if after_epoch is not None:
                    after_epoch(epoch)
                if modes:
                    network.eval()
                with torch.no_grad():
                    output = network(x_validation)
                scores = judged(output[0] if isinstance(output, tuple) else output, y_validation)
                say(evidence, says, total / max(1, count), scores)
        return evidence

    if before is not None:
        before()
    return Loop(loop, data)
