"""Measuring all: the metrics of stacked networks from one pass over the data."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from deepglass.data import Batch
from deepglass.networks import call
from deepglass.randomness import derive
from deepglass.tasks import Supervised
from deepglass.tasks.losses import LOSSES
from deepglass.tasks.scores_of_all import CollectedOfAll, scores_of_all
from deepglass.training.execution.stacked import StackedChain
from deepglass.training.measuring import MEASURE_NUMBERS, batches_to_keep, evaluating, examples_at_once
from deepglass.training.training import Training

Tensors = Mapping[str, Tensor]  # of all networks, (replicas, ...) by name
Scores = dict[str, dict[str, float]]  # metrics by split
Kept = dict[str, list[Batch] | None]
NUMBERS_AT_HAND = 1 << 20  # that a layer of all networks makes at a time: 4 MiB, which a processor's cache holds
SPLITS = ("train", "validation")


def measure_all(
    trainings: Sequence[Training], parameters: Tensors, fixed: Tensors, chain: StackedChain | None, kept: Kept
) -> list[Scores]:
    """Return what `Training.measure` would give for each of some stacked trainings, of both splits.

    Args:
        parameters, fixed: what learns, and buffers and frozen weights.
        chain: what gives the outputs of all, where there is one; then both splits are measured in one pass.
        kept: where examples stay from one epoch to the next.
    """
    lead = trainings[0]
    ids = {split: lead.measured_ids(split) for split in SPLITS}
    found: list[Scores] = [{split: {} for split in SPLITS} for _ in trainings]
    for group in [SPLITS] if chain is not None else [(split,) for split in SPLITS]:
        whole = torch.cat([ids[split] for split in group])
        if not len(whole):
            continue
        torch.default_generator.manual_seed(derive(lead.recipe.seed, "measure"))
        with evaluating(lead.network):
            said = _of_chain(lead, chain, whole, kept) if chain else _of_networks(lead, parameters, fixed, whole)
        end = 0
        for split in group:
            start, end = end, end + len(ids[split])
            if end > start:
                assert isinstance(lead.task, Supervised)
                for scores, own in zip(found, scores_of_all(lead.task, said.part(start, end))):
                    scores[split] = own
    return found


def _of_chain(lead: Training, chain: StackedChain, ids: Tensor, kept: Kept) -> CollectedOfAll:
    """What the networks of a chain say, a few examples at a time; their losses at once."""
    task = lead.task
    assert isinstance(task, Supervised)
    shapes = lead.data.input_shapes.values()
    if "all" not in kept:
        kept["all"] = batches_to_keep(task, lead.data, ids, lead.device)
    batches = kept["all"] or lead.reader.read(ids, examples_at_once(task, shapes))
    few = examples_at_once(task, shapes, chain.count, NUMBERS_AT_HAND)
    outputs, taken = [], []
    for batch in batches:
        outputs += [chain.judge(x) for x in batch[chain.lead.input].split(few)]
        taken.append(batch)
    output = torch.cat(outputs, dim=2)  # (replicas, outputs, examples)
    target = torch.cat([task.target_of(batch) for batch in taken])
    return _collected(taken, output.mT, target, chain.losses(output, target))


def _of_networks(lead: Training, parameters: Tensors, fixed: Tensors, ids: Tensor) -> CollectedOfAll:
    """What networks of any layers say, a batch of all at a time."""
    task = lead.task
    assert isinstance(task, Supervised)
    size = examples_at_once(
        task, lead.data.input_shapes.values(), len(next(iter(parameters.values()))), MEASURE_NUMBERS
    )
    outputs, losses, taken = [], [], []
    for batch in lead.reader.read(ids, size):
        outputs.append(_outputs(lead, parameters, fixed, batch))
        losses.append(_losses(task, outputs[-1], batch))
        taken.append(batch)
    target = torch.cat([task.target_of(batch) for batch in taken])
    return _collected(taken, torch.cat(outputs, dim=1), target, torch.cat(losses, dim=1))


def _collected(batches: Sequence[Batch], output: Tensor, target: Tensor, losses: Tensor) -> CollectedOfAll:
    weights = [batch.weights for batch in batches if batch.weights is not None]
    ids = torch.cat([batch.ids for batch in batches]).cpu()
    weight = torch.cat(weights).cpu() if weights else None
    return CollectedOfAll(output.cpu(), target.cpu(), losses.float().cpu(), ids, weight)


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
