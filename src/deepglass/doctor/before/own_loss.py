"""Own loss: what a loss function of the user's does with answers that are right, wrong and extreme."""

from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.probes.aside import aside
from deepglass.randomness import generator
from deepglass.tasks import Supervised

ROWS = 32
SURE = 4.0  # logits that are plus or minus this stand for a sure answer: a probability of 0.98
SURE_PROBABILITY = 0.98
# Logits of these sizes are tried: a sigmoid rounds to exactly 0 or 1 in float32 beyond 17 on one side and 104 on the other.
SIZES = (1.0, 10.0, 30.0, 120.0)


def own_loss(network: nn.Module, task: Supervised, data: Dataset, seed: int) -> dict[str, Any]:
    """Ask the loss for some answers. Nothing in the network or any random state changes.

    output_shape, target_shape: of so many rows.
    order_matters: whether the loss changes when targets are given to other rows; it does not where shapes spread over each
    other, so that every answer is compared with every target.
    right, wrong: the loss of right answers and of wrong ones. not_finite_at: the size of outputs from which on it is not finite.
    Empty where the function cannot be asked so.
    """
    rows = data.examples("train", limit=ROWS)
    if len(rows) < 2:
        return {}
    random = generator(seed, "own loss")
    try:
        with aside(network, seed), torch.no_grad():
            network.eval()
            device = next((p.device for p in network.parameters()), torch.device("cpu"))
            rows = rows.to(device)
            output = task.output_of(network, rows.pick(task.inputs))
            return _asked(task, output, task.target_of(rows), random)
    except Exception:  # of the user's own code, which is tried with what it was not made for
        return {}


def _asked(task: Supervised, output: Tensor, target: Tensor, random: torch.Generator) -> dict[str, Any]:
    found: dict[str, Any] = {"output_shape": list(output.shape), "target_shape": list(target.shape)}
    drawn = torch.rand(output.shape, generator=random).to(output)
    order = torch.arange(len(target)).roll(1)
    if not bool((target == target[order]).all()):
        first, other = _loss(task, drawn, target), _loss(task, drawn, target[order])
        found["order_matters"] = bool(abs(first - other) > 1e-6 * abs(first))
    right, wrong = _answers(task, output, target)
    found |= {"right": _loss(task, right, target), "wrong": _loss(task, wrong, target)}
    if task.field.kind == "category":
        signs = drawn.sub(0.5).sign()
        sizes = [s for s in SIZES if not torch.isfinite(torch.tensor(_loss(task, s * signs, target)))]
        found["not_finite_at"] = sizes[0] if sizes else None
    return found


def _answers(task: Supervised, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Answers in the shape of the output that are right, and that are wrong."""
    if task.field.kind != "category":
        right = target.reshape(output.shape).to(output)
        return right, right + 1 + right.std()
    probabilities = task.output_kind == "probabilities"
    high, low = (SURE_PROBABILITY, 1 - SURE_PROBABILITY) if probabilities else (SURE, -SURE)
    if output.ndim == 1 or output.shape[1] == 1:
        is_first = (target.reshape(output.shape) > 0).to(output)
        return low + (high - low) * is_first, high - (high - low) * is_first
    codes = torch.nn.functional.one_hot(target.long(), output.shape[1]).to(output)
    return low + (high - low) * codes, low + (high - low) * codes.roll(1, dims=1)


def _loss(task: Supervised, output: Tensor, target: Tensor) -> float:
    assert task.loss_function is not None
    return float(task.loss_function(output, target).float().mean())
