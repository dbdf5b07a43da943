"""Stackable: which trainings can be taken in one step, and batches with an axis of replicas in front."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from deepglass.data import Batch
from deepglass.tasks import Supervised
from deepglass.training.hardware import work_of
from deepglass.training.optimizers import OPTIMIZERS
from deepglass.training.training import Training

Form = tuple[str, dict[str, torch.Size]]  # how a network is written, and the shapes of its tensors by name
MOST_WORK = 20_000_000  # multiply-adds of a step of one network beyond which it keeps a processor busy by itself
# What may differ between replicas: numbers that spread over them, and what is each training's own affair.
MAY_DIFFER = (
    *("learning_rate", "weight_decay", "l1", "momentum", "rho", "beta1", "beta2", "epsilon", "seed"),
    *("clip_norm", "early_stopping", "patience", "min_change", "monitor", "tolerance", "threads"),
)


def pays(trainings: Sequence[Training]) -> bool:
    """Whether taking all in one step is quicker: on a processor, where a step of one network is too small to fill it."""
    lead = trainings[0]
    convolves = any(isinstance(m, nn.modules.conv._ConvNd) for m in lead.network.modules())
    small = work_of(lead.network, lead.data, lead.batch_size) <= MOST_WORK
    return len(trainings) > 1 and lead.recipe.max_time is None and small and not convolves


def unfit(trainings: Sequence[Training]) -> str:
    """Say why trainings cannot be stacked, or nothing when they can."""
    if not trainings:
        return "there are none"
    lead = trainings[0]
    if any(t.data is not lead.data for t in trainings):
        return "they are on different data"
    form = form_of(lead.network)
    if any(form_of(t.network) != form for t in trainings[1:]):
        return "their networks differ"
    if len({id(t.network) for t in trainings}) < len(trainings):
        return "they share a network"
    if not isinstance(lead.task, Supervised) or len(lead.players) > 1 or lead.task.carry:
        return f"the task {lead.task.name} is not learned by one player from one batch after another"
    if any(isinstance(module, nn.RNNBase) for module in lead.network.modules()):
        return "torch has no recurrent layer for several networks at once"
    player = lead.players[0]
    if player.kind not in OPTIMIZERS or OPTIMIZERS[player.kind].update is None:
        return f"{player.kind if player.kind in OPTIMIZERS else 'an optimizer of your own'} has no update for replicas"
    for name in type(lead.recipe).model_fields:
        own = getattr(lead.recipe, name)
        if name not in MAY_DIFFER and any(getattr(t.recipe, name) != own for t in trainings):
            return f"recipe.{name} differs"
    unstacked: dict[str, object] = {"accumulate": 1, "average": None, "clip_value": None, "players": {}}
    unstacked |= dict.fromkeys(("unfreeze_after", "unfreeze_every", "rate_decay_by_depth"))
    for name, plain in unstacked.items():
        if getattr(lead.recipe, name) != plain:
            return f"recipe.{name} is set"
    if lead.recipe.schedule == "plateau" or lead.order == "lanes" or lead.data.settings.augment.mixup:
        return "a plateau, lanes and mixup go with one network at a time"
    return ""


def tensors_of(network: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers by name."""
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


def form_of(network: nn.Module) -> Form:
    """What networks that can be stacked have in common."""
    return str(network), {name: tensor.shape for name, tensor in tensors_of(network).items()}


def parted(batch: Batch, count: int) -> Batch:
    """A batch of the examples of all replicas, one replica after the other, with an axis of replicas in front."""

    def split(values: Tensor) -> Tensor:
        return values.reshape(count, -1, *values.shape[1:])

    weights = None if batch.weights is None else split(batch.weights)
    return Batch({n: split(v) for n, v in batch.fields.items()}, split(batch.ids), weights)


def side_by_side(batches: Sequence[Batch]) -> Batch:
    """One batch of several, a replica each."""
    first = batches[0]
    fields = {n: torch.stack([b[n] for b in batches]) for n in first.fields}
    weights = None if first.weights is None else torch.stack([b.weights for b in batches if b.weights is not None])
    return Batch(fields, torch.stack([b.ids for b in batches]), weights)
