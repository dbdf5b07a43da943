"""Alarms: what a course would warn of before the first step. Training goes on, unless it is told to be strict."""

import torch
from torch import nn

from deepglass.data import Dataset
from deepglass.layers import ResidualBlock, ResidualDense
from deepglass.plurals import counted
from deepglass.tasks import Classification, Task
from deepglass.tasks.separability import explain_separability
from deepglass.training.recipe import Recipe

RESIDUAL = (ResidualBlock, ResidualDense)
FEW_FOR_BATCH_NORM = 8  # examples: below this a batch's own mean and spread are mostly chance (COURSE: WR-20)
CHECKED_EXAMPLES = 2000  # for the question whether a plane can separate classes


def alarms(network: nn.Module, data: Dataset, task: Task, recipe: Recipe) -> list[str]:
    """Return what does not fit together, one sentence or two each; none for a sound training."""
    found = task.alarms(data, network)
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    size = recipe.batch_size
    if norms and isinstance(size, int) and size < FEW_FOR_BATCH_NORM:
        found.append(
            f"Batch norm takes mean and spread from {counted(size, 'example')} a step, which is mostly chance. "
            f"Use batch_size={FEW_FOR_BATCH_NORM} or more, or norm=layer."
        )
    examples = len(data.members("train"))
    steps = recipe.epochs * -(-examples // ((examples if size == "all" else size) * recipe.accumulate))
    if recipe.warmup_steps >= steps > 0:
        found.append(
            f"The warm-up of {counted(recipe.warmup_steps, 'step')} is as long as the whole training of {steps}, so the full "
            "rate is never used. Lower warmup_steps, or train longer."
        )
    ends = [part for block in network.modules() if isinstance(block, RESIDUAL) for part in block.modules()]
    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.modules.conv._ConvNd)]
    if any(
        bool((m.weight == 0).all()) for m in layers[:-1] if m not in ends
    ):  # a branch may start at 0, beside its shortcut
        found.append(
            "A hidden layer starts with all weights 0: its units get equal gradients and stay equal for ever. "
            "Use initialization=auto."
        )
    if recipe.sampling == "balanced" and getattr(task, "class_weight", None) == "balanced":
        found.append(
            "Rare classes are made up for twice: recipe.sampling=balanced shows them more often, and "
            "task.class_weight=balanced lets each count more. Use one of the two."
        )
    return found


def remarks(network: nn.Module, data: Dataset, task: Task) -> list[str]:
    """Return what is worth knowing and no fault: for a network of one layer, which classes a plane can separate."""
    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.modules.conv._ConvNd)]
    if len(layers) != 1 or not isinstance(task, Classification) or any(f.is_sequence for f in data.inputs.values()):
        return []  # of sequences of uneven length no plane is said
    batch = data.examples("train", limit=CHECKED_EXAMPLES)
    x = torch.cat([batch[name].flatten(1) for name in task.inputs], dim=1)
    return explain_separability(x.numpy(), batch[task.targets[0]].numpy(), [str(c) for c in task.field.classes])
