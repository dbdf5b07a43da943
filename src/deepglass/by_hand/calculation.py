"""Calculation: a small network forward, back, and one step down, each number by plain arithmetic."""

import math
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.by_hand import descent
from deepglass.by_hand.chain import layers_of
from deepglass.by_hand.given import as_tensors, inputs_of
from deepglass.by_hand.recognizing import Link
from deepglass.by_hand.sheet import Sheet, values
from deepglass.by_hand.table import ByHand
from deepglass.by_hand.target import Target, as_numbers, lost, target_of
from deepglass.by_hand.way import Way
from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.names import suggestion
from deepglass.networks import summary

LIMIT = 1000  # rows: more are no longer read
MULTIPLY_ADDS = 500_000  # of all examples together: LeNet-5 on one image, about ten seconds forward and back
ALWAYS = ("loss",)  # shown beside whatever layers are asked for: a row or two for each output


def byhand(
    network: nn.Module,
    x: Any,
    y: Any = None,
    *,
    loss: str = "auto",
    batch: bool = False,
    training: bool = False,
    masks: Mapping[str, Any] | None = None,
    learning_rate: float = 0.1,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    velocity: Mapping[str, Any] | None = None,
    layers: Sequence[str] | None = None,
    limit: int = LIMIT,
) -> ByHand:
    """Calculate a small network by hand: a table of every number and its formula, forward, backward and after one step.

    Every number comes from plain arithmetic in float64, none from PyTorch; the network stays as it is.
    Args:
        network: layers: a list, one layer, or a forward of one's own that hands on what layers give, also their sums (a branch
            and its skip), products, or both side by side.
        x: one example without a batch axis, or several with batch=True; tokens, where the network looks up their vectors. Of
            several inputs a dictionary, name -> numbers, or a tuple.
        y: its target: a class as a whole number, or numbers; None leaves the backward half out.
        loss: a name of the losses that tasks have, or "auto" for the one that suits output and target.
        training: as in training: batch normalization with the batch's own mean, dropout with `masks`.
        masks: name of a dropout layer -> 1 where a number is kept, 0 where it is dropped.
        learning_rate, momentum, weight_decay: of the one step of gradient descent at the end.
        velocity: name of a parameter -> the v that momentum starts from, such as `velocity` of the table before.
        layers: names of layers whose rows are wanted (default: all); the way back then ends at the first of them.
        limit: rows that a table has at most.
    Raises: SettingError, when a layer is not known or the table would be too long; ShapeError; UnknownName; DataError.

    >>> unit = nn.Linear(2, 1)
    >>> _ = unit.weight.data.copy_(torch.tensor([[0.5, -1.0]])), unit.bias.data.fill_(0.25)
    >>> byhand(unit, [2.0, 1.0], 1.0).row("z1[0]").numbers()
    '0.5·2 + (-1)·1 + 0.25'
    """
    if not isinstance(network, nn.Module):
        raise SettingError(f"By hand, an nn.Module is calculated, and network is a {type(network).__name__}.")
    numbers = inputs_of(x, batch)
    examples = as_tensors(network, numbers)
    links, last = layers_of(network, examples, training=training)
    _check_size(network, examples)
    names = [link.name or "network" for link in links]
    _check_settings(names, layers, limit, learning_rate=learning_rate, momentum=momentum, weight_decay=weight_decay)
    several = len(next(iter(numbers.values()))) > 1
    shown = None if layers is None else {*layers, *ALWAYS}
    sheet = Sheet(several=several, shown=shown, limit=limit)
    sheet.begin("input", "given")
    given = [sheet.given(name, values, of_examples=True) for name, values in numbers.items()]
    way = Way(sheet, links, names, given, last, training=training, masks=_masks(masks or {}, links, names, batch))
    grid = way.output
    _check_velocity(velocity or {}, [_full(link, p) for link, rule in zip(links, way.rules) for p in rule.parameters])
    found: dict[str, Any] = {}
    if y is not None:
        target = target_of(y, grid, batch=batch, loss=loss, last=links[-1].layer)
        step = {"learning_rate": learning_rate, "momentum": momentum, "weight_decay": weight_decay}
        wanted = [k for k, name in enumerate(names) if shown is None or name in shown]
        found = _back(way, min(wanted, default=len(names)), target, velocity or {}, step)
    _check_rows(sheet, limit, names, layers)
    return ByHand(tuple(sheet.rows), values(grid) if batch else values(grid)[0], **found)


