"""Fingerprint: a short text that differs where what is shown differs, of plain values, of a folder, and of our own code."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import torch

PACKAGE = Path(__file__).parents[1]
CODE = (".py", ".jinja", ".css", ".js")
BY_DATE = (".safetensors", ".npy", ".npz")  # large, and written once: known by size and date instead of their bytes


class Unknown(TypeError):
    """A value of a kind that has no fingerprint."""


def of_values(*values: Any) -> str:
    """The fingerprint of plain values: numbers, texts, arrays, tensors, functions, and what is made of these.

    Raises: Unknown, for any other object.
    """
    found = hashlib.sha256(of_code().encode())
    for value in values:
        _add(value, found.update)
    return found.hexdigest()


def of_folder(folder: Path, *said: str, without: Iterable[str] = ()) -> str:
    """The fingerprint of all files in a folder and below, but those named in `without`, and of some texts."""
    found = hashlib.sha256(of_code().encode())
    _add(said, found.update)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in without):
        _add((path.relative_to(folder).as_posix(), _of_file(path)), found.update)
    return found.hexdigest()


@cache
def of_code() -> str:
    """The fingerprint of this package, and of what draws its pictures."""
    found = hashlib.sha256(version("matplotlib").encode())
    for path in sorted(p for p in PACKAGE.rglob("*") if p.suffix in CODE):
        found.update(path.read_bytes())
    return found.hexdigest()


def _of_file(path: Path) -> Any:
    try:
        size = path.stat()
        return (size.st_size, size.st_mtime_ns) if path.suffix in BY_DATE else path.read_bytes()
    except OSError:  # a training that goes on has just put another in its place
        return None


def _add(value: Any, add: Callable[[bytes], None]) -> None:
    """Give the bytes of a value, each with its kind and length before it, so that no two values give the same."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if value is None or isinstance(value, bool | int | float | complex | str):
        _text(f"{type(value).__name__} {value!r}", add)
    elif isinstance(value, bytes):
        _text(f"bytes {len(value)}", add)
        add(value)
    elif isinstance(value, np.ndarray) and value.dtype != object:
        _text(f"array {value.dtype.str} {value.shape}", add)
        add(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, np.ndarray):
        _add(("array", value.shape, value.ravel().tolist()), add)
    elif isinstance(value, Mapping):
        _text(f"mapping {len(value)}", add)
        for pair in value.items():
            _add(pair, add)
    elif isinstance(value, set | frozenset):
        _add(("set", sorted(map(repr, value))), add)
    elif isinstance(value, Sequence):
        _text(f"sequence {len(value)}", add)
        for part in value:
            _add(part, add)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        _text(f"{type(value).__module__}.{type(value).__qualname__}", add)
        for field in dataclasses.fields(value):
            _add((field.name, getattr(value, field.name)), add)
    elif isinstance(value, FunctionType) and "<" not in value.__qualname__:  # a lambda would hide what it holds
        _text(f"{value.__module__}.{value.__qualname__}", add)
    elif isinstance(value, partial):
        _add(("partial", value.func, value.args, value.keywords), add)
    else:
        raise Unknown(f"a {type(value).__name__} has no fingerprint")


def _text(text: str, add: Callable[[bytes], None]) -> None:
    coded = text.encode("utf-8", "surrogatepass")
    add(f"{len(coded)}:".encode())
    add(coded)
