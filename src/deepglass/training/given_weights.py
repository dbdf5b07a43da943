"""Given weights: those of a run, a file, the hub or a network, by name, and what is known of where they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from deepglass.data.encode import Field
from deepglass.errors import DataError, DeepglassError, RunError
from deepglass.networks import made_from
from deepglass.runs import RunFolder, is_run
from deepglass.training.hub_weights import MARK, fetch_weights
from deepglass.training.reopen import fields_of, trained_weights
from deepglass.training.spec import Spec
from deepglass.training.weight_file import NO_CODE, PICKLED, is_weight_file, read_weight_file

IMAGENET_CLASSES = 1000
LONGEST = 300  # letters of a path in a message


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
        return Weights(given, *read_weight_file(file), revision=revision)
    place = getattr(given, "path", given)
    if not isinstance(place, str | Path):
        raise DataError(
            f"weights={given!r} are none. Give a Run or its folder, a .safetensors file, a network, or tensors by name."
        )
    path = Path(place)
    try:
        if path.is_dir() and is_run(path):
            return _of_run(path)
        if is_weight_file(path):
            return Weights(str(path), *read_weight_file(path))
        there = place != "" and path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise DataError(
            f"The weights {_short(place)} cannot be looked at ({error.strerror}). Check the path."
        ) from None
    if not there:
        download = " Download the file first, or give hub:owner/name." if "://" in str(place) else ""
        raise DataError(
            f"There are no weights {_short(place)}.{download or ' Give the folder of a run, or a .safetensors file.'}"
        )
    pickled = f" A .pth or .pt file {NO_CODE}"
    raise DataError(
        f"{path} holds no weights. Give the folder of a run, or a .safetensors file."
        + (pickled if path.suffix.lower() in PICKLED else "")
    )


def began_from(folder: RunFolder) -> Weights | None:
    """The weights that a run started from; None where they were drawn. Raises: RunError, when they are gone or others by now."""
    origin = folder.facts.get("weights")
    if origin is None:
        return None
    try:
        found = read_weights(origin["from"])
    except DeepglassError as error:
        raise RunError(f"{folder.path} cannot be trained again as it was: it started from weights. {error}") from None
    if found.sha256 != origin.get("sha256"):
        raise RunError(f"{folder.path} cannot be trained again as it was: {origin['from']} has changed since.")
    return replace(found, new_head=bool(origin.get("new_head")))


def _of_run(path: Path) -> Weights:
    folder = RunFolder(path)
    spec = Spec.from_dict(folder.read_spec())
    tensors = trained_weights(folder, best=spec.recipe.early_stopping)
    return Weights(str(path), tensors, None, spec.network, fields_of(folder))


def _short(place: str | Path) -> str:
    return repr(str(place)) if len(str(place)) <= LONGEST else repr(f"{str(place)[:LONGEST]}...")
