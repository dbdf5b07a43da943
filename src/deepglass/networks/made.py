"""Made: what a network was built from, remembered beside it, so that a run can say how to build it again."""

import inspect
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn

from deepglass.networks.front import written_out
from deepglass.networks.sizes import FACTS, sizes

_MADE: "WeakKeyDictionary[nn.Module, dict[str, Any]]" = WeakKeyDictionary()


def remember(network: nn.Module, named: Any, seed: int, options: Mapping[str, Any]) -> None:
    """Note that `build(named, seed=seed, **options)` made this network; modules and functions of one's own have no name."""
    if isinstance(named, Mapping):
        section = {**named, **options}
    elif isinstance(named, list | tuple):
        section = {"layers": list(named), **options}
    elif isinstance(named, str):
        section = {"name": named, **options}
    else:
        return
    if _plain(section):
        _MADE[network] = {**section, "seed": seed}


def made_from(network: nn.Module) -> dict[str, Any] | None:
    """Return the network section of a spec that makes this network again, or None when nobody knows."""
    known = _MADE.get(network)
    return None if known is None else dict(known)


def with_defaults(section: Mapping[str, Any], data: Any = None) -> dict[str, Any]:
    """Return the network section of a spec with the options that were left open written out, as YAML can hold them.

    Args: data: what it is for: of signals, the front that the network gets is written out, too.
    """
    from deepglass.networks import NETWORKS  # here, because the folder whose catalogue this is imports this file

    make = NETWORKS.get(str(section.get("name")))
    if data is not None:
        section = written_out(section, sizes(data))
    if make is None:
        return dict(section)
    options = (
        p for p in inspect.signature(make).parameters.values() if p.kind is p.KEYWORD_ONLY and p.name not in FACTS
    )
    defaults = {p.name: p.default for p in options}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in defaults.items()}
    return {"name": section["name"], **plain, **section}


def _plain(value: Any) -> bool:
    """Whether a value can stand in a YAML file."""
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and _plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    return value is None or isinstance(value, str | int | float | bool)
