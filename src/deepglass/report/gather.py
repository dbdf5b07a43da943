"""Gather: the plain numbers of a report, taken from a trained network and its data."""

import numpy as np
import torch
from torch import nn

from deepglass.data import Dataset
from deepglass.errors import DeepglassError, SettingError
from deepglass.inside import Activation, activations, saliency
from deepglass.inside.seen import chosen_example, explained_by
from deepglass.inside.undisturbed import device_of
from deepglass.inside.words import OfText, of_texts, raw_texts
from deepglass.report.contents import Answers, Points, Surface
from deepglass.tasks.losses import LOSSES
from deepglass.tasks.supervised import Collected, Supervised
from deepglass.training.measuring import evaluating

GRID = 160  # points a side of a surface: fine enough to look smooth
MARGIN = 0.08  # share of the range of the points that a surface shows beyond them
SHOWN_POINTS = 1500  # of a split, evenly spread; more would only cover each other


def answers_of(task: Supervised, collected: Collected) -> Answers:
    """Decode what a network said: codes, labels, or numbers in their own unit."""
    probabilities = collected.prediction.get("probabilities")
    scores = task.loss_name in LOSSES and LOSSES[task.loss_name].takes == "scores"  # sides, and no probabilities
    return Answers(
        ids=collected.ids.numpy(),
        losses=collected.losses.numpy(),
        truth=np.asarray(task.truth(collected)),
        given=np.asarray(task.answers(collected)),
        probabilities=None if probabilities is None or scores else probabilities.numpy(),
        columns=tuple(getattr(task, "columns", ())),
        unit=task.field.unit,
    )


def raw_inputs(data: Dataset, ids: list[int]) -> dict[int, np.ndarray]:
    """Return the raw first input of some examples, by id; of signals what the network is given of them, in raw units.

    Nothing for other inputs of uneven length.
    """
    name = next(iter(data.inputs), None)
    if name is None or not ids:
        return {}
    values = data.store.take(torch.tensor(ids), 0)[name]
    if data.fields[name].kind == "signal":
        field = data.fields[name]
        return dict(zip(ids, field.decode(field.encode(values))))
    try:
        return dict(zip(ids, np.asarray(values)))
    except (TypeError, ValueError):
        return {}


def texts_of(network: nn.Module, task: Supervised, data: Dataset, ids: list[int]) -> dict[int, list[OfText]]:
    """What the words of some examples did for the answers, by id; nothing for other inputs than texts.

    By integrated gradients, or by leaving words out where a network has no one vector for each word.
    """
    if not any(field.kind == "text" for field in data.inputs.values()):
        return {}
    place, found = device_of(network), {}
    for example in ids:
        inputs = data.read(torch.tensor([example]), place).pick(list(data.inputs))
        with evaluating(network):
            said = task.decode(task.predict(network, inputs))
        target, _ = explained_by(task, said, None)
        try:
            values = saliency(network, inputs, target, "integrated_gradients").by_input
        except SettingError:
            values = saliency(network, inputs, target, "occlusion").by_input
        codes = {n: v.cpu() for n, v in inputs.items()}
        found[example] = of_texts(data.inputs, codes, values, raw_texts(data, example))
    return found


def surface_of(network: nn.Module, task: Supervised, data: Dataset, *, grid: int = GRID) -> Surface | None:
    """Ask a network over a grid of its two numeric inputs; None when it has other inputs, or answers neither one of some
    classes nor one number.
    """
    field = next(iter(data.inputs.values()), None)
    if field is None or len(data.inputs) != 1 or field.shape != (2,) or task.field.kind not in ("category", "number"):
        return None
    columns = field.encoding.get("columns", [])
    if field.kind == "table" and any(column["kind"] != "number" for column in columns):
        return None
    if field.kind not in ("number", "table") or (task.field.kind == "number" and task.field.shape not in ((), (1,))):
        return None
    train, validation = _points(data, "train"), _points(data, "validation")
    everything = np.concatenate([train.inputs, validation.inputs])
    low, high = everything.min(axis=0), everything.max(axis=0)
    beyond = np.where(high > low, MARGIN * (high - low), 0.5)
    x, y = (np.linspace(low[i] - beyond[i], high[i] + beyond[i], grid) for i in (0, 1))
    raw = torch.from_numpy(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    with evaluating(network):
        said = task.predict(network, {field.name: field.encode(raw).to(device)})
    if task.field.kind == "category":
        values: np.ndarray = said["probabilities"].cpu().numpy().reshape(grid, grid, -1)
    else:
        values = np.asarray(task.decode(said)[task.field.name]).reshape(grid, grid)
    names = [c["name"] if isinstance(c, dict) else str(c) for c in columns] or ["x", "y"]
    return Surface((names[0], names[1]), x, y, values, train, validation)


def heard_of(network: nn.Module, task: Supervised, data: Dataset) -> tuple[dict[str, Activation], int | None]:
    """What every layer gives for the first validation example, and its number; nothing where a network cannot be heard."""
    split = "validation" if len(data.members("validation")) else "train"
    try:
        example = chosen_example(data, None, split)
        heard = activations(network, data.read(torch.tensor([example])).pick(list(data.inputs)))
    except DeepglassError:
        return {}, None
    return heard, example


def _points(data: Dataset, split: str) -> Points:
    ids = data.members(split)
    if len(ids) > SHOWN_POINTS:
        ids = ids[torch.linspace(0, len(ids) - 1, SHOWN_POINTS).round().long()]
    if not len(ids):
        return Points(np.zeros((0, 2)), np.zeros(0))
    inputs = np.asarray(data.store.take(ids, 0)[next(iter(data.inputs))], dtype=np.float64)
    name, field = next(iter(data.targets.items()))
    encoded = data.read(ids)[name]
    targets = encoded.cpu().numpy() if field.kind == "category" else field.decode(encoded)
    return Points(inputs.reshape(-1, 2), np.asarray(targets).reshape(-1))
