"""Before: what is known of a training before its first step, as named sections of plain values.

`of_start` is what only the beginning of a training can tell, and costs about a millisecond; it is kept in the run's folder
(probes/before.json). `of_data` is measured when a run is diagnosed, and added there. What a look at the network tells (weights,
signals and gradients at step 0) stands in the first record of the probes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from deepglass.data import Dataset
from deepglass.doctor.before.baselines import baselines
from deepglass.doctor.before.batch import batch
from deepglass.doctor.before.inputs import inputs
from deepglass.doctor.before.labels import labels
from deepglass.doctor.before.leakage import leakage
from deepglass.doctor.before.output import output
from deepglass.doctor.before.own_loss import own_loss
from deepglass.doctor.before.parameters import parameters
from deepglass.doctor.before.splits import splits
from deepglass.doctor.before.target import target
from deepglass.tasks import Supervised, Task
from deepglass.training.recipe import Recipe

Section = dict[str, Any]

OF_DATA: dict[str, Callable[[Dataset, Supervised], Section]] = {
    "inputs": inputs,
    "target": target,
    "splits": splits,
    "leakage": leakage,
    "labels": labels,
    "baselines": baselines,
}


def of_start(network: nn.Module, data: Dataset, task: Task, recipe: Recipe) -> dict[str, Section]:
    """Return the sections task, output, own_loss, parameters and batch. Nothing in the network or any random state changes."""
    found = {"task": _task(task), "parameters": parameters(network, recipe), "batch": batch(data, network, recipe)}
    if isinstance(task, Supervised):
        found["output"] = output(task, data)
        if callable(task.loss):
            found["own_loss"] = own_loss(network, task, data, recipe.seed)
    return found


def of_data(data: Dataset, task: Task, known: Mapping[str, Any]) -> dict[str, Section]:
    """Return the sections inputs, target, splits, leakage, labels and baselines, as far as they are not `known`.

    Of the test split, inputs alone are compared with those of the others.
    """
    if not isinstance(task, Supervised):
        return {}
    return {name: measure(data, task) for name, measure in OF_DATA.items() if name not in known}


def _task(task: Task) -> Section:
    monitor, direction = task.monitor or ("", "")
    return {"name": task.name, "monitor": monitor, "direction": direction}
