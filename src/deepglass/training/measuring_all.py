"""Measuring all: the metrics of stacked networks from one pass over the data."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from deepglass.data import Batch
from deepglass.networks import call
from deepglass.randomness import derive
from deepglass.tasks import Collected, Supervised
from deepglass.tasks.losses import LOSSES
from deepglass.training.execution.stacked import StackedChain
from deepglass.training.measuring import MEASURE_NUMBERS, evaluating, examples_at_once
from deepglass.training.training import Training

Tensors = Mapping[str, Tensor]  # of all networks, (replicas, ...) by name
NUMBERS_AT_HAND = 1 << 20  # that a layer of all networks makes at a time: 4 MiB, which a processor's cache holds


def measure_all(
    trainings: Sequence[Training], parameters: Tensors, fixed: Tensors, split: str, chain: StackedChain | None = None
) -> list[dict[str, float]]:
    """Return what `Training.measure` would give for each of some stacked trainings.

    Args:
        parameters, fixed: what learns, and buffers and frozen weights.
        chain: what gives the outputs of all, where there is one.
    """
    lead, count = trainings[0], len(trainings)
    ids = lead.measured_ids(split)
    if not len(ids):
        return [{} for _ in trainings]
    task = lead.task
    assert isinstance(task, Supervised)
    torch.default_generator.manual_seed(derive(lead.recipe.seed, "measure"))
    outputs, losses, targets, seen, weights = [], [], [], [], []
    most = MEASURE_NUMBERS if chain is None else NUMBERS_AT_HAND
    with evaluating(lead.network):
        for batch in lead.reader.read(ids, examples_at_once(task, lead.data.input_shapes.values(), count, most)):
            output, each = _judged(lead, parameters, fixed, batch) if chain is None else chain.judge(batch)
            outputs.append(output)
            losses.append(each)
            targets.append(task.target_of(batch))
            seen.append(batch.ids)
            weights += [] if batch.weights is None else [batch.weights]
    output = torch.cat(outputs, dim=1) if chain is None else torch.cat(outputs, dim=2).mT
    target, who = torch.cat(targets).cpu(), torch.cat(seen).cpu()
    weight = torch.cat(weights).cpu() if weights else None
    each, output = torch.cat(losses, dim=1).float().cpu(), output.cpu()
    return [
        task.score(Collected(task.interpret(output[i]), target, each[i], who, weight, output[i])) for i in range(count)
    ]


def _judged(lead: Training, parameters: Tensors, fixed: Tensors, batch: Batch) -> tuple[Tensor, Tensor]:
    """What every network says of a batch, (replicas, examples, ...), and the loss of each example, (replicas, examples)."""
    assert isinstance(lead.task, Supervised)
    output = _outputs(lead, parameters, fixed, batch)
    return output, _losses(lead.task, output, batch)


def _outputs(lead: Training, parameters: Tensors, fixed: Tensors, batch: Batch) -> Tensor:
    """What every network says of a batch, (replicas, examples, ...)."""
    caller, inputs = _Caller(lead.network), batch.pick(lead.task.inputs)

    def output_of(parameters: Tensors, fixed: Tensors) -> Tensor:
        tensors = {f"network.{n}": v for n, v in {**parameters, **fixed}.items()}
        result: Tensor = functional_call(caller, tensors, (inputs,))
        return result

    found: Tensor = vmap(output_of)(dict(parameters), dict(fixed))
    return found


def _losses(task: Supervised, output: Tensor, batch: Batch) -> Tensor:
    """The plain loss of each example of each network, (replicas, examples)."""
    if task.loss_name in LOSSES:  # one number an example, whoever else is in the batch
        fields = {n: batch[n].expand(len(output), *batch[n].shape).flatten(0, 1) for n in task.targets}
        all_rows = Batch(fields, batch.ids.expand(len(output), -1).flatten())
        return task.each_loss(output.flatten(0, 1), all_rows).reshape(output.shape[:2])
    each = [task.each_loss(one, batch) for one in output]
    return torch.stack([e if e.ndim else e.expand(len(batch)) for e in each])


class _Caller(nn.Module):
    """A network called by the names of its inputs."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Mapping[str, Any]) -> Tensor:
        output: Tensor = call(self.network, inputs)
        return output
