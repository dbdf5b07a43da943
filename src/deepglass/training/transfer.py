"""Transfer: weights by name, taken into a network as far as they fit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.errors import ShapeError
from deepglass.networks import with_defaults
from deepglass.networks.depth import layer_groups
from deepglass.networks.published_names import in_our_names
from deepglass.plurals import counted
from deepglass.training.given_weights import IMAGENET_CLASSES, Weights

SHOWN = 4  # tensors that a message names
AFRESH = "wanted afresh"
COUNTED = "num_batches_tracked"  # by a batch norm, of which nothing depends
VARIANCE = "running_var"  # of a batch norm, which takes its root


def take_weights(network: nn.Module, weights: Weights, data: Dataset, section: Mapping[str, Any]) -> list[str]:
    """Put weights into a network in place, and return what was taken and what is worth knowing in sentences.

    A layer is taken when all its tensors are there by name and shape; the others keep the fresh weights that they have, such as
    a last layer for other classes. The first layer has to fit: on weights that begin behind a fresh one nothing rests.

    Args: section: how the network was made, for the message.
    Raises: ShapeError, with the first names of both, when the first layer does not fit; or when what is to be taken is no
        plain number, is not finite in the network's precision, or is a negative variance.
    """
    own = network.state_dict()
    there = in_our_names(weights.tensors, own)
    tensors = {**{n: v for n, v in own.items() if n.endswith(COUNTED)}, **there}  # some files leave it out
    layers: dict[str, list[str]] = {}
    for name in own:
        layers.setdefault(name.rpartition(".")[0], []).append(name)
    wrong = {layer: _misfits(names, own, tensors) for layer, names in layers.items()}
    groups = layer_groups(network)
    if weights.new_head and len(groups) > 1:
        wrong |= {n.rpartition(".")[0]: [AFRESH] for n in groups[-1].parameters if not wrong[n.rpartition(".")[0]]}
    first = next(iter(dict(network.named_parameters())), "").rpartition(".")[0]
    if wrong.get(first) or not any(layers):
        raise ShapeError(_no_fit(weights, there, own, wrong, first, _how(weights, there, own, data, section)))
    taken = [name for layer, names in layers.items() if not wrong[layer] for name in names]
    ready = {name: _as_here(weights.origin, name, tensors[name], own[name]) for name in taken}
    with torch.no_grad():
        network.load_state_dict({**own, **ready})
    fresh = {layer: reasons for layer, reasons in wrong.items() if reasons}
    return [
        _said(weights, data, own, tensors, taken, fresh),
        *_worth_knowing(weights, data, tensors, whole=not fresh),
        *weights.notes,
    ]


def _as_here(origin: str, name: str, there: Tensor, own: Tensor) -> Tensor:
    """A tensor in the precision of the network. Raises: ShapeError, when its numbers cannot be what the network needs."""
    if (there.is_floating_point(), there.is_complex()) != (own.is_floating_point(), own.is_complex()):
        if name.endswith(COUNTED):
            return own
        raise ShapeError(
            f"{origin}: {name} holds {_kind(there)} where the network has {_kind(own)}, as weights that were quantized do. Use "
            "the weights before that."
        )
    value = there.to(own.dtype)
    if not bool(value.isfinite().all()):
        raise ShapeError(f"{origin}: {name} holds values that are not finite. Use weights of a sound training.")
    if name.endswith(VARIANCE) and bool((value < 0).any()):
        raise ShapeError(f"{origin}: {name} holds variances below 0. Use weights of a sound training.")
    return value


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _misfits(names: Sequence[str], own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> list[str]:
    """Say what of a layer does not fit."""
    missing = [f"{n} is missing there" for n in names if n not in tensors]
    return missing + [
        f"{n} is {_size(tensors[n])} there and {_size(own[n])} here"
        for n in names
        if n in tensors and tensors[n].shape != own[n].shape
    ]


def _no_fit(
    weights: Weights,
    tensors: Mapping[str, Tensor],
    own: Mapping[str, Tensor],
    wrong: Mapping[str, list[str]],
    first: str,
    mend: str,
) -> str:
    reasons = [reason for layer in wrong for reason in wrong[layer]]
    reasons = [*wrong[first], *(r for r in reasons if r not in wrong[first])]
    more = f", and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    return (
        f"{weights.origin} does not fit the network: {'; '.join(reasons[:SHOWN])}{more}. There: {_some(tensors)}. "
        f"Here: {_some(own)}. {mend}"
    )


def _said(
    weights: Weights,
    data: Dataset,
    own: Mapping[str, Tensor],
    tensors: Mapping[str, Tensor],
    taken: Sequence[str],
    fresh: Mapping[str, list[str]],
) -> str:
    """Say in one line what was taken, and what starts afresh and why."""
    said = [f"Weights of {weights.origin}: {len(taken)} of {len(own)} tensors taken."]
    again = [layer for layer, reasons in fresh.items() if reasons == [AFRESH]]
    if again:
        said.append(f"{', '.join(again)} starts afresh, because it is to give other answers.")
    heads = [layer for layer in fresh if layer not in again and _is_head(layer, data, own, tensors)]
    if heads:
        names = [name for name in own if name.rpartition(".")[0] in heads]
        theirs = len(tensors[names[0]])
        there = f"{'is' if theirs == 1 else 'are'} {counted(theirs, 'output')} there and {data.outputs:,} here"
        said.append(f"{', '.join(names)} start afresh, because there {there}.")
    others = [reason for layer, reasons in fresh.items() if layer not in [*heads, *again] for reason in reasons]
    if others:
        more = f"; and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        said.append(f"These layers start afresh, too: {'; '.join(others[:SHOWN])}{more}.")
    unknown = [name for name in tensors if name not in own]
    if unknown:
        said.append(f"Not used: {_some(unknown)}.")
    return " ".join(said)


def _is_head(layer: str, data: Dataset, own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> bool:
    """Whether a layer gives the answers, and there as well, so that only their number differs."""
    names = [name for name in own if name.rpartition(".")[0] == layer]
    return all(
        n in tensors and own[n].ndim and len(own[n]) == data.outputs and own[n].shape[1:] == tensors[n].shape[1:]
        for n in names
    )


def _worth_knowing(weights: Weights, data: Dataset, tensors: Mapping[str, Tensor], *, whole: bool) -> list[str]:
    said = []
    theirs = {n: f for n, f in weights.fields.items() if f.role == "input"}
    if theirs and any(n in theirs and theirs[n].encoding != f.encoding for n, f in data.inputs.items()):
        said.append(
            f"The inputs are encoded by this data, not as {weights.origin} knew them; "
            f"dg.fine_tune({weights.origin!r}, data) takes its encodings (--fine-tune)."
        )
    wanted = weights.scaling
    plain = [f.name for f in data.inputs.values() if f.kind == "image" and f.encoding.get("scaling") != wanted]
    if weights.of_imagenet and plain:
        said.append(
            f"They give {IMAGENET_CLASSES:,} answers, as networks trained on ImageNet do, and these expect its scaling: "
            f"data.scaling={wanted}; {plain[0]} is scaled otherwise."
        )
    classes = [f.classes for f in weights.fields.values() if f.role == "target"]
    if classes and whole and list(classes[0]) != list(next(iter(data.targets.values())).classes):
        said.append(f"The last layer was trained for other classes: {', '.join(map(str, classes[0][:10]))}.")
    return said


def _how(
    weights: Weights,
    tensors: Mapping[str, Tensor],
    own: Mapping[str, Tensor],
    data: Dataset,
    section: Mapping[str, Any],
) -> str:
    """Say which settings make the network that the weights belong to, as far as they are known."""
    theirs, ours = with_defaults(weights.network), with_defaults(section)
    if "name" in theirs and theirs["name"] != ours.get("name"):
        return f"They are of the network {theirs['name']}: use --network {theirs['name']}."
    differing = {n: v for n, v in theirs.items() if n not in ("seed", "dropout") and ours.get(n) != v}
    if differing:
        return "Build the same network: " + " ".join(f"--set 'network.{n}={v}'" for n, v in differing.items()) + "."
    first = next((n for n, v in own.items() if v.ndim == 4), "")
    if first in tensors and tensors[first].ndim == 4:
        there, here = tensors[first].shape, own[first].shape
        if there[1:] != here[1:] and not any(field.kind == "image" for field in data.inputs.values()):
            return f"They are for images of {there[1]} channels, and the data are none."
        if there[1] == 3 and here[1] == 1:
            return "They are for pictures in colour: load the grey ones with colour=rgb (data.colour=rgb)."
        if there[2:] != here[2:]:
            return "They are for larger pictures, which are seen through larger kernels: data.image_size=224."
    if theirs:
        return (
            "The settings are the same, so the data has other inputs or outputs than those that they were trained on."
        )
    return "Build the network that they were saved from."


def _some(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:SHOWN]) + (f", ... ({len(known)} in all)" if len(known) > SHOWN else "") or "nothing"


def _size(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "one number"
