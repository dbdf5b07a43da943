"""Layer changes: remedies for a network that is written as a list of layers: the same list with one thing changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deepglass.doctor.finding import Remedy

WIDTH = {"Linear": "out_features", "Conv1d": "out_channels", "Conv2d": "out_channels"}  # the first of their options
FEWEST = 16  # units or filters that a widened layer has at least, as `underfitting` widens a convnet


def without_last_dropout(network: Mapping[str, Any]) -> Iterator[Remedy]:
    """Leave out the dropout at the end of the list, if there is one."""
    layers = _listed(network)
    if len(layers) > 1 and _kind(layers[-1]).endswith("Dropout"):
        yield Remedy({"network.layers": layers[:-1]}, "The same layers without the dropout after the last one.")


def with_more_units(network: Mapping[str, Any]) -> Iterator[Remedy]:
    """Give every layer with a number of units or filters four times as many."""
    layers = _listed(network)
    widened = [_widened(entry) for entry in layers]
    if widened != layers:
        yield Remedy({"network.layers": widened}, "The same layers, with four times as many units and filters.")


def usual_momentum(network: Mapping[str, Any]) -> Iterator[Remedy]:
    """Leave the momentum of batch norms at torch's own."""
    layers = _listed(network)
    usual = [_without(entry, "BatchNorm", "momentum") for entry in layers]
    if usual != layers:
        yield Remedy({"network.layers": usual}, "The same layers with the usual momentum of batch norm, 0.1.")


def _listed(network: Mapping[str, Any]) -> list[Any]:
    """The layers of a network that is a list of them; of recurrent ones `layers` is how many there are."""
    layers = network.get("layers")
    return list(layers) if isinstance(layers, list | tuple) else []


def _kind(entry: Any) -> str:
    """The name of a layer, "" for a list of layers."""
    return str(next(iter(entry))) if isinstance(entry, Mapping) else entry if isinstance(entry, str) else ""


def _widened(entry: Any) -> Any:
    if isinstance(entry, Sequence) and not isinstance(entry, str):
        return [_widened(one) for one in entry]
    option = WIDTH.get(_kind(entry))
    if option is None or not isinstance(entry, Mapping):
        return entry
    (kind, options), *_ = entry.items()
    if isinstance(options, Mapping):
        width = options.get(option)
        return {kind: {**options, option: _more(width)}} if isinstance(width, int) else entry
    if isinstance(options, Sequence) and not isinstance(options, str):
        return {kind: [_more(options[0]), *options[1:]]} if isinstance(options[0], int) else entry
    return {kind: _more(options)} if isinstance(options, int) else entry  # "outputs" is what the target asks for


def _more(width: int) -> int:
    return max(FEWEST, 4 * width)


def _without(entry: Any, kinds: str, option: str) -> Any:
    if isinstance(entry, Sequence) and not isinstance(entry, str):
        return [_without(one, kinds, option) for one in entry]
    if not isinstance(entry, Mapping) or not _kind(entry).startswith(kinds):
        return entry
    (kind, options), *_ = entry.items()
    if not isinstance(options, Mapping) or option not in options:
        return entry
    left = {name: value for name, value in options.items() if name != option}
    return {kind: left} if left else kind
