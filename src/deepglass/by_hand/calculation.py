"""Calculation: a small network forward, back, and one step down, each number by plain arithmetic."""

import math
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.by_hand import descent
from deepglass.by_hand.chain import links_of
from deepglass.by_hand.dropping import Dropout
from deepglass.by_hand.given import as_tensors, inputs_of
from deepglass.by_hand.links import Link, Links
from deepglass.by_hand.moving import Move
from deepglass.by_hand.sheet import Grid, Sheet, values
from deepglass.by_hand.table import ByHand
from deepglass.by_hand.target import Target, as_numbers, lost, target_of
from deepglass.by_hand.way import Way, kind_of
from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.names import suggestion
from deepglass.networks import summary

LIMIT = 1000  # rows: more are no longer read
MULTIPLY_ADDS = 500_000  # of all examples together: LeNet-5 on one image, about ten seconds forward and back
SAME = 1e-5  # between two ways to an output, of which one may have rounded some constants to float32
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
        network: layers: a list, one layer, or a forward of one's own, which may call a layer several times (its slopes add up), and
            do what torch does between layers: sums, products, means, maxima, masks, slices and the like.
        x: one example without a batch axis, or several with batch=True; tokens, where the network looks up their vectors. Of
            several inputs a dictionary, name -> numbers, or a tuple.
        y: its target: a class as a whole number, for each step of a series too, or numbers; None leaves the backward half out.
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
        raise SettingError(
            f"By hand, an nn.Module is calculated, and network is a {type(network).__name__}. Make one, such as "
            "dg.build('mlp', inputs=(2,), outputs=1)."
        )
    numbers = inputs_of(x, batch)
    examples = as_tensors(network, x, numbers)
    links, said = links_of(network, examples, training=training)
    _check_size(network, examples)
    names = list(
        dict.fromkeys(name for link in links.links if not isinstance(link.layer, Move) for name in _called(link))
    )
    _check_settings(names, layers, limit, learning_rate=learning_rate, momentum=momentum, weight_decay=weight_decay)
    shown = None if layers is None else {*layers, *ALWAYS, *(k.name for k in links.links if k.module in layers)}
    sheet = Sheet(examples=len(next(iter(numbers.values()))), shown=shown, limit=limit)
    sheet.begin("input", "given")
    given = [sheet.given(name, values, of_examples=True) for name, values in numbers.items()]
    way = Way(sheet, links, given, training=training, masks=_masks(masks or {}, links, batch))
    if said is not None and not training:
        _check_same(network, values(way.output), said)
    _check_velocity(velocity or {}, [name for name, _ in way.weights.trained(0)])
    found: dict[str, Any] = {}
    if y is not None:
        target = target_of(y, way.output, batch=batch, loss=loss, last=links.links[-1].layer)
        step = {"learning_rate": learning_rate, "momentum": momentum, "weight_decay": weight_decay}
        wanted = [k for k, link in enumerate(links.links) if shown is None or link.name in shown]
        first = min(wanted, default=len(links.links))
        found = _back(way, way.weights.earliest(first), target, velocity or {}, step)
    _check_rows(sheet, limit, names, layers)
    output = values(way.output)
    return ByHand(tuple(sheet.rows), output if batch else output[0], **found)


