"""Call: how inputs with names reach a network's forward."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from torch import Tensor, nn

from deepglass.errors import ShapeError


class Forward(NamedTuple):
    """What the forward of a class takes."""

    places: tuple[str, ...]  # parameters by position
    required: int  # how many of the places have no default
    args: bool  # whether *args follow
    keywords: dict[str, bool]  # keyword-only parameters, and whether they are required
    kwargs: bool  # whether **kwargs follow


_by_name: dict[tuple[Any, tuple[str, ...]], bool] = {}  # (class, names of inputs) -> how to call; found once


def call(network: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
    """Run a network on its inputs: by parameter name when all names match, else in the order of `inputs`."""
    key = (type(network), tuple(inputs))
    by_name = _by_name.get(key)
    if by_name is None:
        by_name = _by_name[key] = _names_match(_forward(type(network)), tuple(inputs))
    return network(**inputs) if by_name else network(*inputs.values())


def check_call(network: nn.Module, names: Sequence[str]) -> None:
    """Say before the first step that the number of inputs cannot fit.

    Raises: ShapeError, with what forward takes and what there is.
    """
    if takes(network, names):
        return
    forward = _forward(type(network))
    parameters = ", ".join([*forward.places, *(["*args"] if forward.args else []), *forward.keywords])
    raise ShapeError(
        f"forward of {type(network).__name__} takes ({parameters}), and the data have {len(names)} "
        f"input{'' if len(names) == 1 else 's'}: {', '.join(names)}. Give forward one parameter for each, "
        "best of the same name."
    )


def takes(network: nn.Module, names: Sequence[str]) -> bool:
    """Whether the forward of a network can be called with so many inputs, by name or in order."""
    forward = _forward(type(network))
    enough = forward.required <= len(names) and not any(forward.keywords.values())
    return _names_match(forward, tuple(names)) or (enough and (forward.args or len(names) <= len(forward.places)))


def _names_match(forward: Forward, names: tuple[str, ...]) -> bool:
    if names == forward.places[: len(names)] and not any(forward.keywords.values()):
        return False  # in order is the same, and forward hooks see what comes by position
    if forward.kwargs and not forward.places and not forward.args:
        return True  # forward(self, **inputs)
    required = {*forward.places[: forward.required], *(name for name, needed in forward.keywords.items() if needed)}
    return required <= set(names) <= {*forward.places, *forward.keywords}


def _forward(kind: type[nn.Module]) -> Forward:
    return _signature(kind.forward)


@cache
def _signature(forward: Callable[..., Any]) -> Forward:
    parameters = list(inspect.signature(forward).parameters.values())[1:]  # without self
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return Forward(
        places=tuple(p.name for p in places),
        required=sum(p.default is p.empty for p in places),
        args=any(p.kind is p.VAR_POSITIONAL for p in parameters),
        keywords={p.name: p.default is p.empty for p in parameters if p.kind is p.KEYWORD_ONLY},
        kwargs=any(p.kind is p.VAR_KEYWORD for p in parameters),
    )
