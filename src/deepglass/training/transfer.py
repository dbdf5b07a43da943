"""Transfer: the weights of a run or a file, taken into another network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset
from deepglass.data.encode import Field
from deepglass.errors import DataError, ShapeError
from deepglass.networks import with_defaults
from deepglass.runs import RunFolder, is_run, load_weights
from deepglass.runs.files import sha256
from deepglass.training.reopen import fields_of, trained_weights
from deepglass.training.spec import Spec

SHOWN = 4  # tensors that a message names


@dataclass(frozen=True)
class Weights:
    """Weights by name. `origin` is what they are called; of a run also how its network was made, and its encodings."""

    origin: str
    tensors: Mapping[str, Tensor]
    sha256: str | None = None
    network: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        return {"from": self.origin, **({"sha256": self.sha256} if self.sha256 else {})}


def read_weights(given: Any) -> Weights:
    """Read weights: those of a run (its best epoch), of a .safetensors file, or a dictionary of tensors.

    Args: given: a Run, the folder of one, a path that ends in .safetensors, or tensors by name.
    Raises: DataError, for anything else; RunError, when the file is damaged.
    """
    if isinstance(given, Mapping):
        return Weights("the weights that were given", dict(given))
    path = Path(getattr(given, "path", given))
    if path.is_dir() and is_run(path):
        folder = RunFolder(path)
        spec = Spec.from_dict(folder.read_spec())
        tensors = trained_weights(folder, best=spec.recipe.early_stopping)
        return Weights(str(path), tensors, None, spec.network, fields_of(folder))
    if path.suffix == ".safetensors" and path.is_file():
        return Weights(str(path), load_weights(path), sha256(path))
    if not path.exists():
        raise DataError(f"There are no weights {str(path)!r}. Give the folder of a run, or a .safetensors file.")
    raise DataError(f"{path} holds no weights. Give the folder of a run, or a .safetensors file.")


def take_weights(network: nn.Module, weights: Weights, data: Dataset, section: Mapping[str, Any]) -> list[str]:
    """Put weights into a network in place, and return what is worth knowing in sentences.

    All names and shapes have to agree. Only the last layer may have another number of outputs, as it does when the classes
    are others; it then keeps the fresh weights that it has.

    Args: section: how the network was made, for the message.
    Raises: ShapeError, with the first tensors that do not fit.
    """
    own = network.state_dict()
    wrong = [f"{n} is missing" for n in own if n not in weights.tensors]
    wrong += [f"{n} is not in this network" for n in weights.tensors if n not in own]
    other = [n for n in own if n in weights.tensors and own[n].shape != weights.tensors[n].shape]
    last = _last_layer(network)
    head = [n for n in other if n in last and own[n].shape[1:] == weights.tensors[n].shape[1:]]
    if wrong or other != head:
        wrong += [f"{n} is {_size(weights.tensors[n])} there and {_size(own[n])} here" for n in other]
        more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise ShapeError(
            f"{weights.origin} does not fit the network: {'; '.join(wrong[:SHOWN])}{more}. {_how(weights, section)}"
        )
    for name, value in weights.tensors.items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise ShapeError(
                f"{weights.origin}: {name} holds values that are not finite. Use weights of a sound training."
            )
    with torch.no_grad():
        network.load_state_dict({**own, **{n: v for n, v in weights.tensors.items() if n not in head}})
    return _worth_knowing(weights, data, head, len(own))


def _worth_knowing(weights: Weights, data: Dataset, head: list[str], count: int) -> list[str]:
    said = [f"Weights of {weights.origin}: {count - len(head)} of {count} tensors taken."]
    if head:
        said[0] += (
            f" {', '.join(head)} of the last layer start afresh, because there are {len(weights.tensors[head[0]])} outputs "
            f"there and {data.outputs} here."
        )
    theirs = {n: f for n, f in weights.fields.items() if f.role == "input"}
    if theirs and any(n in theirs and theirs[n].encoding != f.encoding for n, f in data.inputs.items()):
        said.append(
            f"The inputs are encoded by this data, not as {weights.origin} knew them; "
            f"dg.load(..., like=dg.Run({weights.origin!r})) takes its encodings."
        )
    classes = [f.classes for f in weights.fields.values() if f.role == "target"]
    if classes and not head and list(classes[0]) != list(next(iter(data.targets.values())).classes):
        said.append(f"The last layer was trained for other classes: {', '.join(map(str, classes[0][:10]))}.")
    return said


def _last_layer(network: nn.Module) -> set[str]:
    """The names of the tensors in the last module that has parameters of its own."""
    last: set[str] = set()
    for path, module in network.named_modules():
        own = {f"{path}.{n}" if path else n for n, _ in module.named_parameters(recurse=False)}
        last = own or last
    return last


def _how(weights: Weights, section: Mapping[str, Any]) -> str:
    """Say which settings make the network that the weights belong to, as far as they are known."""
    theirs, ours = with_defaults(weights.network), with_defaults(section)
    if "name" in theirs and theirs["name"] != ours.get("name"):
        return f"They are of the network {theirs['name']}: use --network {theirs['name']}."
    differing = {n: v for n, v in theirs.items() if n not in ("seed", "dropout") and ours.get(n) != v}
    if differing:
        return "Build the same network: " + " ".join(f"--set 'network.{n}={v}'" for n, v in differing.items()) + "."
    if theirs:
        return (
            "The settings are the same, so the data has other inputs or outputs than those that they were trained on."
        )
    return "Build the network that they were saved from."


def _size(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "one number"