def _back(
    way: Way, first: int, target: Target, velocity: Mapping[str, Any], step: Mapping[str, float]
) -> dict[str, Any]:
    """The loss, the way back through the layers from the first that is wanted on, and the step."""
    sheet = way.sheet
    loss, slope = lost(sheet, way.output, target)
    way.back(slope, first)
    calculated = list(zip(way.links, way.names, way.rules))[first:]
    gradients, updated, moving = {}, {}, {}
    for link, name, rule in calculated:
        sheet.begin(name, "update", type(link.layer).__name__)
        for parameter, slopes in rule.gradients.items():
            full = _full(link, parameter)
            weights = link.layer.get_parameter(parameter).detach().double().cpu().numpy()
            before = as_numbers(f"velocity of {full}", velocity[full]) if full in velocity else None
            if before is not None and before.shape != weights.shape:
                raise ShapeError(f"velocity of {full} has shape {before.shape}, and the parameter {weights.shape}.")
            own = {**step, "weight_decay": step["weight_decay"] if rule.decays(parameter) else 0.0}
            picked = None if before is None else rule.picked(parameter, before)
            new, v = descent.step(sheet, rule.parameters[parameter], slopes, velocity=picked, **own)
            rest, rest_moving = descent.unseen(weights, before, **own)
            gradients[full] = torch.from_numpy(rule.whole(parameter, values(slopes), np.zeros_like(weights)))
            updated[full] = torch.from_numpy(rule.whole(parameter, values(new), rest))
            if v is not None:
                moving[full] = torch.from_numpy(rule.whole(parameter, values(v), rest_moving))
        updated |= {_full(link, b): torch.from_numpy(values(grid)) for b, grid in rule.buffers().items()}
    return {"loss": loss, "loss_name": target.loss, "gradients": gradients, "updated": updated, "velocity": moving}


def _full(link: Link, parameter: str) -> str:
    return f"{link.name}.{parameter}" if link.name else parameter


def _check_size(network: nn.Module, inputs: Mapping[str, Tensor]) -> None:
    """Refuse what would take minutes, before the first product."""
    own = next((p.dtype for p in network.parameters()), torch.float64)
    example = SimpleNamespace(
        input_shapes={name: tuple(x.shape[1:]) for name, x in inputs.items()},
        input_dtypes={name: own if x.is_floating_point() else x.dtype for name, x in inputs.items()},
    )
    found, examples = summary(network, example), len(next(iter(inputs.values())))
    asked = found.multiply_adds * examples
    if asked > MULTIPLY_ADDS:
        most = max(found.layers, key=lambda layer: layer.multiply_adds)
        share = f", {most.multiply_adds * examples:,} of them in {most.name}" if most.name else ""
        raise SettingError(
            f"This network multiplies and adds {asked:,} times{share}, too often for arithmetic by hand (at most "
            f"{MULTIPLY_ADDS:,}). Take a smaller network, fewer examples or a smaller input; `deepglass networks` shows what each "
            "layer costs."
        )


def _check_settings(names: Collection[str], layers: Sequence[str] | None, limit: int, **rates: float) -> None:
    if isinstance(layers, str):
        raise SettingError(f"layers={layers!r} is one word. Give a list of names: layers=[{layers!r}].")
    for layer in layers or ():
        if layer not in (*names, "input", *ALWAYS):
            known = ", ".join(("input", *dict.fromkeys(names)))
            raise UnknownName(f"There is no layer {layer!r}.{suggestion(layer, names)} Known: {known}.")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise SettingError(f"{limit=} is no number of rows. Give a whole number above 0.")
    for name, value in rates.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise SettingError(f"{name}={value!r} is no number from 0 on.")


def _check_velocity(velocity: Mapping[str, Any], known: Sequence[str]) -> None:
    for wanted in velocity:
        if wanted not in known:
            near = suggestion(wanted, known)
            raise UnknownName(f"velocity: there is no parameter {wanted!r}.{near} Known: {', '.join(known)}.")


def _check_rows(sheet: Sheet, limit: int, names: Sequence[str], layers: Sequence[str] | None) -> None:
    """Refuse a table that nobody reads, and say which layers would make a shorter one."""
    asked = sum(sheet.counts.values())
    if asked <= limit:
        return
    each = ", ".join(f"{name} {count:,}" for name, count in sheet.counts.items())
    fitting = [n for n in dict.fromkeys(names) if sheet.counts[n] + sheet.counts["loss"] <= limit and sheet.counts[n]]
    only = ""
    if fitting and (layers is None or len(layers) > 1):
        longest = max(fitting, key=lambda name: sheet.counts[name])
        only = f"layers=[{longest!r}] (--layers {longest}), or "
    raise SettingError(
        f"This table has {asked:,} rows ({each}), and the limit is {limit:,}. Narrow it with {only}limit={asked} (--limit {asked})."
    )


def _masks(given: Mapping[str, Any], links: Sequence[Link], names: Sequence[str], batch: bool) -> dict[str, Tensor]:
    droppers = [name for link, name in zip(links, names) if isinstance(link.layer, nn.Dropout)]
    for name in given:
        if name not in droppers:
            known = f"Those are: {', '.join(droppers)}." if droppers else "It has none."
            raise UnknownName(f"masks: there is no dropout layer {name!r}.{suggestion(name, droppers)} {known}")
    arrays = {name: as_numbers(f"mask of {name}", mask) for name, mask in given.items()}
    return {name: torch.from_numpy(a if batch else a[None]) for name, a in arrays.items()}
