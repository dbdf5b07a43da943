"""Lazy: names of a package that are imported when they are first used."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from deepglass.garbage import without_collection


def lazily(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a module's `__getattr__` that finds each name in the module where it lives.

    Args: places: name -> module.
    """

    def get(name: str) -> Any:
        if name in places:
            with without_collection():
                return getattr(importlib.import_module(places[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get
