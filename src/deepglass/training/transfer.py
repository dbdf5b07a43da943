"""Transfer: the weights of a run, a file or a network, taken into another network."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.data.encode import Field
from deepglass.errors import DataError, RunError, ShapeError
from deepglass.networks import made_from, with_defaults
from deepglass.networks.depth import layer_groups
from deepglass.networks.published_names import in_our_names
from deepglass.runs import RunFolder, is_run, load_weights
from deepglass.runs.files import ADVICE, sha256
from deepglass.training.hub_weights import MARK, fetch_weights
from deepglass.training.reopen import fields_of, trained_weights
from deepglass.training.spec import Spec

SHOWN = 4  # tensors that a message names
IMAGENET_CLASSES = 1000
PICKLED = (".pt", ".pth", ".bin", ".ckpt")
PICKLE_STARTS = (b"PK\x03\x04", b"\x80\x02")  # of what torch.save writes, now and formerly
NO_CODE = "may hold code, and is not read: write its tensors with safetensors.torch.save_file."
AFRESH = "wanted afresh"
COUNTED = "num_batches_tracked"  # by a batch norm, of which nothing depends


@dataclass(frozen=True)
class Weights:
    """Weights by name. `origin` is what they are called; of a run also how its network was made, and its encodings.

    Args:
        new_head: whether the last layer starts afresh even where it would fit.
        notes: sentences to be said with what was taken.
    """

    origin: str
    tensors: Mapping[str, Tensor]
    sha256: str | None = None
    network: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    revision: str | None = None
    new_head: bool = False
    notes: Sequence[str] = ()

    @property
    def of_imagenet(self) -> bool:
        """Whether they come from nobody's run and give a thousand answers, as networks trained on ImageNet do."""
        return not self.fields and any(v.ndim >= 2 and len(v) == IMAGENET_CLASSES for v in self.tensors.values())

    @property
    def scaling(self) -> str:
        """What weights of ImageNet expect data.scaling to be: torchvision's GoogLeNet another one than all others."""
        return "centred" if any(name.startswith("inception3a.") for name in self.tensors) else "imagenet"

    def facts(self) -> dict[str, Any]:
        known = {"from": self.origin, "sha256": self.sha256, "revision": self.revision, "new_head": self.new_head}
        return {name: value for name, value in known.items() if value}


def read_weights(given: Any) -> Weights:
    """Read weights: those of a run (its best epoch), of a .safetensors file here or on the hub, or a dictionary of tensors.

    Args: given: a Run, the folder of one, a path that ends in .safetensors, "hub:timm/resnet18.a1_in1k", a network, or tensors
        by name.
    Raises: DataError, for anything else, or when the file is damaged; RunError, when that of a run is.
    """
    if isinstance(given, Weights):
        return given
    if isinstance(given, nn.Module):
        return Weights(f"the given {type(given).__name__}", dict(given.state_dict()), network=made_from(given) or {})
    if isinstance(given, Mapping):
        strange = next((name for name, value in given.items() if not isinstance(value, Tensor)), None)
        if strange is not None:
            raise DataError(f"weights[{strange!r}] is a {type(given[strange]).__name__}. Give tensors by name.")
        return Weights("the dictionary of weights", dict(given))
    if isinstance(given, str) and given.startswith(MARK):
        file, revision = fetch_weights(given)
        return Weights(given, _of_file(file), sha256(file), revision=revision)
    place = getattr(given, "path", given)
    if not isinstance(place, str | Path):
        raise DataError(
            f"weights={given!r} are none. Give a Run or its folder, a .safetensors file, a network, or tensors by name."
        )
    path = Path(place)
    if path.is_dir() and is_run(path):
        folder = RunFolder(path)
        spec = Spec.from_dict(folder.read_spec())
        tensors = trained_weights(folder, best=spec.recipe.early_stopping)
        return Weights(str(path), tensors, None, spec.network, fields_of(folder))
    if path.suffix == ".safetensors" and path.is_file():
        return Weights(str(path), _of_file(path), sha256(path))
    if not path.exists():
        raise DataError(f"There are no weights {str(path)!r}. Give the folder of a run, or a .safetensors file.")
    pickled = f" A .pth or .pt file {NO_CODE}"
    raise DataError(
        f"{path} holds no weights. Give the folder of a run, or a .safetensors file."
        + (pickled if path.suffix in PICKLED else "")
    )


def _of_file(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that no run keeps, so that it can be had again from where it came."""
    try:
        return load_weights(path)
    except RunError as error:
        with path.open("rb") as file:
            if file.read(4).startswith(PICKLE_STARTS):
                raise DataError(f"{path} holds what torch.save writes, under another name. It {NO_CODE}") from None
        raise DataError(f"{str(error).removesuffix(ADVICE)} Get the file anew.") from None


def take_weights(network: nn.Module, weights: Weights, data: Dataset, section: Mapping[str, Any]) -> list[str]:
    """Put weights into a network in place, and return what was taken and what is worth knowing in sentences.

    A layer is taken when all its tensors are there by name and shape; the others keep the fresh weights that they have, such as
    a last layer for other classes. The first layer has to fit: on weights that begin behind a fresh one nothing rests.

    Args: section: how the network was made, for the message.
    Raises: ShapeError, with the first names of both, when the first layer does not fit, or a number is not finite.
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
    for name in taken:
        if tensors[name].is_floating_point() and not bool(tensors[name].isfinite().all()):
            raise ShapeError(
                f"{weights.origin}: {name} holds values that are not finite. Use weights of a sound training."
            )
    with torch.no_grad():
        network.load_state_dict({**own, **{n: tensors[n] for n in taken}})
    fresh = {layer: reasons for layer, reasons in wrong.items() if reasons}
    return [
        _said(weights, data, own, tensors, taken, fresh),
        *_worth_knowing(weights, data, tensors, whole=not fresh),
        *weights.notes,
    ]


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
        said.append(
            f"{', '.join(names)} start afresh, because there are {theirs:,} outputs there and {data.outputs:,} here."
        )
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
