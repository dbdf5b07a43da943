"""Weights: one file of named tensors, in the safetensors format, with a checksum of its own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from deepglass.errors import RunError
from deepglass.runs import files

if TYPE_CHECKING:  # torch is imported where tensors are handled, so that listing runs does not wait for it
    from torch import Tensor

HEADER_BYTES = 100_000_000  # safetensors' own limit; checked here before the header is parsed


def save_weights(path: Path, tensors: Mapping[str, "Tensor"]) -> None:
    """Replace `path` by a safetensors file of these tensors, whole or not at all.

    Tensors may share memory, lie on a device, be strided, empty or without axes; each is kept with its own copy.
    Raises: TrainingError, when the disk is full or read-only; RunError, for something that is not a dense tensor.
    """
    files.write_bytes(path, weights_to_bytes(tensors))


def load_weights(path: Path) -> dict[str, "Tensor"]:
    """Return the tensors of a safetensors file, on the processor, in memory of their own.

    Raises: RunError, naming the file, when it is not safetensors, contradicts itself, or differs from what was saved.
    """
    return weights_from_bytes(files.read_bytes(path), path)


def weights_to_bytes(tensors: Mapping[str, "Tensor"]) -> bytes:
    """Return the bytes of a safetensors file; the same tensors give the same bytes."""
    import safetensors.torch
    import torch

    ready: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name in sorted(tensors):
        tensor = tensors[name]
        if not isinstance(tensor, torch.Tensor) or tensor.layout != torch.strided:
            raise RunError(f"{name!r} is not a dense tensor and cannot be saved: {type(tensor).__name__}.")
        tensor = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        if tensor.untyped_storage().data_ptr() in seen:
            tensor = tensor.clone()  # safetensors refuses two tensors in one memory
        seen.add(tensor.untyped_storage().data_ptr())
        ready[name] = tensor
    return safetensors.torch.save(ready, metadata={"checksum": _checksum(ready)})


def weights_from_bytes(content: bytes, path: Path) -> dict[str, "Tensor"]:
    """Return the tensors in the bytes of a safetensors file; `path` is for the message."""
    import safetensors.torch

    saved_checksum = _header(content, path).get("__metadata__", {}).get("checksum")
    try:
        tensors = safetensors.torch.load(content)
    except Exception as error:  # the library has errors of several kinds for bytes that contradict themselves
        raise files.damaged(path, str(error).removeprefix("Error while deserializing: ")) from None
    if saved_checksum is not None and saved_checksum != _checksum(tensors):
        raise files.damaged(path, "the checksum of its tensors does not match")
    return tensors


def _header(content: bytes, path: Path) -> dict[str, Any]:
    """Return the header, after the checks that the library leaves out: its size, and names that appear twice."""
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > min(HEADER_BYTES, len(content) - 8):
        raise files.damaged(path, f"{len(content)} bytes cannot be a whole safetensors file")
    try:
        header = json.loads(content[8 : 8 + size], object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise files.damaged(path, f"its header is not JSON ({error})") from None
    if not isinstance(header, dict) or not isinstance(header.get("__metadata__", {}), dict):
        raise files.damaged(path, "its header is not an object")
    return header


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} appears twice")
    return entries


def _checksum(tensors: Mapping[str, "Tensor"]) -> str:
    import torch

    total = 0
    for name in sorted(tensors):
        tensor = tensors[name]
        total = crc32(f"{name}:{tensor.dtype}:{tuple(tensor.shape)}".encode("utf-8", "backslashreplace"), total)
        if tensor.numel():  # an empty one has no bytes to view
            total = crc32(tensor.reshape(-1).view(torch.uint8).numpy().data, total)
    return f"{total:08x}"
