"""Card: what a training is made of, in five lines, before its first step."""

from typing import Any

import torch
from torch import nn

from deepglass.data import Dataset
from deepglass.networks import made_from
from deepglass.networks.families import FAMILIES, family_of
from deepglass.plurals import counted
from deepglass.tasks import Task
from deepglass.training.measuring import evaluating
from deepglass.training.recipe import Recipe

MOST_NAMED = 6  # columns of a prediction that are named


def card(network: nn.Module, data: Dataset, task: Task, recipe: Recipe) -> tuple[str, ...]:
    """Return data, architecture, parameters, objective and prediction, a line each; the network is left as it is.

    Source: the five ingredients are those of Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.10, and the answer.
    """
    sizes = {
        name: len(ids) for name, ids in (("validate", data.splits.validation), ("test, behind glass", data.splits.test))
    }
    beside = "".join(f", {count:,} to {what}" for what, count in sizes.items() if count)
    given = ", ".join(f"{n} ({f.kind}, {'x'.join(map(str, f.shape)) or 'one'})" for n, f in data.inputs.items())
    asked = ", ".join(f"{n} ({f.kind})" for n, f in data.targets.items()) or "no target"
    name = str((made_from(network) or {}).get("name") or type(network).__name__)
    family = f", {family_of(name)}" if any(name in known.names for known in FAMILIES.values()) else ""
    parameters = list(network.parameters())
    all_of_them = sum(p.numel() for p in parameters)
    free = sum(p.numel() for p in parameters if p.requires_grad)
    rate = "the optimizer's usual rate" if recipe.learning_rate is None else f"rate {recipe.learning_rate:g}"
    size = "all examples a step" if recipe.batch_size == "all" else f"batches of {recipe.batch_size}"
    loss = getattr(task, "loss_name", None) or f"that of {task.name}"
    penalty = f" + {recipe.weight_decay:g}/2 x squared weights" if recipe.weight_decay else ""
    return (
        f"data: {data.name}, {counted(len(data.splits.train), 'example')} to train on{beside}; {given} -> {asked}",
        f"network: {name}{family}, {counted(sum(1 for _ in network.modules()) - 1, 'module')}",
        f"parameters: {all_of_them:,}" + ("" if free == all_of_them else f", of which {free:,} learn"),
        f"objective: {loss}{penalty}, by {recipe.optimizer} at {rate}, {size}, {counted(recipe.epochs, 'epoch')} at most",
        f"prediction: {_answer(network, data, task)}",
    )


def _answer(network: nn.Module, data: Dataset, task: Task) -> str:
    """What a new example will be told, by the names of its columns."""
    ids = data.members("train")[:1]
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    with evaluating(network):
        inputs: dict[str, Any] = {n: v.to(device) for n, v in data.read(ids).pick(list(data.inputs)).items()}
        names = list(task.decode(task.predict(network, inputs)))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"for a new example {', '.join(names[:MOST_NAMED])}{more}"
