"""Call: how inputs with names reach a network's forward."""

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from torch import Tensor, nn

from deepglass.errors import ShapeError


def call(network: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
    """Run a network on its inputs: by parameter name when all names match, else in the order of `inputs`."""
    if _by_name(type(network), tuple(inputs)):
        return network(**inputs)
    return network(*inputs.values())


def check_call(network: nn.Module, names: Sequence[str]) -> None:
    """Say before the first step that the number of inputs cannot fit.

    Raises: ShapeError, with what forward takes and what there is.
    """
    kind = type(network)
    if _by_name(kind, tuple(names)):
        return
    places, required, unlimited, keywords = _forward(kind)
    if required <= len(names) and (unlimited or len(names) <= len(places)) and not keywords:
        return
    takes = ", ".join([*places, *(["*..."] if unlimited else []), *keywords])
    raise ShapeError(
        f"forward of {kind.__name__} takes ({takes}), and there {'is' if len(names) == 1 else 'are'} {len(names)} "
        f"input{'' if len(names) == 1 else 's'}: {', '.join(names)}. Give forward one parameter for each, "
        "best of the same name."
    )


@lru_cache(maxsize=256)
def _by_name(kind: type[nn.Module], names: tuple[str, ...]) -> bool:
    places, required, _, keywords = _forward(kind)
    if len(names) == 1 and required == 1 and places[:1] != names and not keywords:
        return False  # one input is the first parameter, whatever the names
    known = {*places, *_optional_keywords(kind), *keywords}
    return set(names) <= known and {*places[:required], *keywords} <= set(names)


def _forward(kind: type[nn.Module]) -> tuple[tuple[str, ...], int, bool, tuple[str, ...]]:
    """Return places by position, how many of them are required, whether *args follow, required keywords."""
    parameters = list(inspect.signature(kind.forward).parameters.values())[1:]  # without self
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    unlimited = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    required = sum(p.default is p.empty for p in places)
    return tuple(p.name for p in places), required, unlimited, tuple(keywords)


def _optional_keywords(kind: type[nn.Module]) -> list[str]:
    parameters = inspect.signature(kind.forward).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty]
