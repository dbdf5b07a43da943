"""Measured: what a trained network says of examples, how it scores there, and what simple models reach beside it."""

import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.data import Batch, Dataset, Field
from deepglass.data.inputs import new_batches
from deepglass.data.order import order_of
from deepglass.tasks import Collected, Supervised, Task
from deepglass.tasks.series import SeriesTask
from deepglass.training.measuring import evaluating, examples_at_once

if TYPE_CHECKING:
    import pandas

MOST_LANES = 64  # side by side: each begins without what came before it, so few are kinder to the network


def predictions(
    network: nn.Module, task: Task, fields: Mapping[str, Field], inputs: Any, *, skip_unreadable: bool
) -> "pandas.DataFrame":
    """Predict new examples, decoded, a row each; see `Run.predict`."""
    import pandas

    device = _device_of(network)
    parts, files = [], []
    with evaluating(network):
        size = examples_at_once(task, [f.shape for f in fields.values() if f.role == "input"])
        for encoded, names in new_batches(inputs, fields, size, skip_unreadable=skip_unreadable):
            batch = {n: v.to(device) for n, v in encoded.items()}
            parts.append(task.decode(task.predict(network, batch)))
            files += names
    columns = {n: np.concatenate([p[n] for p in parts]) for n in (parts[0] if parts else {})}
    if isinstance(task, SeriesTask) and columns:
        return pandas.DataFrame(task.table(columns, files))
    answers = pandas.DataFrame({n: list(v) if v.ndim > 1 else v for n, v in columns.items()})
    if files:
        first = next(f for f in fields.values() if f.role == "input")
        called = first.name if first.kind == "text" else "file"
        title = first.encoding.get("reading", {}).get("signal", called)  # the column that names the signals of a table
        answers.insert(0, title if title not in columns else f"its {title}", files)
    return answers


def said_of(network: nn.Module, task: Supervised, data: Dataset, ids: Tensor) -> Collected:
    """What the network says of the examples `ids`."""
    with evaluating(network):
        return task.collect(network, _batches(network, task, data, ids))


def measured(network: nn.Module, task: Task, data: Dataset, ids: Tensor) -> dict[str, Any]:
    """All that a task which is not `Supervised` says of the examples `ids`."""
    apart = copy.copy(task)  # what it carries from batch to batch is not the training's
    size = min(len(ids), examples_at_once(task, data.input_shapes.values()))
    if task.order == "lanes":  # as many as come out even, so that every example counts
        size = max(lanes for lanes in range(1, min(size, MOST_LANES) + 1) if len(ids) % lanes == 0)
        ids = order_of(ids, "lanes", seed=0, epoch=0, batch_size=size)
    device = _device_of(network)
    apart.carry = apart.start_carry(size, device)
    with evaluating(network):
        return apart.examine(network, data.reader(device).read(ids, size))


def _batches(network: nn.Module, task: Task, data: Dataset, ids: Tensor) -> Iterator[Batch]:
    return data.reader(_device_of(network)).read(ids, examples_at_once(task, data.input_shapes.values()))


def _device_of(network: nn.Module) -> torch.device:
    return next((p.device for p in network.parameters()), torch.device("cpu"))
