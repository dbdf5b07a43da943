"""Reopen: the network and the data of a run, from its folder, in a later process."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data import Dataset, load, make
from deepglass.data.copy import source_from_tensors
from deepglass.data.encode import Field
from deepglass.data.split import Splits
from deepglass.errors import RunError
from deepglass.networks import build
from deepglass.runs import Checkpoint, RunFolder, checkpoint_folders, load_checkpoint
from deepglass.training.records import Epoch, history_hash
from deepglass.training.spec import Spec
from deepglass.training.training import Training


class Sizes:
    """What a network has to fit, from the encodings of a run."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        inputs = {n: f for n, f in fields.items() if f.role == "input"}
        self.fields = dict(fields)
        self.input_shapes = {n: f.shape for n, f in inputs.items()}
        self.input_dtypes = {n: torch.int64 for n, f in inputs.items() if f.kind == "text"}
        self.every_step = any(f.aligned for f in fields.values() if f.role == "target")
        self.outputs = Dataset.outputs_of([f for f in fields.values() if f.role == "target"])


def built(spec: Spec, sizes: Any, code: dict[str, str] | None = None) -> nn.Module:
    """Build the network that a spec names, with weights from its seed.

    Args:
        sizes: a Dataset, or Sizes.
        code: the user's own files as text, by name, when they may be run instead of those on disk.
    Raises: RunError, when it was an object of the user's that a folder cannot hold.
    """
    options = dict(spec.network)
    if "module" in options:
        raise RunError(
            f"This run trained a network of your own, {options['module']}, which a folder cannot hold. Pass it again: network=..."
        )
    seed = options.pop("seed", spec.recipe.seed)
    if spec.task.quantiles:  # a number for each of them
        options.setdefault("outputs", sizes.outputs * len(spec.task.quantiles))
    if code:
        with tempfile.TemporaryDirectory() as place:
            for name, text in code.items():
                (Path(place) / name).write_text(text, encoding="utf-8")
            path, _, function = str(options["name"]).rpartition(":")
            options["name"] = f"{Path(place) / Path(path).name}:{function}"
            return build(options, sizes, seed=seed)
    return build(options, sizes, seed=seed)


def is_own_code(spec: Spec) -> bool:
    """Whether building the network would run code of the user's."""
    return str(spec.network.get("name", "")).rpartition(":")[0].endswith(".py")


def fields_of(folder: RunFolder) -> dict[str, Field]:
    """The encodings of a run."""
    return {name: Field.from_dict(f) for name, f in folder.read_fields().items()}


def data_of(folder: RunFolder, spec: Spec) -> Dataset:
    """Load the data of a run again, with its own splits and encodings.

    Raises: RunError, when it was in memory and too large to be kept, or is no longer what it was.
    """
    splits = Splits(**{name: ids.numpy() for name, ids in folder.read_splits().items()})
    facts = folder.facts
    in_memory = spec.data.source in ("arrays", "DataFrame") and not facts.get("data_is_object")
    if in_memory or any((folder.path / name).exists() for name in ("data.json", "data.safetensors")):
        source = source_from_tensors(*folder.load_tensors())
    elif facts.get("data_is_object"):
        raise RunError(
            f"The data of {folder.path} was an object of yours, or too large to be kept. Pass it again: data=..."
        )
    else:
        source = load(spec.data.source, **spec.data.model_dump(exclude={"source"})).source
    data = make(source, spec.data, splits=splits, fields=fields_of(folder))
    if data.fingerprint != facts.get("data_fingerprint"):
        raise RunError(
            f"The data of {folder.path} is no longer what it was ({spec.data.source}). Restore it, or pass data=..."
        )
    return data


def load_newest(training: Training, folder: RunFolder) -> tuple[str, ...]:
    """Put a training where the newest good checkpoint of its run is, and return what is to be said of it.

    Raises: RunError, naming what is damaged, when there are checkpoints and none can be gone on from.
    """
    history = [Epoch.from_dict(line) for line in folder.history()]
    damaged_lines = "".join(f" {note}" for note in folder.notes)

    def wrong(checkpoint: Checkpoint) -> str:
        values = checkpoint.values
        if history_hash(history[: values["epoch"]]) == values["history"]:
            return ""
        return f"history.jsonl is not the one that belongs to it.{damaged_lines}"

    if checkpoint_folders(folder.path):
        found = load_checkpoint(folder.path, wrong)
        training.load_state_dict({"tensors": found.tensors, "values": found.values, "history": history})
        return found.notes
    if not history:
        return ()  # killed before the first checkpoint: the same seed starts the same run again
    return (f"{folder.path} holds no checkpoint, so it begins again at the first step, from the same seed.",)


def trained_weights(folder: RunFolder, *, best: bool) -> dict[str, Tensor]:
    """The network's state after the best epoch, or after the last one.

    Raises: RunError, when only a checkpoint of before the run's end is good and its weights are others.
    """
    facts = folder.facts

    def misses_the_end(checkpoint: Checkpoint) -> str:
        if checkpoint.step >= facts.get("steps", 0):
            return ""
        if best and facts.get("best_epoch") and checkpoint.values["stopping"]["best_epoch"] == facts["best_epoch"]:
            return ""
        return f"it is of step {checkpoint.step}, and the run went on to step {facts['steps']}."

    tensors = load_checkpoint(folder.path, misses_the_end).tensors
    if found := (_part(tensors, "best.") if best else {}) or last_weights(tensors):
        return found
    raise RunError(f"{folder.path} holds no weights. Train it again.")


def last_weights(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's state in the tensors of a saved training: a mean of the weights takes their place."""
    return {**_part(tensors, "network."), **_part(tensors, "average.")}


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)}