def _back(
    way: Way, first: int, target: Target, velocity: Mapping[str, Any], step: Mapping[str, float]
) -> dict[str, Any]:
    """The loss, the way back through the calls from the first that is wanted on, and the step."""
    sheet = way.sheet
    loss, slope = lost(sheet, way.output, target)
    way.back(slope, first)
    gradients, updated, moving = {}, {}, {}
    trained = list(way.weights.trained(first))
    slopes, seen = {}, {}
    for name, taken in trained:
        seen[name] = np.vectorize(lambda cell: cell is not None, otypes=[bool])(taken.cells)
        sheet.begin(taken.by, "backward", kind_of(way.links.links[taken.links[0]]))
        slopes[name] = way.hands.slopes(taken.cells[seen[name]])  # in a row
    for name, taken in trained:
        weights = taken.parameter.detach().double().cpu().numpy()
        before = as_numbers(f"velocity of {name}", velocity[name]) if name in velocity else None
        if before is not None and before.shape != weights.shape:
            raise ShapeError(
                f"velocity of {name} has shape {before.shape}, and the parameter {weights.shape}. Give the `velocity` of the table "
                "before."
            )
        own = {**step, "weight_decay": step["weight_decay"] if taken.decays and not _is_bias(name) else 0.0}
        here = seen[name]
        sheet.begin(taken.by, "update", kind_of(way.links.links[taken.links[0]]))
        picked = None if before is None else before[here]
        new, v = descent.step(sheet, taken.cells[here], slopes[name], velocity=picked, **own)
        rest, rest_moving = descent.unseen(weights, before, **own)
        gradients[name] = _whole(np.zeros_like(weights), here, slopes[name])
        updated[name] = _whole(rest, here, new)
        if v is not None:
            moving[name] = _whole(rest_moving, here, v)
    updated |= {name: torch.from_numpy(values(grid)) for name, grid in way.buffers(first).items()}
    return {"loss": loss, "loss_name": target.loss, "gradients": gradients, "updated": updated, "velocity": moving}


def _called(link: Link) -> tuple[str, ...]:
    """What a call can be asked for by: its own name, and that of its layer."""
    return (link.name, link.module) if link.module else (link.name,)


def _is_bias(name: str) -> bool:
    return "bias" in name.rpartition(".")[-1]


def _whole(others: np.ndarray, seen: np.ndarray, found: Grid) -> Tensor:
    """A parameter of which some numbers were calculated, and the others are given."""
    whole = np.array(others, dtype=np.float64)
    whole[seen] = values(found)
    return torch.from_numpy(whole)


def _check_same(network: nn.Module, calculated: np.ndarray, said: Tensor) -> None:
    """Refuse a table whose output is not the network's."""
    found = torch.from_numpy(calculated)
    if said.shape != found.shape or not torch.allclose(said.double(), found, rtol=SAME, atol=SAME, equal_nan=True):
        raise SettingError(
            f"Calculated by hand, the output of {type(network).__name__} would be another than it gives: its forward changes "
            "numbers that stand elsewhere too, such as by x[...] = ... or += on a part. Write that as a new tensor."
        )


def _check_size(network: nn.Module, inputs: Mapping[str, Tensor]) -> None:
    """Refuse what would take minutes, before the first product."""
    own = next((p.dtype for p in network.parameters()), torch.float64)
    example = SimpleNamespace(
        input_shapes={name: tuple(x.shape[1:]) for name, x in inputs.items()},
        input_dtypes={name: own if x.is_floating_point() else x.dtype for name, x in inputs.items()},
    )
    try:
        found = summary(network, example)
    except AssertionError as error:  # of torch's own
        raise ShapeError(
            f"{type(network).__name__} cannot be run on one example: {str(error).splitlines()[0]}. Let its forward take any number "
            "of them."
        ) from error
    examples = len(next(iter(inputs.values())))
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
            raise SettingError(f"{name}={value!r} is no number from 0 on. Give one, such as 0.1.")


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


def _masks(given: Mapping[str, Any], links: Links, batch: bool) -> dict[str, Tensor]:
    droppers = [link.name for link in links.links if link.rule is Dropout]
    for name in given:
        if name not in droppers:
            known = f"Those are: {', '.join(droppers)}." if droppers else "It has none, so leave masks out."
            raise UnknownName(f"masks: there is no dropout layer {name!r}.{suggestion(name, droppers)} {known}")
    arrays = {name: as_numbers(f"mask of {name}", mask) for name, mask in given.items()}
    return {name: torch.from_numpy(a if batch else a[None]) for name, a in arrays.items()}
